"""config(): the constructor's signature is the one place of a model's hyperparameters."""

import json

import numpy as np
import pytest

from canns._tensors import read_tensors, write_tensors
from canns.dynamics import LIF
from canns.models.arguments import as_json, from_json
from canns.models.boxes import FastState, Weights
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModel,
    DilutedHopfieldNetwork,
    LinearLayer,
    NeuronLayer,
)


class Scaled(AmariHopfieldNetwork):
    """A network of the user's own with one more argument."""

    def __init__(self, num_neurons, gain=2.0, *, asynchronous=False, name=None):
        super().__init__(num_neurons, asynchronous, name=name)
        self.gain = gain


class Passing(AmariHopfieldNetwork):
    """A network that hands on what it does not take itself."""

    def __init__(self, num_neurons, gain=2.0, **options):
        super().__init__(num_neurons, **options)
        self.gain = gain


class Own(BrainInspiredModel):
    """A model of the user's own from the ground up."""

    def __init__(self, size, offsets=(0.0,), *, name=None):
        super().__init__(name=name)
        self.size = size
        self.offsets = offsets
        self.W = Weights(np.zeros((size, size)))
        self.s = FastState(np.zeros(size))


class Forgetful(BrainInspiredModel):
    """A model that does not keep its argument."""

    def __init__(self, gain=1.0):
        super().__init__()


class Opaque(BrainInspiredModel):
    """A model with an argument that no file can hold."""

    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = gain


def test_a_subclass_is_saved_without_a_line_of_its_own(tmp_path):
    model = Scaled(3, 5.0, asynchronous=True, name="mine")
    model.W.value = np.eye(3)
    model.save(tmp_path / "a")
    loaded = Scaled.load(tmp_path / "a")
    assert model.config() == {"num_neurons": 3, "gain": 5.0, "asynchronous": True}
    assert (loaded.gain, loaded.asynchronous, loaded.name) == (5.0, True, "mine")
    np.testing.assert_array_equal(loaded.W.value, np.eye(3))


def test_options_stand_for_the_arguments_of_the_parent(tmp_path):
    Passing(3, 5.0, activation="tanh", temperature=0.5).save(tmp_path / "a")
    loaded = Passing.load(tmp_path / "a")
    assert (loaded.gain, loaded.config()["activation"], loaded.temperature) == (5.0, "tanh", 0.5)


def test_a_model_of_the_users_own_is_saved(tmp_path):
    Own(2, (1.0, 2.0), name="b").save(tmp_path / "a")
    loaded = Own.load(tmp_path / "a")
    assert (loaded.size, list(loaded.offsets), loaded.name) == (2, [1.0, 2.0], "b")


def test_the_attribute_that_is_missing_is_named():
    with pytest.raises(NotImplementedError, match=r"Forgetful .* no attribute 'gain'.*self\.gain"):
        Forgetful().config()


def test_an_argument_that_no_file_holds_is_named():
    with pytest.raises(NotImplementedError, match=r"Opaque .* attribute 'gain' is a function"):
        Opaque(lambda x: x).config()


def test_hyperparameters_set_later_are_saved():
    layer = LinearLayer(3, 2)
    layer.threshold_tau = np.float32(7.0)
    assert layer.config()["threshold_tau"] == 7.0
    assert json.loads(json.dumps(layer.config())) == layer.config()


def test_a_neuron_is_an_argument_too(tmp_path):
    layer = NeuronLayer(2, 3, LIF(leak=0.5))
    layer.save(tmp_path / "a")
    assert NeuronLayer.load(tmp_path / "a").neuron == LIF(leak=0.5)


def test_the_connections_that_were_drawn_come_back(tmp_path):
    net = DilutedHopfieldNetwork(20, 4)
    net.save(tmp_path / "a")
    loaded = DilutedHopfieldNetwork.load(tmp_path / "a")
    assert loaded.seed == net.seed
    np.testing.assert_array_equal(loaded.connections.value, net.connections.value)


OLDER = {
    "num_neurons": 3,
    "asyn": True,
    "threshold": 0.25,
    "activation": "tanh",
    "temperature": 0.5,
    "stochastic": False,
    "tie": "plus",
    "order": "cyclic",
    "method": "dense",
}


def test_files_with_the_older_names_load(tmp_path):
    path = tmp_path / "a"
    AmariHopfieldNetwork(3).save(path)
    header, tensors = read_tensors(path)
    tensors["W"] = np.eye(3, dtype=np.float32)
    header["model"] = json.dumps(json.loads(header["model"]) | {"config": OLDER})
    write_tensors(path, tensors, header)
    loaded = AmariHopfieldNetwork.load(path)
    assert (loaded.asynchronous, loaded.update_order, loaded.tie) == (True, "cyclic", "plus")
    assert (loaded.threshold, loaded.temperature, loaded.method) == (0.25, 0.5, "dense")
    np.testing.assert_array_equal(loaded.W.value, np.eye(3))


@pytest.mark.parametrize(
    ("value", "json_value"),
    [
        (np.float32(0.5), 0.5),
        (np.arange(3), [0, 1, 2]),
        ((1, (2.0, None)), [1, [2.0, None]]),
        ({"a": np.int64(3)}, {"a": 3}),
        ("word", "word"),
    ],
)
def test_json_values(value, json_value):
    assert as_json(value) == json_value
    assert from_json(json_value) == json_value
