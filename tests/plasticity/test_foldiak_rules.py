"""Foldiak's three rules together: the bars, the rate of each neuron, and the laws of rules."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.stats import binom

from canns.dynamics import LateralThreshold, Linear, NoState, ThresholdWeights
from canns.errors import ValidationError
from canns.plasticity import (
    Chain,
    Decorrelation,
    Identity,
    Instar,
    NonPositive,
    PartProjections,
    Parts,
    ThresholdAdaptation,
    ZeroDiagonal,
    learn,
)

P, SIDE, UNITS = 1 / 8, 8, 16
NEURON = LateralThreshold()
INHIBITING = PartProjections((Identity(), Chain((NonPositive(), ZeroDiagonal())), Identity()))


def foldiak(alpha, beta, gamma):
    return Parts((Instar(beta), Decorrelation(alpha, P), ThresholdAdaptation(gamma, P)))


def bars(on):
    """Images, (T, 64), of the rows and the columns that are ``on``, (T, 16)."""
    return (on[:, :SIDE, None] | on[:, None, SIDE:]).reshape(-1, SIDE**2).astype(np.float32)


def drawn(rng, samples):
    return rng.random((samples, 2 * SIDE)) < P


@jax.jit
def answers(weights, inputs):
    return jax.vmap(lambda x: NEURON.step(NoState(), weights, x)[1].post)(inputs)


@pytest.fixture(scope="module")
def trained():
    """Foldiak's run: thresholds settle first, then all learn; three times as long as his."""
    rng = np.random.default_rng(0)
    weights = NEURON.draw(jax.random.key(0), SIDE**2, UNITS)
    run = learn(foldiak(0, 0, 0.1), NEURON, weights, bars(drawn(rng, 100)), project=INHIBITING)
    return learn(foldiak(0.1, 0.02, 0.02), NEURON, run, bars(drawn(rng, 3600)), project=INHIBITING)


def test_each_neuron_answers_to_one_bar_and_all_bars_have_one(trained):
    single = np.asarray(answers(trained.weights, bars(np.eye(16, dtype=bool))))
    np.testing.assert_array_equal(single.sum(axis=0), 1)
    np.testing.assert_array_equal(single.sum(axis=1), 1)
    # The weights of a neuron are the mean of the images that it answers to: where its bar is, 1,
    # and elsewhere how often another bar is there, 1/8.
    owner = single.argmax(axis=0)
    forward = np.asarray(trained.weights.forward, np.float64)
    bar = bars(np.eye(16, dtype=bool))[owner].astype(bool)
    assert forward[bar].min() > 0.9
    # Beta/2 of the variance p (1 - p), in five deviations.
    assert abs(forward[~bar].mean() - P) < 0.02
    assert np.abs(forward[~bar] - P).max() < 5 * np.sqrt(0.01 * P * (1 - P)) + 0.02


def test_the_code_is_of_the_bars_in_images_of_several(trained):
    on = drawn(np.random.default_rng(1), 4000)
    code = np.asarray(answers(trained.weights, bars(on))).astype(bool)
    agree = (code[:, :, None] == on[:, None]).mean(axis=0)
    neurons, own = linear_sum_assignment(-agree)
    # Silence would be right with 7/8 of them.
    assert agree[neurons, own].min() > 0.96
    print(agree[neurons, own].min(), agree[neurons, own].mean())


def test_each_neuron_is_active_at_its_rate(trained):
    before = np.asarray(trained.weights.threshold, np.float64)
    rng, gamma, samples = np.random.default_rng(2), 0.02, 4000
    inputs = bars(drawn(rng, samples))
    after = learn(foldiak(0.1, 0.02, gamma), NEURON, trained, inputs, project=INHIBITING)
    # The mean activity is p + (t(T) - t(0))/(gamma T), and the thresholds stay where they are.
    moved = np.asarray(after.weights.threshold, np.float64) - before
    print(moved, moved/gamma/samples)
    assert np.abs(moved).max() < 0.2
    off = moved / (gamma * samples)
    assert (np.abs(off) < 4 * np.sqrt(P * (1 - P) / samples)).all()
    # With the weights held, what is active of new images is so within statistics and the
    # fluctuations of a threshold that moves.
    held = np.asarray(answers(after.weights, bars(drawn(rng, samples)))).mean(axis=0)
    print(held)
    assert abs(held.mean() - P) < 0.01


