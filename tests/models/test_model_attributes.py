"""Attributes of models: a mistyped one is refused, and dir() lists those that are for users."""

import copy
import inspect
import pickle

import jax
import numpy as np
import pytest

from canns.dynamics import LagrangianLayer
from canns.errors import CannsError, UnknownAttributeError
from canns.models import brain_inspired
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModel,
    BrainInspiredModelGroup,
    LayerStack,
    LinearLayer,
    NeuronLayer,
    SpikingLayer,
)

BUILDERS = {
    "AmariHopfieldNetwork": lambda: AmariHopfieldNetwork(4),
    "BidirectionalAssociativeMemory": lambda: brain_inspired.BidirectionalAssociativeMemory(3, 2),
    "ContinuousHopfieldNetwork": lambda: brain_inspired.ContinuousHopfieldNetwork(4),
    "DenseAssociativeMemory": lambda: brain_inspired.DenseAssociativeMemory(4),
    "DilutedHopfieldNetwork": lambda: brain_inspired.DilutedHopfieldNetwork(4, 2),
    "HierarchicalAssociativeMemory": lambda: brain_inspired.HierarchicalAssociativeMemory(
        [LagrangianLayer("v", 3)], [("v", "v")]
    ),
    "LayerStack": lambda: LayerStack(LinearLayer(3, 2), LinearLayer(2, 1)),
    "LinearLayer": lambda: LinearLayer(3, 2, True),
    "ModernHopfieldNetwork": lambda: brain_inspired.ModernHopfieldNetwork(4),
    "PottsNetwork": lambda: brain_inspired.PottsNetwork(4, 3),
    "SequenceNetwork": lambda: brain_inspired.SequenceNetwork(4),
    "SparseHopfieldNetwork": lambda: brain_inspired.SparseHopfieldNetwork(4, 0.5),
    "SpikingLayer": lambda: SpikingLayer(3, 2),
    "layer with delays": lambda: SpikingLayer(3, 2, connectivity=np.eye(2, 3), delays=1.0),
    "WillshawNetwork": lambda: brain_inspired.WillshawNetwork(4),
    "group": lambda: BrainInspiredModelGroup(AmariHopfieldNetwork(3), LinearLayer(3, 2)),
}


class Annealed(AmariHopfieldNetwork):
    """A network of the user's own, whose names are close to those of its parent."""

    def __init__(self, num_neurons):
        self.temperatures = [1.0]  # before the parent's constructor, and close to a name of its
        super().__init__(num_neurons)
        self.thresholds = np.zeros(num_neurons)
        self.rate1 = 0.1

    def anneal(self):
        self.step_count = 3


@pytest.fixture(params=BUILDERS.values(), ids=BUILDERS)
def model(request):
    return request.param()


def _mistyped(model):
    return "membrs" if isinstance(model, BrainInspiredModelGroup) else "weigth_attr"


def test_a_mistyped_attribute_is_refused(model):
    before, wrong = dict(vars(model)), _mistyped(model)
    with pytest.raises(AttributeError, match=f"{type(model).__name__} .*{wrong!r}.*Did you mean"):
        setattr(model, wrong, "V")
    assert vars(model) == before


def test_the_attribute_that_was_meant_is_named():
    net = AmariHopfieldNetwork(4)
    with pytest.raises(UnknownAttributeError, match=r"Did you mean 'temperature'\?$") as caught:
        net.temprature = 5.0
    assert (caught.value.attribute, isinstance(caught.value, CannsError)) == ("temprature", True)
    with pytest.raises(AttributeError, match=r"Did you mean 'storage_capacity'\?$"):
        net.storage_capcity  # noqa: B018
    with pytest.raises(AttributeError, match=r"Did you mean 'W'\?$"):
        net.w = np.eye(4)


def test_reading_what_is_not_there_is_an_attribute_error(model):
    assert not hasattr(model, "colour")
    assert getattr(model, "colour", 3) == 3
    with pytest.raises(AttributeError, match=r"has no attribute 'colour'\.$"):
        model.colour  # noqa: B018


