"""Layers of the user's own, which inherit nothing, learn through the trainers."""

import brainstate
import jax.numpy as jnp
import numpy as np
import pytest
from duck_models import Box, Layer, NumpyBox, Spiker, WeightsOnly
from trainer_helpers import assert_alike, assert_unchanged, snapshot

from canns.dynamics import LIF
from canns.errors import MissingStateError, ValidationError
from canns.models.brain_inspired import NeuronLayer, SpikingLayer
from canns.plasticity import COINCIDENCES, STDP, Bounds, PairSTDP
from canns.trainer import (
    AntiHebbianTrainer,
    BCMTrainer,
    HebbianTrainer,
    OjaTrainer,
    RuleTrainer,
    SangerTrainer,
    STDPTrainer,
)

RNG = np.random.default_rng(3)
IN, OUT = 4, 2
W0 = RNG.normal(size=(OUT, IN)).astype(np.float32) * 0.5
INPUTS = RNG.normal(size=(6, IN)).astype(np.float32)


def _reference(delta):
    weights = W0.astype(float)
    for x in INPUTS:
        weights = weights + 0.05 * delta(weights, x, np.tanh(weights @ x))
    return weights


LEARNING = {
    OjaTrainer: lambda w, x, y: np.outer(y, x) - (y**2)[:, None] * w,
    SangerTrainer: lambda w, x, y: np.outer(y, x) - np.tril(np.outer(y, y)) @ w,
    HebbianTrainer: lambda w, x, y: np.outer(y, x),
    AntiHebbianTrainer: lambda w, x, y: -np.outer(y, x),
}


@pytest.mark.parametrize("trainer", LEARNING, ids=lambda t: t.__name__)
@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("box", [Box, NumpyBox])
def test_rules_learn_through_a_forward_of_the_users_own(trainer, compiled, box):
    model = Layer(W0.copy(), box)
    options = {} if issubclass(trainer, HebbianTrainer) else {"normalize_weights": False}
    trainer(model, learning_rate=0.05, compiled=compiled, **options).train(INPUTS)
    np.testing.assert_allclose(model.M.value, _reference(LEARNING[trainer]), rtol=1e-4, atol=1e-6)


