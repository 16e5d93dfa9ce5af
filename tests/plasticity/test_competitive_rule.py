"""Competitive learning and the instar rule against conditional means and k-means."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import mean_and_error, repeat
from sklearn.cluster import KMeans

from canns.dynamics import Linear, NoState, WinnerTakeAll
from canns.plasticity import Competitive, Identity, Instar, Setup, learn, learn_members

ETA, MEMBERS = 0.05, 256


@pytest.fixture(scope="module")
def clusters():
    """Non-negative samples about three centres, each row of sum 1 up to rounding, (600, 4)."""
    rng = np.random.default_rng(0)
    centres = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1], [0.1, 0.1, 0.4, 0.4]])
    raw = np.abs(centres.repeat(200, axis=0) + 0.05 * rng.normal(size=(600, 4)))
    return (raw / raw.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def kmeans(clusters):
    return KMeans(3, n_init=10, random_state=0).fit(clusters.astype(np.float64))


def stationary(rule, neuron, data, centres, lengths):
    """Rows of independent members at 6 moments, (6, members, 3, 4), each in its centre's order."""
    parts = [repeat(part, MEMBERS) for part in (rule, neuron, Identity())]
    weights = jnp.asarray(centres, jnp.float32)
    learner = repeat(Setup(rule, neuron).start(weights), MEMBERS)
    snapshots = []
    for block in range(7):
        keys = jax.random.split(jax.random.key(block))
        index = jax.random.randint(keys[0], (MEMBERS, 400), 0, len(data))
        scale = lengths(jax.random.uniform(keys[1], (MEMBERS, 400, 1)))
        inputs = scale * jnp.asarray(data)[index]
        learner = learn_members(Setup(*parts), learner, inputs, shared=False)
        # (1 - eta) to the number of wins, 133 in a block, is 1e-3.
        if block:
            snapshots.append(np.asarray(learner.weights, np.float64))
    return np.stack(snapshots)


CASES = {
    "competitive": (Competitive(ETA), WinnerTakeAll(), lambda u: 0.5 + 9 * u),
    "instar": (Instar(ETA), WinnerTakeAll(match="distance"), jnp.ones_like),
}


@pytest.mark.parametrize("case", CASES)
def test_rows_fluctuate_about_the_centres_of_kmeans(case, clusters, kmeans):
    rule, neuron, lengths = CASES[case]
    rows = stationary(rule, neuron, clusters, kmeans.cluster_centers_, lengths)
    mean, error = mean_and_error(rows)
    assert error.max() < 1e-3
    assert (np.abs(mean - kmeans.cluster_centers_) < 5 * error + 1e-6).all()
    # Eta / (2 - eta) of a cluster's covariance, so that on average the inertia is so much larger.
    apart = ((clusters[None, None, :, None] - rows[:, :16, None]) ** 2).sum(-1).min(-1).sum(-1)
    inertia, error = mean_and_error(apart[..., None])
    expected = kmeans.inertia_ * (1 + ETA / (2 - ETA))
    assert error < 0.01 * kmeans.inertia_
    assert abs(inertia - expected) < 4 * error
    if case == "competitive":
        np.testing.assert_allclose(rows.sum(-1), 1, rtol=0, atol=1e-5)


def test_from_random_rows_learning_comes_to_the_partition_of_kmeans(clusters, kmeans):
    # Each row starts at a sample of another cluster.
    weights = jnp.asarray(clusters[[10, 250, 590]])
    order = np.random.default_rng(1).permutation(np.tile(np.arange(600), 4))
    after = learn(Setup(Competitive(0.02), WinnerTakeAll()), weights, 3 * clusters[order])
    _, activity = jax.vmap(lambda x: WinnerTakeAll().step(NoState(), after.weights, x))(clusters)
    wins = np.asarray(activity.post)
    assert wins.sum() == 600
    together = wins @ wins.T
    np.testing.assert_array_equal(together, kmeans.labels_[:, None] == kmeans.labels_)


def test_one_winner_takes_an_exponential_mean(x64):
    inputs = np.random.default_rng(2).random((50, 3))
    weights = np.array([[0.2, 0.5, 0.3], [-9.0, 0.0, 0.0]])
    after = learn(Setup(Competitive(0.1), WinnerTakeAll()), jnp.asarray(weights), inputs)
    shares = inputs / inputs.sum(axis=1, keepdims=True)
    ages = 0.9 ** np.arange(50)[::-1]
    expected = 0.9**50 * weights[0] + 0.1 * ages @ shares
    np.testing.assert_allclose(after.weights[0], expected, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(after.weights[1], weights[1])


def test_all_of_k_winners_learn():
    weights = jnp.array([[0.6, 0.4], [0.5, 0.5], [0.1, 0.9]])
    x = np.array([[3.0, 1.0]], np.float32)
    after = learn(Setup(Competitive(0.5), WinnerTakeAll(2)), weights, x)
    expected = [[0.675, 0.325], [0.625, 0.375], [0.1, 0.9]]
    np.testing.assert_allclose(after.weights, expected, rtol=1e-6)


def test_an_input_of_zeros_changes_nothing():
    weights = jnp.array([[0.25, 0.75]])
    after = learn(Setup(Competitive(0.5), WinnerTakeAll()), weights, np.zeros((3, 2), np.float32))
    np.testing.assert_array_equal(after.weights, weights)


def test_the_instar_rule_weighs_inputs_by_graded_activity(x64):
    # With y = w . x held by one input alone, w goes to that input.
    inputs = np.tile([[0.6, 0.8]], (400, 1))
    after = learn(Setup(Instar(0.1), Linear()), jnp.array([[0.5, 0.1]]), inputs)
    np.testing.assert_allclose(after.weights, inputs[:1], rtol=0, atol=1e-12)
    _, activity = Linear().step(NoState(), jnp.eye(2)[:1], jnp.array([3.0, 1.0]))
    _, delta = Instar(0.5).step((), jnp.zeros((1, 2)), activity)
    np.testing.assert_array_equal(delta, [[4.5, 1.5]])
