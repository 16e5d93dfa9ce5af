"""Time the model of Song, Miller & Abbott (2000), including the drawing of its inputs.

``python benchmarks/song.py [SECONDS]`` prints the seconds per simulated second, without the time to
compile. ``brian2_song.py`` times the same model in Brian 2.
"""

import sys
import time

import jax.numpy as jnp
import numpy as np

from canns.dynamics import ConductanceLIF, ExcitatoryInhibitory
from canns.plasticity import (
    Bounds,
    Identity,
    Monitor,
    PairSTDP,
    PartProjections,
    Parts,
    Recorder,
    Setup,
    learn,
)

DT, CHUNK, G_MAX = 0.1, 2500, 0.015


def chunk(rng):
    """Return 250 ms of 1200 trains of 10 Hz."""
    total = rng.poisson(0.01 * DT * CHUNK * 1200)
    spikes = np.zeros((CHUNK, 1200), np.float32)
    spikes[rng.integers(0, CHUNK, total), rng.integers(0, 1200, total)] = 1.0
    return spikes


def main(seconds):
    rng = np.random.default_rng(0)
    neuron = ConductanceLIF(inhibitory=200, dt=DT)
    rule = Parts((PairSTDP(1.0, 0.005 * G_MAX, 0.00525 * G_MAX), None))
    project = PartProjections((Bounds(0.0, G_MAX), Identity()))
    learner = ExcitatoryInhibitory(jnp.full((1, 1000), G_MAX), jnp.full((1, 200), 0.05))

    def run(learner, recorder):
        return learn(Setup(rule, neuron, project), learner, chunk(rng), recorder=recorder)

    # Warm up twice: the second call starts from a learner, as all later ones do.
    for _ in range(2):
        learner = run(learner, Recorder(Monitor(("spikes",), CHUNK)))
    recorder = Recorder(Monitor(("spikes",), CHUNK))
    start = time.perf_counter()
    for _ in range(round(seconds * 1000 / DT / CHUNK)):
        learner = run(learner, recorder)
    output = len(recorder.history().spikes[0]) / seconds
    taken = time.perf_counter() - start
    print(f"{taken / seconds:.4f} s per simulated second, output {output:.1f} Hz")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
