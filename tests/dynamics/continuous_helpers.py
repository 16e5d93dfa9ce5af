"""What the tests of the graded network in continuous time share."""

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from canns.dynamics import GRADED, ContinuousHopfield, recall

KEY = jax.random.key(0)
EPS = float(np.finfo(np.float64).eps)
N, BATCH = 5, 3
many = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

g = {"tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x))}


def symmetric(rng, size=N, *, own=True):
    half = rng.normal(size=(size, size))
    weights = (half + half.T) / 2
    return weights if own else weights - np.diag(np.diag(weights))


@st.composite
def cases(draw):
    """Symmetric weights, with self-couplings or without, currents, potentials, and the network."""
    rng = np.random.default_rng(draw(st.integers(0, 2**31 - 1)))
    scale = draw(st.sampled_from([0.2, 1.0, 5.0]))
    weights = scale * symmetric(rng, own=draw(st.booleans()))
    network = ContinuousHopfield(
        tau=draw(st.floats(0.1, 10)),
        gain=draw(st.floats(0.1, 20)),
        current=rng.normal(size=N) * draw(st.sampled_from([0.0, 1.0])),
        activation=draw(st.sampled_from(GRADED)),
    )
    return weights, rng.normal(size=(BATCH, N)) * draw(st.sampled_from([0.1, 1.0])), network


def with_dt(network, dt):
    return ContinuousHopfield(network.tau, network.gain, dt, network.current, network.activation)


def activities(network, potentials):
    return g[network.activation](network.gain * np.asarray(potentials))


def drift(network, weights):
    """Return du/dt as a function of u."""

    def of(u):
        return (-u + weights @ activities(network, u) + network.current) / network.tau

    return of


def energies_of(network, weights, potentials, num_iter):
    return recall(
        network, jnp.asarray(weights), jnp.asarray(potentials), key=KEY, num_iter=num_iter
    ).energies


def never_rises(energies):
    rounding = 50 * N**2 * EPS * np.maximum(1, np.abs(energies).max())
    return (np.diff(energies, axis=1) <= rounding).all()
