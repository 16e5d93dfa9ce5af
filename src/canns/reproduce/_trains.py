"""Helpers for figures of spiking neurons: trains on a grid, and consecutive runs."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from canns.dynamics import Neuron
from canns.plasticity import Learner, Monitor, Projection, Recorder, Rule, Setup, learn

__all__ = ["Events", "follow", "on_grid", "poisson"]

Events = tuple[NDArray[np.float64], NDArray[np.int64]]


def poisson(rng: np.random.Generator, rate: float, count: int, duration: float) -> Events:
    """Return times in ms and neurons of the spikes of ``count`` trains of ``rate`` in Hz.

    The cost grows with the number of spikes, not with the number of steps.
    """
    total = rng.poisson(rate * count * duration / 1000)
    return rng.random(total) * duration, rng.integers(0, count, total)


def on_grid(events: Events, num_steps: int, size: int, dt: float) -> NDArray[np.float32]:
    """Return spikes of shape (T, N), 0 or 1; spikes outside the run are left out."""
    times, neurons = events
    steps = np.floor(times / dt).astype(np.int64)
    within = (steps >= 0) & (steps < num_steps)
    spikes = np.zeros((num_steps, size), np.float32)
    spikes[steps[within], neurons[within]] = 1.0
    return spikes


def follow(
    rule: Rule,
    neuron: Neuron,
    learner: Learner,
    project: Projection,
    chunks: Iterable[NDArray[np.float32]],
    dt: float,
) -> tuple[Learner, NDArray[np.float64]]:
    """Show inputs chunk by chunk; return the learner, and when the neuron fired, in ms."""
    recorder, seen = None, 0
    for chunk in chunks:
        if recorder is None:
            recorder = Recorder(Monitor(("spikes",), every=len(chunk)))
        learner = learn(
            Setup(rule, neuron, project), learner, chunk, first_step=seen, recorder=recorder
        )
        seen += len(chunk)
    assert recorder is not None, "there are inputs"
    spikes = recorder.history().spikes
    assert spikes is not None, "they were asked for"
    return learner, (spikes[0] + 1) * dt
