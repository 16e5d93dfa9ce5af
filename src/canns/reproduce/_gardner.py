"""The most patterns that any couplings hold."""

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns import task
from canns.analyzer.theory import separable_probability
from canns.dynamics import Activity
from canns.plasticity import AdaTron
from canns.reproduce._claim import FALSE_ALARM, Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure
from canns.typing import AnyArray, Array

__all__ = ["GARDNER"]

_INPUTS, _TRIALS = (20, 30, 50), 240
_LOADS = np.array([1.6, 1.8, 2.0, 2.2, 2.4])
_LEARNT = 30  # inputs of the neurons that also learn
# Over-relaxed, because close to the limit the perceptrons converge very slowly.
_RULE = AdaTron(1.9, max_sweeps=4000, tolerance=1e-3)


def _gardner(seed: int) -> Findings:
    rng = np.random.default_rng(seed)
    exist = {inputs: np.zeros((len(_LOADS), _TRIALS), bool) for inputs in _INPUTS}
    found = np.zeros((len(_LOADS), _TRIALS), bool)
    for inputs in _INPUTS:
        for i, load in enumerate(_LOADS):
            patterns, targets = _problems(rng, inputs, round(load * inputs))
            exist[inputs][i] = [_separable(*task) for task in zip(patterns, targets, strict=True)]
            if inputs == _LEARNT:
                found[i] = np.asarray(_learnt(patterns, targets))
    print((found & ~exist[_LEARNT]).sum(), exist[_LEARNT].sum(1), found.sum(1))
    claims = [
        Claim.of_share(
            f"neurons with couplings at P/N = {load:g}, N = {inputs}",
            "paper's formula",
            float(np.asarray(separable_probability(round(load * inputs), inputs))),
            int(exist[inputs][i].sum()),
            _TRIALS,
        )
        for inputs in _INPUTS
        for i, load in enumerate(_LOADS)
    ]
    return Findings(claims, {}, lambda canvas: None)


def _problems(
    rng: np.random.Generator, inputs: int, count: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return independent patterns of inputs, (trials, P, N), and of one neuron, (trials, P, 1)."""
    drawn = np.asarray(task.random_patterns(_TRIALS * count, inputs + 1, seed=rng))
    drawn = drawn.reshape(_TRIALS, count, inputs + 1)
    return drawn[..., :-1], drawn[..., -1:]


def _separable(patterns: AnyArray, targets: AnyArray) -> bool:
    """Return whether couplings w exist with target (w x) >= 1 for all patterns, by linear program."""
    from scipy.optimize import linprog

    signed = patterns * targets
    nothing, bound = np.zeros(signed.shape[1]), -np.ones(len(signed))
    return bool(linprog(nothing, -signed, bound, bounds=(None, None), method="highs").status == 0)


@jax.jit
def _learnt(patterns: Array, targets: Array) -> Array:
    """Return for each problem whether learning finds couplings, (trials,)."""

    def learn(inputs: Array, target: Array) -> Array:
        start = jnp.zeros((1, inputs.shape[1]))
        _, weights = _RULE.step((), start, Activity(inputs, target))
        return jnp.all(target * (inputs @ weights.T) > 0)

    return jax.vmap(learn)(patterns, targets)
GARDNER = PublishedFigure(
    name="gardner",
    paper="Gardner (1988), J. Phys. A 21:257; Cover (1965), IEEE Trans. Electron. Comput. 14:326",
    shows="No couplings hold more than two random patterns a neuron.",
    against=("paper's formula",),
    seconds=60,
    run=_gardner,
)
