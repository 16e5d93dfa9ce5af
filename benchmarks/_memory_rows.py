"""Workloads of associative memory."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from _measure import Row, best, measure
from _references import batch_recall, matmul_recall, sweep_loop
from canns import task
from canns.dynamics.couplings.bits import overlaps_of_bits, pack_rows, pack_signs
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer

__all__ = ["WORKLOADS"]

N, P, B, STEPS = 4000, 400, 256, 20


def stored(method="dense", size=N, count=P, **options):
    network = AmariHopfieldNetwork(size, method=method, **options)
    HebbianTrainer(network).train(task.random_patterns(count, size, seed=0))
    return network


def hebbian():
    patterns = task.random_patterns(P, N, seed=0)
    facts = {"flops": 2 * P * N**2, "moved": 4 * N**2}
    gemm = partial(np.matmul, patterns.T, patterns)

    def train(method, read):
        network = AmariHopfieldNetwork(N, method=method)
        HebbianTrainer(network).train(patterns)
        return network.W.value if read else network.W.stored.patterns

    name = f"Hebbian training, N = {N}, P = {P}"
    yield measure(
        f"{name}: patterns kept", "NumPy X.T @ X", lambda: train("auto", False), gemm, asked=1.3
    )
    yield measure(
        f"{name}: kept, and W read", "NumPy X.T @ X", lambda: train("auto", True), gemm, asked=1.3
    )
    yield measure(
        f'{name}: method="dense"', "NumPy X.T @ X", lambda: train("dense", True), gemm, **facts
    )


def synchronous():
    # Far from every pattern and above capacity, so that no cue settles before the last update.
    cues = task.random_patterns(B, N, seed=1)
    dense = stored("dense")
    weights = np.asarray(dense.W.value)
    steps = int(dense.recall(cues).steps.max())
    name = f"recall of {B} cues, N = {N}, P = {P}, {steps} updates"
    flops = 2 * B * N**2 * (steps + 1)
    yield measure(
        f"{name}: dense",
        "NumPy products",
        lambda: dense.recall(cues).states,
        lambda: batch_recall(weights, cues, steps + 1),
        3,
        flops=flops,
        moved=4 * N**2 * (steps + 1),
    )
    for method, size in (("factored", P * N), ("packed", P * N // 8)):
        network = stored(method)
        yield measure(
            f"{name}: {method}",
            "dense",
            lambda n=network: n.recall(cues).states,
            lambda: dense.recall(cues).states,
            3,
            asked=1 / 3.5,
            flops=flops * 2 * P / N,
            moved=size * (steps + 1),
        )
    one = int(dense.recall(cues[:1]).steps.max()) + 1
    yield measure(
        f"recall of 1 cue, N = {N}, {one} products: dense",
        "NumPy products",
        lambda: dense.recall(cues[:1]).states,
        lambda: batch_recall(weights, cues[:1], one),
        flops=2 * N**2 * one,
        moved=4 * N**2 * one,
    )


def overlaps():
    size, count = 10_000, 1000
    patterns, states = (task.random_patterns(k, size, seed=k) for k in (count, B))
    bits, on_device = jnp.asarray(pack_rows(patterns)), jnp.asarray(states)
    counted = jax.jit(lambda s: overlaps_of_bits(bits, pack_signs(s), size))
    rows = jnp.asarray(patterns)
    product = jax.jit(lambda s: s @ rows.T)
    name = f"overlaps of {B} states with {count} patterns, N = {size}, from bits"
    yield measure(
        name, "float32 product", lambda: counted(on_device), lambda: product(on_device), asked=0.25
    )


def asynchronous():
    network = stored("auto", asynchronous=True)
    weights = np.asarray(network.W.value)
    rng = np.random.default_rng(2)
    patterns = task.random_patterns(P, N, seed=0)[:16]
    cues = (patterns * np.where(rng.random((16, N)) < 0.1, -1, 1)).astype(np.float32)
    orders = np.stack([rng.permutation(N) for _ in range(20)])
    for count in (1, 16):
        yield measure(
            f"asynchronous recall, N = {N}, P = {P}, 10 % noise, {count} at once",
            "Numba loop",
            lambda c=count: network.recall(cues[:c], seed=0).states,
            lambda c=count: [sweep_loop(weights, cue, orders) for cue in cues[:c]],
            asked=1.5,
        )


def usual():
    cues = task.random_patterns(50, 1000, seed=1)
    trainer = HebbianTrainer(stored("auto", 1000, 400))
    weights = np.asarray(trainer.model.W.value)
    yield measure(
        f"predict_batch of 50 cues, N = 1000, {STEPS} updates",
        "NumPy loop over cues",
        lambda: trainer.predict_batch(cues, STEPS),
        lambda: matmul_recall(weights, cues, STEPS),
        asked=3.0,
    )
    trainer = HebbianTrainer(stored("auto", 100, 5))
    cue = task.random_patterns(1, 100, seed=1)[0]
    seconds = best(lambda: trainer.predict(cue), 2000)
    yield Row("one predict, N = 100", "150 µs", seconds, 150e-6, asked=1.0)


WORKLOADS = (hebbian, synchronous, overlaps, asynchronous, usual)
