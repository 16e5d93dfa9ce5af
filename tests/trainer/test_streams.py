"""Streams: what is learnt in chunks is what is learnt at once, to the last bit."""

import subprocess
import sys

import numpy as np
import pytest
from trainer_helpers import Rectified, assert_alike, assert_unchanged, snapshot

from canns.dynamics import LIF
from canns.errors import CannsWarning, DivergenceError, ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer, NeuronLayer
from canns.plasticity import Covariance, Instar, Monitor, PairSTDP, PseudoInverse
from canns.plasticity.learning.samples import chunk_length
from canns.trainer import BCMTrainer, HebbianTrainer, OjaTrainer, RuleTrainer, SangerTrainer

IN, OUT = 4, 2
CHUNK = chunk_length(IN)
DATA = np.random.default_rng(0).normal(size=(2 * CHUNK + 37, IN)).astype(np.float32)
SPIKES = (DATA > 1).astype(np.float32)
SUMS = {"subtract_mean": False, "normalize_by_patterns": False, "learning_rate": 1e-4}


def layer():
    own = LinearLayer(IN, OUT, True, 20.0)
    own.W.value = np.random.default_rng(3).uniform(0.1, 0.3, (OUT, IN))
    return own


def spiking():
    own = NeuronLayer(IN, OUT, LIF(threshold=0.4))
    own.W.value = np.random.default_rng(3).uniform(0.1, 0.3, (OUT, IN))
    return own


CASES = {
    "oja": lambda: OjaTrainer(layer(), 1e-3),
    "sanger": lambda: SangerTrainer(layer(), 1e-3),
    "bcm": lambda: BCMTrainer(layer(), 1e-4),
    "memory": lambda: RuleTrainer(spiking(), PairSTDP(1e-3)),
    "sums": lambda: HebbianTrainer(AmariHopfieldNetwork(IN), **SUMS),
    "covariance": lambda: RuleTrainer(AmariHopfieldNetwork(IN), Covariance(1e-4, 0.2)),
    "sequence": lambda: RuleTrainer(AmariHopfieldNetwork(IN), "sequence"),
    "own network": lambda: RuleTrainer(AmariHopfieldNetwork(IN), "palimpsest"),
}
each_case = pytest.mark.parametrize("build", CASES.values(), ids=CASES.keys())


class Again:
    """Samples that can be read any number of times."""

    def __init__(self, rows):
        self.rows = rows

    def __iter__(self):
        return iter(self.rows)


@pytest.fixture
def mapped(tmp_path):
    np.save(tmp_path / "data.npy", DATA)
    return np.load(tmp_path / "data.npy", mmap_mode="r")


@each_case
def test_a_generator_teaches_what_its_array_does(build):
    whole, stream = build(), build()
    data = SPIKES if build is CASES["memory"] else DATA
    first = whole.train(data)
    second = stream.train(row for row in data)
    assert_alike(whole.model, stream.model)
    assert first.num_samples == second.num_samples == len(data)
    # The norms come from two programs, which may add the squares in another order: in pairs, their
    # sum is off by log2(n) / 2 units in the last place.
    units = np.log2(max(2, np.size(whole.model.W.value)))
    rtol = units * np.finfo(np.float32).eps
    np.testing.assert_allclose(first.weight_change, second.weight_change, rtol=rtol)
    assert first.weight_change > 0


def test_a_hundred_thousand_samples_by_a_generator():
    rng = np.random.default_rng(1)
    data = rng.normal(size=(100_000, IN)).astype(np.float32)
    whole, stream = OjaTrainer(layer(), 1e-3), OjaTrainer(layer(), 1e-3)
    whole.train(data)
    record = stream.train(iter(data))
    assert record.num_samples == 100_000
    assert_alike(whole.model, stream.model)


@each_case
def test_a_mapped_array_teaches_what_its_array_does(build, tmp_path):
    whole, file = build(), build()
    data = SPIKES if build is CASES["memory"] else DATA
    options = {"epochs": 2, "shuffle": True, "key": 5}
    np.save(tmp_path / "data.npy", data)
    whole.train(data, **options)
    file.train(np.load(tmp_path / "data.npy", mmap_mode="r"), **options)
    assert_alike(whole.model, file.model)


def test_what_can_be_iterated_again_has_epochs():
    whole, stream = OjaTrainer(layer()), OjaTrainer(layer())
    whole.train(DATA, epochs=2)
    record = stream.train(Again(DATA), epochs=2)
    assert_alike(whole.model, stream.model)
    assert (record.num_epochs, record.num_samples) == (2, len(DATA))


def test_rewards_and_records_go_along(mapped):
    whole, file = OjaTrainer(layer()), OjaTrainer(layer())
    monitor = Monitor(("W",), every=100)
    first, second = whole.train(DATA, monitor=monitor), file.train(mapped, monitor=monitor)
    assert first.times.tolist() == second.times.tolist() == [*range(100, len(DATA), 100)]
    np.testing.assert_array_equal(first.history["W"], second.history["W"])


@pytest.mark.slow
def test_a_forward_of_the_users_own_is_streamed_too():
    data = np.abs(DATA[: CHUNK + 3]) * 0.1
    whole, stream = OjaTrainer(Rectified(IN, OUT)), OjaTrainer(Rectified(IN, OUT))
    for trainer in (whole, stream):
        trainer.model.W.value = layer().W.value
    whole.train(data)
    stream.train(iter(data))
    assert_alike(whole.model, stream.model)


