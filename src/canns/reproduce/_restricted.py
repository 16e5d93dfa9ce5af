"""Restricted Boltzmann machines on handwritten digits, beside scikit-learn's."""

from functools import partial
from typing import Any

import numpy as np
from scipy.stats import binomtest

from canns import task
from canns._extras import require
from canns.models.brain_inspired import RestrictedBoltzmannMachine
from canns.reproduce._claim import FALSE_ALARM, Claim
from canns.reproduce._draw import split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.trainer import ContrastiveDivergenceTrainer, TrainingProgress
from canns.typing import AnyArray

__all__ = ["RBM"]

_FOLDS, _FEATURES, _PASSES, _PARTS = 5, 600, 20, 200
_UNITS, _RATE, _EPOCHS, _PAIRS = 100, 0.06, 10, 5
_SPREAD = 0.3  # standard deviation of random weights
_LEARNT, _RANDOM, _PIXELS = "learnt features", "random features", "pixels"
_OURS, _THEIRS = "ours, persistent chains", "scikit-learn"


def _rbm(seed: int) -> Findings:
    rng = np.random.default_rng(seed)
    images, labels = task.digits()
    curves, machine = _likelihoods(images, seed)
    right = _read(images, labels, rng)
    tests = {name: binomtest(int(hits.sum()), len(hits)) for name, hits in right.items()}
    error = {name: [*test.proportion_ci(1 - FALSE_ALARM)] for name, test in tests.items()}
    share = {name: float(hits.mean()) for name, hits in right.items()}
    claims = [
        Claim.of_mean(
            f"pseudo-likelihood after {_EPOCHS} epochs, less that of scikit-learn (nats)",
            "our simulation",
            0.0,
            curves[_OURS][:, -1] - curves[_THEIRS][:, -1],
            "at least",
        ),
        Claim.of_share(
            "held-out digits read from learnt features",
            "our simulation",
            0.97,
            int(right[_LEARNT].sum()),
            len(labels),
            "at least",
        ),
    ]
    data = {
        "pseudo-likelihoods": [curves[_OURS], curves[_THEIRS]],
        "share right": list(share.values()),
        "of": "; ".join(share),
        "99.9 % interval": list(error.values()),
        "weights": machine.W.value,
    }
    fields = np.asarray(machine.W.value)
    return Findings(claims, data, partial(_draw, fields, curves, share, error))


