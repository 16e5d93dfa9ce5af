"""Rules made of other rules: sums, and a rule for each part of the weights."""

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import LIF, Linear, Stack
from canns.errors import ValidationError
from canns.plasticity import (
    BCM,
    STDP,
    Bounds,
    Chain,
    Hebbian,
    Identity,
    Oja,
    PartProjections,
    Parts,
    PseudoInverse,
    Rule,
    Setup,
    Sum,
    UnitRows,
    contract,
    learn,
)
from canns.typing import param, pytree

SIZE = 4
INPUTS = np.random.default_rng(0).normal(size=(30, SIZE)).astype(np.float32)
WEIGHTS = jnp.asarray(np.random.default_rng(1).uniform(0.1, 0.5, (SIZE, SIZE)), jnp.float32)


@pytree
class Rewarded(Rule):
    """Reward times y x': with nothing to remember, its learning has a closed form."""

    learning_rate: float = param(default=0.01, low=0)

    needs: ClassVar[tuple[str, ...]] = ("reward",)

    def step(self, memory, weights, activity):
        delta = self.learning_rate * activity.reward * contract(activity.post, activity.pre)
        return memory, delta


def test_a_sum_of_halves_is_the_whole_rule():
    whole = learn(Setup(BCM(0.002, 5.0), Linear()), WEIGHTS, INPUTS)
    halves = learn(Setup(Sum((BCM(0.001, 5.0), BCM(0.001, 5.0))), Linear()), WEIGHTS, INPUTS)
    np.testing.assert_allclose(halves.weights, whole.weights, atol=1e-6)
    assert len(halves.memory) == 2
    for theta in halves.memory:
        np.testing.assert_allclose(theta, whole.memory[0], atol=1e-6)


def test_rules_of_parts_are_summed_part_by_part():
    parts = Parts((Oja(0.005),))
    one = learn(Setup(Parts((Oja(0.01),)), Stack((Linear(),))), (WEIGHTS,), INPUTS)
    two = learn(Setup(Sum((parts, parts)), Stack((Linear(),))), (WEIGHTS,), INPUTS)
    np.testing.assert_allclose(two.weights[0], one.weights[0], atol=1e-6)


def test_each_rule_of_a_sum_has_memory_of_its_own():
    rule = Sum((Oja(0.01), BCM(0.0, 5.0), BCM(0.0, 50.0)))
    assert rule.memory_attrs == ("rule1_theta", "rule2_theta")
    after = learn(Setup(rule, Linear()), WEIGHTS, INPUTS)
    y = np.zeros((len(INPUTS), SIZE))
    theta = [np.full(SIZE, 0.1), np.full(SIZE, 0.1)]
    weights = np.asarray(WEIGHTS, np.float64)
    for t, x in enumerate(INPUTS):
        y[t] = weights @ x
        weights += 0.01 * (np.outer(y[t], x) - (y[t] ** 2)[:, None] * weights)
        theta = [a + (y[t] ** 2 - a) / tau for a, tau in zip(theta, (5, 50), strict=True)]
    np.testing.assert_allclose(after.weights, weights, atol=1e-5)
    np.testing.assert_allclose(after.memory, theta, rtol=1e-4)


def test_layers_of_a_stack_learn_as_each_would_alone():
    spikes = (np.random.default_rng(2).random((30, SIZE)) < 0.5).astype(np.float32)
    neuron = Stack((LIF(), LIF(leak=0.5)))
    project = PartProjections((Identity(), Bounds()))
    both = learn(Setup(Parts((None, STDP(0.5))), neuron, project), (WEIGHTS, WEIGHTS), spikes)
    first = learn(Setup(Parts((None,)), Stack((LIF(),))), (WEIGHTS,), spikes)
    np.testing.assert_array_equal(both.weights[0], WEIGHTS)
    np.testing.assert_array_equal(both.state[0].trace_post, first.state[0].trace_post)
    hidden, state = [], LIF().init(WEIGHTS)
    for x in spikes:
        state, activity = LIF().step(state, WEIGHTS, x)
        hidden.append(activity.post)
    second = learn(Setup(STDP(0.5), LIF(leak=0.5), Bounds()), WEIGHTS, jnp.stack(hidden))
    np.testing.assert_allclose(both.weights[1], second.weights, atol=1e-7)
    assert float(jnp.abs(both.weights[1] - WEIGHTS).max()) > 1e-3, "nothing to compare"


