"""The most patterns that any couplings hold."""

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns import task
from canns.analyzer.theory import separable_probability
from canns.dynamics import Activity
from canns.plasticity import AdaTron
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure

__all__ = ["GARDNER"]

_INPUTS, _TRIALS = (20, 30, 50), 240
_LOADS = np.array([1.6, 1.8, 2.0, 2.2, 2.4])
_NETWORK = 31  # neurons of a network that learns; each has the others as its 30 inputs
# Over-relaxed, because close to the limit the perceptrons converge very slowly.
_RULE = AdaTron(1.9, max_sweeps=1000, tolerance=1e-3)


def _gardner(seed: int) -> Findings:
    rng = np.random.default_rng(seed)
    counts = {inputs: [_held(rng, inputs, load) for load in _LOADS] for inputs in _INPUTS}
    claims = [
        Claim.of_share(
            f"neurons with couplings at P/N = {load:g}, N = {inputs}",
            "paper's number" if load == 2 else "paper's formula",
            0.5 if load == 2 else float(_cover(load, inputs)),
            held,
            _TRIALS,
        )
        for inputs, series in counts.items()
        for load, held in zip(_LOADS, series, strict=True)
    ]
    learnt, possible = np.array([_network(rng, load) for load in _LOADS]).transpose(1, 0, 2)
    claims.append(
        Claim.of_value(
            f"neurons that learn although they have no couplings, of {(~possible).sum()}",
            "our theory",
            0.0,
            float((learnt & ~possible).sum()),
            0.0,
            "couplings found are couplings that exist",
        )
    )
    measured: dict[str, tuple[ArrayLike, ...]] = {
        f"N = {inputs}": (_LOADS, np.array(series) / _TRIALS, _width(series))
        for inputs, series in counts.items()
    }
    measured["learnt by AdaTron"] = (_LOADS, learnt.mean(axis=1))
    line = np.arange(1.5, 2.51, 0.1)
    theory = {f"N = {inputs}": (line, _cover(line, inputs)) for inputs in _INPUTS}
    theory[r"Gardner's $\alpha_c = 2$"] = (np.array([2.0, 2.0]), np.array([0.0, 1.0]))
    draw = curves(
        r"No couplings hold more than 2N patterns",
        r"Load $\alpha = P/N$ (bars: 99.9 % intervals, binomial)",
        "Share of neurons for which couplings exist",
        measured,
        theory,
    )
    data = {"loads": _LOADS, "trials": _TRIALS, "learnt": learnt, "possible": possible}
    data |= {f"N {inputs}": series for inputs, series in counts.items()}
    return Findings(claims, data, draw)


def _cover(load: ArrayLike, inputs: int) -> NDArray[np.float64]:
    """Return Cover's share of separable dichotomies at a load with a whole number of patterns."""
    counts = np.rint(np.asarray(load) * inputs).astype(int)
    return np.asarray(separable_probability(counts, inputs), np.float64)


def _held(rng: np.random.Generator, inputs: int, load: float) -> int:
    """Return for how many neurons, each with patterns of its own, couplings exist."""
    count = round(load * inputs)
    drawn = np.asarray(task.random_patterns(_TRIALS * count, inputs + 1, seed=rng))
    problems = drawn.reshape(_TRIALS, count, inputs + 1)
    return sum(_separable(problem, 0) for problem in problems)


def _separable(patterns: NDArray[np.float32], neuron: int) -> bool:
    """Return whether a neuron of the patterns has couplings, by a linear program.

    It has some if there are couplings w to the others with xi (w x) >= 1 in all patterns.
    """
    from scipy.optimize import linprog

    signed = np.delete(patterns, neuron, axis=1) * patterns[:, [neuron]]
    nothing, bound = np.zeros(signed.shape[1]), -np.ones(len(signed))
    return bool(linprog(nothing, -signed, bound, bounds=(None, None), method="highs").status == 0)


def _network(rng: np.random.Generator, load: float) -> tuple[NDArray[np.bool_], list[bool]]:
    """Return which neurons of one network learn, and which have couplings."""
    count = round(load * (_NETWORK - 1))
    patterns = np.asarray(task.random_patterns(count, _NETWORK, seed=rng))
    start = jnp.zeros((_NETWORK, _NETWORK))
    _, weights = _RULE.step((), start, Activity(jnp.asarray(patterns), jnp.asarray(patterns)))
    learnt = (patterns * (patterns @ np.asarray(weights).T) > 0).all(axis=0)
    return learnt, [_separable(patterns, neuron) for neuron in range(_NETWORK)]


def _width(series: list[int]) -> NDArray[np.float64]:
    """Return the two lengths of the exact error bars of shares, (2, loads)."""
    ends = [Claim.of_share("", "paper's formula", 0.0, held, _TRIALS) for held in series]
    return np.array(
        [[end.measured - end.low for end in ends], [end.high - end.measured for end in ends]]
    )


GARDNER = PublishedFigure(
    name="gardner",
    paper="Gardner (1988), J. Phys. A 21:257; Cover (1965), IEEE Trans. Electron. Comput. 14:326",
    shows="No couplings hold more than two random patterns a neuron.",
    against=("paper's number", "paper's formula", "our theory"),
    seconds=23,
    run=_gardner,
)
