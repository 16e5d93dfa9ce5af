"""Workloads of plasticity."""

from functools import partial

import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import BernoulliRBM

from _measure import Row, best, measure
from _references import sanger_loop, stdp_loop
from canns import task
from canns.models.brain_inspired import LinearLayer, RestrictedBoltzmannMachine, SpikingLayer
from canns.plasticity import STDP, Bounds, Oja, PairSTDP, Sanger
from canns.trainer import (
    ContrastiveDivergenceTrainer,
    OjaTrainer,
    RuleTrainer,
    STDPTrainer,
    train_ensemble,
)

__all__ = ["WORKLOADS"]

STEPS, INPUTS, OUTPUTS = 10_000, 100, 20
SEEDS, RATES = 32, 64


def oja():
    data = np.random.default_rng(0).normal(size=(500, 50)).astype(np.float32)
    trainer = OjaTrainer(LinearLayer(50, 3))
    yield Row("one Oja pass, 500 x 50 to 3", "2 ms", best(lambda: trainer.train(data), 50), 2e-3)


def sanger():
    digits = load_digits().data
    data = ((digits - digits.mean(axis=0)) / 30).astype(np.float32)
    layer = LinearLayer(64, 16)
    first = np.asarray(layer.W.value)
    trainer, rate = RuleTrainer(layer, Sanger(0.002)), np.float32(0.002)
    trainer.train(data, epochs=10)
    same = np.abs(sanger_loop(first.copy(), data, rate, 10) - np.asarray(layer.W.value)).max()
    assert same < 1e-3, f"the reference computes something else: {same}"
    yield measure(
        "Sanger's rule on 1797 digits, 64 to 16, 10 passes",
        "Numba loop",
        lambda: trainer.train(data, epochs=10),
        lambda: sanger_loop(first.copy(), data, rate, 10),
        asked=2.0,
        flops=6 * 10 * data.size * 16,
    )


def stdp():
    spikes = task.poisson_spikes(np.full(INPUTS, 50.0), STEPS, seed=0)
    layer = SpikingLayer(INPUTS, OUTPUTS)
    trainer = STDPTrainer(layer, coincidence="ltp")
    first = np.asarray(layer.W.value)
    numbers = [np.float32(x) for x in (0.01, 0.005, 0.00525, 0.9, 0.95, 1.0)]
    trainer.train(spikes)
    same = np.abs(stdp_loop(first.copy(), spikes, *numbers) - np.asarray(layer.W.value)).max()
    assert same < 1e-5, f"the reference computes something else: {same}"
    loop = partial(stdp_loop, first.copy(), spikes, *numbers)
    name = f"{INPUTS} to {OUTPUTS}, {STEPS} steps"
    yield measure(
        f"STDPTrainer, {name}", "Numba loop", lambda: trainer.train(spikes), loop, asked=2.0
    )
    pairs = RuleTrainer(SpikingLayer(INPUTS, OUTPUTS), PairSTDP(0.01, coincidence="ltp"), Bounds())
    yield measure(f"PairSTDP, {name}", "that loop", lambda: pairs.train(spikes), loop)
    row = measure(
        f"STDP, {name}, {SEEDS} seeds at once, a seed",
        "Numba loop",
        lambda: train_ensemble(layer, STDP(), spikes, Bounds(), seeds=range(SEEDS)).weights.values,
        lambda: [loop() for _ in range(SEEDS)],
        3,
    )
    each = row.seconds / SEEDS, row.reference_seconds / SEEDS
    yield Row(row.name, row.reference, *each, asked=1.2)


def rates():
    data = np.random.default_rng(0).normal(size=(1797, 64)).astype(np.float32)
    layer, tried = LinearLayer(64, 16), list(np.linspace(0.0005, 0.002, RATES))
    one = RuleTrainer(LinearLayer(64, 16), Oja(0.001))
    yield measure(
        f"Oja's rule at {RATES} learning rates, 1797 x 64 to 16, 2 passes",
        f"{RATES} trainings",
        lambda: (
            train_ensemble(
                layer, Oja(), data, scan={"learning_rate": tried}, epochs=2
            ).weights.values
        ),
        lambda: [one.train(data, epochs=2) for _ in tried],
        3,
    )


def restricted():
    digits = load_digits().data / 16
    machine = RestrictedBoltzmannMachine(64, 100, seed=0)
    trainer = ContrastiveDivergenceTrainer(machine, persistent=True, learning_rate=0.06)
    options = {"learning_rate": 0.06, "batch_size": 10, "n_iter": 10, "random_state": 0}
    theirs = BernoulliRBM(100, **options)
    batches = -(-len(digits) // 10)
    yield measure(
        "persistent contrastive divergence on 1797 digits, 64 to 100, 10 passes",
        "scikit-learn",
        lambda: trainer.train(digits, epochs=10, batch_size=10, seed=0),
        lambda: theirs.fit(digits),
        # Four products with W in the Gibbs step and the phases, one for the error, two for slopes.
        flops=2 * 7 * 10 * batches * 10 * 64 * 100,
    )


WORKLOADS = (oja, sanger, stdp, rates, restricted)
