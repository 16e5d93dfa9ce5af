"""Layers of competing neurons learn by name, and their files hold what the rules remember."""

import copy

import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import LateralThreshold, RankedWinners, SoftWinners, WinnerTakeAll
from canns.errors import MissingStateError, ValidationError
from canns.models.brain_inspired import LinearLayer, NeuronLayer
from canns.plasticity import LAYER_RULES, Instar, Kohonen, Setup, learn
from canns.trainer import RuleTrainer

IN, OUT = 4, 6
NEURONS = {
    "competitive": WinnerTakeAll(),
    "kohonen": WinnerTakeAll(match="distance"),
    "krotov_hopfield": RankedWinners(),
    "soft_hebb": SoftWinners(),
    "foldiak": LateralThreshold(),
}
DATA = np.random.default_rng(0).random((12, IN)).astype(np.float32)


def read(layer):
    return [np.asarray(box.value) for _, box in sorted(layer.boxes().items())]


@pytest.mark.parametrize("name", NEURONS)
def test_a_layer_learns_by_name_what_the_pure_rule_learns(name, tmp_path):
    layer = NeuronLayer(IN, OUT, NEURONS[name])
    names = layer.places().weights
    if isinstance(names, str):
        weights = layer.W.value
    else:
        weights = type(names)(*(getattr(layer, box).value for box in names))
    rule, project, _ = LAYER_RULES[name].plan(DATA)
    expected = learn(Setup(rule, NEURONS[name], project), weights, DATA)
    RuleTrainer(layer, name).train(DATA)
    boxes = [names] if isinstance(names, str) else names
    for box, value in zip(boxes, parts_of(expected.weights), strict=True):
        np.testing.assert_allclose(getattr(layer, box).value, value, rtol=0, atol=1e-6)
    moved = np.abs(parts_of(expected.weights)[0] - parts_of(weights)[0])
    assert moved.max() > 1e-3
    # Half, saved, loaded and continued is the whole.
    layer.save(tmp_path / "layer.safetensors")
    again = NeuronLayer.load(tmp_path / "layer.safetensors")
    assert again.neuron == layer.neuron
    for model in (layer, again):
        RuleTrainer(model, name).train(DATA)
    for one, other in zip(read(layer), read(again), strict=True):
        np.testing.assert_array_equal(one, other)


def parts_of(weights):
    return [np.asarray(part) for part in (weights if isinstance(weights, tuple) else (weights,))]


def test_a_map_remembers_how_far_it_has_shrunk():
    rule = Kohonen(0.2, 2.0, 0.01, 0.1, shape=(2, 3))
    halves = NeuronLayer(IN, OUT, WinnerTakeAll(match="distance"))
    whole = copy.deepcopy(halves)
    RuleTrainer(whole, rule).train(DATA)
    RuleTrainer(halves, rule).train(DATA[:5])
    halves.reset_state()
    RuleTrainer(halves, rule).train(DATA[5:])
    np.testing.assert_allclose(halves.W.value, whole.W.value, rtol=0, atol=1e-6)
    assert float(halves.kohonen_samples.value) == len(DATA)


REFUSALS = {
    "krotov_hopfield": (MissingStateError, r"`potential`.*Train a NeuronLayer of RankedWinners"),
    "soft_hebb": (MissingStateError, r"`potential`.*Train a NeuronLayer of SoftWinners"),
    "foldiak": (ValidationError, r"^rules must be 1, one for each part; got 3"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_layer_of_other_neurons_is_refused(name):
    error, message = REFUSALS[name]
    with pytest.raises(error, match=message):
        RuleTrainer(LinearLayer(IN, OUT), name).train(DATA)


def test_k_winners_all_learn_in_a_layer():
    layer = NeuronLayer(IN, OUT, WinnerTakeAll(2, "distance"))
    before = layer.W.value
    RuleTrainer(layer, Instar(0.5)).train(DATA[:1])
    moved = np.asarray(jnp.abs(layer.W.value - before).max(axis=1) > 0)
    assert moved.sum() == 2
    np.testing.assert_array_equal(moved, layer.predict(DATA[0]) > 0)
