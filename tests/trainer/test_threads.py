"""Threads: each with its own model gives the bits of one after another; a shared model is safe."""

import copy
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
from trainer_helpers import assert_unchanged, snapshot

from canns import task
from canns.dynamics import LIF
from canns.errors import ValidationError
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModelGroup,
    LinearLayer,
    RestrictedBoltzmannMachine,
    SpikingLayer,
    SpikingNetwork,
)
from canns.models.training import unchanged_on_error
from canns.trainer import (
    BCMTrainer,
    ContrastiveDivergenceTrainer,
    HebbianTrainer,
    OjaTrainer,
    STDPTrainer,
)

RNG = np.random.default_rng(0)
DATA = RNG.normal(size=(40, 6)).astype(np.float32) / 4
SPIKES = (RNG.random((40, 6)) < 0.2).astype(np.float32)
PATTERNS = task.random_patterns(3, 24, seed=0)


def _oja(seed):
    layer = LinearLayer(6, 2)
    layer.W = np.random.default_rng(seed).normal(size=(2, 6))
    OjaTrainer(layer, 0.01).train(DATA, epochs=3, shuffle=True, seed=seed)
    return layer.W.value


def _bcm(seed):
    layer = LinearLayer(6, 2, use_bcm_threshold=True)
    layer.W = np.random.default_rng(seed).normal(size=(2, 6))
    BCMTrainer(layer, 0.001).train(DATA, epochs=2)
    return layer.W.value


def _stdp(seed):
    layer = SpikingLayer(6, 2, threshold=0.3)
    layer.W = np.random.default_rng(seed).uniform(size=(2, 6))
    STDPTrainer(layer).train(SPIKES)
    return layer.W.value


def _recalls(seed):
    network = AmariHopfieldNetwork(24, asynchronous=True)
    trainer = HebbianTrainer(network)
    trainer.train(PATTERNS)
    return trainer.recall(task.flip(PATTERNS, 0.3, seed=seed), seed=seed).states


JOBS = [(job, seed) for seed in range(4) for job in (_oja, _bcm, _stdp, _recalls)]


def test_threads_with_models_of_their_own_give_the_bits_of_one_after_another():
    expected = [np.asarray(job(seed)) for job, seed in JOBS]
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda each: np.asarray(each[0](each[1])), JOBS)]
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_array_equal(one, other)


def _during(work, other):
    """Call ``other`` in this thread while ``work(on_epoch=...)`` is between two epochs."""
    inside, leave = Event(), Event()

    def wait(_):
        inside.set()
        leave.wait()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(lambda: work(on_epoch=wait))
        inside.wait()
        try:
            return other()
        finally:
            leave.set()
            running.result()


def _layer():
    layer = LinearLayer(6, 2)
    layer.W = np.full((2, 6), 0.1)
    return layer


def test_a_second_thread_that_trains_a_model_is_refused_and_the_first_one_ends():
    alone, shared = _layer(), _layer()
    OjaTrainer(alone, 0.01).train(DATA, epochs=2)

    def second():
        before = snapshot(shared)
        with pytest.raises(ValidationError, match=r"used by one thread .*LinearLayer .*deepcopy"):
            OjaTrainer(shared, 0.01).train(DATA)
        with pytest.raises(ValidationError, match="used by one thread"):
            BrainInspiredModelGroup(shared).train(DATA, "oja")
        assert_unchanged(shared, before)

    _during(lambda **options: OjaTrainer(shared, 0.01).train(DATA, epochs=2, **options), second)
    np.testing.assert_array_equal(alone.W.value, shared.W.value)
    OjaTrainer(shared, 0.01).train(DATA)  # it is free again


def test_a_copy_can_be_trained_meanwhile():
    shared = _layer()
    other = copy.deepcopy(shared)
    _during(
        lambda **options: OjaTrainer(shared, 0.01).train(DATA, epochs=2, **options),
        lambda: OjaTrainer(other, 0.01).train(DATA, epochs=2),
    )
    np.testing.assert_array_equal(other.W.value, shared.W.value)


def test_models_with_an_energy_are_refused_as_well():
    machine = RestrictedBoltzmannMachine(6, 3)
    bits = (DATA > 0).astype(np.float32)
    trainer = ContrastiveDivergenceTrainer(machine)

    def second():
        with pytest.raises(ValidationError, match="used by one thread"):
            trainer.train(bits)

    _during(lambda **options: trainer.train(bits, epochs=2, **options), second)


def test_a_callback_may_use_the_model_that_is_trained():
    layer = _layer()
    trainer = OjaTrainer(layer, 0.01)
    seen = []
    trainer.train(DATA, epochs=2, on_epoch=lambda _: seen.append(trainer.predict(DATA[0])))
    assert len(seen) == 2


def test_threads_that_recall_from_one_network_get_their_own_answers():
    network = AmariHopfieldNetwork(24)
    trainer = HebbianTrainer(network)
    trainer.train(PATTERNS)
    cues = np.concatenate([task.flip(PATTERNS, 0.2, seed=seed) for seed in range(8)])
    expected = [np.asarray(trainer.predict(cue)) for cue in cues]
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda cue: np.asarray(trainer.predict(cue)), cues)]
    np.testing.assert_array_equal(expected, found)


def test_a_spiking_network_that_runs_is_refused_to_another_thread():
    network = SpikingNetwork()
    network.add("cells", LIF(), 3)
    network.run(2.0)
    owned, refused = unchanged_on_error(network), pytest.raises(ValidationError, match="one thread")
    with ThreadPoolExecutor(1) as pool, owned, refused:
        pool.submit(network.run, 2.0).result()
    network.run(2.0)
