"""State boxes inside JAX and brainstate transformations: right, and free of tracers afterwards."""

import warnings

import brainstate
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.errors import CannsWarning
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer
from canns.trainer import HebbianTrainer

N = 10
X = np.sign(np.random.default_rng(0).standard_normal((5, N))).astype(np.float32)
transform = brainstate.transform

NETWORKS = [
    (method, trained)
    for method in ("auto", "dense", "packed", "factored")
    for trained in (False, True)
]


@pytest.fixture(params=NETWORKS, ids=lambda p: f"{p[0]}-{'trained' if p[1] else 'fresh'}")
def net(request):
    """Return a network, after which it must hold no tracer, and learn and recall."""
    method, trained = request.param
    net = AmariHopfieldNetwork(N, method=method)
    if trained:
        HebbianTrainer(net).train(X)
    yield net
    for box in (net.W, net.s):
        held = jax.tree.leaves([vars(box)["_value"], vars(box).get("_patterns")])
        assert not any(isinstance(leaf, jax.core.Tracer) for leaf in held)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CannsWarning)  # of a network that has stored nothing
        net.recall(X)
    net.W.value + 1.0
    HebbianTrainer(net).train(X)
    net.recall(X)


def expected_weights(net):
    weights = np.zeros((N, N), np.float32)
    if net.W.stored is None or net.W.stored.num_patterns:
        centred = X - X.mean()
        weights = centred.T @ centred / len(X)
        np.fill_diagonal(weights, 0)
    return weights


def test_a_jitted_read_is_a_constant_and_harms_nothing(net):
    weights = expected_weights(net)
    np.testing.assert_allclose(jax.jit(lambda s: net.W.value @ s)(X[0]), weights @ X[0], atol=1e-5)
    np.testing.assert_allclose(jax.vmap(lambda s: net.W @ s)(X), X @ weights, atol=1e-5)
    if net.method in ("packed", "factored"):
        assert net.W.stored is not None


def test_reads_of_each_transformation(net):
    weights = expected_weights(net)
    calls = {
        "jit": transform.jit(lambda s: net.W @ s)(X[0]),
        "vmap": transform.vmap(lambda s: net.W @ s)(jnp.asarray(X))[0],
        "for_loop": transform.for_loop(lambda s: net.W @ s, X)[0],
        "scan": transform.scan(lambda c, s: (c, net.W @ s), 0.0, X)[1][0],
    }
    for name, found in calls.items():
        np.testing.assert_allclose(found, weights @ X[0], atol=1e-5, err_msg=name)


def test_a_rule_of_the_users_own_in_a_loop(net):
    before = expected_weights(net)
    transform.for_loop(lambda x: setattr(net.W, "value", net.W.value + jnp.outer(x, x)), X)
    np.testing.assert_allclose(net.W.value, before + X.T @ X, atol=1e-5)
    assert net.W.stored is None
    net.resize(N, preserve_submatrix=False)  # a network of patterns takes no matrix


def test_updates_in_a_loop_are_those_one_by_one(net):
    net.s = X[0] * np.where(np.arange(N) < 2, -1, 1)
    start = net.s.value
    inside = transform.for_loop(
        lambda i: (net.update(), net.s.value, net.energy)[1:], jnp.arange(3)
    )
    net.s.value = start
    for state, energy in zip(*inside, strict=True):
        net.update()
        np.testing.assert_array_equal(state, net.s.value)
        np.testing.assert_allclose(energy, net.energy, atol=1e-5)


def test_gradient_by_the_weights(net):
    net.s = X[0]
    slope = transform.grad(lambda: net.energy, net.W)()
    np.testing.assert_allclose(slope, -0.5 * np.outer(X[0], X[0]), rtol=1e-6)


def test_states_that_are_mapped(net):
    def energy(state):
        net.s.value = state
        return net.energy

    mapped = transform.vmap(energy, out_states=net.s)(jnp.asarray(X))
    weights = expected_weights(net)
    np.testing.assert_allclose(mapped, -0.5 * np.einsum("bi,ij,bj->b", X, weights, X), rtol=1e-5)
    net.s.value = X[0]


def test_a_write_under_plain_jit_names_the_remedy(net):
    def write(state):
        net.s.value = state
        return state

    with pytest.raises(Exception, match=r"brainstate\.transform"):
        jax.jit(write)(X[0])
    np.testing.assert_array_equal(net.s.value, np.ones(N))


def test_an_array_that_is_written_while_jax_traces_stays_an_array(net):
    def write(x):
        net.s.value = X[1]
        return x + net.s.value

    np.testing.assert_array_equal(jax.jit(write)(X[0]), X[0] + X[1])
    np.testing.assert_array_equal(net.s.value, X[1])


def test_a_compiled_update_follows_what_is_stored_later():
    for method in ("auto", "packed"):
        net = AmariHopfieldNetwork(N, method=method)
        step = transform.jit(lambda net=net: net.update())
        step()
        HebbianTrainer(net).train(X[:1])
        net.s = np.where(np.arange(N) < 1, -X[0], X[0])
        step()
        np.testing.assert_array_equal(net.s.value, X[0])


def test_large_networks_of_patterns_recall_without_a_matrix(monkeypatch):
    from canns.models.brain_inspired import pattern_couplings

    monkeypatch.setattr(pattern_couplings, "_SMALL", 0)
    net, dense = (AmariHopfieldNetwork(N, method=method) for method in ("packed", "dense"))
    step = transform.jit(lambda: net.update())
    for pattern in X[:2]:
        for each in (net, dense):
            each.apply_hebbian_learning([pattern])
            each.s = X[3]
        step()
        dense.update()
        np.testing.assert_array_equal(net.s.value, dense.s.value)
    assert not net.W.is_built

    def recall_and_write(x):
        net.update()
        net.W.value = net.W.value + jnp.outer(x, x)

    with pytest.raises(ValueError, match="one transformation"):
        transform.for_loop(recall_and_write, X)
    net.recall(X)


def test_forward_of_a_layer_in_a_loop():
    layer = LinearLayer(N, 3)
    outputs = transform.for_loop(layer.forward, jnp.asarray(X))
    np.testing.assert_allclose(outputs, X @ np.asarray(layer.W).T, rtol=1e-5, atol=1e-6)
    slope = transform.grad(lambda: jnp.sum(layer.forward(X[0])), layer.W)()
    np.testing.assert_allclose(slope, np.tile(X[0], (3, 1)))
