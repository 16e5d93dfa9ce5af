"""SoftHebb against the fixed point of its averaged flow and the means of a mixture."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import mean_and_error, repeat
from scipy.special import softmax

from canns.dynamics import Linear, SoftWinners
from canns.errors import ValidationError
from canns.plasticity import Identity, Setup, SoftHebb, learn, learn_members

ETA, MEMBERS, TEMPERATURE = 0.004, 128, 0.25


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    centres = np.array([[1.0, 0.2, 0.0, 0.1], [0.0, 0.9, 0.6, 0.0], [0.1, 0.0, 0.3, 1.0]])
    return centres.repeat(300, axis=0) + 0.15 * rng.normal(size=(900, 4))


def rest(data, weights, temperature):
    """The point w = E[y x] / |E[y x]| near ``weights``, by iteration, and y there."""
    for _ in range(2000):
        y = softmax(data @ weights.T / temperature, axis=1)
        sums = y.T @ data
        weights = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    return weights, y


def test_rows_fluctuate_about_the_fixed_point_at_the_norm_of_the_closed_form(data):
    rule, neuron = SoftHebb(ETA), SoftWinners(TEMPERATURE)
    expected, y = rest(data, data.reshape(3, 300, 4).mean(axis=1), TEMPERATURE)
    parts = [repeat(part, MEMBERS) for part in (rule, neuron, Identity())]
    learner = repeat(Setup(rule, neuron).start(jnp.asarray(expected, jnp.float32)), MEMBERS)
    snapshots = []
    for block in range(3):
        index = jax.random.randint(jax.random.key(block), (MEMBERS, 1000), 0, 900)
        inputs = jnp.asarray(data, jnp.float32)[index]
        learner = learn_members(Setup(*parts), learner, inputs, shared=False)
        if block > 1:
            snapshots.append(np.asarray(learner.weights, np.float64))
    rows = np.stack(snapshots)
    u = data @ expected.T
    residual = ((data[:, None] - u[..., None] * expected) ** 2).sum(-1)
    longer = ETA * (y**2 * residual).mean(0) / (2 * (y * u).mean(0))
    measured, error = mean_and_error((rows**2).sum(-1) - 1)
    assert (error < 0.1 * longer).all()
    assert (np.abs(measured - longer) < 4 * error + 10 * ETA * longer).all()
    direction, error = mean_and_error(rows)
    assert (np.abs(direction - expected) < 4 * error + 2 * longer[:, None]).all()
    # Soft winners: this is not yet where a hard winner would be.
    hard, _ = rest(data, expected, 0.001)
    assert np.abs(hard - expected).max() > 20 * error.max()


def test_from_any_start_each_class_gets_a_neuron_that_points_at_its_mean(data):
    means = data.reshape(3, 300, 4).mean(axis=1)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    order = np.random.default_rng(1).permutation(np.tile(np.arange(900), 10))
    for seed in range(3):
        learner = SoftWinners().draw(jax.random.key(seed), 4, 3)
        # Warm at first: a neuron that is far from all classes would never learn among cold ones.
        for eta, temperature in ((0.03, TEMPERATURE), (ETA, 0.05)):
            neuron = SoftWinners(temperature)
            learner = learn(Setup(SoftHebb(eta), neuron), learner, data[order].astype(np.float32))
        cosines = means @ np.asarray(learner.weights, np.float64).T
        assert (cosines.max(axis=0) > 0.999).all()
        assert sorted(cosines.argmax(axis=0)) == [0, 1, 2]


def test_shares_of_what_one_neuron_would_learn(x64):
    # All rows equal: each neuron has a third of the activity, and learns by a third of Oja's rule.
    x = np.array([[0.6, 0.3]])
    weights = jnp.tile(jnp.array([[0.5, 0.2]]), (3, 1))
    after = learn(Setup(SoftHebb(0.3), SoftWinners()), weights, x).weights
    u = 0.36
    expected = np.array([0.5, 0.2]) + 0.1 * (x[0] - u * np.array([0.5, 0.2]))
    np.testing.assert_allclose(after, np.tile(expected, (3, 1)), rtol=0, atol=1e-12)


def test_a_neuron_without_potentials_is_refused():
    with pytest.raises(ValidationError, match=r"potential for SoftHebb; got Linear"):
        learn(Setup(SoftHebb(), Linear()), jnp.ones((2, 2)), np.ones((1, 2)))
