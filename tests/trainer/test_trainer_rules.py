"""Each trainer against its rule written out in NumPy, and against the model's own forward."""

import copy

import numpy as np
import pytest
from trainer_helpers import IN, OUT, assert_alike

from canns.errors import CannsWarning
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer, SpikingLayer
from canns.plasticity import (
    BCM,
    COINCIDENCES,
    AntiHebbian,
    Bounds,
    Hebbian,
    Oja,
    UnitRows,
    ZeroDiagonal,
)
from canns.trainer import (
    AntiHebbianTrainer,
    BCMTrainer,
    HebbianTrainer,
    OjaTrainer,
    RuleTrainer,
    SangerTrainer,
    STDPTrainer,
)

RNG = np.random.default_rng(4)
W0 = RNG.normal(size=(OUT, IN)) * 0.3
INPUTS = RNG.normal(size=(8, IN))
SPIKES = (INPUTS > 0).astype(float)


def _unit(weights):
    return weights / np.linalg.norm(weights, axis=1, keepdims=True)


def _linear(**options):
    layer = LinearLayer(IN, OUT, True, **options)
    layer.W.value = W0
    return layer


def _train(delta, inputs=INPUTS, project=lambda weights: weights):
    weights = W0.copy()
    for x in inputs:
        weights = project(weights + delta(weights, x, weights @ x))
    return weights


DELTAS = {
    OjaTrainer: lambda w, x, y: np.outer(y, x) - (y**2)[:, None] * w,
    SangerTrainer: lambda w, x, y: np.outer(y, x) - np.tril(np.outer(y, y)) @ w,
    HebbianTrainer: lambda w, x, y: np.outer(y, x),
    AntiHebbianTrainer: lambda w, x, y: -np.outer(y, x),
}


# The formula holds at any rate.
@pytest.mark.filterwarnings("ignore:A learning_rate of:canns.errors.CannsWarning")
@pytest.mark.parametrize("trainer", DELTAS, ids=lambda t: t.__name__)
@pytest.mark.parametrize("rate", [0.01, 0.1])
def test_linear_rules(trainer, rate):
    options = {} if issubclass(trainer, HebbianTrainer) else {"normalize_weights": False}
    layer = _linear()
    trainer(layer, learning_rate=rate, **options).train(INPUTS)
    expected = _train(lambda w, x, y: rate * DELTAS[trainer](w, x, y))
    np.testing.assert_allclose(layer.W.value, expected, rtol=1e-4, atol=1e-6)


# The formula holds at any rate.
@pytest.mark.filterwarnings("ignore:A learning_rate of:canns.errors.CannsWarning")
@pytest.mark.parametrize("trainer", [OjaTrainer, SangerTrainer])
def test_rows_are_unit_after_each_sample(trainer):
    layer = _linear()
    trainer(layer, 0.1).train(INPUTS)
    expected = _train(lambda w, x, y: 0.1 * DELTAS[trainer](w, x, y), project=_unit)
    np.testing.assert_allclose(layer.W.value, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(layer.W.value, axis=1), 1.0, rtol=1e-6)


def _bcm(rate, tau, bound=np.inf):
    weights, theta = W0.copy(), np.full(OUT, 0.1)
    for x in INPUTS:
        y = weights @ x
        weights = np.clip(weights + rate * np.outer(y * (y - theta), x), -bound, bound)
        theta += (y**2 - theta) / tau
    return weights, theta


