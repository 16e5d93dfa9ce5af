"""A run by events gives what the same run on the matrix gives, to rounding."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import (
    LIF,
    SRM,
    AdEx,
    ConductanceLIF,
    CurrentLIF,
    Delayed,
    EventMatrix,
    ExcitatoryInhibitory,
    Neuron,
    Recorded,
    SparseSynapses,
    connect_by_probability,
)
from canns.dynamics.synapses import synapses as costs
from canns.errors import ValidationError
from canns.models.brain_inspired import NeuronLayer, SpikingLayer
from canns.plasticity import (
    STDP,
    Additive,
    Bounds,
    Chain,
    Guetig,
    Identity,
    Monitor,
    NonPositive,
    Oja,
    PairSTDP,
    Recorder,
    Setup,
    Soft,
    TripletSTDP,
    UnitRows,
    VanRossum,
    VogelsSTDP,
    learn,
    learn_members,
    respond,
)
from canns.plasticity.learning import Samples, advance, sides_of
from canns.plasticity.rules.pair_stdp import PAIRINGS
from canns.plasticity.rules.stdp import COINCIDENCES
from canns.trainer import STDPTrainer
from canns.typing import pytree

OUT, IN, STEPS = 30, 40, 60
LIFS = LIF(threshold=0.6123)  # no sum of weights at a bound is this, to rounding
RULES = [
    *(STDP(1.0, coincidence=each) for each in COINCIDENCES),
    *(PairSTDP(pairing=p, coincidence=c) for p, c in zip(PAIRINGS, COINCIDENCES, strict=True)),
    *(PairSTDP(pairing=p, dependence=Soft()) for p in PAIRINGS),
    PairSTDP(dependence=VanRossum()),
    PairSTDP(dependence=Guetig(0.5), pairing="reduced"),
    TripletSTDP(),
    TripletSTDP(pairing="nearest", A2_plus=1e-3, A3_minus=1e-3, coincidence="both"),
    *(VogelsSTDP(coincidence=each) for each in ("mid", "none", "once", "twice")),
]


# Every rule compiles two programs of its own: in each run a few, in the slow one all.
FEW = {1, 6, 10, 12, 14, 16}
SOME = [
    rule if k in FEW else pytest.param(rule, marks=pytest.mark.slow) for k, rule in enumerate(RULES)
]


def named(part):
    fields = {k: v for k, v in vars(part).items() if isinstance(v, str)}
    kind = getattr(part, "dependence", Additive())
    return "-".join([type(part).__name__, *fields.values(), type(kind).__name__])


@pytest.fixture(params=["fans", "as the costs say"])
def visited(request, monkeypatch):
    """Fans are visited at any activity; or, as these layers are small, mostly the whole matrix."""
    if request.param == "fans":
        for cost in ("_A_SPIKE", "_NEAR", "_FAR"):
            monkeypatch.setattr(costs, cost, 0.0)
        jax.clear_caches()
        yield
        jax.clear_caches()
    else:
        yield


def data(neuron, seed=0, steps=STEPS):
    rng = np.random.default_rng(seed)
    weights = jnp.asarray(rng.random((OUT, IN)) * 0.3, jnp.float32)
    width = IN + (OUT if isinstance(neuron, Recorded) else 0)
    return weights, (rng.random((steps, width)) < 0.1).astype(np.float32)


def alike(a, b):
    # Each of the 60 steps rounds a few sums of at most 40 terms of size 1.
    tolerance = STEPS * 40 * np.finfo(np.float32).eps
    for one, other in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance / 10)


def both(rule, neuron, project, weights, inputs, **options):
    ends = [
        learn(Setup(rule, neuron, project, method=method), weights, inputs, **options)
        for method in ("dense", "events")
    ]
    assert not np.array_equal(ends[0].weights, weights), "a run without change shows nothing"
    return ends


@pytest.mark.parametrize("rule", SOME, ids=named)
def test_events_give_what_the_matrix_gives(rule, visited):
    # STDP reads traces, which recorded spikes do not have.
    neuron = LIFS if isinstance(rule, STDP) else Recorded()
    alike(*both(rule, neuron, Bounds(), *data(neuron)))


@pytest.mark.parametrize("project", [Identity(), Bounds(0.0, 0.3), Chain((Bounds(), Bounds()))])
def test_constraints_act_on_what_changes(project, visited):
    alike(*both(STDP(10.0), LIFS, project, *data(LIFS)))


@pytest.mark.filterwarnings("ignore:Start weights")
def test_weights_outside_their_constraint_go_by_the_matrix():
    weights, inputs = data(LIFS)
    with pytest.raises(ValidationError, match="within their constraint"):
        learn(Setup(STDP(), LIFS, Bounds(0.1, 0.2), method="events"), weights, inputs)
    learn(Setup(STDP(), LIFS, Bounds(0.1, 0.2)), weights, inputs)


@pytest.mark.long
@pytest.mark.parametrize(
    "neuron",
    [LIFS, CurrentLIF(), AdEx(), SRM(T=5.0), Delayed(LIFS, axonal=1, dendritic=2, longest=3)],
    ids=lambda neuron: type(neuron).__name__,
)
def test_neurons_that_only_read_their_drive_take_events(neuron, visited):
    weights, inputs = data(neuron)
    weights = weights * {CurrentLIF: 3000.0, AdEx: 9000.0, SRM: 20.0}.get(type(neuron), 1.0)
    dense, events = both(PairSTDP(), neuron, Identity(), weights, inputs)
    assert np.array_equal(dense.activity[1], events.activity[1])
    alike(dense.state, events.state)


@pytest.mark.slow
@pytest.mark.parametrize("pairing", PAIRINGS)
def test_uncompiled_and_traced_runs_are_the_same(pairing):
    rule, (weights, inputs) = PairSTDP(pairing=pairing), data(LIFS, steps=12)
    setup = Setup(rule, LIFS, Bounds(), method="events")
    end = learn(setup, weights, inputs)
    alike(end, learn(setup, weights, inputs, compiled=False))
    alike(end, jax.jit(learn)(setup, weights, jnp.asarray(inputs)))


@pytest.mark.long
@pytest.mark.parametrize("pairing", PAIRINGS)
@pytest.mark.parametrize("cut", [1, 25])
def test_a_run_in_two_parts_is_the_whole(pairing, cut, visited):
    weights, inputs = data(LIFS)
    setup = Setup(PairSTDP(pairing=pairing), LIFS, Bounds(), method="events")
    halfway = learn(setup, weights, inputs[:cut])
    alike(learn(setup, halfway, inputs[cut:]), learn(setup, weights, inputs))


@pytest.mark.slow
@pytest.mark.parametrize(
    "rule",
    [STDP(1.0), TripletSTDP(), VogelsSTDP(), *(PairSTDP(pairing=p) for p in PAIRINGS)],
    ids=named,
)
def test_sparse_synapses_learn_as_the_matrix_does_in_their_places(rule):
    made = connect_by_probability(OUT, IN, 0.3, seed=1)
    weights, inputs = data(LIFS)
    synapses = SparseSynapses.from_pairs(
        made.shape, made.pre, made.post, np.asarray(weights)[made.post, made.pre]
    )
    there = np.zeros((OUT, IN), bool)
    there[made.post, made.pre] = True
    setup = Setup(rule, LIFS, Bounds())
    masked = setup.start(weights * there)
    for x in jnp.asarray(inputs):
        masked = advance(setup, masked, Samples(x))
        masked = masked._replace(weights=masked.weights * there)
    recorder = Recorder(Monitor(("W",), every=STEPS))
    end = learn(setup, synapses, inputs, recorder=recorder)
    alike(end.weights.to_matrix(end.weights.values), masked.weights)
    alike(recorder.history().values["W"][0], masked.weights[made.post, made.pre])
    for own, memory in zip(end.memory, masked.memory, strict=True):
        pair = memory.ndim == 2
        alike(end.weights.to_matrix(own) if pair else own, memory * there if pair else memory)
    alike(end.state, masked.state)


@pytest.mark.slow
def test_a_layer_trains_and_runs_by_events():
    inputs = data(LIFS)[1]
    ends = []
    for method in ("dense", "events", "auto"):
        layer = SpikingLayer(IN, OUT, threshold=0.6)
        layer.W.value = data(LIFS)[0]
        outputs = layer.run(inputs, method=method)
        layer.reset_state()
        record = STDPTrainer(layer, learning_rate=1.0, method=method).train(inputs, epochs=2)
        ends.append((layer.W.value, layer.v.value, outputs, record.weight_change))
    alike(ends[0], ends[1])
    alike(ends[0], ends[2])


def test_large_layers_take_events_by_themselves_if_few_inputs_spike(monkeypatch):
    from canns.plasticity.learning import by_events

    monkeypatch.setattr(by_events, "on_one_cpu", lambda: True)
    setup, weights = Setup(STDP(), LIF(), Bounds()), jnp.zeros((1000, 1000))
    rare, often = np.zeros((100, 1000)), np.ones((100, 1000))
    rare[:, 0] = 1
    assert by_events.goes_by_events(setup, weights, rare)
    assert not by_events.goes_by_events(setup, weights, often)
    assert not by_events.goes_by_events(setup, weights, rare[:10]), "too short to pay"
    assert not by_events.goes_by_events(setup, weights[:20, :100], rare[:, :100])
    assert not by_events.goes_by_events(Setup(STDP(), LIF(), UnitRows()), weights, rare)
    monkeypatch.setattr(by_events, "on_one_cpu", lambda: False)
    assert not by_events.goes_by_events(setup, weights, rare)


def test_no_step_copies_the_weights():
    from canns.plasticity.learning import passes

    weights, inputs = jnp.ones((64, 48)), jnp.zeros((8, 48))
    setup = Setup(STDP(), LIF(), Bounds(), method="events")
    learner = setup.start(weights)._replace(weights=EventMatrix(weights.T))
    program = jax.jit(passes.run_pass).lower(setup, learner, Samples(inputs), 8, 0).compile()
    copies = [line for line in program.as_text().splitlines() if " copy(" in line]
    whole = [line for line in copies if "f32[48,64]" in line.split("=")[1].split("copy(")[0]]
    # One before the loop, because the caller keeps the weights, and one for steps on all synapses.
    assert len(whole) <= 2, whole


@pytree
class Decaying(PairSTDP):
    """A rule of a user's own, which changes silent synapses."""

    def step(self, memory, weights, activity):
        memory, delta = super().step(memory, weights, activity)
        return memory, delta - 0.1 * weights


