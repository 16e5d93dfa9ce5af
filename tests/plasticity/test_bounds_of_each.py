"""Bounds with a number for each weight clip each weight by its own, on matrices and on synapses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import LIF, EventMatrix, SparseSynapses, connect_by_probability
from canns.dynamics.synapses import synapses as costs
from canns.errors import CannsWarning, ValidationError
from canns.models.brain_inspired import SpikingLayer
from canns.plasticity import (
    STDP,
    Bounds,
    Chain,
    NonPositive,
    PairSTDP,
    Setup,
    learn,
    learn_members,
)
from canns.trainer import STDPTrainer

OUT, IN, STEPS = 20, 30, 60
NEURON = LIF(threshold=0.6123)
RNG = np.random.default_rng(0)
LOW = RNG.random((OUT, IN)) * 0.1
HIGH = 0.2 + RNG.random((OUT, IN)) * 0.1
WEIGHTS = jnp.asarray(0.1 + 0.1 * RNG.random((OUT, IN)), jnp.float32)
SPIKES = (RNG.random((STEPS, IN)) < 0.1).astype(np.float32)
RULE = STDP(20.0)


def alike(a, b):
    # Each of the steps rounds a few sums of at most 30 terms of size 1.
    tolerance = STEPS * IN * np.finfo(np.float32).eps
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance / 10)


def stepwise(rule, weights, low, high):
    """The weights after a run whose steps are clipped by NumPy."""
    setup = Setup(rule, NEURON)
    learner = setup.start(weights)
    for x in SPIKES:
        learner = learn(setup, learner, x[None])
        clipped = np.clip(learner.weights, low, high).astype(np.float32)
        learner = learner._replace(weights=jnp.asarray(clipped))
    return learner.weights


@pytest.fixture(params=["fans", "at once"])
def visited(request, monkeypatch):
    """Steps visit fans, or all synapses at once, whatever the activity."""
    cost = 0.0 if request.param == "fans" else 1e9
    for name in ("_A_SPIKE", "_NEAR", "_FAR"):
        monkeypatch.setattr(costs, name, cost)
    jax.clear_caches()
    yield
    jax.clear_caches()


@pytest.mark.parametrize("low", [LOW, 0.05], ids=["both", "the largest"])
def test_both_methods_clip_as_numpy_does(low, visited):
    expected = stepwise(RULE, WEIGHTS, low, HIGH)
    assert (expected == HIGH.astype(np.float32)).sum() > 10, "else nothing is at a bound"
    for method in ("dense", "events"):
        setup = Setup(RULE, NEURON, Bounds(low, HIGH), method=method)
        alike(learn(setup, WEIGHTS, SPIKES).weights, expected)


def test_a_chain_hands_each_member_its_own():
    project = Chain((Bounds(-1.0, HIGH), Bounds(LOW, 1.0)))
    assert [array.shape for array in project.each] == [(OUT, IN)] * 2
    ends = [
        learn(Setup(RULE, NEURON, each, method=method), WEIGHTS, SPIKES).weights
        for each in (project, Bounds(LOW, HIGH))
        for method in ("dense", "events")
    ]
    for end in ends[1:]:
        alike(end, ends[0])
    assert NonPositive().each == ()


@pytest.mark.parametrize(
    "rule", [RULE, PairSTDP(20.0, pairing="pre_centred")], ids=["stdp", "pair"]
)
def test_synapses_take_a_list(rule):
    made = connect_by_probability(OUT, IN, 0.4, seed=0)
    there = np.zeros((OUT, IN))
    there[made.post, made.pre] = 1
    synapses = SparseSynapses.from_matrix(np.asarray(WEIGHTS) * there)
    pre, post, _ = synapses.pairs()
    listed = Setup(rule, NEURON, Bounds(LOW[post, pre], HIGH[post, pre]))
    end = learn(listed, synapses, SPIKES)
    masked = Setup(rule, NEURON, Bounds(LOW * there, HIGH * there), method="dense")
    alike(end.weights.to_matrix(end.weights.values), learn(masked, WEIGHTS * there, SPIKES).weights)
    traced = jax.jit(learn)(listed, synapses, jnp.asarray(SPIKES))
    alike(traced.weights.values, end.weights.values)
    # Behind the ends of fans there is nothing, also if no weight may be zero.
    high = learn(
        Setup(rule, NEURON, Bounds(0.05, 1.0)),
        synapses.with_values(synapses.from_list(jnp.full(synapses.count, 0.1))),
        SPIKES,
    ).weights
    padding = high.targets == OUT
    assert padding.any()
    assert not high.values[padding].any()


def test_an_event_matrix_takes_a_matrix():
    given = EventMatrix(WEIGHTS.T)
    end = learn(Setup(RULE, NEURON, Bounds(LOW, HIGH)), given, SPIKES).weights
    alike(end.values.T, learn(Setup(RULE, NEURON, Bounds(LOW, HIGH)), WEIGHTS, SPIKES).weights)


def test_members_have_bounds_of_their_own():
    setups = [Setup(RULE, NEURON, Bounds(LOW, high)) for high in (HIGH, HIGH + 0.1)]
    stacked = jax.tree.map(lambda *leaves: jnp.stack([*map(jnp.asarray, leaves)]), *setups)
    start = setups[0].start(WEIGHTS)
    learners = jax.tree.map(lambda leaf: jnp.stack([jnp.asarray(leaf)] * 2), start)
    ends = learn_members(stacked, learners, SPIKES, shared=True).weights
    for setup, end in zip(setups, ends, strict=True):
        alike(end, learn(setup, WEIGHTS, SPIKES).weights)


def test_a_trainer_takes_bounds_of_each():
    layer = SpikingLayer(IN, OUT, threshold=NEURON.threshold, trace_decay=0.95)
    layer.W.value = WEIGHTS
    STDPTrainer(layer, 20.0, w_min=LOW, w_max=HIGH, compiled=False).train(SPIKES[:5])
    STDPTrainer(layer, 20.0, w_min=LOW, w_max=HIGH).train(SPIKES)
    assert (np.asarray(layer.W) <= HIGH.astype(np.float32)).all()
    assert (np.asarray(layer.W) >= LOW.astype(np.float32)).all()


def test_weights_are_compared_with_their_own_bounds():
    with pytest.warns(CannsWarning, match="outside the ranges of Bounds"):
        learn(Setup(RULE, NEURON, Bounds(0.0, HIGH - 0.15)), WEIGHTS, SPIKES[:1])
    # 0.2 is above the least of the upper bounds, but within its own.
    high = np.full((OUT, IN), 1.0)
    high[0, 0] = 0.15
    learn(Setup(RULE, NEURON, Bounds(0.0, high)), WEIGHTS.at[0, 0].set(0.1), SPIKES[:1])


@pytest.mark.parametrize(
    ("bounds", "word"),
    [
        (Bounds(0.0, HIGH[:, :5]), "w_max.*shape"),
        (Bounds(0.0, HIGH[0]), "w_max.*shape"),
        (Bounds(LOW[:5], HIGH), "w_max.*shape"),
        (Bounds(HIGH, LOW), "w_min.*600 above"),
        (Bounds(0.0, np.full((OUT, IN), np.inf)), "w_max.*finite"),
        (Bounds(0.0, [1.0]), "w_max.*np.array"),
        (Bounds(2.0, 1.0), "w_min.*at most w_max = 1"),
        (Bounds("low", 1.0), "w_min.*number"),
    ],
)
def test_other_bounds_are_refused(bounds, word):
    with pytest.raises(ValidationError, match=word):
        learn(Setup(RULE, NEURON, bounds), WEIGHTS, SPIKES)


def test_synapses_refuse_a_matrix_of_bounds():
    synapses = SparseSynapses.from_matrix(np.eye(2))
    with pytest.raises(ValidationError, match="one for each synapse, of shape"):
        learn(Setup(RULE, NEURON, Bounds(0.0, np.ones((2, 2)))), synapses, np.zeros((2, 2)))
