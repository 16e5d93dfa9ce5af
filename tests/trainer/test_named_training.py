"""Training by the name of a rule: trainer, group and the pure functions agree; and refusals."""

import copy

import jax.numpy as jnp
import numpy as np
import pytest
from trainer_helpers import IN, OUT, Rectified, assert_unchanged, snapshot

from canns.dynamics import Linear, Successive
from canns.errors import MissingStateError, ValidationError
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModelGroup,
    LinearLayer,
    SpikingLayer,
)
from canns.plasticity import (
    BCM,
    STDP,
    STORAGE_RULES,
    AdaTron,
    Bounds,
    DiederichOpper,
    Hebbian,
    MinOver,
    Oja,
    PairSTDP,
    PseudoInverse,
    Reversed,
    Storkey,
    TripletSTDP,
    Unlearning,
    VogelsSTDP,
    ZeroDiagonal,
    stabilities,
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

N = 12
PATTERNS = np.random.default_rng(0).choice([-1.0, 1.0], (4, N))


def _network(**options):
    return AmariHopfieldNetwork(N, **options)


@pytest.mark.parametrize("name", STORAGE_RULES)
def test_the_trainer_learns_as_the_plan_says(name):
    by_name, by_object = _network(), _network()
    record = RuleTrainer(by_name, name).train(PATTERNS)
    recipe = STORAGE_RULES[name]
    rule, project, inputs = recipe.plan(PATTERNS.astype(np.float32))
    trainer = RuleTrainer(by_object, rule, project, neuron=recipe.neuron)
    trainer.train(inputs, epochs=recipe.epochs)
    np.testing.assert_array_equal(by_name.W.value, by_object.W.value)
    assert float(np.abs(by_name.W.value).max()) > 0.01
    assert (record.rule, record.num_epochs) == (type(rule).__name__, recipe.epochs)


TRAINERS = {
    "hebbian": (HebbianTrainer, _network),
    "anti_hebbian": (AntiHebbianTrainer, _network),
    "oja": (OjaTrainer, lambda: LinearLayer(IN, OUT)),
    "sanger": (SangerTrainer, lambda: LinearLayer(IN, OUT)),
    "bcm": (BCMTrainer, lambda: LinearLayer(IN, OUT, True, 20.0)),
    "stdp": (STDPTrainer, lambda: SpikingLayer(IN, OUT, threshold=0.1)),
}


@pytest.mark.filterwarnings("ignore::canns.errors.CannsWarning")  # whatever the data
@pytest.mark.parametrize("name", TRAINERS)
def test_a_name_trains_as_the_trainer_of_that_name(name):
    trainer, build = TRAINERS[name]
    model = build()
    other = copy.deepcopy(model)
    data = PATTERNS if isinstance(model, AmariHopfieldNetwork) else np.abs(PATTERNS[:, :IN])
    trainer(model).train(data)
    RuleTrainer(other, name).train(data)
    for attribute, box in model.boxes().items():
        np.testing.assert_allclose(
            getattr(other, attribute).value, box.value, rtol=1e-6, err_msg=attribute
        )


SPIKE_RULES = {"pair_stdp": PairSTDP(), "triplet": TripletSTDP(), "vogels": VogelsSTDP()}


@pytest.mark.filterwarnings("ignore:All weights are at their:canns.errors.CannsWarning")
@pytest.mark.parametrize(("name", "rule"), SPIKE_RULES.items())
def test_a_spike_rule_by_name_has_the_papers_numbers_and_bounds(name, rule):
    model = SpikingLayer(IN, OUT, threshold=0.1)
    other = copy.deepcopy(model)
    data = (np.random.default_rng(1).random((40, IN)) < 0.4).astype(float)
    before = np.asarray(model.W.value)
    RuleTrainer(model, name).train(data)
    RuleTrainer(other, rule, Bounds()).train(data)
    assert np.abs(model.W.value - before).max() > 1e-3
    for attribute, box in model.boxes().items():
        np.testing.assert_array_equal(getattr(other, attribute).value, box.value)


@pytest.mark.parametrize("name", ["hebbian", "oja"])
def test_a_layer_with_its_own_forward_learns_by_name(name):
    layer = Rectified(IN, OUT)
    layer.W.value = np.abs(layer.W.value)  # or all may be silent
    before = np.asarray(layer.W.value)
    RuleTrainer(layer, name).train(np.abs(PATTERNS[:, :IN]))
    assert float(np.abs(layer.W.value - before).max()) > 1e-4


# One rule of each kind with shared data: a sum, a rule for all at once, one of several epochs.
SHARED = ["hebbian", "pseudo_inverse", "diederich_opper"]


@pytest.mark.parametrize(
    ("name", "shared"),
    [*((name, False) for name in STORAGE_RULES), *((name, True) for name in SHARED)],
)
def test_a_group_learns_by_name_what_each_learns_alone(name, shared):
    data = PATTERNS if shared else [PATTERNS, -PATTERNS[:, ::-1]]
    group = BrainInspiredModelGroup(_network(), _network())
    group.train(data, name)
    for i, member in enumerate(group):
        alone = _network()
        RuleTrainer(alone, name).train(PATTERNS if shared else data[i])
        np.testing.assert_allclose(member.W.value, alone.W.value, rtol=0, atol=1e-5)


def test_epochs_are_those_that_a_named_rule_needs_unless_given():
    assert RuleTrainer(_network(), "diederich_opper").train(PATTERNS).num_epochs == 100
    assert RuleTrainer(_network(), "diederich_opper").train(PATTERNS, epochs=3).num_epochs == 3
    assert RuleTrainer(_network(), DiederichOpper()).train(PATTERNS).num_epochs == 1
    groups = [BrainInspiredModelGroup(_network(), _network()) for _ in range(2)]
    groups[0].train(PATTERNS, "diederich_opper", epochs=7)
    for _ in range(7):
        groups[1].train(PATTERNS, DiederichOpper(), project=ZeroDiagonal())
    np.testing.assert_array_equal(groups[0][0].W.value, groups[1][0].W.value)
    with pytest.raises(ValidationError, match=r"^epochs"):
        groups[0].train(PATTERNS, epochs=0)


def test_a_layer_of_a_group_repeats_its_data_too():
    layers = [Rectified(IN, OUT) for _ in range(2)]
    layers[1].W.value = layers[0].W.value
    BrainInspiredModelGroup(layers[0]).train(np.abs(PATTERNS[:, :IN]), Oja(0.05), epochs=3)
    RuleTrainer(layers[1], Oja(0.05)).train(np.abs(PATTERNS[:, :IN]), epochs=3)
    np.testing.assert_allclose(layers[0].W.value, layers[1].W.value, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["minover", "adatron"])
@pytest.mark.parametrize("compiled", [True, False])
def test_the_record_holds_the_stability_of_each_neuron(name, compiled):
    net = _network()
    record = RuleTrainer(net, name, compiled=compiled).train(PATTERNS)
    expected = stabilities(net.W.value, PATTERNS).min(axis=0)
    np.testing.assert_allclose(record.measures["kappa"], expected, rtol=1e-5)
    assert f"kappa from {expected.min():.3g} to {expected.max():.3g}" in str(record)


def test_other_rules_measure_nothing():
    record = RuleTrainer(_network(), "hebbian").train(PATTERNS)
    assert record.measures == {}
    assert str(record).endswith("written: W")


def test_a_sequence_by_object_too():
    net = _network()
    RuleTrainer(net, AdaTron(), ZeroDiagonal(), neuron=Successive()).train(PATTERNS)
    fields = np.asarray(PATTERNS[:-1] @ np.asarray(net.W.value).T)
    np.testing.assert_array_equal(np.sign(fields), PATTERNS[1:])
    # It starts from rest: the last pattern of one training is not followed by the next one's.
    parts = [_network() for _ in range(2)]
    for some in (PATTERNS[:2], PATTERNS[2:]):
        RuleTrainer(parts[0], Hebbian(1.0), neuron=Successive()).train(some)
    expected = np.outer(PATTERNS[1], PATTERNS[0]) + np.outer(PATTERNS[3], PATTERNS[2])
    np.testing.assert_array_equal(parts[0].W.value, expected)
    np.testing.assert_array_equal(parts[0].s.value, parts[1].s.value)


def test_a_pattern_is_taken_out_again():
    net, rest = _network(), _network()
    rule = Hebbian(1 / 8)
    RuleTrainer(net, rule, ZeroDiagonal()).train(PATTERNS)
    RuleTrainer(net, Reversed(rule), ZeroDiagonal()).train(PATTERNS[1:2])
    RuleTrainer(rest, rule, ZeroDiagonal()).train(np.delete(PATTERNS, 1, axis=0))
    np.testing.assert_allclose(net.W.value, rest.W.value, rtol=0, atol=1e-6)


TAUGHT = [Storkey(), DiederichOpper(), PseudoInverse(), MinOver(), AdaTron(), Unlearning(0.1, 1)]
LAYERS = {
    "layer": lambda: LinearLayer(IN, OUT),
    "square layer": lambda: LinearLayer(IN, IN),
    "own forward": lambda: Rectified(IN, IN),
    "spiking": lambda: SpikingLayer(IN, OUT),
}


@pytest.mark.parametrize("rule", TAUGHT, ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize("layer", LAYERS)
def test_a_rule_with_targets_is_refused_for_a_layer(rule, layer):
    model = LAYERS[layer]()
    before = snapshot(model)
    message = rf"^neuron must be one held at .*{type(rule).__name__}.*Train a recurrent network"
    with pytest.raises(ValidationError, match=message):
        RuleTrainer(model, rule).train(np.ones((2, IN)))
    with pytest.raises(ValidationError, match=message):
        BrainInspiredModelGroup(model).train(np.ones((2, IN)), rule)
    assert_unchanged(model, before)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_storage_rule_by_name_is_refused_for_a_layer_with_those_that_fit(layer):
    model = LAYERS[layer]()
    before = snapshot(model)
    for train in (RuleTrainer(model, "storkey").train, _group_training(model, "storkey")):
        with pytest.raises(ValidationError, match=r"for a layer, of 'hebbian'.*; got 'storkey'"):
            train(np.ones((2, IN)))
    assert_unchanged(model, before)


def _group_training(model, rule):
    return lambda data: BrainInspiredModelGroup(model).train(data, rule)


def test_a_rule_that_needs_a_state_is_refused_by_name_as_by_object():
    for rule in ("stdp", STDP()):
        with pytest.raises(MissingStateError, match=r"AmariHopfieldNetwork"):
            RuleTrainer(_network(), rule).train(PATTERNS)
    for rule in ("bcm", BCM()):
        with pytest.raises(ValidationError, match=r"for BCM; got Clamped.*Train a layer"):
            RuleTrainer(_network(), rule).train(PATTERNS)


REFUSED = {
    "project with a name": (_network, "storkey", {"project": ZeroDiagonal()}, "project"),
    "neuron with a name": (_network, "hebbian", {"neuron": Successive()}, "neuron"),
    "no neuron": (_network, Hebbian(), {"neuron": "successive"}, "neuron"),
    "no projection": (_network, Hebbian(), {"project": "hollow"}, "project"),
    "neuron for a layer": (LAYERS["layer"], Hebbian(), {"neuron": Linear()}, "neuron"),
    "a sequence of its own targets": (_network, Storkey(), {"neuron": Successive()}, "neuron"),
    "unknown": (_network, "hebb", {}, "rule"),
    "reversed name": (_network, Reversed("hebbian"), {}, "rule"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_go_together_is_refused(case):
    build, rule, options, argument = REFUSED[case]
    model = build()
    before = snapshot(model)
    width = model.W.value.shape[1]
    with pytest.raises(ValidationError, match=rf"^{argument} must be"):
        RuleTrainer(model, rule, **options).train(np.ones((2, width)))
    assert_unchanged(model, before)


@pytest.mark.parametrize("name", ["pseudo_inverse", "adatron", "storkey", "unlearning"])
def test_a_second_training_of_one_shape_compiles_nothing(name, count_compilations):
    # The number of dreams and of steps, like all numbers, is traced.
    nets = [_network() for _ in range(2)]
    RuleTrainer(nets[0], name).train(PATTERNS)
    assert count_compilations(lambda: RuleTrainer(nets[1], name).train(-PATTERNS[::-1])) == 0


def test_progress_is_shown_for_rules_that_take_all_at_once(capsys):
    RuleTrainer(_network(), "pseudo_inverse").train(PATTERNS, show_progress=True)
    assert "4/4" in capsys.readouterr().err


def test_the_weight_box_may_have_another_name():
    net = _network()
    net.K = type(net.W)(jnp.zeros((N, N)))
    RuleTrainer(net, "pseudo_inverse", weight_attr="K").train(PATTERNS)
    np.testing.assert_allclose(PATTERNS @ np.asarray(net.K.value).T * PATTERNS > 0, True)
    np.testing.assert_array_equal(net.W.value, 0)
