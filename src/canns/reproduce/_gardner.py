"""The most patterns that any couplings hold."""

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns import task
from canns.analyzer.theory import gardner_load, separable_probability
from canns.dynamics import Activity
from canns.plasticity import AdaTron
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure
from canns.typing import Array

__all__ = ["GARDNER"]

_NETWORKS = {20: 32, 30: 20, 40: 16}
_LOADS = np.array([1.7, 1.85, 2.0, 2.15, 2.3])
# Over-relaxed, because close to the limit the perceptrons converge very slowly.
_RULE = AdaTron(1.9, max_sweeps=4000, tolerance=1e-3)


def _gardner(seed: int) -> Findings:
    rng = np.random.default_rng(seed)
    shares = {
        size: np.array([_shares(rng, count, size, load) for load in _LOADS])
        for size, count in _NETWORKS.items()
    }
    mean = {size: share.mean(axis=1) for size, share in shares.items()}
    error = {s: v.std(axis=1, ddof=1) / np.sqrt(v.shape[1]) for s, v in shares.items()}
    theory = float(np.asarray(gardner_load(0.0)))
    claims = []
    for size in _NETWORKS:
        slope = -np.interp(2.0, _LOADS, np.gradient(mean[size], _LOADS))
        room = 3 * float(error[size][2] / slope) + 0.05
        half = float(np.interp(-0.5, -mean[size], _LOADS))
        words = f"load at which half of the neurons have couplings, N = {size}"
        claims.append(Claim(words, theory, half, room, "3 standard errors + .05 of interpolation"))
    draw = curves(
        r"Neurons for which couplings exist, $\kappa = 0$",
        r"Load $\alpha = P/N$",
        "Share of neurons",
        {f"N = {size}": (_LOADS, mean[size], error[size]) for size in _NETWORKS},
        {f"N = {size}": _cover(size) for size in _NETWORKS},
    )
    data = {"loads": _LOADS} | {f"N {size}": mean[size] for size in _NETWORKS}
    return Findings(claims, data, draw)


def _cover(size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the loads of whole numbers of patterns, and how probably couplings exist there."""
    inputs = size - 1
    counts = np.arange(round(1.6 * inputs), round(2.4 * inputs))
    return counts / inputs, np.asarray(separable_probability(counts, inputs))


def _shares(
    rng: np.random.Generator, num_networks: int, size: int, load: float
) -> NDArray[np.float64]:
    """Return for each network the share of neurons for which learning finds couplings."""
    count = round(load * (size - 1))  # a neuron has no self-coupling
    patterns = task.random_patterns(num_networks * count, size, seed=rng)
    return np.asarray(_learnt(patterns.reshape(num_networks, count, size)), np.float64)


@jax.jit
def _learnt(networks: Array) -> Array:
    def share(patterns: Array) -> Array:
        start = jnp.zeros((patterns.shape[1], patterns.shape[1]))
        _, weights = _RULE.step((), start, Activity(patterns, patterns))
        return jnp.mean(jnp.all(patterns * (patterns @ weights.T) > 0, axis=0))

    return jax.vmap(share)(networks)


GARDNER = PublishedFigure(
    name="gardner",
    paper="Gardner (1988), J. Phys. A 21:257; Cover (1965), IEEE Trans. Electron. Comput. 14:326",
    shows="No couplings hold more than two random patterns a neuron.",
    against=("our theory",),
    seconds=60,
    run=_gardner,
)
