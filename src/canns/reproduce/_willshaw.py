"""Binary synapses: the associative net of Willshaw and others."""

import numpy as np
from numpy.typing import NDArray

from canns import task
from canns.analyzer.theory import willshaw_false_positives, willshaw_fill
from canns.models.brain_inspired import WillshawNetwork
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves, split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._spread import BARS, reach

__all__ = ["WILLSHAW"]

_PROBES, _NETWORKS = 1000, 8
_RARE = 0.01  # wrong neurons a probe below which single events are counted, as independent


def _willshaw(seed: int) -> Findings:
    size, active = 512, 9
    half = round(np.log(2) * (size / active) ** 2)
    counts = np.array([800, 1000, 1300, 1700, half, 2800])
    rng = np.random.default_rng(seed)
    runs = [[_network(rng, size, active, int(p)) for _ in range(_NETWORKS)] for p in counts]
    fills, wrong = np.moveaxis(np.array(runs), -1, 0)
    theory = np.asarray(willshaw_false_positives(size, active, counts))
    claims = [
        Claim.of_mean(
            f"share of synapses on at P = ln2 (n/k)^2 = {half}",
            "paper's formula",
            0.5,
            fills[counts == half][0],
            room=abs(float(np.asarray(willshaw_fill(size, active, half))) - 0.5),
            why="a whole number of patterns",
        ),
        *(
            _wrong_claim(int(count), float(expected), found)
            for count, expected, found in zip(counts, theory, wrong, strict=True)
        ),
    ]
    line = np.arange(600, 3000, 100)
    shares = np.asarray(willshaw_fill(size, active, line))
    filled = curves(
        "Half of the synapses on",
        "Number of patterns $P$",
        "Share of synapses on",
        {"measured": (counts, fills.mean(axis=1), reach(fills))},
        {
            "$1 - (1 - k^2/n^2)^P$": (line, shares),
            rf"$\ln 2\,(n/k)^2 = {half}$": ([600, half, half], [0.5, 0.5, 0.0]),
        },
    )
    errors = curves(
        f"Wrong neurons, n = {size}, k = {active}",
        f"Patterns $P$ ({BARS})",
        "Neurons that fire wrongly",
        {"measured": (counts, wrong.mean(axis=1), reach(wrong))},
        {
            "exact": (line, willshaw_false_positives(size, active, line)),
            "$(n - k)\\,p_1^k$": (line, (size - active) * shares**active),
        },
        yscale="log",
        ylim=(1e-4, 10),
    )

    def draw(canvas: Canvas) -> None:
        for part, panel in zip(split(canvas, 1, 2), (filled, errors), strict=True):
            panel(part)

    data = {"num_patterns": counts, "fill": fills, "wrong": wrong, "theory": theory}
    return Findings(claims, data, draw)


def _wrong_claim(count: int, expected: float, wrong: NDArray[np.float64]) -> Claim:
    """Return the claim on the wrong neurons of a probe, given their mean in each network."""
    words = f"neurons that fire wrongly, P = {count}"
    if expected > _RARE:
        return Claim.of_mean(words, "our theory", expected, wrong)
    probes = _PROBES * wrong.size
    return Claim.of_count(words, "our theory", expected, round(wrong.mean() * probes), probes)


def _network(rng: np.random.Generator, size: int, active: int, count: int) -> tuple[float, float]:
    """Return the fill of one network, and the mean number of neurons that fire wrongly."""
    level = active / size
    cues, targets = (
        task.sparse_patterns(count, size, level, exact=True, seed=rng) for _ in range(2)
    )
    network = WillshawNetwork(size, size)
    network.store(cues, targets)
    states = network.recall(network.join(cues[:_PROBES]), num_iter=1).states
    fired = np.asarray(network.split(states).outputs)
    wrong = (fired > 0) & (targets[:_PROBES] == 0)
    return network.fill, float(wrong.sum(axis=1).mean())


WILLSHAW = PublishedFigure(
    name="willshaw",
    paper="Willshaw, Buneman & Longuet-Higgins (1969), Nature 222:960",
    shows="Half of the binary synapses are on at P = ln2 (n/k)^2.",
    against=("paper's formula", "our theory"),
    seconds=9,
    run=_willshaw,
)
