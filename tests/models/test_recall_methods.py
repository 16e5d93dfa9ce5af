"""A Hopfield network recalls the same by its matrix, by its patterns and by their bits."""

import copy
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from canns import task
from canns.dynamics.couplings.matrix import Symmetric
from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.models.brain_inspired import method as recall_method
from canns.models.brain_inspired.method import Load, choose_form, fits_dense
from canns.plasticity import Hebbian, Storkey, UnitRows
from canns.trainer import (
    AntiHebbianTrainer,
    Checkpoint,
    HebbianTrainer,
    RuleTrainer,
    train_ensemble,
)

N, P = 150, 8
PATTERNS = task.random_patterns(P, N, seed=0)
MORE = task.random_patterns(3, N, seed=1)
rng = np.random.default_rng(2)
CUES = np.where(rng.random((P, N)) < 0.15, -PATTERNS, PATTERNS)
CUES[0, :20] = 0  # masked
METHODS = ("dense", "factored", "packed")


def train_each(train, **options):
    """Return a network for each method, after ``train``, with what that returned."""
    networks = {method: AmariHopfieldNetwork(N, method=method, **options) for method in METHODS}
    return networks, {method: train(network) for method, network in networks.items()}


def assert_same(networks, seed=5):
    results = {name: network.recall(CUES, seed=seed) for name, network in networks.items()}
    for name in ("factored", "packed"):
        np.testing.assert_array_equal(results[name].states, results["dense"].states)
        np.testing.assert_array_equal(results[name].outcome, results["dense"].outcome)
        np.testing.assert_allclose(results[name].energies, results["dense"].energies, rtol=1e-4)
        weights = networks[name].W.value
        np.testing.assert_allclose(weights, networks["dense"].W.value, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "asyn"),
    [
        ({}, False),
        ({}, True),
        ({"subtract_mean": False}, False),
        ({"zero_diagonal": False}, False),
        ({"normalize_by_patterns": False, "learning_rate": 0.3}, False),
    ],
    ids=str,
)
def test_storing_twice_by_hebb(options, asyn):
    def train(network):
        trainer = HebbianTrainer(network, **options)
        return trainer.train(PATTERNS), trainer.train(MORE)

    networks, records = train_each(train, asyn=asyn)
    for network, name in ((networks["factored"], "int8"), (networks["packed"], "uint32")):
        assert network.W.stored.patterns.dtype == name
        assert not network.W.is_built
    assert_same(networks)
    for method in ("factored", "packed"):
        for own, dense in zip(records[method], records["dense"], strict=True):
            np.testing.assert_allclose(own.weight_change, dense.weight_change, rtol=1e-4)
            np.testing.assert_allclose(own.weight_norm, dense.weight_norm, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["hebbian", "covariance", "pseudo_inverse"])
def test_rules_by_name(rule):
    networks, _ = train_each(lambda network: RuleTrainer(network, rule).train(PATTERNS))
    assert_same(networks)
    assert networks["packed"].W.stored.packed


def test_the_networks_own_storage_and_what_takes_it_back():
    networks, _ = train_each(lambda network: network.apply_hebbian_learning(PATTERNS))
    assert_same(networks)
    for network in networks.values():
        AntiHebbianTrainer(network).train(PATTERNS)
        np.testing.assert_allclose(network.W.value, 0, atol=1e-6)


@pytest.mark.slow
def test_noise_and_graded_neurons():
    for options in ({"stochastic": True, "temperature": 0.3}, {"stochastic": True, "asyn": True}):
        networks, _ = train_each(lambda n: HebbianTrainer(n).train(PATTERNS), **options)
        assert_same(networks)
    networks, _ = train_each(lambda n: HebbianTrainer(n).train(PATTERNS), activation="tanh")
    states = [np.asarray(network.recall(CUES).states) for network in networks.values()]
    np.testing.assert_allclose(states[1], states[0], atol=1e-5)
    np.testing.assert_allclose(states[2], states[0], atol=1e-5)


def test_copies_and_files_keep_the_patterns(tmp_path):
    network = AmariHopfieldNetwork(N, method="packed")
    HebbianTrainer(network).train(PATTERNS)
    network.save(tmp_path / "net")
    expected = network.recall(CUES).states
    for other in (
        AmariHopfieldNetwork.load(tmp_path / "net"),
        pickle.loads(pickle.dumps(network)),
        copy.deepcopy(network),
    ):
        assert other.method == "packed"
        assert other.W.stored.packed
        np.testing.assert_array_equal(other.recall(CUES).states, expected)