def test_an_error_inside_a_property_is_not_hidden():
    class Broken(BrainInspiredModel):
        @property
        def energy(self):
            return self.absent_part

    with pytest.raises(AttributeError, match="absent_part"):
        Broken().energy  # noqa: B018


def test_what_is_declared_can_be_set():
    layer = LinearLayer(3, 2)
    assert not hasattr(layer, "theta")
    layer.theta = 1.0  # declared, though not there without the flag
    layer.weight_attr, layer.y = "V", 2.0
    assert (layer.theta, layer.weight_attr, float(layer.y.value)) == (1.0, "V", 2.0)


def test_names_of_the_users_own_are_free():
    net = Annealed(4)
    net.temperatures, net.rate1 = [2.0], 0.2
    net.anneal()
    net.notes = "measured twice"
    net._cache = {}
    assert (net.step_count, net.notes, net.rate1) == (3, "measured twice", 0.2)
    with pytest.raises(AttributeError, match="Did you mean 'rate1'"):
        net.rate2 = 0.3
    with pytest.raises(AttributeError, match="Did you mean 'temperature'"):
        net.temperatur = 2.0


COPIES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
}


@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("build", [lambda: Annealed(4), BUILDERS["group"]], ids=["own", "group"])
def test_a_copy_refuses_as_well(build, duplicate):
    model = build()
    other = duplicate(model)
    assert dict.fromkeys(vars(other)) == dict.fromkeys(vars(model))
    for part in (other, *other.submodels()):
        with pytest.raises(AttributeError, match=r"Did you mean '(weight_attr|members)'"):
            setattr(part, _mistyped(part), "V")


def test_an_error_of_a_mistyped_name_pickles():
    with pytest.raises(AttributeError) as caught:
        AmariHopfieldNetwork(4).temprature = 5.0
    copied = pickle.loads(pickle.dumps(caught.value))
    assert str(copied) == str(caught.value)


def test_a_failed_constructor_leaves_no_trace():
    class Failing(BrainInspiredModel):
        def __init__(self):
            super().__init__()
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Failing()


def test_dir_lists_what_users_need(model):
    names = dir(model)
    assert 5 < len(names) <= 40
    assert not [name for name in names if name.startswith("_")]
    for name in names:
        inspect.getattr_static(model, name)  # raises if it is not there
    assert {"name", "save", "config"} <= set(names)
    assert not {"adopt", "check_states", "in_size", "nodes", "places", "par_modules"} & set(names)


def test_the_machinery_of_brainstate_still_works():
    net = AmariHopfieldNetwork(4)
    assert "states" not in dir(net)
    assert {path[0] for path in net.states()} == {"W", "s"}


def test_dir_lists_what_the_user_adds():
    net = Annealed(3)
    net.notes = ""
    assert {"anneal", "temperatures", "rate1", "notes"} <= set(dir(net))


def test_what_rules_bring_is_not_mistaken_for_a_typing_error():
    layer = SpikingLayer(3, 2)
    layer.adopt("trace_pr", np.zeros(3), trace=True)
    assert layer.adopted() == {"trace_pr": True}


def test_models_are_built_inside_transformations():
    def build(x):
        net = AmariHopfieldNetwork(3)
        net.W.value = x
        return net.update(0.0)

    assert jax.jit(build)(np.ones((3, 3))).shape == ()


def test_a_layer_answers_to_the_hooks_of_a_recall():
    layer = NeuronLayer(2, 1, LinearLayer(2, 1).neuron)
    assert layer.update(0.5) is None
    assert layer.update(e_old=0.5) is None
    assert float(layer.energy) == 0.0


def test_the_time_constant_is_unchecked_without_a_threshold():
    assert LinearLayer(2, 2, threshold_tau=0.5).threshold_tau == 0.5


def test_the_energy_before_has_its_older_name():
    net = AmariHopfieldNetwork(3)
    net.W.value = 1 - np.eye(3)
    assert float(net.update(e_old=-2.0)) == float(net.update(prev_energy=-2.0)) == -1.0
    assert net.compute_overlap(np.ones(3), np.ones(3)).item() == 1.0
