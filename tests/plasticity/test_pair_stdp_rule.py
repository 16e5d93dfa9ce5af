"""Pair STDP with a choice of pairing: windows, closed forms, and sums over the pairs that count."""

from itertools import product

import jax.numpy as jnp
import numpy as np
import pytest
from spike_rule_helpers import between, by_pair, change, random_trains, steady

from canns.dynamics import LIF
from canns.models.brain_inspired import NeuronLayer, SpikingLayer
from canns.plasticity import (
    COINCIDENCES,
    PAIRINGS,
    STDP,
    Bounds,
    PairSTDP,
    Setup,
    learn,
    respond,
)
from canns.task import poisson_spikes, timed_spikes
from canns.trainer import RuleTrainer

RATE, PLUS, MINUS, TAU_PLUS, TAU_MINUS, DT = 0.5, 0.8, 0.3, 17.0, 34.0, 0.5
RULE = PairSTDP(RATE, PLUS, MINUS, TAU_PLUS, TAU_MINUS, DT)
UP, DOWN = np.exp(-DT / TAU_PLUS), np.exp(-DT / TAU_MINUS)


def rule(pairing="all", coincidence="ltp", **changes):
    return PairSTDP(**{**vars(RULE), "pairing": pairing, "coincidence": coincidence, **changes})


def window(lag, coincidence):
    """What one pair does, postsynaptic ``lag`` steps after presynaptic."""
    if coincidence == "mid":
        return RATE * (PLUS * UP ** (lag + 0.5) if lag >= 0 else -MINUS * DOWN ** (-lag - 0.5))
    if lag == 0:
        return RATE * {"ltp": PLUS, "both": PLUS - MINUS, "none": 0.0}[coincidence]
    return RATE * (PLUS * UP**lag if lag > 0 else -MINUS * DOWN**-lag)


def pairs(pre, post, pairing, coincidence):
    """The sum over the pairs of two trains that count by the definition of the pairing."""
    joins, both, total = coincidence != "none", coincidence == "both", 0.0
    half = 0.5 if coincidence == "mid" else 0.0  # of a step, by which inputs come sooner
    for a, b in product(pre, post):
        if a < b or (a == b and joins):
            newer = between(pre, a, b, at_high=joins)  # a presynaptic spike nearer to b
            sooner = between(post, a, b, at_low=joins)  # a postsynaptic spike nearer to a
            skipped = {"nearest": newer, "pre_centred": sooner, "reduced": newer or sooner}
            total += 0.0 if skipped.get(pairing, False) else PLUS * UP ** (b - a + half)
        if b < a or (a == b and both):
            newer = between(post, b, a, at_high=both)  # a postsynaptic spike nearer to a
            sooner = between(pre, b, a, at_low=both)  # a presynaptic spike nearer to b
            skipped = {"nearest": newer, "pre_centred": newer, "reduced": newer or sooner}
            total -= 0.0 if skipped.get(pairing, False) else MINUS * DOWN ** (a - b - half)
    return RATE * total


@pytest.mark.parametrize("coincidence", COINCIDENCES)
@pytest.mark.parametrize("pairing", PAIRINGS)
def test_random_trains_are_the_sum_over_the_pairs_that_count(pairing, coincidence, x64):
    pre, post = random_trains()
    expected = by_pair(pre, post, lambda a, b: pairs(a, b, pairing, coincidence))
    found = change(rule(pairing, coincidence), pre, post)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_the_pairings_and_conventions_are_sixteen_different_rules():
    pre, post = random_trains()
    kinds = product(PAIRINGS, COINCIDENCES)
    sums = [by_pair(pre, post, lambda a, b, k=k: pairs(a, b, *k)).round(6) for k in kinds]
    assert len({table.tobytes() for table in sums}) == 16


@pytest.mark.parametrize(
    ("pairing", "coincidence"), [*product(PAIRINGS, ["mid", "ltp"]), ("all", "both")]
)
def test_an_isolated_pair_has_the_window_whatever_the_pairing(pairing, coincidence, x64):
    lags = np.arange(-20, 21)
    pre = timed_spikes([[(30 - lag) * DT] for lag in lags], 60, dt=DT)
    found = change(rule(pairing, coincidence), pre, timed_spikes([[30 * DT]], 60, dt=DT))[0]
    np.testing.assert_allclose(found, [window(lag, coincidence) for lag in lags], rtol=1e-12)


@pytest.mark.parametrize("pairing", PAIRINGS)
def test_a_train_of_pairs_has_its_closed_form(pairing, x64):
    n, period, lags = 60, 20, np.array([3, 5, 12])
    beats = np.arange(n) * period
    pre = timed_spikes([beats * DT] * 3, n * period + 20, dt=DT)
    post = timed_spikes([(beats + lag) * DT for lag in lags], n * period + 20, dt=DT)
    found = change(rule(pairing, "ltp"), pre, post)[:, 0]

    def chain(decay, shortest, count):
        """sum over k of decay^shortest (1 - decay^(k P)) / (1 - decay^P)."""
        k = np.arange(1, count + 1)[:, None]
        return np.sum(decay**shortest * (1 - decay ** (k * period)) / (1 - decay**period), axis=0)

    if pairing == "all":
        ltp, ltd = chain(UP, lags, n), chain(DOWN, period - lags, n - 1)
    else:  # every spike has one neighbour on either side, save at the ends
        ltp, ltd = n * UP**lags, (n - 1) * DOWN ** (period - lags)
    np.testing.assert_allclose(found, RATE * (PLUS * ltp - MINUS * ltd), rtol=1e-12)


