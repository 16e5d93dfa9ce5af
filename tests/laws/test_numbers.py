"""Numbers: rounding errors, repeatable bits, and sizes near the ends of the range of float32."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from deeds import BY_ENERGY, MODELS
from digests import METHODS, digests
from error_table import BOUND, SEEDS, error_of
from rule_rows import ROWS, inputs_for, name, rewards_for, weights_for
from test_network_transformations import ALL

import canns
from canns import trainer
from canns.dynamics import network_energies
from canns.errors import CannsError, DivergenceError
from canns.models import brain_inspired as models
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BoltzmannMachine,
    LinearLayer,
    RecurrentNetwork,
    RestrictedBoltzmannMachine,
)
from canns.plasticity import Setup, learn
from canns.plasticity.learning import chunk_length
from canns.trainer import HebbianTrainer, OjaTrainer

pytestmark = pytest.mark.filterwarnings("ignore::canns.errors.CannsWarning")

# Every sixteenth rule in `make test`; the others are slow.
each_rule = pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=name(row), marks=() if i % 16 == 0 else pytest.mark.slow)
        for i, row in enumerate(ROWS)
    ],
)


def run(row, inputs, weights):
    rewards = rewards_for(row.rule, inputs)
    return learn(Setup(row.rule, row.neuron), weights, inputs, rewards=rewards)


@each_rule
@pytest.mark.parametrize("seed", SEEDS)
def test_single_precision_errs_by_its_rounding(row, seed, x64):
    assert 0 < error_of(row, seed) < BOUND


SIZES = (1e-30, 1e-20, 1e20, 1e30)


@each_rule
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("what", ["samples", "weights"])
def test_a_rule_takes_any_size_or_refuses_it(row, size, what):
    """Weights stay finite; a size that is refused, or that diverges, is an error of the library."""
    inputs, weights = inputs_for(row), weights_for()
    if what == "samples":
        inputs = inputs * np.float32(size)
    else:
        weights = weights * np.float32(size)
    try:
        after = run(row, inputs, weights)
    except CannsError:
        return
    assert all(bool(jnp.isfinite(leaf).all()) for leaf in jax.tree.leaves(after))
    if size < 1 and row.rule.target is None and row.rule.shown != "whole":
        # What is so small adds nothing to what there is: as if it were 0.
        zeroed = (inputs * 0, weights) if what == "samples" else (inputs, weights * 0)
        plain = run(row, *zeroed).weights
        close = 1e-6 * max(1.0, float(jnp.abs(plain).max()))
        # But whoever is nearest, or largest, wins by however little.
        if not row.any_scale and row.neuron.emits not in ("winners", "nearest", "ranked"):
            np.testing.assert_allclose(after.weights, plain, rtol=0, atol=close)


QUICK = ("AmariHopfieldNetwork", "ModernHopfieldNetwork")
NETWORKS = [
    key
    for key in models.__all__
    if key in MODELS and issubclass(getattr(models, key), RecurrentNetwork)
]


@pytest.mark.parametrize(
    "key",
    [pytest.param(key, marks=() if key in QUICK else pytest.mark.slow) for key in NETWORKS],
)
@pytest.mark.parametrize("size", [*SIZES, 1e15])
@pytest.mark.parametrize("what", ["patterns", "weights", "cues"])
def test_a_network_takes_any_size_or_refuses_it(key, size, what):
    build, data = MODELS[key]
    network = build()
    try:
        network.apply_hebbian_learning(data * size if what == "patterns" else data)
        if what == "weights":
            network.W.value = np.asarray(network.W.value) * size
        cues = data * size if what == "cues" else data
    except CannsError:
        return
    for call in (lambda: network.energies(cues), lambda: network.recall(cues, num_iter=4)):
        try:
            found = call()
        except CannsError:
            continue
        parts = [found] if isinstance(found, np.ndarray) else [found.energies, found.states]
        assert all(np.isfinite(np.asarray(part)).all() for part in parts)


SIGNS = np.random.default_rng(0).choice([-1.0, 1.0], (3, 12))


@pytest.mark.parametrize("size", [1e-30, 1e-15, 1e15, 1e30])
@pytest.mark.parametrize("asynchronous", [False, True])
def test_the_size_of_couplings_decides_nothing_for_signs(size, asynchronous):
    cues = np.where(np.random.default_rng(1).random(SIGNS.shape) < 0.2, -SIGNS, SIGNS)
    found = []
    for scale in (1.0, size):
        network = AmariHopfieldNetwork(12, asynchronous, activation="sign")
        network.apply_hebbian_learning(SIGNS)
        network.W.value = np.asarray(network.W.value) * np.float32(scale)
        found.append(network.recall(cues, seed=2))
    np.testing.assert_array_equal(found[1].states, found[0].states)
    np.testing.assert_allclose(found[1].energies / size, found[0].energies, rtol=1e-5)


def _machine():
    machine = BoltzmannMachine(4, seed=0)
    machine.W = np.where(np.eye(4), 0, 1e38)
    return machine.energies(np.ones((1, 4)))


def _restricted():
    machine = RestrictedBoltzmannMachine(4, 3, seed=0)
    machine.W = np.full((3, 4), 1e38)
    return machine.free_energy(np.ones((1, 4)))


def _layers():
    network = models.LayeredHopfieldNetwork((4, 3, 2), seed=0)
    network.W1 = np.full((3, 4), 1e38)
    return network.energies(network.relax(np.ones((1, 4))).state)


def _of(network, rows):
    network.apply_hebbian_learning(rows[:2])
    return network.energies(rows)


OVERFLOWS = {
    "large states": lambda: _of(AmariHopfieldNetwork(12), SIGNS * 1e30),
    "a tiny beta": lambda: _of(models.ModernHopfieldNetwork(12, beta=1e-50), SIGNS),
    "large patterns": lambda: _of(models.ModernHopfieldNetwork(12), SIGNS * 1e25),
    "a machine": _machine,
    "a restricted machine": _restricted,
    "layers": _layers,
    "the pure function": lambda: network_energies(
        ALL["sign"][0], jnp.full((6, 6), 1e38), np.ones((1, 6), np.float32) * 1e5
    ),
}


@pytest.mark.parametrize("case", OVERFLOWS)
def test_an_energy_that_overflows_is_an_error(case):
    with pytest.raises(CannsError):
        OVERFLOWS[case]()


class Read:
    """Samples that count how many were read, of which one is out of all range."""

    def __init__(self, bad, total):
        self.bad, self.total, self.count = bad, total, 0

    def __iter__(self):
        rng = np.random.default_rng(0)
        for i in range(self.total):
            self.count += 1
            yield rng.normal(size=3).astype(np.float32) * (1e18 if i == self.bad else 0.1)


@pytest.mark.parametrize("build", [LinearLayer, AmariHopfieldNetwork], ids=lambda k: k.__name__)
def test_a_divergence_is_found_within_its_chunk(build):
    chunk = chunk_length(3)
    data = Read(chunk + 5, 4 * chunk)
    if build is LinearLayer:
        made = OjaTrainer(LinearLayer(3, 2), 1e-3)
    else:
        options = {"subtract_mean": False, "normalize_by_patterns": False}
        made = HebbianTrainer(AmariHopfieldNetwork(3), learning_rate=1e-4, **options)
    with pytest.raises(DivergenceError) as caught:
        made.train(data)
    assert caught.value.step in (chunk + 5, chunk)  # sums are checked at the ends of chunks
    assert data.count <= 2 * chunk + 1  # one more says that there is another chunk


@pytest.mark.parametrize("key", BY_ENERGY)
def test_learning_by_energy_diverges_aloud(key):
    build, data = BY_ENERGY[key]
    made = getattr(trainer, key)(build(), learning_rate=1e30)
    with pytest.raises(CannsError):
        made.train(*data, epochs=40, batch_size=2, seed=0)


@pytest.mark.slow
def test_another_process_finds_the_same_bits():
    """Of each rule, each way to recall, and an ensemble; sets are hashed otherwise there."""
    folder = Path(__file__).parent
    paths = [folder, folder.parent / "plasticity", Path(canns.__file__).parents[1]]
    found = []
    for seed in ("1", "2"):
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "PYTHONHASHSEED": seed,
            "JAX_PLATFORMS": "cpu",
        }
        command = [sys.executable, str(folder / "digests.py")]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, cwd=folder
        )
        found.append(done.stdout.splitlines())
    assert len(found[0]) == len(ROWS) + 4 * len(METHODS) + 1
    assert found[0] == found[1]
    here = [f"{key}: {each}" for key, each in digests().items()]
    assert here == found[0]


@pytest.mark.slow
def test_each_way_to_recall_finds_the_same_bits():
    found = digests()
    for how in ("in turn", "at once", "in turn, noisy", "at once, noisy"):
        assert len({found[f"recall {method}, {how}"] for method in METHODS}) == 1, how
