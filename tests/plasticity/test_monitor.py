"""Monitors record what a run in parts shows, and leave the run the same to the last bit."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import learn_unchecked

from canns.dynamics import LIF, Clamped, Linear
from canns.errors import DivergenceError, ValidationError
from canns.models.brain_inspired import LayerStack, LinearLayer, NeuronLayer, SpikingLayer
from canns.plasticity import (
    BCM,
    STDP,
    Hebbian,
    Monitor,
    Oja,
    Parts,
    Recorder,
    Setup,
    learn,
)
from canns.plasticity.learning import monitor
from canns.trainer import HebbianTrainer, RuleTrainer

RNG = np.random.default_rng(0)
SPIKES = (RNG.random((50, 5)) < 0.4).astype(np.float32)
SAMPLES = RNG.normal(size=(50, 5)).astype(np.float32)
WEIGHTS = RNG.uniform(0.1, 0.5, (3, 5)).astype(np.float32)


def recorded(rule, neuron, inputs, names, every, first_step=0):
    recorder = Recorder(Monitor(names, every))
    after = learn(Setup(rule, neuron), WEIGHTS, inputs, recorder=recorder, first_step=first_step)
    return after, recorder.history()


@pytest.mark.parametrize("budget", [2**26, 1], ids=["at-once", "block-by-block"])
@pytest.mark.parametrize(("every", "first_step"), [(7, 0), (7, 3), (1, 0), (50, 0), (64, 20)])
def test_records_are_those_of_a_run_in_parts(every, first_step, budget, monkeypatch):
    monkeypatch.setattr(monitor, "_BUDGET", budget)
    names = ("W", "v", "trace_pre", "pre", "post", "spikes")
    rule, neuron = STDP(0.5), LIF()
    after, history = recorded(rule, neuron, SPIKES, names, every, first_step)
    plain = learn(Setup(rule, neuron), WEIGHTS, SPIKES)
    for with_monitor, without in zip(jax.tree.leaves(after), jax.tree.leaves(plain), strict=True):
        np.testing.assert_array_equal(with_monitor, without)
    learner, expected, active = WEIGHTS, [], []
    for k, x in enumerate(SPIKES, first_step + 1):
        learner = learn(Setup(rule, neuron), learner, x[None])
        active += [(k - 1, i) for i in np.flatnonzero(learner.activity[1])]
        if k % every == 0:
            expected.append((k, learner))
    assert len(active) > 10
    assert history.times.tolist() == [k for k, _ in expected]
    read = {
        "W": lambda at: at.weights,
        "v": lambda at: at.state.v,
        "trace_pre": lambda at: at.state.trace_pre,
        "pre": lambda at: at.activity[0],
        "post": lambda at: at.activity[1],
    }
    for name, of in read.items():
        shape = of(plain).shape
        wanted = np.array([of(at) for _, at in expected]).reshape(-1, *shape)
        np.testing.assert_allclose(history.values[name], wanted, rtol=1e-6, atol=1e-7)
    assert [*zip(*history.spikes, strict=True)] == active


def test_a_rules_memory_is_recorded_and_spikes_only_on_demand():
    _, history = recorded(BCM(0.002, 5.0), Linear(), SAMPLES, ("theta",), 10)
    assert history.values["theta"].shape == (5, 3)
    assert history.spikes is None
    _, history = recorded(Oja(0.02), Linear(), SAMPLES, ("spikes",), 10)
    assert history.values == {}
    assert len(history.spikes[0]) == 150, "no output of a linear neuron is zero"


def test_a_segment_is_as_large_as_its_budget_and_there_are_few_kinds():
    recorder = Recorder(Monitor(("W",), every=10))
    segments = [*recorder.segments(1234, 7, monitor._BUDGET // 25, 10**6)]
    assert [s.blocks * s.steps for s in segments] == [3, 250, 250, 250, 250, 230, 1]
    assert [s.start for s in segments] == [0, 3, 253, 503, 753, 1003, 1233]
    assert [s.recorded for s in segments] == [True] * 6 + [False]
    assert {s.steps for s in segments[1:-1]} == {10}


def test_the_trainer_records_over_epochs():
    names = ("W", "v", "spikes")
    layers = []
    for watched in (None, Monitor(names, every=20)):
        layer = SpikingLayer(5, 3)
        layer.W.value = WEIGHTS
        record = RuleTrainer(layer, STDP(0.5)).train(
            SPIKES, epochs=3, shuffle=True, key=0, monitor=watched, show_progress=watched is None
        )
        layers.append(layer)
        if watched is None:
            assert (record.history, record.spikes, len(record.times)) == ({}, None, 0)
    for name, box in layers[0].boxes().items():
        np.testing.assert_allclose(box.value, getattr(layers[1], name).value, rtol=1e-6)
    assert record.times.tolist() == [20, 40, 60, 80, 100, 120, 140]
    assert record.history["W"].shape == (7, 3, 5)
    assert record.history["v"].shape == (7, 3)
    when, who = record.spikes
    assert (np.diff(when) >= 0).all()
    assert when[-1] >= 100
    assert set(who) <= {0, 1, 2}
    norms = np.linalg.norm(record.history["W"], axis=(1, 2))
    assert record.weight_norm[1] == pytest.approx(norms[4], rel=1e-6), "100 samples, 2 epochs"


def test_the_layers_of_a_stack_are_recorded_behind_their_numbers():
    stack = LayerStack(LinearLayer(5, 3), NeuronLayer(3, 2, LIF(threshold=0.1)))
    monitor = Monitor(("0.W", "1.v", "1.post", "spikes"), every=25)
    record = RuleTrainer(stack, Parts((Oja(0.01), None))).train(SAMPLES, monitor=monitor)
    shapes = {name: values.shape for name, values in record.history.items()}
    assert shapes == {"0.W": (2, 3, 5), "1.v": (2, 2), "1.post": (2, 2)}
    np.testing.assert_array_equal(record.history["0.W"][-1], stack.members[0].W.value)
    outputs, history = stack.run(SAMPLES, monitor)
    assert outputs.any(), "the second layer fires"
    np.testing.assert_array_equal(history.values["1.post"], outputs[24::25])


def test_a_divergence_is_reported_at_its_step():
    inputs = SAMPLES.copy()
    inputs[17] = 1e15
    with pytest.raises(DivergenceError, match=r"at step 117\."):
        learn_unchecked(
            Setup(Oja(0.02), Linear()),
            jnp.asarray(WEIGHTS),
            inputs,
            first_step=100,
            recorder=Recorder(Monitor(("W",), 5)),
        )


@pytest.mark.parametrize(
    ("names", "every", "argument"),
    [("W", 1, "names"), ((), 1, "names"), ((1,), 1, "names"), (("W",), 0, "every")],
)
def test_a_monitor_is_checked(names, every, argument):
    with pytest.raises(ValidationError, match=f"^{argument} must"):
        Monitor(names, every)


def test_what_cannot_be_recorded_is_refused():
    with pytest.raises(ValidationError, match=r"^monitor .*'W'.*'spikes'; got 'u'"):
        recorded(Oja(), Linear(), SAMPLES, ("u",), 1)
    with pytest.raises(ValidationError, match=r"^monitor .*Hebbian.*one step"):
        learn(
            Setup(Hebbian(), Clamped()),
            np.eye(5, dtype=np.float32),
            SAMPLES,
            recorder=Recorder(Monitor(("W",))),
        )
    with pytest.raises(ValidationError, match=r"^monitor must be a Monitor"):
        RuleTrainer(LinearLayer(5, 3), Oja()).train(SAMPLES, monitor="W")

    class Own(LinearLayer):
        def forward(self, x):
            return super().forward(2 * np.asarray(x))

    layer = Own(5, 3)
    for rule in (RuleTrainer(layer, Oja()), HebbianTrainer(layer)):
        with pytest.raises(ValidationError, match=r"^monitor .*None for (Own|Hebbian)"):
            rule.train(SAMPLES, monitor=Monitor(("W",)))
    with pytest.raises(ValidationError, match=r"^model .*Own"):
        layer.run(SAMPLES)
