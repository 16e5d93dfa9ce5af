"""``canns receptive-fields``: BCM neurons become selective."""

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
import typer

from canns._validation import AnyArray
from canns.cli._options import Seed
from canns.cli._run import Results, Run, drawing

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from canns.models.brain_inspired import LinearLayer

__all__ = ["receptive_fields"]

_NUM_BARS, _NUM_PATCHES = 8, 40_000
_SIDES = {"bars": 9, "patches": 13}  # pixels; 13 in Law & Cooper


@drawing("outputs/receptive_fields")
def receptive_fields(
    run: Run,
    data: Annotated[
        Literal["bars", "patches"],
        typer.Option(help="Oriented bars, or patches of natural photographs."),
    ] = "patches",
    neurons: Annotated[int, typer.Option(min=1, help="Number of neurons.")] = 16,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the data.")] = 40,
    seed: Seed = 0,
) -> Results:
    """Let BCM neurons grow receptive fields on bars or natural images.

    On 8 oriented bars, shown equally often, theory predicts that each neuron answers to one of them
    with y = theta = 8, and to the others with 0. On natural patches the fields become oriented
    edges (Law & Cooper 1994). Prints each neuron's preferred orientation and its selectivity, 1 -
    mean / peak of the rectified response over orientations, before and after.
    """
    from canns.analyzer.visualization import PlotConfig, response_fields
    from canns.models.brain_inspired import LinearLayer
    from canns.trainer import BCMTrainer

    run.folder()
    samples, rate = _samples(data, seed)
    side = _SIDES[data]
    layer = LinearLayer(side**2, neurons, use_bcm_threshold=True, threshold_tau=1000.0)
    # Weights of pixels that are always 0, as outside a round patch, would stay as they were drawn.
    layer.W.value = np.asarray(layer.W.value) * samples.any(axis=0)
    before = _tuning(layer, data)
    BCMTrainer(layer, rate, show_iteration_progress=not run.quiet).train(samples, epochs=epochs)
    after = _tuning(layer, data)
    report = _report(before, after, layer.theta.value)
    title = f"BCM on {data}: {len(samples)} samples, {epochs} passes"
    rows = [
        [str(i), *(f"{v:.2f}" for v in row)]
        for i, row in enumerate(zip(*report.values(), strict=True))
    ]
    run.table(title, ["neuron", *report], rows)
    best = np.array(report["orientation (deg)"])
    order = np.argsort(best, kind="stable")
    labels = [f"neuron {i}: {best[i]:.0f}°" for i in order]
    angles = np.degrees(_angles(after.shape[1]))
    fields, config = np.asarray(layer.W.value)[order], PlotConfig(title=title)
    tuning = angles, after[order]
    figure, _ = response_fields(fields, (side, side), labels, config, tuning=tuning)
    return Results({"neurons": report}, {"receptive_fields": figure})


def _report(before: AnyArray, after: AnyArray, theta: "ArrayLike") -> dict[str, list[float]]:
    """Return the columns of the table, from tuning curves before and after."""
    return {
        "orientation (deg)": np.degrees(_angles(after.shape[1])[after.argmax(axis=1)]).tolist(),
        "selectivity before": _selectivity(before).tolist(),
        "selectivity after": _selectivity(after).tolist(),
        "peak y": after.max(axis=1).tolist(),
        "theta": np.asarray(theta).tolist(),
    }


def _samples(data: str, seed: int) -> tuple[AnyArray, float]:
    """Return the inputs and a learning rate that is stable for them."""
    from canns import task

    if data == "patches":
        return task.retinal_patches(_NUM_PATCHES, _SIDES[data], seed=seed), 1.5e-4
    return np.tile(task.oriented_bars(_angles(_NUM_BARS), _SIDES[data]), (1000, 1)), 2e-5


def _angles(count: int) -> AnyArray:
    angles: AnyArray = np.arange(count) * np.pi / count
    return angles


def _tuning(layer: "LinearLayer", data: str) -> AnyArray:
    """Return the rectified response to each orientation, (neurons, orientations).

    Neurons that learnt bars are shown the bars. Fields of any phase and size are probed with
    gratings of several phases and frequencies, and the largest response counts.
    """
    from canns import task

    weights, side = np.asarray(layer.W.value), _SIDES[data]
    responses: AnyArray
    if data == "bars":
        responses = weights @ task.oriented_bars(_angles(_NUM_BARS), side).T
        responses = np.maximum(responses, 0.0)
        return responses
    angles = _angles(18)
    probes = [
        weights @ task.oriented_gratings(angles, side, spatial_frequency=frequency, phase=phase).T
        for frequency in (1.0, 2.0, 3.0, 4.0)
        for phase in np.arange(8) * np.pi / 4
    ]
    responses = np.max(probes, axis=0)
    return responses


def _selectivity(tuning: AnyArray) -> AnyArray:
    peak = tuning.max(axis=1)
    selectivity: AnyArray = 1 - tuning.mean(axis=1) / np.where(peak > 0, peak, 1.0)
    return selectivity