def test_a_failed_training_leaves_the_patterns_as_they_were():
    network = AmariHopfieldNetwork(N, method="packed")
    HebbianTrainer(network).train(PATTERNS)
    before = network.W.stored
    for bad in (
        task.random_patterns(2, N + 1, seed=0),
        np.where(MORE > 0, np.nan, 1.0),
        np.round(3 * rng.normal(size=(3, N))),
    ):
        with pytest.raises(ValidationError):
            HebbianTrainer(network).train(bad)
        assert network.W.stored is before
    with pytest.raises(ValidationError, match="made of patterns"):
        RuleTrainer(network, Storkey()).train(PATTERNS)
    with pytest.raises(ValidationError, match="made of patterns"):
        RuleTrainer(network, Hebbian(), UnitRows()).train(PATTERNS)
    network.W.value = np.zeros((N, N))
    with pytest.raises(ValidationError, match="method='packed'"):
        network.recall(CUES)


def test_other_rules_make_auto_dense():
    network = AmariHopfieldNetwork(2048)
    patterns = task.random_patterns(4, 2048, seed=3)
    HebbianTrainer(network).train(patterns)
    assert network.W.stored.packed
    network.W.value = 2 * network.W.value
    assert network.W.stored is None
    np.testing.assert_array_equal(network.recall(patterns).states, patterns)


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"stochastic": True, "temperature": 0.3}, {"tie": "plus"}])
@pytest.mark.parametrize("two_valued", [True, False])
def test_a_sweep_by_the_matrix_and_the_patterns_is_the_sweep_by_the_matrix(
    options, two_valued, monkeypatch
):
    monkeypatch.setattr(recall_method, "_SMALL", N)
    networks = {
        m: AmariHopfieldNetwork(N, asyn=True, method=m, **options) for m in ("auto", "dense")
    }
    few = PATTERNS[:3] if two_valued else np.vstack([PATTERNS[:2], 0.5 * PATTERNS[2:3]])
    for network in networks.values():
        HebbianTrainer(network, subtract_mean=False).train(few)
    couplings = networks["auto"].couplings
    assert isinstance(couplings, Symmetric)
    assert couplings.patterns.packed == two_valued
    found, expected = (networks[m].recall(CUES, seed=5) for m in ("auto", "dense"))
    np.testing.assert_array_equal(found.states, expected.states)
    np.testing.assert_array_equal(found.outcome, expected.outcome)
    np.testing.assert_allclose(found.energies, expected.energies, rtol=1e-4)


LOAD = Load(4000, 400, two_valued=True, binary=True, asynchronous=False)


@pytest.mark.parametrize(
    ("change", "form"),
    [
        ({}, "packed"),
        ({"two_valued": False}, "factored"),
        ({"binary": False}, "factored"),
        ({"num_patterns": 2001}, "dense"),
        ({"two_valued": False, "num_patterns": 1001}, "dense"),
        ({"num_neurons": 1000}, "dense"),
        ({"asynchronous": True}, "mixed"),
        ({"asynchronous": True, "binary": False}, "dense"),
        ({"asynchronous": True, "num_patterns": 2001}, "dense"),
        ({"num_neurons": 10**7, "asynchronous": True}, "packed"),
        ({"num_neurons": 10**7, "num_patterns": 10**7}, "packed"),
    ],
)
def test_auto_takes_what_is_fast_and_fits(change, form):
    assert choose_form("auto", LOAD._replace(**change)) == form
    assert choose_form("dense", LOAD._replace(**change)) == "dense"


@pytest.mark.parametrize("method", ["dense", "factored", "packed"])
def test_a_smaller_network_keeps_what_its_neurons_had(method):
    size = 77  # not whole words
    network = AmariHopfieldNetwork(N, method=method)
    HebbianTrainer(network).train(PATTERNS)
    HebbianTrainer(network, subtract_mean=False).train(MORE)
    before = np.asarray(network.W.value)
    network.resize(size)
    np.testing.assert_allclose(network.W.value, before[:size, :size], rtol=0, atol=1e-6)
    dense = AmariHopfieldNetwork(size, method="dense")
    dense.W.value = before[:size, :size]
    found, expected = (net.recall(CUES[:, :size]).states for net in (network, dense))
    np.testing.assert_array_equal(found, expected)
    HebbianTrainer(network).train(PATTERNS[:, :size])