@pytest.mark.parametrize("tau", [1.0, 10.0])
def test_bcm(tau):
    layer = _linear(threshold_tau=tau)
    BCMTrainer(layer, 0.05).train(INPUTS)
    weights, theta = _bcm(0.05, tau)
    np.testing.assert_allclose(layer.W.value, weights, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(layer.theta.value, theta, rtol=1e-4)


def test_bcm_options():
    layer = _linear()
    trainer = BCMTrainer(layer, 0.05, threshold_tau=5.0, w_bound=0.4)
    with pytest.warns(CannsWarning, match=r"are outside \[-0.4, 0.4\] of Bounds"):
        trainer.train(INPUTS)
    weights, theta = _bcm(0.05, 5.0, 0.4)
    np.testing.assert_allclose(layer.W.value, weights, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(layer.theta.value, theta, rtol=1e-4)
    trainer.w_bound = 0.2
    with pytest.warns(CannsWarning, match=r"are outside \[-0.2, 0.2\] of Bounds"):
        trainer.train(INPUTS)
    assert float(abs(layer.W.value).max()) <= np.float32(0.2)


def test_bcm_has_no_silent_bound():
    layer = _linear()
    layer.W.value = 50 * np.ones((OUT, IN))
    BCMTrainer(layer, 0.0).train(INPUTS)
    assert float(layer.W.value.min()) == 50.0


def _stdp(spikes, coincidence, bounds, leak=0.8, decay=0.6, threshold=0.7):
    weights, v = np.clip(np.abs(W0), *bounds), np.zeros(OUT)
    pre, post = np.zeros(IN), np.zeros(OUT)
    for x in spikes:
        past_pre, past_post = decay * pre, decay * post
        v = leak * v + weights @ x
        y = (v >= threshold).astype(float)
        v = np.where(y > 0, 0.0, v)
        pre, post = past_pre + x, past_post + y
        causes = past_pre if coincidence == "none" else pre
        follows = post if coincidence == "both" else past_post
        half = decay**0.5 if coincidence == "mid" else 1.0
        change = 0.05 * half * np.outer(y, causes) - 0.04 / half * np.outer(follows, x)
        weights = np.clip(weights + 0.5 * change, *bounds)
    return {"W": weights, "v": v, "trace_pre": pre, "trace_post": post, "spike": y}


@pytest.mark.parametrize("coincidence", COINCIDENCES)
@pytest.mark.parametrize("bounds", [(0.0, 1.0), (0.1, 0.3), (-1.0, 5.0)])
def test_stdp(coincidence, bounds):
    spikes = (np.random.default_rng(1).random((30, IN)) < 0.4).astype(float)
    layer = SpikingLayer(IN, OUT, threshold=0.7, leak=0.8, trace_decay=0.6)
    layer.W.value = np.clip(np.abs(W0), *bounds)
    STDPTrainer(
        layer, 0.5, 0.05, 0.04, w_min=bounds[0], w_max=bounds[1], coincidence=coincidence
    ).train(spikes)
    expected = _stdp(spikes, coincidence, bounds)
    for name, value in expected.items():
        np.testing.assert_allclose(
            getattr(layer, name).value, value, rtol=1e-4, atol=1e-6, err_msg=name
        )


def test_the_coincidence_conventions_differ():
    spikes = np.ones((1, 1))
    change = {}
    for coincidence in COINCIDENCES:
        layer = SpikingLayer(1, 1, threshold=0.1)
        layer.W.value = [[0.5]]
        STDPTrainer(layer, 1.0, coincidence=coincidence).train(spikes)
        change[coincidence] = float(layer.W.value[0, 0]) - 0.5
    assert change["mid"] == pytest.approx(0.005 * 0.95**0.5, abs=1e-6)
    assert change["ltp"] == pytest.approx(0.005, abs=1e-6)
    assert change["both"] == pytest.approx(0.005 - 0.00525, abs=1e-6)
    assert change["none"] == 0.0


@pytest.mark.parametrize("dt", [0.5, 2.0])
def test_stdp_follows_dt(dt):
    layer = SpikingLayer(2, 1, threshold=0.9, leak=0.0, trace_decay=0.5, dt=dt)
    layer.W.value = [[0.5, 0.5]]
    STDPTrainer(layer, 1.0, 0.1, 0.0).train([[1.0, 0.0], [1.0, 1.0]])
    # The spike comes with the second sample, half a step later; the first left a trace of 1.
    left = 0.5**dt
    expected = [0.5 + 0.1 * (left**0.5 + left**1.5), 0.5 + 0.1 * left**0.5]
    np.testing.assert_allclose(layer.W.value[0], expected, rtol=1e-5)


def test_initial_weights_suit_the_default_bounds():
    layer = SpikingLayer(20, 20, threshold=1e6)
    before = np.asarray(layer.W.value)
    with pytest.warns(CannsWarning, match="none of its 20 neurons responded"):
        STDPTrainer(layer).train(np.ones((2, 20)))
    np.testing.assert_array_equal(layer.W.value, before)


RULES = [
    (Oja(0.1), UnitRows(), lambda: OjaTrainer(_linear(), 0.1)),
    (Oja(0.1), None, lambda: OjaTrainer(_linear(), 0.1, normalize_weights=False)),
    (Hebbian(0.1), None, lambda: HebbianTrainer(_linear(), learning_rate=0.1)),
    (BCM(0.05, 100.0), None, lambda: BCMTrainer(_linear(), 0.05)),
    (BCM(0.05, 100.0), Bounds(-1, 1), lambda: BCMTrainer(_linear(), 0.05, w_bound=1.0)),
]


# Both learn alike at any rate.
@pytest.mark.filterwarnings("ignore:A learning_rate of:canns.errors.CannsWarning")
@pytest.mark.parametrize(("rule", "project", "build"), RULES)
def test_the_trainer_of_any_rule(rule, project, build):
    named, layer = build(), _linear()
    named.train(INPUTS)
    record = RuleTrainer(layer, rule, project).train(INPUTS)
    assert_alike(named.model, layer)
    assert record.rule == type(rule).__name__


def test_any_rule_trains_a_network_at_its_patterns():
    net = AmariHopfieldNetwork(IN)
    RuleTrainer(net, AntiHebbian(0.5), ZeroDiagonal()).train(INPUTS)
    expected = -0.5 * INPUTS.T @ INPUTS
    np.fill_diagonal(expected, 0.0)
    np.testing.assert_allclose(net.W.value, expected, rtol=1e-5, atol=1e-5)


def _still(layer, trainer, inputs=INPUTS):
    """Return the layers after a training that moves no weight, and after forward alone."""
    other = copy.deepcopy(layer)
    for layer_ in (layer, other):
        layer_.forward(inputs[0])  # training goes on from here
    trainer(layer).train(inputs[1:])
    return layer, other


def test_training_runs_the_forward_of_a_linear_layer():
    layer, other = _still(_linear(), lambda m: OjaTrainer(m, 0.0, normalize_weights=False))
    for x in INPUTS[1:]:
        other.forward(x)
    assert_alike(layer, other)


def test_training_slides_the_threshold_as_the_layer_does():
    layer, other = _still(_linear(threshold_tau=7.0), lambda m: BCMTrainer(m, 0.0))
    for x in INPUTS[1:]:
        other.forward(x)
        other.update_threshold()
    assert_alike(layer, other, rtol=3e-7)  # a fused multiply-add may round the last bit


@pytest.mark.parametrize("dt", [1.0, 0.5])
def test_training_runs_the_forward_of_a_spiking_layer(dt):
    layer = SpikingLayer(IN, OUT, threshold=0.3, leak=0.8, trace_decay=0.7, dt=dt)
    layer.W.value = W0
    layer, other = _still(layer, lambda m: STDPTrainer(m, 0.0, w_min=-10.0, w_max=10.0), SPIKES)
    spikes = [np.asarray(other.forward(x)) for x in SPIKES[1:]]
    assert_alike(layer, other)
    assert 0 < np.mean(spikes) < 1


# One sample alone may make no neuron fire.
@pytest.mark.filterwarnings("ignore:SpikingLayer has learnt nothing:canns.errors.CannsWarning")
def test_learning_and_forward_take_turns():
    parts, whole = SpikingLayer(IN, OUT, threshold=0.3), None
    whole = copy.deepcopy(parts)
    for x in SPIKES:
        STDPTrainer(parts, 0.5).train([x])
    STDPTrainer(whole, 0.5).train(SPIKES)
    assert_alike(parts, whole, rtol=1e-6, atol=1e-7)


def test_reset_state_starts_a_sequence_anew():
    layer = SpikingLayer(IN, OUT, threshold=0.3)
    fresh = copy.deepcopy(layer)
    for x in SPIKES:
        layer.forward(x)
    layer.reset_state()
    for model in (layer, fresh):
        STDPTrainer(model, 0.5).train(SPIKES)
    assert_alike(layer, fresh)
