"""Few layers lie between a public call and the arithmetic: their Python calls are counted."""

import numpy as np
import pytest

from canns import task
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer, SpikingLayer
from canns.plasticity import Oja, learning
from canns.trainer import HebbianTrainer, OjaTrainer, STDPTrainer, train_ensemble

RNG = np.random.default_rng(0)
PATTERNS = task.random_patterns(10, 100, seed=0)
SAMPLES = RNG.normal(size=(50, 8)).astype(np.float32) / 4
SPIKES = (RNG.random((50, 8)) < 0.1).astype(np.float32)


def predicts():
    trainer = HebbianTrainer(AmariHopfieldNetwork(100))
    trainer.train(PATTERNS)
    return lambda: trainer.predict(PATTERNS[0])


def trains_by_oja():
    trainer = OjaTrainer(LinearLayer(8, 2))
    return lambda: trainer.train(SAMPLES)


def stores():
    trainer = HebbianTrainer(AmariHopfieldNetwork(100))
    return lambda: trainer.train(PATTERNS)


def trains_by_stdp():
    layer = SpikingLayer(8, 2, threshold=0.1)
    layer.W.value = np.full((2, 8), 0.3)
    trainer = STDPTrainer(layer)
    return lambda: trainer.train(SPIKES)


def trains_an_ensemble():
    layer = LinearLayer(8, 2)
    return lambda: train_ensemble(layer, Oja(), SAMPLES, seeds=range(4))


MOST = {
    "predict": (predicts, 50),
    "OjaTrainer.train": (trains_by_oja, 90),
    "HebbianTrainer.train": (stores, 110),
    "STDPTrainer.train": (trains_by_stdp, 110),
    "train_ensemble": (trains_an_ensemble, 250),
}


@pytest.mark.parametrize("name", MOST)
def test_a_second_call_makes_few(name, count_calls):
    build, most = MOST[name]
    call = build()
    call()
    calls, files = count_calls(call)
    assert 0 < calls <= most, files


def test_a_counter_counts_what_is_called(count_calls):
    assert count_calls(lambda: np.ones(3)) == (0, [])
    calls, files = count_calls(lambda: task.random_patterns(1, 4, seed=0))
    assert calls == len(files) > 0
    assert all(name.endswith(".py") for name in files)


def test_each_question_is_asked_once(monkeypatch):
    checked = []
    check = learning.Setup.check
    monkeypatch.setattr(
        learning.Setup,
        "check",
        lambda self, *args, **kwargs: checked.append(check(self, *args, **kwargs)),
    )
    OjaTrainer(LinearLayer(8, 2)).train(SAMPLES, epochs=3)
    assert len(checked) == 1