@pytest.mark.parametrize("method", ["factored", "packed"])
def test_patterns_say_nothing_of_new_neurons(method):
    network = AmariHopfieldNetwork(N, method=method)
    HebbianTrainer(network).train(PATTERNS)
    before = np.asarray(network.recall(CUES).states)
    for grow in (
        lambda: network.resize(N + 1),
        lambda: HebbianTrainer(network).train(np.ones((2, N + 5))),
    ):
        with pytest.raises(ValidationError, match=f"num_neurons must be at most {N}.*=False"):
            grow()
    with pytest.raises(ValidationError, match="preserve_submatrix must be True or False"):
        network.resize(N - 1, preserve_submatrix="no")
    assert network.num_neurons == N
    np.testing.assert_array_equal(network.recall(CUES).states, before)
    with pytest.raises(ValidationError, match="AmariHopfieldNetwork, which keeps patterns"):
        train_ensemble(network, "hebbian", PATTERNS)
    with pytest.raises(ValidationError, match=r"checkpoint must be None.*method='dense'"):
        HebbianTrainer(network).train(PATTERNS, checkpoint=Checkpoint("never"))
    network.resize(N + 1, preserve_submatrix=False)
    HebbianTrainer(network).train(task.random_patterns(2, N + 1, seed=0))


def test_records_of_updates_that_cannot_fit_are_refused():
    network = AmariHopfieldNetwork(N)
    for run in (network.recall, network.trajectory):
        with pytest.raises(ValidationError, match="num_iter must be small enough"):
            run(np.ones((10_000, N)), num_iter=2**29)
        with pytest.raises(ValidationError, match=f"num_iter must be below {2**30}"):
            run(CUES, num_iter=2**40)
    with pytest.raises(ValidationError, match=f"num_iter must be below {2**30}"):
        network.predict(CUES[0], num_iter=2**31 - 1)
    HebbianTrainer(network).train(PATTERNS)
    with pytest.raises(ValidationError, match=r"num_neurons must be small .*preserve_submatrix"):
        network.resize(10**6)


def test_what_cannot_fit_is_refused_before_it_is_made(monkeypatch):
    size = 10**6
    with pytest.raises(ValidationError, match=r"4\.0 TB.*method='factored'.*packed"):
        AmariHopfieldNetwork(size, method="dense")
    network = AmariHopfieldNetwork(size)
    assert network.W.shape == (size, size)
    with pytest.raises(ValidationError, match=r"8\.0 TB.*method='factored'"):
        network.W.value  # noqa: B018
    assert not fits_dense(size, 4)
    monkeypatch.setattr("canns._memory._SMALL", 0)
    monkeypatch.setattr("canns._memory.available_memory", lambda: 1000)
    with pytest.raises(ValidationError, match="method='packed'"):
        HebbianTrainer(AmariHopfieldNetwork(N, method="factored")).train(PATTERNS)
    cues = np.ones((30, size), np.float32)
    with pytest.raises(ValidationError, match="fewer"):
        network.recall(cues)


_LARGE = """
from pathlib import Path
import numpy as np
from canns.models.brain_inspired import AmariHopfieldNetwork
size, count = 1_000_000, 20
patterns = np.random.default_rng(0).integers(0, 2, (count, size), dtype=np.int8) * 2 - 1
network = AmariHopfieldNetwork(size)
network.apply_hebbian_learning(patterns)
cues = patterns[:4].astype(np.float32)
cues[:, :: 4] *= -1
states = np.asarray(network.recall(cues).states)
assert (states == patterns[:4]).all()
# Not ru_maxrss, which a process begins with at the peak of the one that started it.
peak = Path("/proc/self/status").read_text().split("VmHWM:")[1]
print(int(peak.split()[0]) / 2**20)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's own account of a process")
def test_a_million_neurons_take_the_memory_of_their_patterns():
    done = subprocess.run(
        [sys.executable, "-c", _LARGE],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"XLA_FLAGS": ""},  # as users compile
    )
    assert float(done.stdout) < 1.5  # GiB; W would take 3725
