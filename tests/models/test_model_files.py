"""Models on disk: load() returns what save() wrote, and refuses other files."""

import json

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from canns.errors import ValidationError
from canns.models.basic import BasicModel
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModel,
    BrainInspiredModelGroup,
    LinearLayer,
    SpikingLayer,
)

SIZES = st.integers(1, 5)
NAMES = st.none() | st.text("abc", min_size=1, max_size=3)
UNIT = st.floats(0, 1, allow_nan=False)
REAL = st.floats(-5, 5, allow_nan=False)

NETWORKS = st.builds(
    AmariHopfieldNetwork,
    SIZES,
    st.booleans(),
    REAL,
    st.sampled_from(["sign", "tanh", "sigmoid"]),
    st.floats(0.1, 5),
    tie=st.sampled_from(["keep", "plus", "minus"]),
    name=NAMES,
)
NOISY = st.builds(AmariHopfieldNetwork, SIZES, stochastic=st.just(True), temperature=st.just(2.0))
LINEAR = st.builds(LinearLayer, SIZES, SIZES, st.booleans(), st.floats(1, 200), name=NAMES)
SPIKING = st.builds(
    SpikingLayer, SIZES, SIZES, REAL, REAL, UNIT, UNIT, st.floats(0.1, 3), name=NAMES
)
ANY = NETWORKS | NOISY | LINEAR | SPIKING


GROUPS = st.lists(ANY, max_size=3, unique_by=lambda model: model.name or id(model)).map(
    lambda models: BrainInspiredModelGroup(*models, name="all")
)


def _fill(model, data):
    for box in model.boxes().values():
        values = hnp.arrays(np.float32, box.value.shape, elements=st.floats(-9, 9, width=32))
        box.value = data.draw(values)
    for member in model.submodels():
        _fill(member, data)


def _assert_alike(a, b):
    assert type(a) is type(b)
    assert (a.config(), a.name) == (b.config(), b.name)
    assert list(a.boxes()) == list(b.boxes())
    for name, box in a.boxes().items():
        np.testing.assert_array_equal(box.value, getattr(b, name).value)
    for one, other in zip(a.submodels(), b.submodels(), strict=True):
        _assert_alike(one, other)


@settings(max_examples=25)
@given(model=ANY | GROUPS, data=st.data())
def test_a_loaded_model_is_the_saved_one(tmp_path_factory, model, data):
    _fill(model, data)
    path = tmp_path_factory.mktemp("models") / "model.safetensors"
    model.save(path)
    _assert_alike(model, type(model).load(path))
    _assert_alike(model, BasicModel.load(str(path)))
    assert [p.name for p in path.parent.iterdir()] == ["model.safetensors"]


def test_a_resized_model_and_its_later_settings_are_saved(tmp_path):
    layer = LinearLayer(3, 2, True)
    layer.resize(5, 4)
    layer.threshold_tau = 7.0
    layer.save(tmp_path / "a")
    loaded = LinearLayer.load(tmp_path / "a")
    _assert_alike(layer, loaded)
    assert loaded.threshold_tau == 7.0


def test_weights_of_another_shape_come_back(tmp_path):
    net = AmariHopfieldNetwork(3)
    net.W.value, net.s.value = np.eye(4), np.ones(4)
    net.save(tmp_path / "a")
    np.testing.assert_array_equal(AmariHopfieldNetwork.load(tmp_path / "a").W.value, np.eye(4))


def test_saving_again_replaces_the_file(tmp_path):
    net = AmariHopfieldNetwork(3)
    net.save(tmp_path / "a")
    net.W.value = np.eye(3)
    net.save(tmp_path / "a")
    np.testing.assert_array_equal(AmariHopfieldNetwork.load(tmp_path / "a").W.value, np.eye(3))


class Plain(BrainInspiredModel):
    """A model of the user's own that does not say how it is built."""

    def __init__(self, gain=1.0):
        super().__init__()


class Mine(AmariHopfieldNetwork):
    """A model of the user's own that is built as its parent is."""


def test_a_subclass_comes_back_as_itself(tmp_path):
    Mine(3, True, name="mine").save(tmp_path / "a")
    loaded = AmariHopfieldNetwork.load(tmp_path / "a")
    assert (type(loaded), loaded.asyn, loaded.name) == (Mine, True, "mine")


