"""The surface of the models: constructors, defaults, attributes, hooks, refusals."""

import importlib
import inspect

import numpy as np
import pytest

from canns.errors import CannsError, CannsWarning, MissingStateError, ValidationError
from canns.models import basic, brain_inspired
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModel,
    BrainInspiredModelGroup,
    LinearLayer,
    SpikingLayer,
)

REQUIRED = inspect.Parameter.empty

CONSTRUCTORS = {
    AmariHopfieldNetwork: [
        ("num_neurons", REQUIRED),
        ("asynchronous", False),
        ("threshold", 0.0),
        ("activation", "sign"),
        ("temperature", 1.0),
    ],
    LinearLayer: [
        ("input_size", REQUIRED),
        ("output_size", REQUIRED),
        ("use_bcm_threshold", False),
        ("threshold_tau", 100.0),
    ],
    SpikingLayer: [
        ("input_size", REQUIRED),
        ("output_size", REQUIRED),
        ("threshold", 1.0),
        ("v_reset", 0.0),
        ("leak", 0.9),
        ("trace_decay", 0.95),
        ("dt", 1.0),
    ],
}

METHODS = {
    (BrainInspiredModel, "resize"): [("num_neurons", REQUIRED), ("preserve_submatrix", True)],
    (AmariHopfieldNetwork, "resize"): [("num_neurons", REQUIRED), ("preserve_submatrix", True)],
    (LinearLayer, "resize"): [
        ("input_size", REQUIRED),
        ("output_size", None),
        ("preserve_submatrix", True),
    ],
    (SpikingLayer, "resize"): [
        ("input_size", REQUIRED),
        ("output_size", None),
        ("preserve_submatrix", True),
    ],
    (BrainInspiredModel, "apply_hebbian_learning"): [("train_data", REQUIRED)],
    (BrainInspiredModel, "predict"): [("pattern", REQUIRED)],
    (AmariHopfieldNetwork, "update"): [("prev_energy", None)],
    (LinearLayer, "forward"): [("x", REQUIRED)],
    (LinearLayer, "update_threshold"): [],
    (LinearLayer, "reset_state"): [],
    (SpikingLayer, "forward"): [("x", REQUIRED)],
    (SpikingLayer, "reset_state"): [],
}


def _positional(function):
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD,)
    return [(p.name, p.default) for p in parameters if p.kind in kinds and p.name != "self"]


@pytest.mark.parametrize("model_class", CONSTRUCTORS, ids=lambda c: c.__name__)
def test_constructor_arguments_and_defaults(model_class):
    assert _positional(model_class.__init__) == CONSTRUCTORS[model_class]


@pytest.mark.parametrize("model_class", CONSTRUCTORS, ids=lambda c: c.__name__)
def test_help_shows_the_arguments_of_the_class(model_class):
    assert _positional(model_class) == CONSTRUCTORS[model_class]


@pytest.mark.parametrize(
    ("model_class", "method"), METHODS, ids=lambda v: getattr(v, "__name__", v)
)
def test_method_arguments_and_defaults(model_class, method):
    expected = METHODS[model_class, method]
    assert _positional(getattr(model_class, method))[: len(expected)] == expected


@pytest.mark.parametrize(
    "module",
    [
        "canns.models.brain_inspired.hopfield",
        "canns.models.brain_inspired.linear",
        "canns.models.brain_inspired.spiking",
        "canns.models.basic",
        "canns.models",
    ],
)
def test_submodules_are_importable(module):
    assert importlib.import_module(module).__doc__


@pytest.mark.parametrize("package", [brain_inspired, basic], ids=lambda p: p.__name__)
def test_all_lists_what_is_there(package):
    assert all(hasattr(package, name) for name in package.__all__)
    assert list(package.__all__) == sorted(package.__all__)


def test_arguments_become_attributes():
    net = AmariHopfieldNetwork(5, True, 0.25, "tanh", 0.5)
    assert (net.num_neurons, net.asyn, net.threshold, net.temperature) == (5, True, 0.25, 0.5)
    layer = LinearLayer(3, 2, True, 50.0)
    assert (layer.input_size, layer.output_size) == (3, 2)
    assert (layer.use_bcm_threshold, layer.threshold_tau) == (True, 50.0)
    spiking = SpikingLayer(3, 2, 0.5, -0.1, 0.8, 0.7, 0.5)
    assert (spiking.threshold, spiking.v_reset, spiking.leak) == (0.5, -0.1, 0.8)
    assert (spiking.trace_decay, spiking.dt) == (0.7, 0.5)


@pytest.mark.parametrize(
    ("model", "weights", "state"),
    [
        (BrainInspiredModel(), "W", "s"),
        (AmariHopfieldNetwork(2), "W", "s"),
        (LinearLayer(2, 2), "W", "y"),
        (SpikingLayer(2, 2), "W", "spike"),
    ],
    ids=lambda v: type(v).__name__ if isinstance(v, BrainInspiredModel) else "",
)
def test_names_of_weights_and_state(model, weights, state):
    assert (model.weight_attr, model.predict_state_attr) == (weights, state)
    model.weight_attr, model.predict_state_attr = "Q", "z"
    assert (model.weight_attr, model.predict_state_attr) == ("Q", "z")


