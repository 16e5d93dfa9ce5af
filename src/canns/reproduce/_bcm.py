"""The BCM rule: selection, stability, and orientation from natural images."""

import warnings
from functools import partial

import jax
import numpy as np

from canns import task
from canns.errors import CannsWarning
from canns.models.brain_inspired import LinearLayer
from canns.plasticity import BCM
from canns.reproduce._claim import FALSE_ALARM, Claim, t_reach
from canns.reproduce._draw import curves, split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.trainer import Ensemble, train_ensemble
from canns.typing import AnyArray, Array

__all__ = ["BCM_ORIENTATION", "BCM_SELECTION"]

_TAU, _SLOW, _COUNTS = 50.0, 200.0, (2, 3, 4, 6, 8)
_LEFT = 0.01  # share of a response that the passes shown may leave to learn
_RATIOS = np.linspace(0.9, 1.1, 41)
_SIDE, _NUM_NEURONS, _NUM_PATCHES, _EPOCHS = 13, 24, 8000, 60


def _weights(runs: Ensemble) -> AnyArray:
    """Return the weights of the members, which have one matrix each."""
    assert not isinstance(runs.weights, tuple)
    return runs.weights.values


def _selected(count: int, tau: float, seed: int) -> tuple[float, float]:
    """Return the largest and the next response to ``count`` patterns shown in turn."""
    # Firing rates: from a negative response a linear neuron comes back to zero only.
    patterns = np.abs(np.random.default_rng(seed).normal(size=(count, 12)))
    patterns /= np.linalg.norm(patterns, axis=1, keepdims=True)
    layer = LinearLayer(12, 1, use_bcm_threshold=True, threshold_tau=tau)
    layer.W.value = np.full((1, 12), 0.3)
    # The patterns' own directions differ in strength; the slowest sets the number of passes.
    rule = BCM(0.15 / tau, tau)
    runs = train_ensemble(layer, rule, np.tile(patterns, (2000, 1)), epochs=round(0.4 * tau))
    responses = np.sort(patterns @ _weights(runs)[0])
    return float(responses[-1]), float(np.abs(responses[:-1]).max())


def _edge(tau: float) -> float:
    """Return eta |x|^2 (tau + 1) from which on the response to a single pattern is unstable."""
    layer = LinearLayer(1, 1, use_bcm_threshold=True, threshold_tau=tau)
    layer.W.value, layer.theta.value = [[1.0 + 1e-4]], [1.0]
    rates = {"learning_rate": (_RATIOS / (tau + 1)).tolist()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CannsWarning)  # half of the rates are beyond the bound
        runs = train_ensemble(layer, BCM(0.1, tau), np.ones((3000, 1)), scan=rates)
    distance = np.abs(_weights(runs)[:, 0, 0] - 1)
    grows = ~(distance < 1e-4)
    first = int(grows.argmax())
    return float(_RATIOS[first - 1 : first + 1].mean())


def _selection(seed: int) -> Findings:
    found = np.array([_selected(count, _TAU, seed) for count in _COUNTS])
    slow = [_selected(count, _SLOW, seed)[0] for count in _COUNTS]
    claims = [
        # What is left of the average over the patterns: its first order in 1 / tau.
        Claim.of_value(
            f"response to the selected of {k} patterns, slow threshold",
            "paper's formula",
            k,
            y,
            k * (k - 1) / (2 * _SLOW) + _LEFT * k,
            f"a threshold that remembers {_SLOW:g} samples, and passes that remain",
        )
        for k, y in zip(_COUNTS, slow, strict=True)
    ]
    a, counts = 1 / _TAU, np.array(_COUNTS)
    theory = (1 - (1 - a) ** counts) / (a * (1 - a) ** (counts - 1))
    claims += [
        Claim.of_value(
            f"the same, a threshold that remembers {_TAU:g}",
            "our theory",
            expected,
            y,
            _LEFT * expected,
            "passes that remain",
        )
        for expected, (y, _) in zip(theory.tolist(), found.tolist(), strict=True)
    ]
    claims += [
        Claim.of_value(
            f"largest response to the others of {k}",
            "paper's formula",
            0.0,
            rest,
            2 * _LEFT * k,
            "passes that remain",
        )
        for k, (_, rest) in zip(_COUNTS, found.tolist(), strict=True)
    ]
    step = float(_RATIOS[1] - _RATIOS[0])
    edges = {tau: _edge(tau) for tau in (2.0, 10.0, 50.0)}
    claims += [
        Claim.of_value(
            f"eta |x|^2 (tau + 1) at the edge, tau = {t:g}", "our theory", 1.0, e, step, "grid"
        )
        for t, e in edges.items()
    ]
    paper, ours, none = "slow threshold; line: $y = K$", rf"$\tau = {_TAU:g}$", "to the others"
    draw = curves(
        r"BCM selects one pattern of $K$, with $y = \theta$",
        "Number of patterns $K$",
        "Response $y$",
        {paper: (counts, slow), ours: (counts, found[:, 0]), none: (counts, found[:, 1])},
        {paper: (counts, counts), ours: (counts, theory), none: (counts, 0 * counts)},
    )
    data = {"counts": counts, "responses": found, "slow": slow, "edges": list(edges.values())}
    return Findings(claims, data, draw)


