"""Foldiak's three rules learn the bars that images are made of."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from scipy.stats import binom, norm

from canns import task
from canns.dynamics import LateralThreshold, NoState, ThresholdWeights
from canns.plasticity import (
    LAYER_RULES,
    Decorrelation,
    Instar,
    Learner,
    Monitor,
    Parts,
    Recorder,
    Setup,
    ThresholdAdaptation,
    learn,
)
from canns.reproduce._claim import FALSE_ALARM, Claim
from canns.reproduce._draw import curves, split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.typing import AnyArray, Array, PyTree

__all__ = ["FOLDIAK"]

_P, _SIDE, _UNITS, _NUM_NETWORKS = 1 / 8, 8, 16, 16
# Numbers of images: for the thresholds alone; in the paper; until all is learnt; until the lateral
# weights are at rest; counted; from one record to the next.
_FIRST, _PAPER, _LEARNT, _AT_REST, _COUNTED, _EVERY = 100, 1200, 2400, 12_000, 6000, 100
_NEURON = LateralThreshold()
_PARTS = ThresholdWeights._fields


def _rule(alpha: float, beta: float, gamma: float) -> Parts:
    return Parts((Instar(beta), Decorrelation(alpha, _P), ThresholdAdaptation(gamma, _P)))


def _network(seed: list[int]) -> tuple[AnyArray, AnyArray, AnyArray]:
    """Return answers to single bars after every 100 images, W, and activity at rest."""
    rng = np.random.default_rng(seed)
    _, project, _ = LAYER_RULES["foldiak"].plan(np.empty((0, _SIDE**2)))

    def show(
        rule: Parts, run: PyTree, count: int, names: tuple[str, ...], every: int
    ) -> tuple[Learner, dict[str, AnyArray]]:
        recorder = Recorder(Monitor(names, every))
        images = task.bars(count, _SIDE, _P, seed=rng)
        run = learn(Setup(rule, _NEURON, project), run, images, recorder=recorder)
        return run, recorder.history().values

    start = _NEURON.draw(jax.random.key(int(rng.integers(2**31))), _SIDE**2, _UNITS)
    run, before = show(_rule(0, 0, 0.1), start, _FIRST, _PARTS, _FIRST)
    rule = _rule(0.1, 0.02, 0.02)
    run, after = show(rule, run, _LEARNT, _PARTS, _EVERY)
    weights = [np.concatenate([before[name], after[name]]) for name in _PARTS]
    run, _ = show(rule, run, _AT_REST, ("threshold",), _AT_REST)
    _, counted = show(rule, run, _COUNTED, ("post",), 1)
    return np.asarray(_answers(ThresholdWeights(*weights))), weights[0][-1], counted["post"]


@jax.jit
def _answers(weights: ThresholdWeights) -> Array:
    """Return the answers to each bar alone, (times, bars, units)."""
    bars = np.zeros((2, _SIDE, _SIDE, _SIDE), np.float32)
    for i in range(_SIDE):
        bars[0, i, i], bars[1, i, :, i] = 1, 1

    def answer(own: ThresholdWeights, x: Array) -> Array:
        return _NEURON.step(NoState(), own, x)[1].post

    every = jax.vmap(jax.vmap(answer, (None, 0)), (0, None))
    return every(weights, jnp.asarray(bars.reshape(2 * _SIDE, -1)))


def _foldiak(seed: int) -> Findings:
    runs = [_network([seed, network]) for network in range(_NUM_NETWORKS)]
    answers, fields, activity = (np.stack(parts) for parts in zip(*runs, strict=True))
    # A bar counts if one unit answers to it, and to no other.
    one = (answers.sum(axis=-1) == 1)[..., None] & (answers.sum(axis=-2) == 1)[..., None, :]
    found = ((answers > 0) & one).sum(axis=(-2, -1))
    shown = np.arange(found.shape[1]) * _EVERY
    rates = activity.mean(axis=1)
    joint = np.einsum("nti,ntj->nij", activity, activity) / _COUNTED
    pairs = joint[:, *np.triu_indices(_UNITS, 1)].mean(axis=1)
    # The largest of so many deviations of independent images.
    spread = float(np.sqrt(_P * (1 - _P) / _COUNTED) * norm.isf(FALSE_ALARM / (2 * rates.size)))
    largest = float(np.abs(rates - _P).max())
    claims = [
        *(
            Claim.of_mean(
                f"bars with a unit of their own after {images} images",
                "paper's number",
                2 * _SIDE,
                found[:, shown == images].ravel(),
            )
            for images in (_PAPER, _LEARNT)
        ),
        Claim(
            f"largest |activity - p| of {rates.size} units",
            "paper's formula",
            0.0,
            largest,
            largest - spread,
            largest + spread,
            f"normal interval of the largest of {rates.size}",
            false_alarm=FALSE_ALARM,
        ),
        Claim.of_mean("two units active together / p^2", "paper's formula", 1.0, pairs / _P**2),
    ]
    together = activity.sum(axis=-1).astype(int)
    counts = np.stack([np.bincount(own, minlength=_UNITS + 1) for own in together]) / _COUNTED
    data = {"images": shown, "bars": found, "rates": rates, "pairs": pairs, "active": counts}
    draw = partial(_draw, fields=fields[0], shown=shown, found=found, counts=counts)
    return Findings(claims, data | {"fields": fields}, draw)


def _draw(
    canvas: Canvas,
    fields: AnyArray,
    shown: AnyArray,
    found: AnyArray,
    counts: AnyArray,
) -> None:
    from canns.analyzer.visualization import PlotConfig, response_fields

    top, bottom = split(canvas, 2, 1, height_ratios=(1, 1.1))
    title = f"Weights of the 16 units of a network after {_LEARNT} images"
    response_fields(fields, (_SIDE, _SIDE), (), PlotConfig(title=title), ax=top.subplots())
    left, right = split(bottom, 1, 2)
    mean, reach = found.mean(axis=0), found.std(axis=0)
    curves(
        "",
        "Images shown",
        "Bars that have a unit",
        {f"mean ± SD of {len(found)} networks": (shown, mean, reach)},
        {"all": (shown[[0, -1]], [2 * _SIDE] * 2)},
        ylim=(0, 18),
    )(left)
    active = np.arange(8)
    curves(
        "",
        "Active units",
        "Share of images",
        {"mean ± SD": (active, counts.mean(axis=0)[:8], counts.std(axis=0)[:8])},
        {"independent units": (active, binom.pmf(active, _UNITS, _P))},
        ylim=(0, None),
    )(right)


FOLDIAK = PublishedFigure(
    name="foldiak",
    paper="Foldiak (1990), Biol. Cybern. 64:165",
    shows="Each unit comes to stand for one of the bars that images are made of, at a given rate.",
    against=("paper's number", "paper's formula"),
    seconds=12,
    run=_foldiak,
)
