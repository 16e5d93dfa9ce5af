"""The pictures of a training run."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from canns.cli._rules import Suit
from canns.cli._samples import Samples

if TYPE_CHECKING:
    from matplotlib.figure import FigureBase

    from canns.models.brain_inspired import BrainInspiredModel

__all__ = ["pictures_of"]

_MOST = 64  # fields drawn
_MOST_NEURONS = 1000  # of a weight matrix drawn
_MOST_RECALLED = 10
_NOISE = 0.1


def pictures_of(
    rule: str,
    suit: Suit,
    model: "BrainInspiredModel",
    samples: Samples,
    columns: Mapping[str, Sequence[float]],
    seed: int,
    grid: tuple[int, int] | None = None,
) -> dict[str, "FigureBase"]:
    """Return the figures of a run by name.

    Args:
        rule: Name of the rule.
        suit: What it is trained with.
        model: The model, trained.
        samples: The samples.
        columns: Numbers of each pass, by name.
        seed: Seed of the pixels that are flipped.
        grid: Height and width of a map of neurons, or None.
    """
    from canns.analyzer.visualization import (
        PlotConfig,
        learning_curves,
        response_fields,
        topographic_map,
        weight_matrix,
    )

    figures: dict[str, FigureBase] = {}
    if len(columns["pass"]) > 1:
        curves = {"$|\\Delta W|\\,/\\,|W|$": columns["|dW| / |W|"]}
        if suit.measure:
            curves[suit.measure.capitalize()] = columns[suit.measure]
        config = PlotConfig(title=f"Training by {rule}", xlabel="Pass over the data")
        figures["learning_curve"], _ = learning_curves(curves, config=config)
    whole: Any = model
    weights = np.asarray(whole.W.value)
    if suit.stores:
        few, said = weights[:_MOST_NEURONS, :_MOST_NEURONS], ""
        if len(few) < len(weights):
            said = f" among the first {_MOST_NEURONS} neurons"
        title = f"Weights{said} after {rule}"
        figures["weights"], _ = weight_matrix(few, PlotConfig(title=title))
        if samples.shape is not None and suit.measure:  # the patterns are to be fixed points
            figures["recall"] = _recalled(model, samples, samples.shape, seed)
    elif samples.shape is not None and rule != "intrinsic_plasticity":  # which leaves W as it is
        fields = weights if samples.basis is None else weights @ samples.basis
        config = PlotConfig(title=f"Weights of {min(len(fields), _MOST)} neurons after {rule}")
        figures["fields"], _ = response_fields(fields[:_MOST], samples.shape, (), config)
    if grid is not None:
        squares = (weights**2).sum(axis=1) - 2 * samples.rows @ weights.T
        hits = np.bincount(squares.argmin(axis=1), minlength=len(weights))
        figures["map"], _ = topographic_map(weights, grid, hits)
    return figures


def _recalled(
    model: "BrainInspiredModel", samples: Samples, shape: tuple[int, int], seed: int
) -> "FigureBase":
    """Draw the patterns, cues with some pixels flipped, and what the network makes of them."""
    from canns import task
    from canns.analyzer.visualization import recall_gallery
    from canns.trainer import HebbianTrainer

    stored = samples.rows[:_MOST_RECALLED]
    cues = task.flip(stored, _NOISE, seed=seed)
    states = HebbianTrainer(model).recall(cues, 50, seed=seed).states
    names = [str(i + 1) for i in range(len(stored))]
    figure, _ = recall_gallery(stored, cues, states, shape, names)
    return figure
