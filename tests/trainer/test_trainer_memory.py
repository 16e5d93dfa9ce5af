"""The cost of training and prediction: no (P, N, N) array, no leak, no new trace."""

import gc
import os
from pathlib import Path

import jax
import numpy as np
import pytest

from canns.dynamics import Clamped, Linear
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer
from canns.plasticity import Hebbian, Learner, Setup, ZeroDiagonal
from canns.plasticity.learning.passes import Samples, run_pass
from canns.trainer import HebbianTrainer, OjaTrainer

pytestmark = pytest.mark.slow

NUM_PATTERNS, SIZE = 32, 64
PAIR = np.where(np.arange(9) < [[3], [6]], 1.0, -1.0)  # two patterns of nine neurons


def _learner(size, inputs):
    return Learner(np.zeros((size, inputs), np.float32), (), (), (np.zeros(inputs), np.zeros(size)))


def _lowered(neuron, project):
    learner = _learner(SIZE, SIZE)._replace(state=neuron.init(np.zeros((SIZE, SIZE), np.float32)))
    patterns = np.ones((NUM_PATTERNS, SIZE), np.float32)
    samples = Samples(patterns)
    run = Setup(Hebbian(1.0), neuron, project), learner, samples, NUM_PATTERNS
    return jax.jit(run_pass).trace(*run)


def _shapes(jaxpr):
    for equation in jaxpr.eqns:
        yield from (v.aval.shape for v in equation.outvars)
        for value in equation.params.values():
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                yield from _shapes(inner)


@pytest.mark.parametrize(
    ("neuron", "project"), [(Clamped(), ZeroDiagonal()), (Linear(), ZeroDiagonal())]
)
def test_no_array_is_larger_than_the_weights(neuron, project):
    shapes = list(_shapes(_lowered(neuron, project).jaxpr.jaxpr))
    assert len(shapes) > 5, "the trace must be seen"
    assert max(int(np.prod(shape)) for shape in shapes) <= SIZE * SIZE


def test_storing_needs_memory_for_a_few_weight_matrices():
    compiled = _lowered(Clamped(), ZeroDiagonal()).lower().compile()
    used = compiled.memory_analysis().temp_size_in_bytes
    assert used <= 4 * SIZE * SIZE * 4


def _resident():
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs the /proc of Linux")
@pytest.mark.parametrize("build", [AmariHopfieldNetwork, lambda n: LinearLayer(n, n)])
def test_five_hundred_calls_keep_the_memory(build):
    rng = np.random.default_rng(0)
    patterns = rng.choice([-1.0, 1.0], (4, 50))
    model = build(50)
    network = isinstance(model, AmariHopfieldNetwork)
    trainer = HebbianTrainer(model) if network else OjaTrainer(model)

    def run(times):
        for _ in range(times // 10):
            trainer.train(patterns)
        for i in range(times):
            trainer.predict(patterns[i % 4])

    run(50)
    before = _resident()
    run(500)
    assert _resident() - before < 10e6


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs the /proc of Linux")
def test_a_thousand_mixed_calls_keep_the_memory():
    patterns = np.random.default_rng(0).choice([-1.0, 1.0], (16, 30))

    def run(times):
        for i in range(times):
            trainer = HebbianTrainer(AmariHopfieldNetwork(30))
            trainer.train(patterns[: 1 + 7 * i % 16])
            trainer.predict(patterns[i % 16])
            trainer.predict_batch(patterns[: 1 + 11 * i % 16])
            OjaTrainer(LinearLayer(30, 2)).train(patterns[: 1 + 5 * i % 16])

    run(16)  # lengths of every kind, and what they compile
    before = _resident()
    run(250)
    assert _resident() - before < 20e6


def test_new_models_and_trainers_reuse_what_is_compiled(count_compilations):
    def run():
        trainer = HebbianTrainer(AmariHopfieldNetwork(9))
        trainer.train(PAIR)
        return trainer.predict(PAIR[0])

    run()
    assert count_compilations(lambda: [run() for _ in range(3)]) == 0


def test_a_second_call_is_not_traced_again():
    trainer = HebbianTrainer(AmariHopfieldNetwork(9))
    events = []

    def listen(name, duration, **_):
        if "jaxpr_trace" in name:
            events.append(name)

    for _ in range(2):
        trainer.train(PAIR)
        trainer.predict(PAIR[0])
    jax.monitoring.register_event_duration_secs_listener(listen)
    trainer.train(PAIR)
    trainer.predict(PAIR[0])
    seen = len(events)
    jax.jit(lambda x: x + 1)(1.0)
    assert seen == 0
    assert len(events) > 0, "the listener must hear"
