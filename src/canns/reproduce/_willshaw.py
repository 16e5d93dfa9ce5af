"""Binary synapses: the associative net of Willshaw and others."""

import numpy as np

from canns import task
from canns.analyzer.theory import willshaw_false_positives, willshaw_fill
from canns.models.brain_inspired import WillshawNetwork
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure

__all__ = ["WILLSHAW"]


def _willshaw(seed: int) -> Findings:
    size, active = 1024, 10
    counts = np.array([2000, 3000, 4000, 5000, 6000, 7268, 9000])
    rng = np.random.default_rng(seed)
    found = np.array([_false_positives(rng, size, active, int(count)) for count in counts])
    fills, extra, error = found.T
    fill_theory = np.asarray(willshaw_fill(size, active, counts))
    theory = np.asarray(willshaw_false_positives(size, active, counts))
    half = counts == 7268
    claims = [
        Claim("share of synapses on, P = 7268", 0.5, float(fills[half][0]), 0.003, "one network"),
        *(
            Claim(
                f"neurons that fire wrongly, P = {count}",
                float(theory[i]),
                float(extra[i]),
                float(3 * error[i] + 0.03 * theory[i]),
                "3 standard errors + 3 % of one network",
            )
            for i, count in enumerate(counts)
        ),
    ]
    draw = curves(
        f"Willshaw network, n = {size}, k = {active}",
        "Number of patterns $P$",
        "Neurons that fire wrongly",
        {"measured": (counts, extra, 3 * error)},
        {"theory": (counts, theory)},
        yscale="log",
    )
    data = {"num_patterns": counts, "fill": fills, "fill theory": fill_theory, "wrong": extra}
    return Findings(claims, data, draw)


def _false_positives(
    rng: np.random.Generator, size: int, active: int, count: int
) -> tuple[float, float, float]:
    """Return the fill, and mean and standard error of the neurons that fire wrongly."""
    level = active / size
    cues, targets = (
        task.sparse_patterns(count, size, level, exact=True, seed=rng) for _ in range(2)
    )
    network = WillshawNetwork(size, size)
    network.store(cues, targets)
    states = network.recall(network.join(cues[:1000]), num_iter=1).states
    fired = np.asarray(network.split(states).outputs)
    wrong = ((fired > 0) & (targets[:1000] == 0)).sum(axis=1)
    return network.fill, float(wrong.mean()), float(wrong.std(ddof=1) / np.sqrt(len(wrong)))


WILLSHAW = PublishedFigure(
    name="willshaw",
    paper="Willshaw, Buneman & Longuet-Higgins (1969), Nature 222:960",
    shows="Half of the binary synapses are on at P = ln2 (n/k)^2.",
    against=("our theory",),
    seconds=15,
    run=_willshaw,
)