@pytree
class Reading(LIF):
    """A neuron of a user's own, which reads its weights in another way."""

    def step(self, state, weights, x):
        return super().step(state, weights / weights.sum(), x)


@pytest.mark.parametrize(
    ("rule", "neuron", "project", "word"),
    [
        (Oja(0.1), LIFS, Identity(), "Oja"),
        (Decaying(), LIFS, Bounds(), "Decaying"),
        (STDP(), LIFS, UnitRows(), "UnitRows"),
        (STDP(), Reading(), Bounds(), "Reading"),
    ],
)
def test_what_cannot_go_by_events_says_so(rule, neuron, project, word):
    weights, inputs = data(neuron)
    setup = Setup(rule, neuron, project, method="events")
    with pytest.raises(ValidationError, match=word):
        learn(setup, weights, inputs)
    learn(Setup(rule, neuron, project), weights, inputs)  # by itself it takes the matrix


def test_parts_and_members_do_not_go_by_events():
    parts = ExcitatoryInhibitory(jnp.ones((2, 2)), jnp.ones((2, 1)))
    with pytest.raises(ValidationError, match="ConductanceLIF"):
        respond(ConductanceLIF(inhibitory=1), parts, np.zeros((3, 3)), method="events")
    setup = Setup(STDP(), LIFS, Bounds(), method="events")
    members = jax.tree.map(lambda leaf: jnp.stack([leaf, leaf]), setup.start(data(LIFS)[0]))
    with pytest.raises(ValidationError, match="one by one"):
        learn_members(setup, members, data(LIFS)[1], shared=True)
    made = SparseSynapses.from_pairs((2, 2), [0], [1], 0.5)
    with pytest.raises(ValidationError, match="matrix"):
        learn(Setup(STDP(), LIFS, Bounds(), method="dense"), made, np.zeros((3, 2)))
    with pytest.raises(ValidationError, match="method"):
        STDPTrainer(SpikingLayer(2, 2), method="spikes")


def test_layers_of_other_neurons_run_by_events():
    layer = NeuronLayer(IN, OUT, CurrentLIF())
    inputs = data(LIFS)[1]
    dense = layer.run(inputs, method="dense")
    layer.reset_state()
    alike(layer.run(inputs, method="events"), dense)
    assert isinstance(layer.neuron, Neuron)


def test_rules_say_what_they_remember():
    assert sides_of(PairSTDP(pairing="pre_centred")) == ("pair", "post")
    assert sides_of(Decaying()) is None
    assert sides_of(Oja(0.1)) is None
    assert NonPositive().elementwise
    assert not UnitRows().elementwise
