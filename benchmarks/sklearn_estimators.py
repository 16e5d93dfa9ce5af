"""Quality and time of the estimators of canns.sklearn beside those that people use today.

Each row compares two fits of the same data, made in this run, one after the other. A time is the
shortest of five, after a first fit that compiles; the first fit is given too. Run it with
``python benchmarks/sklearn_estimators.py`` after ``make .venv/.bench``.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from minisom import MiniSom
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA, FastICA, IncrementalPCA
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from canns.sklearn import (
    CompetitiveLearning,
    HebbianICA,
    HebbianPCA,
    HopfieldMemory,
    SelfOrganizingMap,
)

_REPEATS = 5
_GRID, _PASSES = 10, 5


class Measured(NamedTuple):
    """A fit: its quality, the seconds of the first, and of the shortest of the others."""

    quality: float
    first: float
    seconds: float


def measure(fit: Callable[[], Any], quality: Callable[[Any], float]) -> Measured:
    seconds = []
    for _ in range(_REPEATS + 1):
        start = time.perf_counter()
        fitted = fit()
        seconds.append(time.perf_counter() - start)
    return Measured(quality(fitted), seconds[0], min(seconds[1:]))


def row(what: str, ours: Measured, theirs: Measured) -> None:
    print(
        f"{what:58s} {ours.quality:10.4g} {theirs.quality:10.4g} "
        f"{ours.quality / theirs.quality:8.4f} {ours.seconds:8.3f} {theirs.seconds:8.3f} "
        f"{ours.seconds / theirs.seconds:8.2f} {ours.first:8.2f}",
        flush=True,
    )


def components(digits: np.ndarray) -> None:
    def error(model: Any) -> float:
        return float(((digits - model.inverse_transform(model.transform(digits))) ** 2).mean())

    def batches(model: Any) -> Any:
        for _ in range(10):
            for batch in np.array_split(digits, 9):
                model.partial_fit(batch)
        return model

    for count in (10, 20):
        theirs = measure(lambda count=count: PCA(count).fit(digits), error)
        for rule in ("sanger", "subspace"):
            model = HebbianPCA(count, rule=rule, random_state=0)
            row(
                f"error: HebbianPCA({count}, {rule}) / PCA",
                measure(lambda m=model: m.fit(digits), error),
                theirs,
            )
    ours = measure(lambda: batches(HebbianPCA(10, random_state=0)), error)
    theirs = measure(lambda: batches(IncrementalPCA(10)), error)
    row("error: HebbianPCA(10).partial_fit / IncrementalPCA", ours, theirs)


def sources() -> None:
    random = np.random.default_rng(0)
    true = random.laplace(size=(5000, 4))
    data = true @ random.normal(size=(4, 4))

    def recovery(model: Any) -> float:
        found = model.transform(data)
        return float(np.abs(np.corrcoef(found.T, true.T))[:4, 4:].max(axis=0).min())

    ours = measure(lambda: HebbianICA(random_state=0).fit(data), recovery)
    theirs = measure(lambda: FastICA(whiten="unit-variance", random_state=0).fit(data), recovery)
    row("least correlation with a source: HebbianICA / FastICA", ours, theirs)


def clusters(digits: np.ndarray) -> None:
    for count in (10, 50):
        ours = measure(
            lambda count=count: CompetitiveLearning(count, random_state=0).fit(digits),
            lambda model: model.inertia_,
        )
        theirs = measure(
            lambda count=count: KMeans(count, n_init=1, random_state=0).fit(digits),
            lambda model: model.inertia_,
        )
        row(f"inertia: CompetitiveLearning({count}) / KMeans", ours, theirs)


def maps(digits: np.ndarray) -> None:
    def minisom() -> MiniSom:
        model = MiniSom(_GRID, _GRID, 64, sigma=_GRID / 2, learning_rate=0.5, random_seed=0)
        model.random_weights_init(digits)
        model.train(digits, _PASSES * len(digits))
        return model

    theirs = measure(minisom, lambda model: model.quantization_error(digits))
    for passes in (1, 2, _PASSES):
        model = SelfOrganizingMap((_GRID, _GRID), max_iter=passes, random_state=0)
        ours = measure(lambda m=model: m.fit(digits), lambda m: m.quantization_error_)
        row(f"quantization error: map, {passes} passes / MiniSom, {_PASSES}", ours, theirs)
    own, other = model.topographic_error_, minisom().topographic_error(digits)
    print(f"{'topographic error of the last':58s} {own:10.4g} {other:10.4g}")


def memories(digits: np.ndarray, labels: np.ndarray) -> None:
    train, test, known, wanted = train_test_split(digits, labels, random_state=0)

    def accuracy(model: Any) -> float:
        return float(model.score(test, wanted))

    ours = measure(lambda: HopfieldMemory().fit(train, known), accuracy)
    theirs = measure(lambda: KNeighborsClassifier(1).fit(train, known), accuracy)
    row("accuracy: HopfieldMemory / 1 nearest neighbour", ours, theirs)


def main() -> None:
    digits, labels = load_digits(return_X_y=True)
    print(
        f"{'on the 1797 digits; sources: 4 Laplacian, 5000 samples':58s} {'ours':>10s} "
        f"{'theirs':>10s} {'ratio':>8s} {'ours/s':>8s} {'theirs/s':>8s} {'ratio':>8s} "
        f"{'first/s':>8s}"
    )
    components(digits)
    sources()
    clusters(digits)
    maps(digits)
    memories(digits, labels)


if __name__ == "__main__":
    main()
