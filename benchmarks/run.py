"""Time the library's workloads beside a named reference, in one process.

A time on its own says more about the machine than about the code, so each row is a ratio to a
reference measured in the same run: ``python benchmarks/run.py [--out FILE.json]``.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import brainstate
import jax
import numpy as np

from _references import matmul_recall, stdp_loop
from canns import task
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer, SpikingLayer
from canns.trainer import HebbianTrainer, OjaTrainer, STDPTrainer


def best(call, repeats=7):
    """Return the shortest of several times of ``call``, in seconds, after one warm-up."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def batch_recall():
    # Far above capacity, so that the cues keep moving and the library cannot stop early.
    patterns = task.random_patterns(400, 1000, seed=0)
    trainer = HebbianTrainer(AmariHopfieldNetwork(1000))
    trainer.train(patterns)
    cues = task.random_patterns(50, 1000, seed=1)
    weights = np.asarray(trainer.model.W.value)
    steps = trainer.recall(cues, 20).steps.mean()
    ours = best(lambda: trainer.predict_batch(cues, 20))
    reference = best(lambda: matmul_recall(weights, cues, 20), 3)
    return (
        f"predict_batch 50 x N=1000, 20 steps (mean {steps:.0f})",
        "NumPy matmul loop",
        ours,
        reference,
    )


def hebbian():
    patterns = task.random_patterns(400, 4000, seed=0)
    trainer = HebbianTrainer(AmariHopfieldNetwork(4000))
    ours = best(lambda: trainer.train(patterns))
    reference = best(lambda: patterns.T @ patterns)
    return "Hebbian train N=4000, P=400", "NumPy X.T @ X", ours, reference


def oja():
    data = np.random.default_rng(0).normal(size=(500, 50)).astype(np.float32)
    trainer = OjaTrainer(LinearLayer(50, 3))
    return "Oja pass 500 x 50 -> 3", "2 ms", best(lambda: trainer.train(data)), 2e-3


def stdp():
    spikes = task.poisson_spikes(np.full(100, 50.0), 10_000, seed=0)
    layer = SpikingLayer(100, 20)
    trainer = STDPTrainer(layer)
    first = np.asarray(layer.W.value)
    numbers = [np.float32(x) for x in (0.01, 0.005, 0.00525, 0.9, 0.95, 1.0)]
    trainer.train(spikes)
    same = np.abs(stdp_loop(first.copy(), spikes, *numbers) - np.asarray(layer.W.value)).max()
    assert same < 1e-5, f"the reference computes something else: {same}"
    ours = best(lambda: trainer.train(spikes))
    reference = best(lambda: stdp_loop(first.copy(), spikes, *numbers))
    return "STDP 100 -> 20, 10 000 steps", "numba loop", ours, reference


def single_predict():
    trainer = HebbianTrainer(AmariHopfieldNetwork(100))
    trainer.train(task.random_patterns(5, 100, seed=0))
    cue = task.random_patterns(1, 100, seed=1)[0]
    return "single predict N=100", "150 us", best(lambda: trainer.predict(cue), 200), 150e-6


def memory_growth():
    """Return by how many megabytes 500 predictions grow the process."""
    trainer = HebbianTrainer(AmariHopfieldNetwork(200))
    trainer.train(task.random_patterns(5, 200, seed=0))
    cues = task.random_patterns(510, 200, seed=1)
    for cue in cues[:10]:
        trainer.predict(cue)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for cue in cues[10:]:
        trainer.predict(cue)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="write the rows as JSON")
    options = parser.parse_args()
    brainstate.random.seed(0)
    print(f"device: {jax.devices()[0].device_kind}")
    rows = []
    for workload in (batch_recall, hebbian, oja, stdp, single_predict):
        name, reference, ours, theirs = workload()
        rows.append({"workload": name, "reference": reference, "ratio": ours / theirs})
        rows[-1] |= {"milliseconds": ours * 1e3, "reference_milliseconds": theirs * 1e3}
        print(f"{name:<48} {ours * 1e3:9.3f} ms   {ours / theirs:6.2f} x {reference}")
    growth = memory_growth()
    print(f"{'500 predictions, growth of the process':<48} {growth:9.3f} MB")
    if options.out is not None:
        report = {"rows": rows, "predict_growth_megabytes": growth}
        options.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
