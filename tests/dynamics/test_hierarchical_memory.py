"""Layers joined by synapses: known networks are special cases, and the energy falls.

Krotov & Hopfield (2021), arXiv:2008.06996; Krotov (2021), arXiv:2107.06446.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.dynamics import (
    Absolute,
    ContinuousHopfield,
    DensePolynomial,
    HierarchicalMemory,
    Hopfield,
    LagrangianLayer,
    LogCosh,
    LogSumExp,
    ModernHopfield,
    Power,
    Quadratic,
    Softplus,
    Sparsemax,
    Spherical,
    network_energies,
    recall,
)
from canns.errors import ValidationError

pytestmark = pytest.mark.usefixtures("x64")

N, P, B = 12, 5, 7
RNG = np.random.default_rng(0)
PATTERNS, STATES = RNG.normal(size=(P, N)), RNG.normal(size=(B, N))
SQUARE = RNG.normal(size=(N, N))
SYMMETRIC = SQUARE + SQUARE.T


def updated(network, weights, states):
    """Return the states after one update, and the energies before it."""
    weights, states = jax.tree.map(jnp.asarray, (weights, states))
    field = network.local_field(weights, states)
    after = network.step(weights, network.prepare(weights), states, field, None, None)
    return np.asarray(after), np.asarray(network.energy(states, field))


def alone(lagrangian, *, dt=math.inf, tau=1.0, current=0.0):
    layer = LagrangianLayer("v", N, lagrangian, tau, current)
    return HierarchicalMemory((layer,), (("v", "v"),), dt=dt)


def with_memories(lagrangian, memories, *, dt=math.inf):
    layers = LagrangianLayer("v", N, lagrangian), LagrangianLayer("h", P, memories, None)
    return HierarchicalMemory(layers, (("h", "v"),), dt=dt)


@pytest.mark.parametrize(
    ("activation", "lagrangian"), [("tanh", LogCosh(1.7)), ("sigmoid", Softplus(1.7))]
)
def test_graded_neurons_in_continuous_time(activation, lagrangian):
    current = RNG.normal(size=N)
    known = ContinuousHopfield(2.0, 1.7, 0.3, current, activation)
    ours = alone(lagrangian, dt=0.3, tau=2.0, current=current)
    for found, wanted in zip(
        updated(ours, (SYMMETRIC,), STATES), updated(known, SYMMETRIC, STATES), strict=True
    ):
        np.testing.assert_allclose(found, wanted, atol=1e-12)
    assert ours.largest_dt((SYMMETRIC,)) == pytest.approx(known.largest_dt(SYMMETRIC), rel=1e-8)


def test_the_classical_network():
    signs, weights = np.sign(STATES), SYMMETRIC - np.diag(np.diag(SYMMETRIC))
    after, energies = updated(alone(Absolute()), (weights,), signs)
    wanted, known = updated(Hopfield(), weights, signs)
    np.testing.assert_array_equal(np.sign(after), wanted)
    np.testing.assert_allclose(energies, known, atol=1e-12)


@pytest.mark.parametrize("retrieval", ["softmax", "sparsemax"])
def test_the_modern_network(retrieval):
    beta, norm = 1.3, (PATTERNS**2).sum(axis=1).max()
    memories = LogSumExp(beta) if retrieval == "softmax" else Sparsemax(beta)
    constant = math.log(P) / beta if retrieval == "softmax" else (1 - 1 / P) / (2 * beta)
    after, energies = updated(with_memories(Quadratic(), memories), (PATTERNS,), STATES)
    wanted, known = updated(ModernHopfield(beta, retrieval), PATTERNS, STATES)
    np.testing.assert_allclose(after, wanted, atol=1e-12)
    np.testing.assert_allclose(energies + constant + norm / 2, known, atol=1e-12)


@pytest.mark.parametrize("order", [2, 3, 4, 5])
def test_the_dense_network(order):
    patterns, signs = np.sign(PATTERNS), np.sign(STATES)
    ours = with_memories(Absolute(), Power(order, rectified=False))
    energies = updated(ours, (patterns,), signs)[1]
    dense = DensePolynomial(order=order)
    known = updated(dense, patterns, signs)[1]
    np.testing.assert_allclose(order * N ** (1.0 - order) * energies, known, atol=1e-12)
    if order == 2:
        layers = ours.layers
        ours = HierarchicalMemory(layers, (("h", "v"), ("v", "v")), dt=math.inf)
        after = updated(ours, (patterns, -P * np.eye(N)), signs)[0]
        drives = np.abs(after) > 1e-9  # at an exact tie the dense network keeps its state
        wanted = updated(dense, patterns, signs)[0]
        np.testing.assert_array_equal(np.sign(after)[drives], wanted[drives])


LAGRANGIANS = (
    Quadratic(),
    Power(2),
    LogCosh(1.5),
    Softplus(3.0),
    LogSumExp(2.0),
    Spherical(1.0, 0.5),
)


@st.composite
def deep(draw):
    """Return a chain of layers, slow and instant, with random weights and states."""
    depth = draw(st.integers(2, 5))
    kinds = [draw(st.sampled_from(LAGRANGIANS)) for _ in range(depth)]
    taus = [draw(st.sampled_from([0.5, 1.0, 3.0])) for _ in range(depth)]
    instant = draw(st.integers(-1, depth - 1))
    layers = tuple(
        LagrangianLayer(f"l{i}", 3 + i, kind, None if i == instant else tau, 0.1 * i)
        for i, (kind, tau) in enumerate(zip(kinds, taus, strict=True))
    )
    synapses = tuple((f"l{i}", f"l{i + 1}") for i in range(depth - 1))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    scale = draw(st.sampled_from([0.1, 0.5, 2.0]))
    weights = tuple(scale * rng.normal(size=(3 + i, 4 + i)) for i in range(depth - 1))
    network = HierarchicalMemory(layers, synapses)
    return network, weights, rng.normal(size=(4, network.num_neurons))


@pytest.mark.long
@settings(max_examples=25, deadline=None)
@given(case=deep())
def test_the_energy_falls_along_the_flow_as_fast_as_it_says(case):
    network, weights, states = case
    weights, states = jax.tree.map(jnp.asarray, (weights, states))
    potentials, inputs = network.split(states), network.potentials(weights, states)
    drift, rate = [], 0.0
    for layer in network.slow:
        x = potentials[layer.name]
        total = sum(  # what arrives, from the definition
            network.activities(weights, states)[b if a == layer.name else a]
            @ (w.T if a == layer.name else w)
            for (a, b), w in zip(network.synapses, weights, strict=True)
            if layer.name in (a, b)
        )
        move = (layer.current + total - x) / layer.tau
        hessian = jax.vmap(jax.jacfwd(layer.lagrangian.activity))(x)
        rate = rate - layer.tau * jnp.einsum("bi,bij,bj->b", move, hessian, move)
        drift.append(move)
    found = jax.jvp(
        lambda s: network_energies(network, weights, s), (states,), (jnp.concatenate(drift, 1),)
    )[1]
    np.testing.assert_allclose(found, rate, rtol=1e-8, atol=1e-8)
    assert (np.asarray(rate) <= 1e-12).all()
    assert inputs.keys() == {layer.name for layer in network.layers}


@pytest.mark.long
@settings(max_examples=25, deadline=None)
@given(case=deep(), share=st.sampled_from([1.0, 0.6, 0.1]))
def test_no_update_of_a_stable_dt_raises_the_energy(case, share):
    network, weights, states = case
    most = network.largest_dt(weights)
    dt = 10.0 if most == math.inf else share * most
    network = HierarchicalMemory(network.layers, network.synapses, dt=dt)
    assert most == math.inf or network.may_rise(weights) is False
    found = recall(
        network, jax.tree.map(jnp.asarray, weights), jnp.asarray(states), key=None, num_iter=30
    )
    rounding = 1e-11 * (1 + np.abs(found.energies).max())
    assert (np.diff(found.energies, axis=1) <= rounding).all()


def test_beyond_the_largest_dt_the_energy_rises_and_is_said_to():
    layers = LagrangianLayer("a", 1, LogCosh()), LagrangianLayer("b", 1, LogCosh())
    weights = (np.array([[-3.0]]),)
    most = HierarchicalMemory(layers, (("a", "b"),)).largest_dt(weights)
    network = HierarchicalMemory(layers, (("a", "b"),), dt=1.2 * most)
    assert network.may_rise(weights)
    # Near the origin the potentials are the activities: two layers that overtake each other.
    state = jnp.array([[1e-3, 1e-3]])
    found = recall(network, (jnp.asarray(weights[0]),), state, key=None, num_iter=40)
    assert np.diff(found.energies).max() > 0


def test_gradients_run_through_a_recall():
    network, cue = with_memories(Quadratic(), LogSumExp(2.0), dt=1.0), jnp.asarray(STATES[:1])

    def error(w):
        end = recall(network, (w,), cue, key=None, num_iter=5, differentiable=True)
        return jnp.sum((end.states - PATTERNS[0]) ** 2)

    w, direction = jnp.asarray(PATTERNS), jnp.asarray(RNG.normal(size=PATTERNS.shape))
    slope = jnp.sum(jax.grad(error)(w) * direction)
    step = 1e-6
    wanted = (error(w + step * direction) - error(w - step * direction)) / (2 * step)
    assert float(slope) == pytest.approx(float(wanted), rel=1e-6)
    several = jax.vmap(lambda w: jax.jit(error)(w))(jnp.stack([w, 2 * w]))
    np.testing.assert_allclose(several, [error(w), error(2 * w)], rtol=1e-10)


SLOW, INSTANT = LagrangianLayer("v", 3), LagrangianLayer("h", 2, LogSumExp(), None)


@pytest.mark.parametrize(
    ("layers", "synapses", "match"),
    [
        ((SLOW, SLOW), (), "two of the name 'v'"),
        ((INSTANT,), (), "one or more with a tau"),
        ((SLOW, INSTANT), (("v", "hidden"),), "layers that exist; got 'hidden'"),
        ((SLOW, INSTANT), (("v", "h"), ("h", "v")), "once"),
        ((SLOW, INSTANT), (("h", "h"),), "none between instant layers"),
        ((SLOW, INSTANT), ("vh",), "pairs of names"),
        ("vh", (), "tuple of LagrangianLayer"),
    ],
)
def test_what_cannot_be_joined_is_refused(layers, synapses, match):
    with pytest.raises(ValidationError, match=match):
        HierarchicalMemory(layers, synapses).validate()


def test_weights_and_states_of_other_sizes_are_refused():
    network = HierarchicalMemory((SLOW, INSTANT), (("h", "v"),))
    with pytest.raises(ValidationError, match=r"weights of \('h', 'v'\).*\(2, 3\).*rows of the"):
        network.local_field((jnp.ones((3, 2)),), jnp.ones((1, 3)))
    with pytest.raises(ValidationError, match="1 matrices"):
        network.local_field((), jnp.ones((1, 3)))
    with pytest.raises(ValidationError, match="of 3 neurons: v 3"):
        network.local_field((jnp.ones((2, 3)),), jnp.ones((1, 5)))
    for dt in (0.0, -1.0, math.nan):
        with pytest.raises(ValidationError, match="dt"):
            HierarchicalMemory((SLOW, INSTANT), (("h", "v"),), dt=dt).validate()
