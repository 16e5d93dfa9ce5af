"""APEX, Oja's rule on both parts of laterally connected neurons, against ordered eigenvectors."""

import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import HierarchicalLinear, HierarchicalWeights
from canns.errors import ValidationError
from canns.models.brain_inspired import NeuronLayer
from canns.plasticity import Identity, Oja, PartProjections, Parts, Setup, StrictlyLower, learn
from canns.trainer import RuleTrainer

VALUES = np.array([4.0, 2.5, 1.5, 0.8, 0.3])
K = 4
APEX = Parts((Oja(0.01), Oja(0.01)))
PROJECT = PartProjections((Identity(), StrictlyLower()))


@pytest.mark.parametrize("seed", range(3))
def test_rows_become_the_ordered_eigenvectors_and_lateral_weights_vanish(seed, x64):
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.normal(size=(5, 5)))[0].T
    # At the eigenvectors no single one of these samples moves the weights.
    inputs = np.tile(np.sqrt(5 * VALUES)[:, None] * axes, (4000, 1))
    start = HierarchicalWeights(jnp.asarray(rng.normal(size=(K, 5)) / 4), jnp.zeros((K, K)))
    settled = learn(Setup(APEX, HierarchicalLinear(), PROJECT), start, inputs).weights
    overlaps = np.abs(np.asarray(settled.W) @ axes.T)
    np.testing.assert_allclose(overlaps, np.eye(K, 5), rtol=0, atol=1e-9)
    np.testing.assert_allclose(settled.lateral, 0, rtol=0, atol=1e-9)
    # They did something on the way there.
    early = learn(Setup(APEX, HierarchicalLinear(), PROJECT), start, inputs[:100]).weights.lateral
    assert np.abs(early[jnp.tril_indices(K, -1)]).max() > 0.1
    np.testing.assert_array_equal(np.triu(early), 0)


def test_the_changes_are_those_of_kung_and_diamantaras(x64):
    rng = np.random.default_rng(3)
    W, A = rng.normal(size=(3, 4)), np.tril(rng.normal(size=(3, 3)), -1)
    inputs = 0.5 * rng.normal(size=(30, 4))
    weights = HierarchicalWeights(jnp.asarray(W), jnp.asarray(A))
    after = learn(Setup(APEX, HierarchicalLinear(), PROJECT), weights, inputs).weights
    for x in inputs:
        y = np.zeros(3)
        for j in range(3):
            y[j] = W[j] @ x - A[j, :j] @ y[:j]
        W = W + 0.01 * np.array([y[j] * x - y[j] ** 2 * W[j] for j in range(3)])
        for j in range(3):
            A[j, :j] += 0.01 * (y[j] * y[:j] - y[j] ** 2 * A[j, :j])
    np.testing.assert_allclose(after.W, W, rtol=0, atol=1e-12)
    np.testing.assert_allclose(after.lateral, A, rtol=0, atol=1e-12)


def test_a_layer_learns_by_it_and_predicts():
    layer = NeuronLayer(4, 2, HierarchicalLinear())
    inputs = np.tile(np.diag([2.0, 1.5, 1.0, 0.5]), (3000, 1))
    RuleTrainer(layer, APEX, PROJECT).train(inputs)
    np.testing.assert_allclose(np.abs(layer.W.value), np.eye(2, 4), rtol=0, atol=1e-4)
    answer = np.abs(layer.predict([0.0, 1.0, 0.0, 0.0]))
    np.testing.assert_allclose(answer, [0, 1], rtol=0, atol=1e-4)


def test_one_way_connections_are_among_as_many_neurons():
    weights = np.random.default_rng(0).normal(size=(4, 4)).astype(np.float32)
    np.testing.assert_array_equal(StrictlyLower()(weights), np.tril(weights, -1))
    assert StrictlyLower().once
    with pytest.raises(ValidationError, match=r"square.*shape \(2, 3\)"):
        StrictlyLower()(jnp.ones((2, 3)))