@pytest.mark.parametrize(
    ("hook", "call"),
    [
        ("apply_hebbian_learning", lambda m: m.apply_hebbian_learning(np.ones((1, 2)))),
        ("predict", lambda m: m.predict(np.ones(2))),
        ("energy", lambda m: m.energy),
        ("resize", lambda m: m.resize(3)),
        ("resize", lambda m: m.resize(3, preserve_submatrix=False)),
    ],
)
def test_hooks_that_are_not_overridden_name_the_class(hook, call):
    class Bare(BrainInspiredModel):
        pass

    with pytest.raises(NotImplementedError, match=f"Bare .*{hook}"):
        call(Bare())


def test_bare_models_have_a_name_and_a_repr():
    model = BrainInspiredModel(name="mine")
    assert model.name == "mine"
    assert "BrainInspiredModel" in repr(model)


@pytest.mark.parametrize(
    ("argument", "build"),
    [
        ("num_neurons", lambda: AmariHopfieldNetwork(0)),
        ("num_neurons", lambda: AmariHopfieldNetwork(-1)),
        ("num_neurons", lambda: AmariHopfieldNetwork(2.0)),
        ("num_neurons", lambda: AmariHopfieldNetwork(True)),
        ("num_neurons", lambda: AmariHopfieldNetwork(None)),
        ("asyn", lambda: AmariHopfieldNetwork(2, asyn="no")),
        ("threshold", lambda: AmariHopfieldNetwork(2, threshold=float("nan"))),
        ("threshold", lambda: AmariHopfieldNetwork(2, threshold="0")),
        ("activation", lambda: AmariHopfieldNetwork(2, activation="relu")),
        ("activation", lambda: AmariHopfieldNetwork(2, activation=None)),
        ("temperature", lambda: AmariHopfieldNetwork(2, temperature=0.0)),
        ("temperature", lambda: AmariHopfieldNetwork(2, temperature=-1.0)),
        ("temperature", lambda: AmariHopfieldNetwork(2, temperature=float("inf"))),
        ("tie", lambda: AmariHopfieldNetwork(2, tie="zero")),
        ("stochastic", lambda: AmariHopfieldNetwork(2, stochastic=1)),
        ("activation", lambda: AmariHopfieldNetwork(2, activation="tanh", stochastic=True)),
        ("input_size", lambda: LinearLayer(0, 2)),
        ("output_size", lambda: LinearLayer(2, 0)),
        ("use_bcm_threshold", lambda: LinearLayer(2, 2, "yes")),
        ("threshold_tau", lambda: LinearLayer(2, 2, True, 0.5)),
        ("threshold_tau", lambda: LinearLayer(2, 2, True, -100.0)),
        ("threshold_tau", lambda: LinearLayer(2, 2, threshold_tau=float("nan"))),
        ("input_size", lambda: SpikingLayer(0, 2)),
        ("output_size", lambda: SpikingLayer(2, -2)),
        ("threshold", lambda: SpikingLayer(2, 2, threshold=float("inf"))),
        ("v_reset", lambda: SpikingLayer(2, 2, v_reset=float("nan"))),
        ("leak", lambda: SpikingLayer(2, 2, leak=2.0)),
        ("leak", lambda: SpikingLayer(2, 2, leak=-0.1)),
        ("trace_pre_decay|trace_decay", lambda: SpikingLayer(2, 2, trace_decay=1.5)),
        ("trace_pre_decay|trace_decay", lambda: SpikingLayer(2, 2, trace_decay=-0.5)),
        ("dt", lambda: SpikingLayer(2, 2, dt=0.0)),
        ("dt", lambda: SpikingLayer(2, 2, dt=-1.0)),
        ("num_neurons", lambda: AmariHopfieldNetwork(2).resize(0)),
        ("input_size", lambda: LinearLayer(2, 2).resize(0)),
        ("output_size", lambda: SpikingLayer(2, 2).resize(2, 0)),
        (r"models\[1\]", lambda: BrainInspiredModelGroup(LinearLayer(2, 2), object())),
    ],
)
def test_invalid_arguments_are_refused_by_name(argument, build):
    with pytest.raises(ValidationError, match=f"^({argument}) must be") as caught:
        build()
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, CannsError)


def test_the_error_names_the_argument_that_the_user_gave():
    with pytest.raises(ValidationError) as caught:
        SpikingLayer(2, 2, trace_decay=2.0)
    assert caught.value.argument == "trace_decay"


@pytest.mark.parametrize("wrong", ["threshold", "temperature", "tie"])
def test_hyperparameters_set_later_are_checked_when_used(wrong):
    net = AmariHopfieldNetwork(3)
    setattr(net, wrong, float("nan"))
    with pytest.raises(ValidationError, match=wrong):
        net.update()
    assert net.s.value.tolist() == [1.0, 1.0, 1.0]


def test_an_unknown_keyword_is_refused():
    with pytest.raises(TypeError, match="colour"):
        AmariHopfieldNetwork(3, colour="red")


def test_a_layer_without_threshold_says_how_to_get_one():
    layer = LinearLayer(2, 2)
    assert not hasattr(layer, "theta")
    with pytest.warns(CannsWarning, match=r"theta.*LinearLayer.*use_bcm_threshold=True"):
        layer.update_threshold()
    assert issubclass(MissingStateError, AttributeError)
