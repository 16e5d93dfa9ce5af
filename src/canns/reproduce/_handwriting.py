"""Features that unsupervised rules learn from digits, judged by classifiers on top of them."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.stats import binomtest

from canns import task
from canns._extras import require
from canns.dynamics import Neuron, RankedWinners, WinnerTakeAll, rectified_power
from canns.plasticity import Kohonen, KrotovHopfield, Rule, Setup, learn
from canns.reproduce._claim import FALSE_ALARM, Claim
from canns.reproduce._draw import split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.typing import AnyArray, PyTree

__all__ = ["DIGITS"]

_FOLDS, _UNITS, _POWER = 3, 200, 4.5
_RATES, _PASSES = (0.04, 0.02, 0.01), 15
_MAP, _MAP_PASSES = (10, 10), 15
_LEARNT = f"learnt weights, n = {_POWER}"
_RANDOM, _RECTIFIED = f"random weights, n = {_POWER}", "random weights, n = 1"
_LINEAR, _NEAREST, _SOM = "pixels", "pixels, 3 nearest neighbours", "Kohonen map, vote"


def _shown(images: AnyArray, passes: int, rng: np.random.Generator) -> AnyArray:
    return np.concatenate([images[rng.permutation(len(images))] for _ in range(passes)])


def _train(
    neuron: Neuron,
    rules: tuple[Rule, ...],
    weights: PyTree,
    images: AnyArray,
    passes: int,
    rng: np.random.Generator,
) -> AnyArray:
    """Return the weights after passes with one rule after the other."""
    for rule in rules:
        weights = learn(Setup(rule, neuron), weights, _shown(images, passes, rng))
    return np.asarray(weights.weights)


def _linear(features: AnyArray, labels: AnyArray, test: AnyArray) -> AnyArray:
    """Return which of a test set a linear classifier, fitted to the others, gets right."""
    scaled = features / features[~test].std()
    model = require("sklearn.linear_model", "data").LogisticRegression(max_iter=1000)
    model.fit(scaled[~test], labels[~test])
    right: AnyArray = model.predict(scaled[test]) == labels[test]
    return right


def _nearest(weights: AnyArray, images: AnyArray) -> AnyArray:
    match: AnyArray = images @ weights.T - 0.5 * (weights**2).sum(axis=1)
    winner: AnyArray = match.argmax(axis=1)
    return winner


def _fold(
    images: AnyArray, labels: AnyArray, test: AnyArray, rng: np.random.Generator
) -> tuple[dict[str, AnyArray], AnyArray]:
    """Return which of the test set each method gets right, and the learnt weights."""
    ranked, seen = RankedWinners(), images[~test]
    key = jax.random.key(int(rng.integers(2**31)))
    drawn = ranked.draw(key, images.shape[1], _UNITS)
    rules = tuple(KrotovHopfield(rate) for rate in _RATES)
    learnt = _train(ranked, rules, drawn, seen, _PASSES, rng)
    steps = _MAP_PASSES * len(seen)
    kohonen = Kohonen(0.3, 3.0, rate_decay=1 / steps, width_decay=2.2 / steps, shape=_MAP)
    first = jnp.asarray(seen[rng.permutation(len(seen))[: _MAP[0] * _MAP[1]]])
    nearest = WinnerTakeAll(match="distance")
    map_ = _train(nearest, (kohonen,), first, seen, _MAP_PASSES, rng)
    winner = _nearest(map_, images)
    votes = np.zeros((len(map_), 10), int)
    np.add.at(votes, (winner[~test], labels[~test]), 1)
    neighbours = require("sklearn.neighbors", "data").KNeighborsClassifier(3)
    neighbours.fit(seen, labels[~test])
    rows = jnp.asarray(images)
    features = {
        _LINEAR: images,
        _RANDOM: rectified_power(drawn, rows, _POWER),
        _RECTIFIED: rectified_power(drawn, rows, 1.0),
        _LEARNT: rectified_power(jnp.asarray(learnt), rows, _POWER),
    }
    right = {name: _linear(np.asarray(f), labels, test) for name, f in features.items()}
    right[_NEAREST] = neighbours.predict(images[test]) == labels[test]
    right[_SOM] = votes[winner[test]].argmax(axis=1) == labels[test]
    return right, learnt


def _digits(seed: int) -> Findings:
    rng = np.random.default_rng(seed)
    images, labels = task.digits()
    images = images / np.linalg.norm(images, axis=1, keepdims=True)
    part = rng.permutation(len(images)) % _FOLDS
    runs = [_fold(images, labels, part == fold, rng) for fold in range(_FOLDS)]
    # Each digit is tested once, with what was learnt from the other folds.
    right = {name: np.concatenate([fold[name] for fold, _ in runs]) for name in runs[0][0]}
    share = {name: float(hits.mean()) for name, hits in right.items()}
    exact = {name: binomtest(int(hits.sum()), len(hits)) for name, hits in right.items()}
    error = {name: [*test.proportion_ci(1 - FALSE_ALARM)] for name, test in exact.items()}
    fields = runs[0][1]
    wins = np.bincount((images @ fields.T).argmax(axis=1), minlength=_UNITS)
    often = fields[np.argsort(-wins)[:16]]
    claims = [_better("learnt features than random ones", right[_LEARNT], right[_RANDOM])]
    data = {
        "share right": list(share.values()),
        "of": "; ".join(share),
        "fields": fields,
        "wins": wins,
        "99.9 % interval": list(error.values()),
    }
    draw = partial(_draw, fields=often, share=share, error=error)
    return Findings(claims, data, draw)


def _better(what: str, ours: AnyArray, theirs: AnyArray) -> Claim:
    """Return McNemar's test, that of the digits which one method alone reads it reads the most."""
    alone, either = int((ours & ~theirs).sum()), int((ours ^ theirs).sum())
    low = binomtest(alone, either).proportion_ci(1 - 2 * FALSE_ALARM).low
    return Claim.of_value(
        f"digits that only one reads, read by {what}: lower end of the share",
        "our simulation",
        0.5,
        low,
        0.0,
        f"exact binomial interval of {either}, {alone} of them",
        "at least",
    )


