"""The score against the gradient of the expected reward, by a sum over all that neurons may do."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Recorded
from canns.errors import ValidationError
from canns.plasticity import RewardModulated, Score, Setup, learn

BETA, ETA = 0.7, 0.5
X = np.array([[0.5, -1.0, 2.0], [1.0, 0.3, -0.4]])  # two steps of three inputs
W = np.array([[0.2, -0.5, 0.4], [1.0, 0.6, -0.3]])
DEEDS = [np.reshape(y, (2, 2)) for y in product([0.0, 1.0], repeat=4)]  # (step, neuron)
REWARDS = np.random.default_rng(0).normal(size=len(DEEDS))


def probability(weights, y):
    fires = jax.nn.sigmoid(BETA * X @ weights.T)
    return jnp.prod(jnp.where(y == 1, fires, 1 - fires))


def done(rule, y, **options):
    """The change by what the neurons did; the reward of both steps comes at the end."""
    rows = np.concatenate([X, y, X @ W.T], axis=1)
    after = learn(Setup(rule, Recorded(potential=True)), jnp.asarray(W), rows, **options)
    return np.asarray(after.weights) - W


def test_the_mean_change_is_the_gradient_of_the_expected_reward(x64):
    rule = RewardModulated(Score(ETA, BETA), tau_e=1e15)

    def expected_reward(weights):
        return sum(probability(weights, y) * r for y, r in zip(DEEDS, REWARDS, strict=True))

    gradient = jax.grad(expected_reward)(jnp.asarray(W))
    changes = [
        float(probability(W, y)) * done(rule, y, rewards=[0.0, reward])
        for y, reward in zip(DEEDS, REWARDS, strict=True)
    ]
    assert np.abs(gradient).max() > 0.05
    np.testing.assert_allclose(sum(changes), ETA * gradient, rtol=1e-9, atol=1e-12)


def test_the_change_is_the_gradient_of_the_log_probability(x64):
    for y in DEEDS[::5]:
        gradient = jax.grad(lambda w, y=y: jnp.log(probability(w, y)))(jnp.asarray(W))
        found = done(Score(ETA, BETA), y)
        np.testing.assert_allclose(found, ETA * gradient, rtol=1e-9, atol=1e-12)


def test_what_cannot_be_used_is_refused():
    with pytest.raises(ValidationError, match="potential for Score; got Recorded"):
        learn(Setup(Score(), Recorded()), jnp.ones((1, 1)), np.ones((2, 2)))
    for name in ("learning_rate", "beta"):
        with pytest.raises(ValidationError, match=rf"^{name} "):
            Score(**{name: -1.0}).validate()