def test_the_bar_of_a_stream_counts_without_an_end(capsys, mapped):
    OjaTrainer(layer()).train(iter(DATA), show_progress=True)
    shown = capsys.readouterr().err
    assert f"{len(DATA)}it" in shown
    assert f"/{len(DATA)}" not in shown
    OjaTrainer(layer()).train(mapped, show_progress=True)
    assert f"{len(DATA)}/{len(DATA)}" in capsys.readouterr().err


def _late(value, at):
    rows = DATA.copy()
    rows[at, 1] = value
    return rows


def _late_code():
    """Patterns of -1 and 1, and from the second chunk on of 0 and 1."""
    signs = np.sign(DATA)
    return np.concatenate([signs[:CHUNK], np.maximum(signs[CHUNK:], 0)])


def _late_spikes():
    rows = SPIKES.copy()
    rows[CHUNK + 5, 1] = 255
    return rows


REFUSED = {
    "late spikes": (
        lambda: RuleTrainer(spiking(), PairSTDP(1e-3)),
        lambda: iter(_late_spikes()),
        {},
    ),
    "late code": (
        lambda: HebbianTrainer(AmariHopfieldNetwork(IN), **SUMS),
        lambda: iter(_late_code()),
        {},
    ),
    "late code of patterns kept": (
        lambda: HebbianTrainer(AmariHopfieldNetwork(IN, method="factored"), **SUMS),
        lambda: iter(_late_code()),
        {},
    ),
    "epochs": (lambda: OjaTrainer(layer()), lambda: iter(DATA), {"epochs": 2}),
    "shuffle": (lambda: OjaTrainer(layer()), lambda: Again(DATA), {"shuffle": True}),
    "rewards": (lambda: OjaTrainer(layer()), lambda: iter(DATA), {"rewards": DATA[:, 0]}),
    "late nan": (lambda: OjaTrainer(layer()), lambda: iter(_late(np.nan, CHUNK + 5)), {}),
    "centred": (lambda: HebbianTrainer(AmariHopfieldNetwork(IN)), lambda: iter(DATA), {}),
    "named": (lambda: RuleTrainer(AmariHopfieldNetwork(IN), "clipped"), lambda: iter(DATA), {}),
    "whole": (
        lambda: RuleTrainer(AmariHopfieldNetwork(IN), PseudoInverse()),
        lambda: iter(DATA),
        {},
    ),
}
SAYS = {
    "late spikes": rf"data\[{CHUNK}:{2 * CHUNK}\] must be spikes, 0 or 1, .* from 0 to 255",
    "late code": rf"data\[{CHUNK}:{2 * CHUNK}\] must be of -1 and 1 .*; got 0 and 1 only",
    "late code of patterns kept": rf"data\[{CHUNK}:{2 * CHUNK}\] must be of -1 and 1",
    "epochs": "epochs must be 1 for an iterator",
    "shuffle": "shuffle must be False for a stream",
    "rewards": "rewards must be None for",
    "late nan": rf"data\[{CHUNK}:{2 * CHUNK}\] must be finite; got nan at index \(5, 1\)",
    "centred": "needs all samples at once.*subtract_mean=False",
    "named": "an array in memory for Hebbian",
    "whole": "an array in memory for PseudoInverse",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_stream_cannot_do_is_told_and_changes_nothing(name):
    build, data, options = REFUSED[name]
    trainer = build()
    before = snapshot(trainer.model)
    with pytest.raises(ValidationError, match=SAYS[name]):
        trainer.train(data(), **options)
    assert_unchanged(trainer.model, before)


def test_a_stream_that_diverges_late_leaves_the_model():
    trainer = OjaTrainer(layer(), 0.01, normalize_weights=False)
    before = snapshot(trainer.model)
    with pytest.raises(DivergenceError) as caught:
        trainer.train(iter(_late(1e9, CHUNK + 5)))
    assert caught.value.step == CHUNK + 5
    assert_unchanged(trainer.model, before)


def test_a_mapped_array_is_checked_in_every_chunk(tmp_path):
    np.save(tmp_path / "spikes.npy", _late_spikes())
    trainer = RuleTrainer(spiking(), PairSTDP(1e-3))
    before = snapshot(trainer.model)
    with pytest.raises(ValidationError, match=SAYS["late spikes"]):
        trainer.train(np.load(tmp_path / "spikes.npy", mmap_mode="r"))
    assert_unchanged(trainer.model, before)


def test_a_stream_warns_once_of_what_many_chunks_have():
    with pytest.warns(CannsWarning, match="some of the samples are negative") as seen:
        record = RuleTrainer(AmariHopfieldNetwork(IN), Instar(1e-3)).train(iter(np.sign(DATA)))
    assert len(seen) == len(record.warnings) == 1


def test_what_fits_one_chunk_is_repeated_as_an_array_is():
    whole, stream = OjaTrainer(layer()), OjaTrainer(layer())
    whole.train(DATA[:CHUNK], epochs=2)
    stream.train(iter(DATA[:CHUNK]), epochs=2)
    assert_alike(whole.model, stream.model)


MEMORY = """
from pathlib import Path
import numpy as np
from canns.models.brain_inspired import LinearLayer
from canns.trainer import OjaTrainer

def peak():
    # Not ru_maxrss, which a process begins with at the peak of the one that started it.
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024

row = np.full(1000, 0.01, np.float32)
trainer = OjaTrainer(LinearLayer(1000, 1))
trainer.train(row + 0 for _ in range(5000))
before = peak()
trainer.train(row + 0 for _ in range(60_000))
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's own account of a process")
def test_a_stream_needs_memory_for_a_few_chunks():
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 60, "MiB, for 229 MiB of samples"