@pytest.mark.parametrize("coincidence", COINCIDENCES)
def test_independent_trains_drift_by_the_closed_form(coincidence, x64):
    p, q = 0.1, 0.2
    strict, whole = (lambda d: d / (1 - d)), (lambda d: 1 / (1 - d))
    plus = (strict if coincidence == "none" else whole)(UP)
    minus = (whole if coincidence == "both" else strict)(DOWN)
    if coincidence == "mid":
        plus, minus = plus * UP**0.5, minus * DOWN**-0.5
    drift = RATE * p * q * (PLUS * plus - MINUS * minus)
    assert steady(rule(coincidence=coincidence), (p, q)) == pytest.approx(drift, rel=1e-9)


def test_trains_that_are_drawn_drift_by_the_closed_form():
    rng = np.random.default_rng(2)
    p, q, neurons, steps = 0.1, 0.2, 150, 4000
    short = rule(coincidence="mid", tau_plus=5.0, tau_minus=2.5)
    pre, post = rng.random((steps, neurons)) < p, rng.random((steps, neurons)) < q
    # Neuron i and input i share no train with any other such pair: these are independent.
    moved = np.diagonal(change(short, pre.astype(float), post.astype(float))) / steps
    up, down = np.exp(-DT / 5.0), np.exp(-DT / 2.5)
    drift = RATE * p * q * (PLUS * up**0.5 / (1 - up) - MINUS * down**0.5 / (1 - down))
    error = moved.std(ddof=1) / np.sqrt(neurons)
    assert error < 0.01 * drift
    # The traces start empty, which is a share of about 10 steps of the 4000.
    assert abs(moved.mean() - drift) < 4 * error + drift * 10 / steps


def test_all_to_all_is_the_rule_that_reads_the_traces_of_its_neurons(x64):
    spikes = poisson_spikes(np.full(6, 80.0), 400, seed=0)
    weights = np.full((2, 6), 0.4)
    neuron = LIF(trace_pre_decay=np.exp(-1 / 20), trace_post_decay=np.exp(-1 / 30))
    bounds = Bounds(0.0, 1.0)
    of_neurons = learn(Setup(STDP(0.5, 0.1, 0.08), neuron, bounds), jnp.asarray(weights), spikes)
    own = PairSTDP(0.5, 0.1, 0.08, 20.0, 30.0)
    of_rule = learn(Setup(own, neuron, bounds), jnp.asarray(weights), spikes)
    assert np.abs(of_rule.weights - weights).max() > 0.1
    np.testing.assert_allclose(of_rule.weights, of_neurons.weights, rtol=1e-9)


@pytest.mark.parametrize("pairing", ["all", "reduced"])
def test_a_layer_gets_boxes_for_the_traces_and_goes_on_from_them(pairing):
    spikes = poisson_spikes(np.full(6, 80.0), 100, seed=0)
    layers = [NeuronLayer(6, 2, LIF(threshold=0.1, dt=DT)) for _ in range(2)]
    layers[1].W.value = layers[0].W.value
    parts = [spikes], [spikes[:40], spikes[40:]]
    for layer, runs in zip(layers, parts, strict=True):
        trainer = RuleTrainer(layer, rule(pairing), Bounds())
        for run in runs:
            trainer.train(run)
    name = f"pair_minus_{pairing}"
    traces = [np.asarray(getattr(layer, name).value) for layer in layers]
    assert traces[0].max() > 0.5
    np.testing.assert_allclose(*traces, rtol=1e-6)
    np.testing.assert_allclose(layers[0].W.value, layers[1].W.value, rtol=1e-6)
    layers[0].reset_state()
    assert name not in layers[0].boxes()  # gone, and at rest when it comes back


def test_a_learner_with_traces_is_shown_samples_without_learning():
    neuron = LIF(threshold=0.0, dt=DT)
    learner = learn(Setup(rule("all"), neuron), jnp.full((2, 3), 0.5), np.eye(3))
    after, outputs = respond(neuron, learner, np.eye(3))
    assert outputs.tolist() == [[1.0, 1.0]] * 3
    for same, as_before in zip(after.memory, learner.memory, strict=True):
        np.testing.assert_array_equal(same, as_before)
    np.testing.assert_array_equal(after.weights, learner.weights)


def test_another_pairing_does_not_go_on_from_these_traces():
    layer = SpikingLayer(3, 2, threshold=0.0, dt=DT)  # fires at every step
    for pairing in PAIRINGS:
        RuleTrainer(layer, rule(pairing), Bounds()).train(np.eye(3))
    names = {f"pair_{side}_{pairing}" for side in ("plus", "minus") for pairing in PAIRINGS}
    assert names <= set(layer.boxes())
