"""One of the processes of test_cluster.py: peer.py ADDRESS COUNT NUMBER RESULTS."""

import os
import signal
import sys

import jax
import jax.numpy as jnp
import numpy as np

from canns.analyzer.metrics import overlap_curve
from canns.dynamics import Hopfield, LowRank, recall
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer
from canns.parallel import initialize, make_mesh, shard
from canns.plasticity import Oja
from canns.trainer import HebbianTrainer, train_ensemble

N, P = 64, 4
RNG = np.random.default_rng(0)
PATTERNS = np.sign(RNG.normal(size=(P, N))).astype(np.float32)
CUES = PATTERNS.copy()
CUES[:, :9] *= -1
DATA = RNG.normal(size=(30, 3))


def results(mesh):
    """Return what the processes compute, over ``mesh`` or, for None, on one device."""

    def spread(target, axis=-2):
        return target if mesh is None else shard(target, mesh, axis)

    net = spread(AmariHopfieldNetwork(N))
    record = HebbianTrainer(net).train(PATTERNS)
    ends = net.recall(CUES)
    couplings = spread(LowRank.hebbian(jnp.asarray(PATTERNS), 1 / N), -1)
    members = train_ensemble(LinearLayer(3, 1), Oja(0.01), DATA, seeds=range(4), mesh=mesh)
    few = {"num_probes": 4, "num_networks": 1, "num_iter": 10, "temperature": 0.3}
    found = {
        "states": ends.states,
        "steps": ends.steps,
        "energies": ends.energies,
        "stored": net.energies(PATTERNS),
        "norm": record.weight_norm,
        "kept": recall(Hopfield(), couplings, CUES, key=jax.random.key(0)).states,
        "members": members.weights.values,
        "curve": overlap_curve(N, 0.05, mesh=mesh, **few).samples,
    }
    return {name: np.asarray(values) for name, values in found.items()}, net


def main(address, count, number, path):
    """Compute with the others, write what was found, and go on until one of them is silent."""
    initialize(address, int(count), int(number), timeout=300, heartbeat_timeout=30)
    found, net = results(make_mesh())
    own = {part.data.shape for part in net.W.value.addressable_shards}
    np.savez(path, rows=np.array(sorted(own)), **found)
    print("computed", flush=True)
    if number == "1":
        os.kill(os.getpid(), signal.SIGSTOP)  # alive, and silent
    while True:
        net.update()


if __name__ == "__main__":
    main(*sys.argv[1:])
