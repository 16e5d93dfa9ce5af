"""Rules of layers by name: each has its rule and constraint, and trains the layer it is for."""

import copy

import numpy as np
import pytest

from canns.dynamics import AdaptiveSigmoid, HierarchicalLinear, Linear
from canns.errors import ValidationError
from canns.models.brain_inspired import LinearLayer, NeuronLayer
from canns.plasticity import (
    LAYER_RULES,
    Identity,
    IntrinsicPlasticity,
    LawCooperBCM,
    NonlinearHebbian,
    Oja,
    OjaSubspace,
    OrthonormalRows,
    PartProjections,
    Parts,
    PowerBCM,
    RunningCovariance,
    StrictlyLower,
    WeightedSubspace,
)
from canns.trainer import RuleTrainer

FREE = Identity()
RULES = {
    "oja_subspace": (OjaSubspace(), FREE, Linear()),
    "weighted_subspace": (WeightedSubspace(), FREE, Linear()),
    "apex": (
        Parts((Oja(), Oja())),
        PartProjections((FREE, StrictlyLower())),
        HierarchicalLinear(),
    ),
    "ica": (NonlinearHebbian(), OrthonormalRows(), Linear()),
    "running_covariance": (RunningCovariance(), FREE, Linear()),
    "bcm_law_cooper": (LawCooperBCM(), FREE, Linear()),
    "bcm_power": (PowerBCM(), FREE, Linear()),
    "intrinsic_plasticity": (
        Parts((None, IntrinsicPlasticity("gain"), IntrinsicPlasticity("bias"))),
        PartProjections((FREE, FREE, FREE)),
        AdaptiveSigmoid(),
    ),
}
LEARNT = {"apex": ["W", "lateral"], "intrinsic_plasticity": ["gain", "bias"]}
INPUTS = np.random.default_rng(0).normal(size=(50, 4))


@pytest.mark.parametrize("name", RULES)
def test_a_name_stands_for_its_rule_and_constraint(name):
    rule, project, neuron = RULES[name]
    assert LAYER_RULES[name].plan(INPUTS)[:2] == (rule, project)
    layer = NeuronLayer(4, 3, neuron)
    other = copy.deepcopy(layer)
    before = copy.deepcopy(layer)
    RuleTrainer(layer, name).train(INPUTS)
    RuleTrainer(other, rule, project).train(INPUTS)
    boxes = layer.boxes()
    assert set(boxes) == set(other.boxes())
    for attribute, box in boxes.items():
        np.testing.assert_array_equal(box.value, getattr(other, attribute).value)
    for attribute in LEARNT.get(name, ["W"]):
        moved = np.abs(boxes[attribute].value - getattr(before, attribute).value).max()
        assert moved > 1e-5, attribute


@pytest.mark.parametrize("name", ["apex", "intrinsic_plasticity"])
def test_what_trains_parts_is_refused_for_one_matrix(name):
    with pytest.raises(ValidationError, match="1, one for each part"):
        RuleTrainer(LinearLayer(4, 3), name).train(INPUTS)


@pytest.mark.parametrize("name", ["bcm_law_cooper", "bcm_power", "running_covariance"])
def test_a_linear_layer_gets_the_memory_that_a_rule_brings(name):
    layer = LinearLayer(4, 3)
    RuleTrainer(layer, name).train(INPUTS)
    for attribute in RULES[name][0].memory_attrs:
        assert np.isfinite(getattr(layer, attribute).value).all()
