"""The Hopfield network against numbers worked out by hand."""

import itertools
import math

import brainstate
import jax.numpy as jnp
import numpy as np
import pytest

from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork

W = np.array([[0.0, 0.5, -1.0], [0.5, 0.0, 2.0], [-1.0, 2.0, 0.0]])
S = np.array([1.0, -1.0, 1.0])


def _net(size=3, weights=W, state=S, **options):
    net = AmariHopfieldNetwork(size, **options)
    net.W.value, net.s.value = weights, state
    return net


RESPONSES = {
    "sign": np.sign,
    "tanh": lambda h: np.tanh(h / 0.5),
    "sigmoid": lambda h: 1 / (1 + np.exp(-h / 0.5)),
}


@pytest.mark.parametrize("activation", RESPONSES)
@pytest.mark.parametrize("threshold", [0.0, 0.25])
def test_synchronous_update(activation, threshold):
    net = _net(activation=activation, threshold=threshold, temperature=0.5)
    assert net.update() is None
    np.testing.assert_allclose(net.s.value, RESPONSES[activation](W @ S - threshold), rtol=1e-6)


@pytest.mark.parametrize("activation", RESPONSES)
def test_activation_is_callable(activation):
    net = AmariHopfieldNetwork(3, activation=activation, temperature=0.5)
    field = np.array([-1.5, 0.25, 3.0])
    np.testing.assert_allclose(
        net.activation(jnp.asarray(field)), RESPONSES[activation](field), rtol=1e-6
    )


def test_temperature_set_later_takes_effect():
    net = _net(activation="tanh")
    net.temperature = 4.0
    net.update()
    np.testing.assert_allclose(net.s.value, np.tanh(W @ S / 4), rtol=1e-6)


def _sweep(order, threshold):
    state = S.copy()
    for i in order:
        drive = W[i] @ state - threshold
        state[i] = np.sign(drive) if drive else state[i]
    return tuple(state)


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_an_asynchronous_update_is_one_sweep_in_a_random_order(threshold):
    reachable = {_sweep(order, threshold) for order in itertools.permutations(range(3))}
    brainstate.random.seed(0)
    net, seen = _net(asyn=True, threshold=threshold), set()
    for _ in range(40):
        net.s.value = S
        net.update()
        seen.add(tuple(np.asarray(net.s.value).tolist()))
    assert len(reachable) > 1, "the case must tell orders apart"
    assert seen == reachable


def test_the_order_is_new_in_every_sweep():
    # Each neuron copies its left neighbour: how far the front runs tells the order.
    size = 12
    chain = np.roll(np.eye(size), 1, axis=0)
    net = _net(size, chain, np.ones(size), asyn=True)
    seen = set()
    for _ in range(5):
        net.s.value = np.where(np.arange(size) == 0, -1.0, 1.0)
        net.update()
        seen.add(tuple(np.asarray(net.s.value).tolist()))
    assert len(seen) > 1


@pytest.mark.parametrize("threshold", [0.0, 0.25, -1.0])
@pytest.mark.parametrize("asyn", [False, True])
def test_energy(threshold, asyn):
    net = _net(threshold=threshold, asyn=asyn)
    expected = -0.5 * S @ W @ S + threshold * S.sum()
    assert net.energy.shape == ()
    assert float(net.energy) == pytest.approx(expected, rel=1e-6)


def test_update_returns_the_change_of_energy():
    net = _net(threshold=0.25)
    before = float(net.energy)
    change = net.update(before)
    assert float(change) == pytest.approx(float(net.energy) - before, abs=1e-6)
    before = net.energy
    change = net.update(before)
    assert float(change) == pytest.approx(float(net.energy - before), abs=1e-6)


def test_asynchronous_energy_never_rises():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(10, 10))
    weights = weights + weights.T
    np.fill_diagonal(weights, 0.0)
    net = _net(10, weights, rng.choice([-1.0, 1.0], 10), asyn=True, threshold=0.3)
    changes = [float(net.update(net.energy)) for _ in range(10)]
    assert max(changes) <= 1e-5
    assert changes[-1] == 0.0


@pytest.mark.parametrize("asyn", [False, True])
@pytest.mark.parametrize(("tie", "expected"), [("keep", S), ("plus", S**2), ("minus", -(S**2))])
def test_ties(tie, expected, asyn):
    net = _net(weights=np.zeros((3, 3)), tie=tie, asyn=asyn)
    net.update()
    np.testing.assert_array_equal(net.s.value, expected)


def test_the_default_never_leaves_a_dead_neuron():
    net = _net(weights=np.zeros((3, 3)))
    net.update()
    assert 0.0 not in net.s.value


@pytest.mark.parametrize("temperature", [0.5, 2.0])
@pytest.mark.parametrize("asyn", [False, True])
def test_stochastic_neurons_follow_the_heat_bath(temperature, asyn):
    brainstate.random.seed(3)
    size, field = 400, 0.4
    net = AmariHopfieldNetwork(
        size, asyn, threshold=-field, temperature=temperature, stochastic=True
    )
    spins = []
    for _ in range(10):
        net.update()
        spins.append(np.asarray(net.s.value))
    expected = 1 / (1 + math.exp(-2 * field / temperature))
    error = math.sqrt(expected * (1 - expected) / (10 * size))
    assert set(np.unique(spins)) == {-1.0, 1.0}
    assert (np.array(spins) > 0).mean() == pytest.approx(expected, abs=4 * error)


@pytest.mark.parametrize(
    ("num_neurons", "capacity"), [(1, 1), (2, 1), (10, 1), (100, 5), (1000, 36)]
)
def test_storage_capacity(num_neurons, capacity):
    net = AmariHopfieldNetwork(num_neurons)
    assert net.storage_capacity == capacity
    assert isinstance(net.storage_capacity, int)


def test_overlap():
    net = AmariHopfieldNetwork(4)
    a, b = [1.0, 1.0, -1.0, -1.0], np.array([1, 1, 1, -1])
    assert net.compute_overlap(a, b) == 0.5
    assert net.compute_overlap(jnp.asarray(a), a) == 1.0
    assert isinstance(net.compute_overlap(a, b), float)
    with pytest.raises(ValidationError, match="pattern2"):
        net.compute_overlap(a, [1.0, 1.0])


def test_apply_hebbian_learning_is_the_centred_rule():
    patterns = np.array([[1.0, -1.0, 1.0], [1.0, 1.0, 1.0]])
    centred = patterns - patterns.mean()
    expected = W + centred.T @ centred / 2
    np.fill_diagonal(expected, 0.0)
    net = _net()
    net.apply_hebbian_learning(patterns)
    np.testing.assert_allclose(net.W.value, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("preserve", [True, False])
def test_resize(size, preserve):
    net = _net(weights=W + np.eye(3))
    net.resize(size, preserve)
    kept = min(size, 3)
    weights, state = np.zeros((size, size)), np.ones(size)
    state[:kept] = S[:kept]
    if preserve:
        weights[:kept, :kept] = W[:kept, :kept]
    assert net.num_neurons == size
    np.testing.assert_array_equal(net.W.value, weights)
    np.testing.assert_array_equal(net.s.value, state)
    assert net.W.value.dtype == net.s.value.dtype == np.float32


def test_resize_keeps_what_is_stored():
    xi = np.array([1.0, -1.0, 1.0, -1.0])
    net = AmariHopfieldNetwork(4)
    net.apply_hebbian_learning([xi])
    net.resize(6)
    assert net.predict([*-xi[:1], *xi[1:], 1.0, 1.0])[:4].tolist() == xi.tolist()