@pytest.mark.parametrize("group", [False, True])
def test_a_model_without_config_says_what_to_define(tmp_path, group):
    model = BrainInspiredModelGroup(Plain()) if group else Plain()
    with pytest.raises(NotImplementedError, match="Plain does not define config"):
        model.save(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cls", [LinearLayer, SpikingLayer, BrainInspiredModelGroup, Mine])
def test_a_wrong_class_is_refused(tmp_path, cls):
    AmariHopfieldNetwork(3).save(tmp_path / "a")
    with pytest.raises(ValidationError, match=f"saved {cls.__name__}.*saved AmariHopfieldNetwork"):
        cls.load(tmp_path / "a")


def test_a_class_that_is_not_defined_is_refused(tmp_path):
    path = tmp_path / "a"
    AmariHopfieldNetwork(3).save(path)
    header = _header(path)
    del header["sha256"]
    header["model"] = header["model"].replace("AmariHopfieldNetwork", "AmariHopfieldNotwork")
    save_file(load_file(path), path, metadata=header)
    with pytest.raises(ValidationError, match="AmariHopfieldNotwork"):
        BasicModel.load(tmp_path / "a")


def _foreign(path):
    save_file({"W": np.zeros((3, 3), np.float32)}, path)


def _headless(path):
    save_file({"W": np.zeros((3, 3), np.float32)}, path, metadata={"format": "canns-model-1"})


def _truncated(path):
    AmariHopfieldNetwork(3).save(path)
    path.write_bytes(path.read_bytes()[:-8])


def _without_state(path):
    AmariHopfieldNetwork(3).save(path)
    header = _header(path)
    tensors = load_file(path)
    del tensors["s"]
    save_file(tensors, path, metadata=header)


def _wrong_shape(path):
    AmariHopfieldNetwork(3).save(path)
    header = _header(path)
    save_file(load_file(path) | {"W": np.zeros((2, 2), np.float32)}, path, metadata=header)


def _header(path):
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        return file.metadata()


SPOILT = {
    "missing": lambda path: None,
    "folder": lambda path: path.mkdir(),
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("not a model"),
    "pickle": lambda path: path.write_bytes(b"\x80\x04N."),
    "other safetensors": _foreign,
    "no description": _headless,
    "truncated": _truncated,
    "state missing": _without_state,
    "wrong shape": _wrong_shape,
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_save_did_not_write_is_refused(tmp_path, spoil):
    path = tmp_path / "model"
    spoil(path)
    with pytest.raises(ValidationError) as caught:
        AmariHopfieldNetwork.load(path)
    assert isinstance(caught.value, ValueError)
    assert str(path) in str(caught.value) or "saved" in str(caught.value)


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    net = AmariHopfieldNetwork(3)
    net.save(tmp_path / "a")
    monkeypatch.setattr("canns._tensors.save_file", lambda *a, **k: 1 / 0)
    net.W.value = np.eye(3)
    with pytest.raises(ZeroDivisionError):
        net.save(tmp_path / "a")
    assert float(AmariHopfieldNetwork.load(tmp_path / "a").W.value.sum()) == 0.0


def _described(path, **changed):
    """Save a network of three neurons, and change what the file says of it."""
    AmariHopfieldNetwork(3).save(path)
    header = _header(path)
    del header["sha256"]
    header["model"] = json.dumps({**json.loads(header["model"]), **changed})
    save_file(load_file(path), path, metadata=header)
    return path


LIES = {
    "no dict": ({"config": 1}, "config must be a dict"),
    "no argument": ({"config": {"neurons": 3}}, "unexpected keyword argument 'neurons'"),
    "a giant": ({"config": {"num_neurons": 30_000, "method": "dense"}}, "shape"),
    "a sequence": ({"class": "SequenceNetwork", "config": {"num_neurons": 30_000}}, "proportion"),
    "a name": ({"name": 3}, "name must be"),
    "a method": ({"adopted": {"update": True}}, "free name"),
    "a key": ({"more": 1}, "the key 'more'"),
    "deep": ({"config": {"tie": json.loads("[" * 150 + "]" * 150)}}, "levels"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_file_that_lies_about_its_model_is_refused(tmp_path, name):
    changed, says = LIES[name]
    with pytest.raises(ValidationError, match=says):
        BrainInspiredModel.load(_described(tmp_path / "a", **changed))


def test_weights_that_are_no_numbers_are_neither_saved_nor_loaded(tmp_path):
    layer = LinearLayer(3, 2)
    layer.save(tmp_path / "a")
    whole = (tmp_path / "a").read_bytes()
    for wrong in (np.nan, np.inf):
        layer.W.value = np.full((2, 3), wrong)
        with pytest.raises(ValidationError, match="W must be of finite numbers"):
            layer.save(tmp_path / "a")
        assert (tmp_path / "a").read_bytes() == whole
        header = _header(tmp_path / "a")
        del header["sha256"]
        tensors = load_file(tmp_path / "a") | {"W": np.full((2, 3), wrong, np.float32)}
        save_file(tensors, tmp_path / "b", metadata=header)
        with pytest.raises(ValidationError, match="the saved W must be of finite numbers"):
            LinearLayer.load(tmp_path / "b")
