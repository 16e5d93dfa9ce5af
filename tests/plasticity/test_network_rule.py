"""A rule computed by a small network, against the equation."""

import jax.numpy as jnp
import numpy as np

from canns.dynamics import Activity, Linear
from canns.plasticity import MLPRule, MLPWeights, Setup, learn

RNG = np.random.default_rng(0)


def test_the_change_is_that_of_the_network():
    network = MLPWeights(RNG.normal(size=(5, 4)), RNG.normal(size=5), RNG.normal(size=5))
    rule = MLPRule(network, 0.5, "xywr")
    x, y, w = RNG.normal(size=3), RNG.normal(size=2), RNG.normal(size=(2, 3))
    activity = Activity(jnp.asarray(x), jnp.asarray(y), reward=jnp.asarray(0.7))
    _, found = rule.step((), jnp.asarray(w), activity)
    for i in range(2):
        for j in range(3):
            read = np.array([x[j], y[i], w[i, j], 0.7])
            wanted = 0.5 * network.output @ np.tanh(network.hidden @ read + network.bias)
            np.testing.assert_allclose(found[i, j], wanted, rtol=1e-5)


def test_an_unknown_rule_changes_nothing_and_is_repeatable():
    rule = MLPRule.unknown(6, seed=3)
    weights = jnp.asarray(RNG.normal(size=(2, 3)))
    after = learn(Setup(rule, Linear()), weights, RNG.normal(size=(10, 3)))
    np.testing.assert_array_equal(after.weights, weights)
    assert rule == MLPRule.unknown(6, seed=3)
    assert rule != MLPRule.unknown(6, seed=4)
