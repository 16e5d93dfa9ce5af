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
_MOST_RECALLED = 10
_NOISE = 0.1


def pictures_of(
    rule: str,
    suit: Suit,
    model: "BrainInspiredModel",
    samples: Samples,
    columns: Mapping[str, Sequence[float]],
    seed: int,
) -> dict[str, "FigureBase"]:
    """Return the figures of a run by name.

    Args:
        rule: Name of the rule.
        suit: What it is trained with.
        model: The model, trained.
        samples: The samples.
        columns: Numbers of each pass, by name.
        seed: Seed of the pixels that are flipped.
    """
    from canns.analyzer.visualization import PlotConfig, response_fields

    figures: dict[str, FigureBase] = {}
    if len(columns["pass"]) > 1:
        figures["learning_curve"] = _curve(rule, suit, columns)
    whole: Any = model
    weights = np.asarray(whole.W.value)
    if suit.stores:
        figures["weights"] = _matrix(weights, PlotConfig(title=f"Weights after {rule}"))
        if samples.shape is not None and suit.measure:
            figures["recall"] = _recalled(model, samples, samples.shape, seed)
    elif samples.shape is not None and rule != "intrinsic_plasticity":  # which leaves W as it is
        fields = weights if samples.basis is None else weights @ samples.basis
        config = PlotConfig(title=f"Fields after {rule}")
        figures["fields"] = response_fields(fields[:_MOST], samples.shape, (), config)
    return figures


def _curve(rule: str, suit: Suit, columns: Mapping[str, Sequence[float]]) -> "FigureBase":
    from matplotlib import pyplot as plt

    from canns.analyzer.visualization import open_axes

    curves = [name for name in ("|dW| / |W|", suit.measure) if name]
    figure, grid = plt.subplots(
        1, len(curves), figsize=(4.5 * len(curves), 3.4), layout="constrained", squeeze=False
    )
    for axes, name in zip(grid.flat, curves, strict=True):
        axes.plot(columns["pass"], columns[name], ".-")
        open_axes(axes, xlabel="Pass", ylabel=name)
    grid[0, 0].set_yscale("log")
    figure.suptitle(f"Training by {rule}")
    return figure


def _matrix(weights: Any, config: Any) -> "FigureBase":
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(layout="constrained")
    limit = float(np.abs(weights).max()) or 1.0
    figure.colorbar(axes.imshow(weights, cmap="RdBu_r", vmin=-limit, vmax=limit))
    axes.set(title=config.title, xlabel="From neuron", ylabel="To neuron")
    return figure


def _recalled(
    model: "BrainInspiredModel", samples: Samples, shape: tuple[int, int], seed: int
) -> "FigureBase":
    """Draw the patterns, cues with some pixels flipped, and what the network makes of them."""
    from canns import task
    from canns.analyzer.visualization import PlotConfig, recall_gallery
    from canns.trainer import HebbianTrainer

    stored = samples.rows[:_MOST_RECALLED]
    cues = task.flip(stored, _NOISE, seed=seed)
    states = HebbianTrainer(model).recall(cues, 50, seed=seed).states
    names = [str(i + 1) for i in range(len(stored))]
    return recall_gallery(stored, cues, states, shape, names, PlotConfig())
