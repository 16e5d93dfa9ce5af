"""Sanger's rule finds principal components in their order, of digits and of natural images."""

from functools import partial

import numpy as np

from canns import task
from canns.models.brain_inspired import LinearLayer
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves, split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.trainer import SangerTrainer
from canns.typing import AnyArray

__all__ = ["SANGER"]

_DIGIT_RATES = (0.01, 0.003, 0.001, 0.0003)
_PATCH_RATES = (0.002, 0.0005, 0.0001, 0.00003)
_SIDE = 12


def _components(inputs: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Return the exact components, one a row, and the variance along each."""
    _, singular, rows = np.linalg.svd(inputs, full_matrices=False)
    return rows, singular**2 / len(inputs)


def _learn(
    inputs: AnyArray, count: int, rates: tuple[float, ...], epochs: int, seed: int
) -> list[AnyArray]:
    """Return the weights after the passes at each rate."""
    layer = LinearLayer(inputs.shape[1], count)
    trainer = SangerTrainer(layer)
    weights = []
    for stage, rate in enumerate(rates):
        trainer.learning_rate = rate
        trainer.train(inputs, epochs=epochs, shuffle=True, seed=seed + stage)
        weights.append(np.asarray(layer.W.value, np.float64))
    return weights


def _sanger(seed: int) -> Findings:
    digits = task.digits()[0]
    digits = digits - digits.mean(axis=0)
    exact, _ = _components(digits)
    first, *_, last = _learn(digits, 16, _DIGIT_RATES, 10, seed)
    cosines = [np.abs((w[:8] * exact[:8]).sum(axis=1)) for w in (first, last)]
    patches = task.natural_patches(20_000, _SIDE, whiten=False, seed=seed)
    filters, variances = _components(patches)
    masks = _learn(patches, 8, _PATCH_RATES, 5, seed)[-1]
    learnt = (patches @ masks.T).var(axis=0)
    overlap = np.linalg.norm(masks @ filters[:8].T) ** 2 / 8
    off = float(np.abs(last[:8] @ last[:8].T - np.eye(8)).max())
    why = "the rate's own fluctuations"
    claims = [
        Claim(f"digits, |cos| with component {k + 1} at eta = 0.01", 1.0, float(c), 0.04, why)
        for k, c in enumerate(cosines[0][:4])
    ]
    claims += [
        Claim("digits, least |cos| of 8, rate falling", 1.0, float(cosines[1].min()), 0.005, why),
        Claim("digits, largest entry of W W' - I", 0.0, off, 0.03, why),
        Claim("patches, overlap of the spaces of 8", 1.0, float(overlap), 0.01, why),
    ]
    claims += [
        Claim(f"patches, variance of output {k + 1}", float(v), float(y), 0.02 * float(v), why)
        for k, (v, y) in enumerate(zip(variances[:8], learnt, strict=True))
    ]
    data = {"cosines": cosines, "digits": last, "patches": masks, "variances": variances[:8]}
    draw = partial(_draw, digits=last[:8], patches=masks, learnt=learnt, exact=variances[:8])
    return Findings(claims, data | {"output_variances": learnt}, draw)


def _draw(
    canvas: Canvas,
    digits: AnyArray,
    patches: AnyArray,
    learnt: AnyArray,
    exact: AnyArray,
) -> None:
    from canns.analyzer.visualization import PlotConfig, response_fields

    top, middle, bottom = split(canvas, 3, 1, height_ratios=(1, 1, 2.4))
    for part, rows, side, title in (
        (top, digits, 8, "Components of digits, as learnt"),
        (middle, patches, _SIDE, "Components of natural images, as learnt"),
    ):
        response_fields(rows, (side, side), (), PlotConfig(title=title), canvas=part)
    order = np.arange(1, len(exact) + 1)
    curves(
        "",
        "Neuron",
        "Variance (natural images)",
        {"of the outputs": (order, learnt)},
        {"eigenvalues": (order, exact)},
        yscale="log",
    )(bottom)


SANGER = PublishedFigure(
    name="sanger",
    paper="Sanger (1989), Neural Networks 2:459",
    shows="Neurons of one layer find the principal components, in the order of their variance.",
    against=("our theory",),
    seconds=10,
    run=_sanger,
)
