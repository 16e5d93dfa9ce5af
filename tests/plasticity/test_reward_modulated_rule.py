"""Reward-modulated plasticity: delays in closed form, and its limits."""

import jax.numpy as jnp
import numpy as np
import pytest
from spike_rule_helpers import by_pair, change, random_trains, trained

from canns.dynamics import LIF, Linear
from canns.errors import ValidationError
from canns.models.brain_inspired import NeuronLayer
from canns.plasticity import (
    STDP,
    Bounds,
    Dreaming,
    Hebbian,
    Oja,
    PairSTDP,
    Parts,
    RewardModulated,
    Setup,
    learn,
)
from canns.task import timed_spikes
from canns.trainer import RuleTrainer

PAIR = PairSTDP(0.5, 0.8, 0.3, 17.0, 34.0, dt=0.5)
RULE = RewardModulated(PAIR, tau_e=40.0)
UP, DOWN, LEFT = (np.exp(-0.5 / tau) for tau in (17.0, 34.0, 40.0))


def test_one_reward_after_a_delay_brings_the_pairs_change_times_its_eligibility(x64):
    # Pairs of every kind, 5 to 50 ms before the one reward, of synapses of their own.
    delays, lag, end = np.array([5.0, 20.0, 50.0]), 6.0, 59.5
    causal = [end - delays - lag, end - delays]
    rewards = np.zeros(120)
    rewards[-1] = -2.0
    # Inputs come half a step before the spikes of their steps.
    for times, pair in ((causal, 0.8 * UP**12.5), (causal[::-1], -0.3 * DOWN**11.5)):
        pre, post = (timed_spikes(when[:, None], 120, dt=0.5) for when in times)
        found = np.diagonal(change(RULE, pre, post, rewards=rewards))
        expected = -2.0 * np.exp(-delays / 40.0) * 0.5 * pair
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_random_rewards_bring_the_sum_over_all_pairs_and_later_rewards(x64):
    pre, post = random_trains()
    rewards = np.random.default_rng(1).normal(size=120)

    def rewarded(a, b):
        total = 0.0
        for s, t in np.stack(np.meshgrid(a, b), axis=-1).reshape(-1, 2):
            pair = 0.8 * UP ** (t - s + 0.5) if s <= t else -0.3 * DOWN ** (s - t - 0.5)
            done = max(s, t)
            total += pair * rewards[done:] @ LEFT ** np.arange(120 - done)
        return 0.5 * total

    expected = by_pair(pre, post, rewarded)
    found = change(RULE, pre, post, rewards=rewards)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("rule", "neuron"),
    [(PAIR, LIF(dt=0.5)), (STDP(0.5), LIF()), (Oja(0.05), Linear())],
    ids=["pairs", "traces of the neuron", "rates"],
)
def test_without_eligibility_a_constant_reward_leaves_the_rule_as_it_is(rule, neuron, x64):
    inputs = (np.random.default_rng(2).random((60, 4)) < 0.3).astype(float)
    if isinstance(rule, Oja):
        inputs -= inputs.mean(axis=0)  # it looks for a principal component
    weights = jnp.full((3, 4), 0.4)
    plain = learn(Setup(rule, neuron), weights, inputs)
    wrapped = RewardModulated(rule, tau_e=1e-3)
    same = learn(Setup(wrapped, neuron), weights, inputs, rewards=np.ones(60))
    assert np.abs(plain.weights - weights).max() > 0.01
    # A product and a sum may be rounded once or twice, as the compiler fuses them.
    np.testing.assert_allclose(same.weights, plain.weights, rtol=1e-13)
    for inner, outer in zip(plain.memory, same.memory[1:], strict=True):
        np.testing.assert_allclose(inner, outer, rtol=1e-13)
    none = learn(Setup(wrapped, neuron), weights, inputs, rewards=np.zeros(60))
    np.testing.assert_array_equal(none.weights, weights)


def test_a_layer_keeps_what_is_eligible_from_one_training_to_the_next():
    layer = NeuronLayer(4, 2, LIF(threshold=0.05, dt=0.5))
    layer.W.value = jnp.full((2, 4), 0.4)
    spikes = (np.random.default_rng(3).random((30, 4)) < 0.4).astype(np.float32)
    trainer = RuleTrainer(layer, RULE, Bounds())
    trainer.train(spikes, rewards=np.zeros(30))
    np.testing.assert_array_equal(layer.W.value, np.full((2, 4), 0.4, np.float32))
    eligible = np.asarray(layer.eligibility.value)
    assert np.abs(eligible).max() > 0.1
    trainer.train(np.zeros((1, 4)), rewards=np.full(1, 0.01))
    expected = 0.4 + 0.01 * LEFT * eligible
    assert expected.max() < 1  # within the bounds
    np.testing.assert_allclose(layer.W.value, expected, rtol=1e-5)
    layer.reset_state()
    assert "eligibility" not in layer.boxes()


def test_rewards_are_asked_for():
    pre, post = random_trains()
    with pytest.raises(ValidationError, match=r"^rewards must be a reward for each sample"):
        trained(RULE, pre, post)


@pytest.mark.parametrize("rule", [None, Dreaming(), RULE, Hebbian], ids=str)
def test_a_rule_that_is_not_one_of_single_unrewarded_samples_is_refused(rule):
    with pytest.raises(ValidationError, match=r"^rule must be one that learns"):
        learn(
            Setup(RewardModulated(rule), Linear()),
            jnp.ones((1, 2)),
            np.ones((3, 2)),
            rewards=[1, 1, 1],
        )


def test_the_numbers_of_the_rule_inside_are_checked():
    with pytest.raises(ValidationError, match=r"^tau_plus "):
        RewardModulated(PairSTDP(tau_plus=0.0)).validate()


def test_weights_in_parts_want_one_around_each_rule():
    parts = (jnp.ones((1, 2)), jnp.ones((1, 1)))
    with pytest.raises(ValidationError, match=r"^rule must be one for each of 2 parts"):
        RULE.check_weights(parts)
    Parts((RULE, None)).check_weights(parts)
