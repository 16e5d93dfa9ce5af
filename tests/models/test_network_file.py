"""A spiking network on disk: load() goes on to the exact bits, and damaged files are refused."""

import copy
import json
import pickle

import jax
import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

import canns
from canns.dynamics import AdEx, Connections, CurrentLIF, EventMatrix, Poisson
from canns.errors import ValidationError
from canns.models.brain_inspired import LinearLayer, SpikingNetwork
from canns.plasticity import PairSTDP, Soft
from canns.task import SpikeTrains

DT = 0.5


def _built():
    """A network with something of everything."""
    network = SpikingNetwork(seed=3, name="all.of.it")
    lif = CurrentLIF(drive=14.0, t_ref=1.0, dt=DT)
    network.add("E", lif, 12, potentials=(-70.0, -55.0))
    network.add("I.", AdEx(dt=DT, drive=100.0), 4)
    network.add("p", Poisson(rate=30.0, dt=DT), 3)
    network.add_inputs("in", 10, np.linspace(5.0, 100.0, 10))
    network.add_inputs("one", 2, 50.0)
    network.add_inputs("varying", 4, [20.0, 300.0, 5.0], rate_dt=20.0)
    network.add_spikes("given", SpikeTrains([[3.0, 40.0], [10.5]], duration=60.0, dt=DT))
    network.add_background("E", 500.0, 1.0)
    network.add_background("I.", 200.0, 50.0, kind="inhibitory")
    network.connect("in", "E", 3.0, probability=0.5, delay=(0.0, 2.0))
    rule = PairSTDP(A_plus=0.05, dependence=Soft(5.0))
    learning = {"rule": rule, "bounds": (0.1, 5.0)}
    network.connect("in", "E", 1.0, in_degree=3, delay=(0.5, 3.0), name="late", **learning)
    network.connect("E", "E", 1.0, probability=0.3, delay=1.0)
    network.connect("I.", "E", EventMatrix(np.full((4, 12), 0.5, np.float32)), kind="inhibitory")
    network.connect("E", "I.", 200.0, probability=0.5)
    pairs = Connections((3, 2), np.array([1, 0]), np.array([0, 2]))
    network.connect("given", "p", [1.0, 2.0], connections=pairs)
    network.connect("varying", "E", np.zeros((12, 4)), name="no synapses")
    return network


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A network, what its file held, and how it went on."""
    network = _built()
    network.run(30.0)
    path = tmp_path_factory.mktemp("networks") / "network.safetensors"
    network.save(path)
    return network, path, network.run(30.0)


def _assert_alike(one, other):
    assert one.config() == other.config()
    assert (one.time, one.name) == (other.time, other.name)
    arrays = [network.boxes()["network"].arrays() for network in (one, other)]
    assert arrays[0].keys() == arrays[1].keys()
    for name, array in arrays[0].items():
        assert array.dtype == arrays[1][name].dtype
        np.testing.assert_array_equal(array, arrays[1][name], err_msg=name)


def test_a_loaded_network_goes_on_to_the_exact_bits(saved):
    network, path, after = saved
    assert all(len(after.spikes[name].times) for name in ("E", "in", "varying"))
    again = SpikingNetwork.load(path)
    assert again.time == 30.0
    run = again.run(30.0)
    for name, spikes in after.spikes.items():
        for expected, found in zip(spikes, run.spikes[name], strict=True):
            np.testing.assert_array_equal(found, expected)
    _assert_alike(again, network)
    for name in ("in to E", "late"):
        np.testing.assert_array_equal(
            again.delays("in", "E", name=name), network.delays("in", "E", name=name)
        )


def test_a_loaded_network_resets_as_the_saved_one(saved):
    path = saved[1]
    again, fresh = canns.load(path), _built()
    again.reset()
    _assert_alike(again, fresh)
    assert repr(again) == repr(fresh)


def test_a_network_that_has_not_run_is_saved(tmp_path):
    network, path = _built(), tmp_path / "network.safetensors"
    network.save(path)
    again = SpikingNetwork.load(path)
    _assert_alike(again, network)
    again.add("more", CurrentLIF(dt=DT), 2)
    empty = SpikingNetwork(seed=0)
    empty.save(path)
    assert SpikingNetwork.load(path).config() == empty.config()


@pytest.mark.parametrize(
    "other",
    [copy.copy, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_copies_are_alike_and_apart(saved, other):
    path = saved[1]
    first = SpikingNetwork.load(path)
    second = other(first)
    _assert_alike(second, first)
    second.set_rate("in", 1.0)
    second.reset()
    assert first.time == 30.0
    _assert_alike(first, SpikingNetwork.load(path))


def test_from_config_declares_the_network_without_synapses(saved):
    config = json.loads(json.dumps(saved[0].config()))
    again = SpikingNetwork.from_config(config)
    assert again.sizes == saved[0].sizes
    assert again.synapses("E", "E").count == 0
    assert again.config() == config


def test_another_kind_of_key_is_kept(tmp_path):
    network = SpikingNetwork(seed=jax.random.key(1, impl="rbg"))
    network.add("E", CurrentLIF(dt=DT), 2)
    network.add_background("E", 500.0, 5.0)
    network.run(5.0)
    network.save(tmp_path / "n")
    again = SpikingNetwork.load(tmp_path / "n")
    np.testing.assert_array_equal(*[n.run(20.0).spikes["E"].times for n in (network, again)])


def _rewritten(path, tmp_path, change):
    """Write the file with another header and other arrays."""
    tensors = load_file(path)
    with safe_open(path, "numpy") as file:
        header = file.metadata()
    model = json.loads(header["model"])
    change(tensors, model["config"])
    header["model"] = json.dumps(model)
    save_file(tensors, tmp_path / "damaged", metadata=header)
    return tmp_path / "damaged"


@pytest.mark.slow
def test_every_array_that_is_missing_or_of_another_shape_or_type_is_refused(saved, tmp_path):
    path = saved[1]
    for name in load_file(path):
        for damage in (_without, _longer, _other_type):
            damaged = _rewritten(path, tmp_path, lambda t, _, n=name, d=damage: d(t, n))
            with pytest.raises(ValidationError):
                SpikingNetwork.load(damaged)


def _without(tensors, name):
    del tensors[name]


def _longer(tensors, name):
    tensors[name] = np.concatenate([tensors[name].ravel(), tensors[name].ravel()[:1], [0]]).astype(
        tensors[name].dtype
    )


def _other_type(tensors, name):
    tensors[name] = tensors[name].astype(np.complex64)


def _set(name, value):
    def change(tensors, config):
        tensors[f"network.{name}"] = np.asarray(value, tensors[f"network.{name}"].dtype)

    return change


def _entry(*keys, value):
    def change(tensors, config):
        for key in keys[:-1]:
            config = config[key]
        config[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        _set("pathway5.pre", [0, 7]),
        _set("pathway5.post", [-1, 0]),
        _set("pathway5.weights", [-1.0, 1.0]),
        _set("pathway5.weights", [np.nan, 1.0]),
        _set("pathway5.delays", [-1]),
        _set("population6.first", [3, 2, 1]),
        _set("population6.trains", [9] * 4),
        _set("state.step", -3),
        lambda tensors, config: tensors.update({"network.more": np.zeros(1)}),
        _entry("populations", "E", "size", value=13),
        _entry("populations", "E", "size", value=0),
        _entry("populations", "E", "neuron", "class", value="Rule"),
        _entry("populations", "E", "neuron", "dt", value=0.1),
        _entry("populations", "E", "neuron", "nothing", value=0.1),
        _entry("populations", "E", "backgrounds", 0, "cumulative", value=[0.5, 0.1]),
        _entry("populations", "E", "backgrounds", value=3),
        _entry("populations", "varying", "neuron", "inputs", value="Inputs"),
        _entry("populations", value=[]),
        _entry("pathways", "late", "rule", "class", value="CurrentLIF"),
        _entry("pathways", "late", "bounds", value=[2.0, 1.0]),
        _entry("pathways", "late", "target", value="in"),
        _entry("pathways", "late", "source", value="X"),
        _entry("pathways", value={}),
        _entry("seed", value=None),
        _entry("seed", "kind", value="none"),
        _entry("seed", "words", value=[1]),
    ],
)
def test_damaged_content_is_refused(saved, tmp_path, change):
    with pytest.raises(ValidationError):
        SpikingNetwork.load(_rewritten(saved[1], tmp_path, change))


def test_the_file_of_another_model_is_refused(tmp_path):
    LinearLayer(3, 2).save(tmp_path / "layer")
    with pytest.raises(ValidationError, match="SpikingNetwork"):
        SpikingNetwork.load(tmp_path / "layer")
