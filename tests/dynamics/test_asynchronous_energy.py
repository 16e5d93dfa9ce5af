"""Asynchronous updates of a symmetric network without self-coupling never raise the energy.

Hopfield (1982), PNAS 79:2554: a flip of neuron i changes E by 2 s_i h_i, and the rule flips only
if that is at most zero.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.dynamics import TIES, Hopfield, network_energies, recall

N, BATCH = 8, 4
EPS = float(np.finfo(np.float32).eps)


@st.composite
def cases(draw):
    seed = draw(st.integers(0, 2**31 - 1))
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(N, N)) * 10.0 ** draw(st.integers(-3, 3))
    if draw(st.booleans()):
        half = np.rint(half)  # whole numbers are full of exact ties
    weights = half + half.T
    np.fill_diagonal(weights, 0.0)
    # States need not be +-1 to start with; 0 and 1 alone are another code, which is refused.
    levels = draw(st.sampled_from([[-1.0, 1.0], [-1.0, 0.0], [-1.0, 0.0, 2.0]]))
    states = rng.choice(levels, (BATCH, N))
    threshold = draw(st.floats(-3, 3, width=32))
    return jnp.asarray(weights, jnp.float32), jnp.asarray(states, jnp.float32), threshold, seed


@pytest.mark.parametrize("tie", TIES)
@settings(max_examples=60)
@given(case=cases())
def test_energy_never_rises_in_a_sweep(tie, case):
    weights, states, threshold, seed = case
    states = jnp.where(states == 0, -1.0, jnp.sign(states))
    network = Hopfield(threshold=threshold, asynchronous=True, tie=tie)
    result = recall(network, weights, states, key=jax.random.key(seed), num_iter=20)
    # Every energy is a sum of N^2 + N rounded terms.
    rounding = 2 * N * EPS * (float(jnp.abs(weights).sum()) + N * abs(threshold))
    assert (np.diff(result.energies, axis=1) <= rounding).all()
    # 2^8 states in at most 20 sweeps of 8: it always came to rest, for energy fell until then.
    assert (result.outcome == "converged").all()


@settings(max_examples=60)
@given(case=cases())
def test_the_end_is_a_minimum_under_single_flips(case):
    weights, states, threshold, seed = case
    network = Hopfield(threshold=threshold, asynchronous=True)
    result = recall(network, weights, states, key=jax.random.key(seed), num_iter=40)
    w = np.asarray(weights, np.float64)
    # What counts as a tie is a few roundings wide.
    slack = 20 * EPS * (np.abs(w).sum(axis=1) + abs(threshold))
    for s, outcome in zip(np.asarray(result.states, np.float64), result.outcome, strict=True):
        assert outcome == "converged"
        drive = w @ s - threshold
        assert (s * drive >= -slack * np.abs(s)).all()


@settings(max_examples=40)
@given(case=cases())
def test_the_energy_that_recall_reports_is_that_of_the_states(case):
    weights, states, threshold, seed = case
    network = Hopfield(threshold=threshold, asynchronous=True)
    result = recall(network, weights, states, key=jax.random.key(seed), num_iter=20)
    w, s = np.asarray(weights, np.float64), np.asarray(result.states, np.float64)
    expected = -0.5 * np.einsum("bi,ij,bj->b", s, w, s) + threshold * s.sum(axis=1)
    rounding = 4 * N * EPS * (np.abs(w).sum() + N * abs(threshold)) + 1e-30
    assert (np.abs(result.energies[:, -1] - expected) <= rounding).all()
    asked = network_energies(network, weights, result.states)
    assert (np.abs(asked - expected) <= rounding).all()


def test_synchronous_updates_may_raise_it():
    # The premise matters: all at once, two neurons that excite each other swap for ever.
    weights = jnp.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.5], [0.0, 0.5, 0.0]])
    cue = jnp.array([[1.0, -1.0, -1.0]])
    rising = recall(Hopfield(), weights, cue, key=jax.random.key(0), num_iter=9)
    assert (np.diff(rising.energies) >= 0).any()
    swept = recall(Hopfield(asynchronous=True), weights, cue, key=jax.random.key(0), num_iter=9)
    assert (np.diff(swept.energies) <= 0).all()
