"""Foldiak's three rules together: the bars, the rate of each neuron, and the laws of rules."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

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
    Setup,
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
    run = learn(Setup(foldiak(0, 0, 0.1), NEURON, INHIBITING), weights, bars(drawn(rng, 100)))
    return learn(Setup(foldiak(0.1, 0.02, 0.02), NEURON, INHIBITING), run, bars(drawn(rng, 3600)))


def test_each_neuron_answers_to_one_bar_and_all_bars_have_one(trained):
    single = np.asarray(answers(trained.weights, bars(np.eye(16, dtype=bool))))
    np.testing.assert_array_equal(single.sum(axis=0), 1)
    np.testing.assert_array_equal(single.sum(axis=1), 1)
    # The weights of a neuron are the mean of the images that it answers to: where its bar is, 1,
    # and elsewhere how often one of two other bars is there.
    owner = single.argmax(axis=0)
    forward = np.asarray(trained.weights.W, np.float64)
    bar = bars(np.eye(16, dtype=bool))[owner].astype(bool)
    assert forward[bar].min() > 0.9
    q = 1 - (1 - P) ** 2
    others = forward[~bar]
    # A weight has beta / (2 - beta) of a pixel's variance; a wrong answer now and then adds to it.
    fluctuation = np.sqrt(0.02 / 1.98 * q * (1 - q))
    assert abs(others.mean() - q) < 0.01
    assert others.std() == pytest.approx(fluctuation, rel=0.2)


@pytest.mark.slow
def test_the_code_is_of_the_bars_in_images_of_several(trained):
    on = drawn(np.random.default_rng(1), 4000)
    code = np.asarray(answers(trained.weights, bars(on))).astype(bool)
    agree = (code[:, :, None] == on[:, None]).mean(axis=0)
    neurons, own = linear_sum_assignment(-agree)
    # Silence would be right with 7/8 of them.
    assert agree[neurons, own].min() > 0.97
    assert agree[neurons, own].mean() > 0.99


def test_each_neuron_is_active_at_its_rate(trained):
    before = np.asarray(trained.weights.threshold, np.float64)
    rng, gamma, samples = np.random.default_rng(2), 0.02, 4000
    inputs = bars(drawn(rng, samples))
    after = learn(Setup(foldiak(0.1, 0.02, gamma), NEURON, INHIBITING), trained, inputs)
    # The mean activity was p + (t(T) - t(0))/(gamma T), and is to be p as that of random samples.
    off = (np.asarray(after.weights.threshold, np.float64) - before) / (gamma * samples)
    assert (np.abs(off) < 4 * np.sqrt(P * (1 - P) / samples)).all()


def twins(rng, samples):
    """Graded inputs, each on a quarter of the time; i and i + 4 are often on together."""
    base, other = rng.random((2, samples, 4)) < 0.25
    second = np.where(rng.random((samples, 4)) < 0.6, base, other)
    return np.concatenate([base, second], axis=1) * rng.uniform(0.5, 1.5, (samples, 8))


@pytest.mark.slow
def test_pairs_are_active_together_as_often_as_by_chance():
    # Forward weights pass the inputs on, each to its neuron.
    rng, samples, pair = np.random.default_rng(3), 20000, (np.arange(4), np.arange(4) + 4)
    inputs = twins(rng, samples).astype(np.float32)
    run = ThresholdWeights(jnp.eye(8), jnp.zeros((8, 8)), jnp.full(8, 1.0))
    y = np.asarray(answers(run, inputs))
    np.testing.assert_array_equal(y, inputs > 1)
    before = (y.T @ y / samples)[pair]
    assert before.min() > 2.5 * P**2
    rates = 0.02, 0.002, 0.0005
    for rate in rates:
        rule = Parts((None, Decorrelation(rate, P), ThresholdAdaptation(rate, P)))
        run = learn(Setup(rule, NEURON, INHIBITING), run, inputs)
    lateral = np.asarray(run.weights.lateral, np.float64)
    np.testing.assert_array_equal(lateral, lateral.T)
    np.testing.assert_array_equal(np.diagonal(lateral), 0)
    assert (lateral <= 0).all()
    assert lateral[pair].max() < -0.2
    y = np.asarray(answers(run.weights, twins(rng, samples).astype(np.float32)))
    after = (y.T @ y / samples)[pair]
    # The variance of a weight is the rate times that of a product over twice the slope of its mean;
    # so is a threshold's, which moves the mean by 2 p times the activity's. Inputs have a density
    # of 1/4, the slope of an activity.
    slope = (before - P**2) / -lateral[pair]
    by_weight = rates[-1] * slope * P**2 / 2
    by_thresholds = 2 * P**2 * rates[-1] * P * (1 - P) / 4 / 2
    spread = np.sqrt(P**2 / samples + by_weight + by_thresholds)
    assert (spread < P**2 / 10).all()
    assert (np.abs(after - P**2) < 4 * spread).all()
    rate_spread = np.sqrt(P * (1 - P) * (1 / samples + rates[-1] / 4 / 2))
    assert (np.abs(y.mean(axis=0) - P) < 4 * rate_spread).all()


def test_the_rules_obey_the_laws_of_rules(count_compilations):
    rng = np.random.default_rng(4)
    inputs = bars(drawn(rng, 6))
    weights = NEURON.draw(jax.random.key(1), SIDE**2, UNITS)

    def run(rule, start=weights, samples=inputs, **options):
        setup = Setup(rule, LateralThreshold(), INHIBITING)
        return learn(setup, start, samples, **options)

    compiled = run(foldiak(0.1, 0.02, 0.02))
    plain = run(foldiak(0.1, 0.02, 0.02), compiled=False)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), compiled, plain)
    other = foldiak(0.3, 0.01, 0.0)
    assert count_compilations(lambda: run(other)) == 0
    still = run(foldiak(0, 0, 0))
    jax.tree.map(np.testing.assert_array_equal, still.weights, weights)
    halves = run(foldiak(0.1, 0.02, 0.02), weights, inputs[:3])
    halves = run(foldiak(0.1, 0.02, 0.02), halves, inputs[3:])
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
        learn(Setup(Parts(rules), NEURON), weights, np.zeros((1, SIDE**2)))


def test_neurons_without_parts_are_refused():
    with pytest.raises(ValidationError):
        learn(Setup(foldiak(0.1, 0.1, 0.1), Linear()), jnp.ones((2, 2)), np.ones((1, 2)))