def test_every_rule_of_a_stack_may_learn_at_once_from_the_weights_of_before():
    rule = Parts((Oja(0.01), Sum((Hebbian(0.01),))))
    project = PartProjections((UnitRows(), Chain((UnitRows(), Bounds(-0.9, 0.9)))))
    after = learn(Setup(rule, Stack((Linear(), Linear())), project), (WEIGHTS, WEIGHTS), INPUTS)
    first, second = np.asarray(WEIGHTS, np.float64), np.asarray(WEIGHTS, np.float64)
    for x in INPUTS:
        y = first @ x
        z = second @ y
        first = first + 0.01 * (np.outer(y, x) - (y**2)[:, None] * first)
        second = second + 0.01 * np.outer(z, y)
        first /= np.linalg.norm(first, axis=1, keepdims=True)
        second /= np.linalg.norm(second, axis=1, keepdims=True)
        second = second.clip(-0.9, 0.9)
    np.testing.assert_allclose(after.weights[0], first, atol=1e-5)
    np.testing.assert_allclose(after.weights[1], second, atol=1e-5)


def test_rewards_reach_every_rule_in_their_order():
    rewards = np.linspace(-1, 1, len(INPUTS)).astype(np.float32)
    alone = learn(Setup(Rewarded(0.0), Linear()), WEIGHTS, INPUTS, rewards=rewards)
    np.testing.assert_array_equal(alone.weights, WEIGHTS)
    rule = Parts((Sum((Rewarded(0.01),)),))
    after = learn(Setup(rule, Stack((Linear(),))), (WEIGHTS,), INPUTS, rewards=rewards)
    weights = np.asarray(WEIGHTS, np.float64)
    for x, reward in zip(INPUTS, rewards, strict=True):
        weights = weights + 0.01 * reward * np.outer(weights @ x, x)
    np.testing.assert_allclose(after.weights[0], weights, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((Rewarded(), Linear(), WEIGHTS), {}, r"^rewards .* a reward for each sample"),
        ((Oja(), Linear(), WEIGHTS), {"rewards": np.ones(30)}, r"^rewards .* None for Oja"),
        ((Rewarded(), Linear(), WEIGHTS), {"rewards": np.ones(3)}, r"^rewards .* 30, one a sample"),
        ((Oja(), Stack((Linear(),)), (WEIGHTS,)), {}, r"^rule .* one for each of 1 parts"),
        ((Parts((Oja(),)), Linear(), WEIGHTS), {}, r"^neuron .* provides parts"),
        ((Parts((Oja(), None)), Stack((Linear(),)), (WEIGHTS,)), {}, r"^rules .* 1, one for each"),
        ((Parts((STDP(),)), Stack((Linear(),)), (WEIGHTS,)), {}, r"provides 0\.trace_pre"),
        ((Parts((PseudoInverse(),)), Stack((Linear(),)), (WEIGHTS,)), {}, r"^rules .*sample by"),
        ((Sum(()), Linear(), WEIGHTS), {}, r"^rules .* one rule or more"),
        ((Sum((Oja(-1.0),)), Linear(), WEIGHTS), {}, r"^learning_rate"),
        (
            (Parts((Oja(),)), Stack((Linear(),)), (WEIGHTS,)),
            {"project": UnitRows()},
            r"^project .* PartProjections of 1",
        ),
        (
            (Oja(), Linear(), WEIGHTS),
            {"project": PartProjections((UnitRows(),))},
            r"^projections .* 1, one for each part",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(arguments, options, message):
    rule, neuron, weights = arguments
    setup = Setup(rule, neuron, options.get("project", Identity()))
    with pytest.raises(ValidationError, match=message):
        learn(setup, weights, INPUTS, rewards=options.get("rewards"))


def test_other_hyperparameters_compile_nothing(count_compilations):
    def run(eta, leak):
        rule = Parts((Oja(eta), Sum((STDP(eta), STDP(eta)))))
        return learn(Setup(rule, Stack((LIF(), LIF(leak=leak)))), (WEIGHTS, WEIGHTS), INPUTS)

    first = count_compilations(lambda: run(0.01, 0.5))
    second = count_compilations(lambda: run(0.02, 0.6))
    assert (first > 0, second) == (True, 0)


def test_the_uncompiled_loop_is_the_compiled_one():
    rule = Parts((Oja(0.01), Sum((STDP(0.1), STDP(0.2, coincidence="both")))))
    run = Setup(rule, Stack((LIF(), LIF()))), (WEIGHTS, WEIGHTS), INPUTS[:5]
    leaves = zip(
        jax.tree.leaves(learn(*run)), jax.tree.leaves(learn(*run, compiled=False)), strict=True
    )
    for compiled, plain in leaves:
        np.testing.assert_allclose(compiled, plain, atol=1e-6)