def test_pairs_are_active_together_as_often_as_by_chance():
    # Forward weights pass the inputs on, each to its neuron, and inputs come in pairs.
    rng = np.random.default_rng(3)
    base, twin = rng.random((2, 20000, 4)) < P
    keep = rng.random((20000, 4)) < 0.6
    pairs = np.concatenate([base, np.where(keep, base, twin)], axis=1).astype(np.float32)
    pairs *= rng.uniform(0.5, 1.5, pairs.shape).astype(np.float32)
    weights = ThresholdWeights(jnp.eye(8), jnp.zeros((8, 8)), jnp.full(8, 0.5))
    rule = Parts((None, Decorrelation(0.02, P), ThresholdAdaptation(0.02, P)))
    run = learn(rule, NEURON, weights, pairs, project=INHIBITING)
    rule = Parts((None, Decorrelation(0.002, P), ThresholdAdaptation(0.002, P)))
    run = learn(rule, NEURON, run, pairs, project=INHIBITING)
    y = np.asarray(answers(run.weights, pairs))
    together = y.T @ y / len(y)
    print(together.round(4)); print(run.weights.lateral.round(2)); print(run.weights.threshold)
    twins = together[np.arange(4), np.arange(4) + 4]
    print(twins, P*P)


def test_the_rules_obey_the_laws_of_rules(count_compilations):
    rng = np.random.default_rng(4)
    inputs = bars(drawn(rng, 6))
    weights = NEURON.draw(jax.random.key(1), SIDE**2, UNITS)
    args = LateralThreshold(relaxation_steps=3), weights, inputs
    compiled = learn(foldiak(0.1, 0.02, 0.02), *args, project=INHIBITING)
    plain = learn(foldiak(0.1, 0.02, 0.02), *args, project=INHIBITING, compiled=False)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), compiled, plain)
    again = [lambda: learn(foldiak(0.3, 0.01, 0.0), *args, project=INHIBITING)]
    assert count_compilations(again[0]) == 0
    still = learn(foldiak(0, 0, 0), *args, project=INHIBITING)
    jax.tree.map(np.testing.assert_array_equal, still.weights, weights)
    halves = learn(foldiak(0.1, 0.02, 0.02), args[0], weights, inputs[:3], project=INHIBITING)
    halves = learn(foldiak(0.1, 0.02, 0.02), args[0], halves, inputs[3:], project=INHIBITING)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), compiled, halves)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ((Instar(), Decorrelation(p=1.5), ThresholdAdaptation()), r"^p must"),
        ((Instar(), Decorrelation(), ThresholdAdaptation(p=-0.5)), r"^p must"),
        ((Instar(), Decorrelation(), ThresholdAdaptation(-1.0)), r"^learning_rate must"),
        ((Decorrelation(), None, None), r"^rule .*Decorrelation for shape \(16, 64\)"),
        ((None, ThresholdAdaptation(), None), r"^rule .*ThresholdAdaptation for shape \(16, 16\)"),
        ((Instar(), Decorrelation()), r"^rules must be 3, one for each part; got 2"),
    ],
)
def test_what_does_not_fit_is_refused(rules, message):
    weights = NEURON.draw(jax.random.key(0), SIDE**2, UNITS)
    with pytest.raises(ValidationError, match=message):
        learn(Parts(rules), NEURON, weights, np.zeros((1, SIDE**2)))


def test_neurons_without_parts_are_refused():
    with pytest.raises(ValidationError):
        learn(foldiak(0.1, 0.1, 0.1), Linear(), jnp.ones((2, 2)), np.ones((1, 2)))
