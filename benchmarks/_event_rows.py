"""Workloads of spiking layers in which almost nothing happens in a step."""

from functools import partial

import numpy as np

from _measure import Row, best, measure
from _references import event_loop
from canns.dynamics import LIF, SparseSynapses, connect_by_in_degree
from canns.models.brain_inspired import SpikingLayer
from canns.plasticity import STDP, Bounds, Setup, learn
from canns.trainer import STDPTrainer

__all__ = ["WORKLOADS"]

STEPS = 10_000
INPUTS, OUTPUTS, SPIKES = 784, 6400, 2
GRID = ((100, 20), (784, 400), (1000, 1000), (784, 6400))
RATES = (0.005, 0.05, 0.5)  # shares of the inputs that spike in a step


def _spikes(inputs, share, steps):
    return (np.random.default_rng(0).random((steps, inputs)) < share).astype(np.float32)


def _layer(inputs, outputs, threshold):
    layer = SpikingLayer(inputs, outputs, threshold=threshold)
    layer.W.value = np.random.default_rng(1).random((outputs, inputs)) * 0.1
    return layer


def rare_events():
    """Two input spikes a step, and at most one output spike in it."""
    spikes = _spikes(INPUTS, SPIKES / INPUTS, STEPS)
    layer = _layer(INPUTS, OUTPUTS, threshold=2.0)
    trainer = STDPTrainer(layer, coincidence="ltp", method="events")
    fans = np.ascontiguousarray(np.asarray(layer.W.value).T)
    numbers = [np.float32(x) for x in (0.01, 0.005, 0.00525, 0.9, 0.95, 2.0)]

    def ours():
        layer.reset_state()
        return trainer.train(spikes)

    first = np.asarray(layer.W.value)
    ours()
    theirs, fired = event_loop(fans.copy(), spikes, *numbers)
    same = np.abs(theirs.T - np.asarray(layer.W.value)).max()
    assert same < 1e-4, f"the reference computes something else: {same}"
    assert fired <= STEPS, f"{fired} output spikes"
    layer.W.value = first
    loop = partial(event_loop, fans, spikes, *numbers)
    name = f"STDPTrainer by events, {INPUTS} to {OUTPUTS}, {SPIKES} spikes a step, {STEPS} steps"
    yield measure(name, "Numba event loop", ours, loop, 3, asked=3.0)
    part = spikes[:300]
    dense = STDPTrainer(layer, coincidence="ltp", method="dense")
    events = STDPTrainer(layer, coincidence="ltp", method="events")
    row = measure(
        "the same, 300 steps", "matrix", lambda: events.train(part), lambda: dense.train(part), 2
    )
    yield row


def automatic_events():
    """Whether "auto" is as fast as the faster of the two."""
    for inputs, outputs in GRID:
        for share in RATES:
            steps = 1000 if inputs * outputs < 10**6 else 300
            spikes = _spikes(inputs, share, steps)
            threshold = 5.0 * share * inputs  # few outputs fire
            trainers = {
                method: STDPTrainer(_layer(inputs, outputs, threshold), method=method)
                for method in ("auto", "dense", "events")
            }
            runs = {name: partial(t.train, spikes) for name, t in trainers.items()}
            name = f"STDP by 'auto', {inputs} to {outputs}, {share:.1%} of the inputs spike"
            rows = [
                measure(name, method, runs["auto"], runs[method], 3)
                for method in ("dense", "events")
            ]
            yield max(rows, key=lambda row: row.ratio)


def sparse_events():
    """A million synapses at 5 Hz: a second of 1 ms steps."""
    made = connect_by_in_degree(10_000, 10_000, 100, seed=0)
    weights = np.random.default_rng(0).random(made.num_synapses) * 0.1
    synapses = SparseSynapses.from_pairs(made.shape, made.pre, made.post, weights)
    setup = Setup(STDP(), LIF(threshold=1.0), Bounds())
    spikes = _spikes(10_000, 0.005, 1000)
    run = partial(learn, setup, synapses, spikes)
    seconds = best(lambda: run().weights.values, 3)
    yield Row("10^6 sparse synapses, STDP, 5 Hz, 1 s in 1 ms steps", "real time", seconds, 1.0, 1.0)


WORKLOADS = (rare_events, automatic_events, sparse_events)