BCM_SELECTION = PublishedFigure(
    name="bcm",
    paper="Intrator & Cooper (1992), Neural Networks 5:3; Udeigwe et al. (2017), "
    "J. Math. Neurosci. 7:7",
    shows="A neuron selects one of K patterns with y = theta = K; one is stable to 1/(tau + 1).",
    against=("paper's formula", "our theory"),
    seconds=5,
    run=_selection,
)


class _SmallWeights(LinearLayer):
    """A layer whose weights start small, so that its fields show what was learnt."""

    def draw(self, key: Array) -> Array:
        weights: Array = super().draw(key)
        return 0.1 * weights


def _orientation(seed: int) -> Findings:
    seeds = range(seed * _NUM_NEURONS, (seed + 1) * _NUM_NEURONS)
    patches = np.stack([task.retinal_patches(_NUM_PATCHES, _SIDE, seed=s) for s in seeds])
    layer = _SmallWeights(_SIDE**2, 1, use_bcm_threshold=True, threshold_tau=1000.0)
    rule = BCM(3e-4, layer.threshold_tau)
    runs = train_ensemble(layer, rule, patches, seeds=seeds, epochs=_EPOCHS)
    disc = (patches[0] != 0).any(axis=0)
    fields = np.where(disc, _weights(runs)[:, 0], 0.0)
    drawn = np.stack([layer.draw(jax.random.key(s))[0] for s in seeds])
    before, _ = _tuning(np.where(disc, drawn, 0.0))
    after, preferred = _tuning(fields)
    resultant = float(np.abs(np.exp(2j * np.radians(preferred)).mean()))
    # Rayleigh's test: of uniform angles, one draw in a thousand has a longer resultant.
    bound = float(np.sqrt(np.log(1 / FALSE_ALARM) / _NUM_NEURONS))
    gained = after - before
    claims = [
        Claim.of_value(
            "selectivity gained by learning: lower end of the mean",
            "our theory",
            0.0,
            gained.mean() - t_reach(gained),
            0.0,
            f"t interval of {_NUM_NEURONS}",
            "at least",
        ),
        Claim(
            "resultant of preferred orientations",
            "our theory",
            0.0,
            resultant,
            resultant - bound,
            resultant + bound,
            f"Rayleigh's test of {_NUM_NEURONS} angles",
            false_alarm=FALSE_ALARM,
        ),
    ]
    data = {"selectivity": after, "preferred (deg)": preferred, "fields": fields}
    draw = partial(_draw, fields=fields, preferred=preferred, before=before, after=after)
    return Findings(claims, data, draw)


def _tuning(fields: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Return selectivity, 1 - mean / peak over orientations, and the preferred one in degrees."""
    angles = np.arange(36) * np.pi / 36
    probes = [
        fields
        @ task.oriented_gratings(
            angles, _SIDE, spatial_frequency=frequency, phase=phase, aperture=True
        ).T
        for frequency in (1.0, 2.0, 3.0, 4.0)
        for phase in np.arange(8) * np.pi / 4
    ]
    tuning = np.max(probes, axis=0)
    return 1 - tuning.mean(axis=1) / tuning.max(axis=1), np.degrees(angles[tuning.argmax(axis=1)])


def _draw(
    canvas: Canvas,
    fields: AnyArray,
    preferred: AnyArray,
    before: AnyArray,
    after: AnyArray,
) -> None:
    from canns.analyzer.visualization import PlotConfig, response_fields

    left, right = split(canvas, 1, 2, width_ratios=(2.2, 1))
    order = np.argsort(preferred)
    title = "Fields of BCM neurons, by preferred orientation"
    labels = [f"{angle:.0f}°" for angle in preferred[order]]
    response_fields(
        fields[order], (_SIDE, _SIDE), labels, PlotConfig(title=title), ax=left.subplots()
    )
    top, bottom = right.subplots(2, 1)
    bins = np.linspace(0.1, 0.9, 17)
    for values, name, colour in ((before, "before", "#7F7F7F"), (after, "after", "#0072B2")):
        top.hist(values, bins, color=colour, alpha=0.7, label=name)
    top.set(xlabel="Selectivity", ylabel="Neurons")
    top.set_ylim(0, 1.5 * top.get_ylim()[1])
    top.legend(frameon=False, ncols=2, fontsize="small")
    bottom.hist(preferred, np.arange(0, 181, 20), color="#0072B2")
    bottom.set(xlabel="Preferred orientation (°)", ylabel="Neurons", xticks=[0, 45, 90, 135, 180])
    for axes in (top, bottom):
        axes.spines[["top", "right"]].set_visible(False)


BCM_ORIENTATION = PublishedFigure(
    name="bcm-orientation",
    paper="Law & Cooper (1994), PNAS 91:7797; Bienenstock, Cooper & Munro (1982), "
    "J. Neurosci. 2:32",
    shows="On natural images neurons become selective, and their orientations tile the circle.",
    against=("our theory",),
    seconds=30,
    run=_orientation,
)