def _likelihoods(
    images: AnyArray, seed: int
) -> tuple[dict[str, AnyArray], RestrictedBoltzmannMachine]:
    """Return the mean pseudo-likelihood after each epoch, (pairs, epochs), and the last machine.

    Both kinds have the same settings, and persistent chains, as scikit-learn always has. Both are
    judged by our exact average over all units.
    """
    theirs = require("sklearn.neural_network", "data").BernoulliRBM
    found: dict[str, list[list[float]]] = {_OURS: [], _THEIRS: []}
    size = images.shape[1]
    judge = RestrictedBoltzmannMachine(size, _UNITS, seed=0)

    def judged(W: AnyArray, b: AnyArray, c: AnyArray) -> float:
        judge.W.value, judge.b.value, judge.c.value = W, b, c
        return float(judge.pseudo_likelihood(images).mean())

    for pair in range(_PAIRS):
        own_seed = 1000 * seed + pair
        machine = RestrictedBoltzmannMachine(size, _UNITS, seed=own_seed)
        trainer = ContrastiveDivergenceTrainer(machine, 1, True, _RATE)
        watched: list[TrainingProgress] = []
        options: Any = {"batch_size": 10, "seed": own_seed, "on_epoch": watched.append}
        trainer.train(images, epochs=_EPOCHS, **options)
        other = theirs(_UNITS, learning_rate=_RATE, batch_size=10, random_state=own_seed)
        values = []
        for _ in range(_EPOCHS):
            for part in np.array_split(images, -(-len(images) // 10)):
                other.partial_fit(part)
            parts = other.components_, other.intercept_visible_, other.intercept_hidden_
            values.append(judged(*parts))
        found[_OURS].append([judged(*progress.weights) for progress in watched])
        found[_THEIRS].append(values)
    return {name: np.array(values) for name, values in found.items()}, machine


def _read(images: AnyArray, labels: AnyArray, rng: np.random.Generator) -> dict[str, AnyArray]:
    """Return which digits each method reads right; each is read once, held out."""
    part = rng.permutation(len(images)) % _FOLDS
    right = {name: np.zeros(len(images), bool) for name in (_LEARNT, _RANDOM, _PIXELS)}
    for fold in range(_FOLDS):
        test, seed = part == fold, int(rng.integers(2**31))
        machine = RestrictedBoltzmannMachine(images.shape[1], _FEATURES, seed=seed)
        trainer = ContrastiveDivergenceTrainer(machine, learning_rate=0.05)
        trainer.train(images[~test], epochs=_PASSES, batch_size=20, seed=seed)
        features = {_PIXELS: images, _LEARNT: np.asarray(machine.transform(images), float)}
        machine.W.value = _SPREAD * rng.normal(size=(_FEATURES, images.shape[1]))
        machine.c.value = np.zeros(_FEATURES)
        features[_RANDOM] = np.asarray(machine.transform(images), float)
        for name, values in features.items():
            right[name][test] = _linear(values, labels, test)
    return right


def _linear(features: AnyArray, labels: AnyArray, test: AnyArray) -> AnyArray:
    """Return which of a test set a linear classifier, fitted to the others, gets right.

    Features of one machine vary together. Their first principal components, all scaled to the same
    variance, say what they say, and let the classifier converge. Pixels need that not.
    """
    model = require("sklearn.linear_model", "data").LogisticRegression(C=1.0, max_iter=1000)
    if features.shape[1] > _PARTS:
        components = require("sklearn.decomposition", "data").PCA(_PARTS, whiten=True)
        features = components.fit(features[~test]).transform(features)
        model.set_params(C=0.1)
    model.fit(features[~test], labels[~test])
    found: AnyArray = model.predict(features[test]) == labels[test]
    return found


def _draw(
    fields: AnyArray,
    curves: dict[str, AnyArray],
    share: dict[str, float],
    error: dict[str, list[float]],
    canvas: Canvas,
) -> None:
    from canns.analyzer.visualization import PlotConfig, response_fields

    top, bottom = split(canvas, 2, 1, height_ratios=(1, 1.3))
    strongest = np.argsort(-np.linalg.norm(fields, axis=1))[:18]
    title = f"Learnt without labels: the 18 strongest of {_UNITS} hidden units"
    config = PlotConfig(title=title)
    response_fields(fields[strongest], (8, 8), (), config, ax=top.subplots())
    left, right = split(bottom, 1, 2)
    axes: Any = left.subplots()
    epochs = np.arange(1, _EPOCHS + 1)
    for (name, values), style in zip(curves.items(), ("o-", "s--"), strict=True):
        spread = values.max(axis=0) - values.mean(axis=0), values.mean(axis=0) - values.min(axis=0)
        axes.errorbar(epochs, values.mean(axis=0), spread[::-1], fmt=style, capsize=3, label=name)
    axes.set(
        xlabel="Epoch",
        ylabel="Pseudo-likelihood (nats)",
        title=f"{_PAIRS} machines each; bars: the range",
    )
    axes.legend(frameon=False)
    axes = right.subplots()
    names = sorted(share, key=lambda name: share[name])
    for name in names:
        value, ends = 100 * share[name], 100 * np.array(error[name])
        shade = "#D55E00" if name == _LEARNT else "#7F7F7F"
        reach = np.abs(ends - value)[:, None]
        axes.errorbar(value, name, xerr=reach, fmt="o", capsize=3, color=shade)
        axes.annotate(f"{value:.1f}", (value, name), (0, 8), textcoords="offset points")
    axes.margins(y=0.3)
    axes.set(
        xlabel="Held-out digits read right (%);\nbars: 99.9 % intervals", title="Linear classifiers"
    )


RBM = PublishedFigure(
    name="rbm",
    paper="not a reproduction; the rule is that of Hinton (2002), Neural Comput. 14:1771",
    shows="A restricted Boltzmann machine learns features from which digits are read.",
    against=("our simulation",),
    seconds=60,
    run=_rbm,
)