def _draw(
    canvas: Canvas, fields: AnyArray, share: dict[str, float], error: dict[str, list[float]]
) -> None:
    from canns.analyzer.visualization import PlotConfig, response_fields

    top, bottom = split(canvas, 2, 1, height_ratios=(1, 1.5))
    title = "Learnt without labels: weights of the 16 units of 200 that win most often"
    response_fields(fields, (8, 8), (), PlotConfig(title=title), ax=top.subplots())
    axes: Any = bottom.subplots()
    names = sorted(share, key=lambda name: share[name])
    colours = {_LEARNT: "#D55E00", _RANDOM: "#7F7F7F", _RECTIFIED: "#7F7F7F"}
    values = [100 * share[name] for name in names]
    ends = 100 * np.array([error[name] for name in names]).T
    reach = np.abs(ends - values)
    # Points, not bars, whose length would be read from zero.
    for name, value, off, end in zip(names, values, reach.T, ends[1], strict=True):
        shade = colours.get(name, "#0072B2")
        axes.errorbar(value, name, xerr=off[:, None], fmt="o", capsize=3, color=shade)
        axes.text(end + 0.1, name, f"{value:.1f}", va="center", fontsize=9)
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)
    axes.margins(y=0.1)
    xlabel = "Digits read right, of those held out (%); bars: 99.9 % intervals"
    axes.set(xlim=(np.floor(ends.min()), 100), xlabel=xlabel)
    axes.spines[["top", "right"]].set_visible(False)


DIGITS = PublishedFigure(
    name="digits",
    paper="not a reproduction; the rule is that of Krotov & Hopfield (2019), PNAS 116:7723",
    shows="A linear classifier reads digits better from learnt features than from random ones.",
    against=("our simulation",),
    seconds=20,
    run=_digits,
)