def test_bcm_learns_through_a_forward_of_the_users_own():
    model, weights, theta = Layer(W0.copy()), W0.astype(float), np.full(OUT, 0.1)
    BCMTrainer(model, 0.05, threshold_tau=4.0).train(INPUTS)
    for x in INPUTS:
        y = np.tanh(weights @ x)
        weights = weights + 0.05 * np.outer(y * (y - theta), x)
        theta += (y**2 - theta) / 4
    np.testing.assert_allclose(model.M.value, weights, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(model.theta.value, theta, rtol=1e-4)


def test_bcm_without_a_time_constant_says_how_to_give_one():
    model = Layer(W0)
    before = snapshot(model)
    with pytest.raises(MissingStateError, match=r"BCMTrainer.*Layer.*threshold_tau=100"):
        BCMTrainer(model).train(INPUTS)
    assert_unchanged(model, before)


SPIKES = (RNG.random((12, IN)) < 0.5).astype(np.float32)
WITHIN = np.clip(np.abs(W0), 0, 1)  # the default bounds of STDP


@pytest.mark.parametrize("coincidence", COINCIDENCES)
def test_stdp_learns_through_a_forward_of_the_users_own(coincidence):
    model = Spiker(WITHIN)
    STDPTrainer(model, 1.0, 0.05, 0.04, coincidence=coincidence).train(SPIKES)
    weights, pre, post = WITHIN, np.zeros(IN), np.zeros(OUT)
    for x in SPIKES:
        y = (weights @ x >= 0.5).astype(float)
        past_pre, past_post = 0.5 * pre, 0.5 * post
        pre, post = past_pre + x, past_post + y
        up = np.outer(y, past_pre if coincidence == "none" else pre)
        down = np.outer(post if coincidence == "both" else past_post, x)
        half = 0.5**0.5 if coincidence == "mid" else 1.0
        weights = np.clip(weights + 0.05 * half * up - 0.04 / half * down, 0, 1)
    np.testing.assert_allclose(model.W.value, weights, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(model.trace_pre.value, pre, rtol=1e-5)


class Watched(SpikingLayer):
    """A layer whose forward is its own in name only."""

    def forward(self, x):
        return super().forward(x)


@pytest.mark.parametrize("coincidence", COINCIDENCES)
def test_a_forward_that_calls_the_layers_own_learns_as_it_does(coincidence):
    mine, ours = (cls(IN, OUT, threshold=0.4) for cls in (Watched, SpikingLayer))
    for layer in (mine, ours):
        layer.W.value = WITHIN
        STDPTrainer(layer, 1.0, 0.05, 0.04, coincidence=coincidence).train(SPIKES)
    assert_alike(mine, ours, rtol=1e-5, atol=1e-6)


class WatchedNeurons(NeuronLayer):
    """The same of a layer of given neurons."""

    def forward(self, x):
        return super().forward(x)


@pytest.mark.parametrize("decays", [{}, {"trace_pre_decay": 0.9, "trace_post_decay": 0.6}])
def test_a_forward_of_the_users_own_keeps_the_time_step_and_the_traces_of_the_layer(decays):
    rules = PairSTDP(1.0, 0.05, 0.04), STDP(1.0, 0.05, 0.04)
    for rule in rules:
        layers = [
            cls(IN, OUT, LIF(threshold=0.4, dt=0.25, **decays))
            for cls in (WatchedNeurons, NeuronLayer)
        ]
        for layer in layers:
            layer.W.value = np.clip(np.abs(W0), 0, 1)
            RuleTrainer(layer, rule, Bounds()).train(SPIKES)
        assert np.abs(layers[0].W.value - np.clip(np.abs(W0), 0, 1)).max() > 0.01
        np.testing.assert_allclose(layers[0].W.value, layers[1].W.value, rtol=1e-5)


class Timed(Spiker):
    """The same with boxes for the traces of a rule."""

    def __init__(self, weights, dt=None):
        super().__init__(weights)
        self.pair_plus_all, self.pair_minus_all = (Box(np.zeros(n)) for n in (IN, OUT))
        if dt is not None:
            self.dt = dt


def test_a_layer_of_the_users_own_may_say_its_time_step():
    timed, plain = Timed(np.abs(W0), 0.25), Timed(np.abs(W0))
    RuleTrainer(timed, PairSTDP(1.0, 0.05, 0.04)).train(SPIKES)
    RuleTrainer(plain, PairSTDP(1.0, 0.05, 0.04, dt=0.25)).train(SPIKES)
    np.testing.assert_allclose(timed.W.value, plain.W.value, rtol=1e-6)
    with pytest.raises(ValidationError, match=r"0\.25 ms in Timed, and so in PairSTDP; got 1"):
        RuleTrainer(timed, PairSTDP(dt=1.0)).train(SPIKES)


def test_states_of_brainstate_are_boxes():
    model, plain = WeightsOnly(W0), WeightsOnly(W0)
    model.W = brainstate.ParamState(jnp.asarray(W0))
    for each in (model, plain):
        SangerTrainer(each, 0.01).train(INPUTS)
    assert_alike(model, plain)


def test_states_changed_in_place_are_put_back_after_an_error():
    model = Spiker(WITHIN)
    model.forward(SPIKES[0])
    before = snapshot(model)
    calls = iter([1, 2])

    def failing(x, forward=model.forward):
        next(calls)
        return forward(x)

    type(model).forward, original = (lambda self, x: failing(x)), type(model).forward
    try:
        with pytest.raises((StopIteration, RuntimeError)):
            STDPTrainer(model).train(SPIKES)
    finally:
        type(model).forward = original
    assert_unchanged(model, before)


def test_weights_alone_are_a_linear_layer():
    model = WeightsOnly(W0)
    OjaTrainer(model, 0.01, normalize_weights=False).train(INPUTS)
    weights = W0.astype(float)
    for x in INPUTS:
        y = weights @ x
        weights = weights + 0.01 * LEARNING[OjaTrainer](weights, x, y)
    np.testing.assert_allclose(model.W.value, weights, rtol=1e-4, atol=1e-6)


def test_weights_behind_a_property():
    class Wrapped:
        def __init__(self):
            self._weights = Box(W0.copy())

        @property
        def W(self):
            return self._weights

    model, plain = Wrapped(), WeightsOnly(W0)
    for each in (model, plain):
        OjaTrainer(each, 0.01).train(INPUTS)
    np.testing.assert_allclose(model.W.value, plain.W.value, rtol=1e-6)


def test_the_prediction_of_a_layer_is_its_forward():
    model = Layer(W0)
    trainer = OjaTrainer(model)
    np.testing.assert_allclose(trainer.predict(INPUTS[0]), np.tanh(W0 @ INPUTS[0]), rtol=1e-5)
    batch = trainer.predict_batch(INPUTS, show_sample_progress=False)
    np.testing.assert_allclose(batch, np.tanh(INPUTS @ W0.T), rtol=1e-5, atol=1e-6)
