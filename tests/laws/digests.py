"""Print a digest of what each rule learns and each way of recall recalls; run as a program."""

import hashlib
import warnings

import jax
import numpy as np
from rule_rows import ROWS, inputs_for, name, rewards_for, weights_for

from canns import task
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer
from canns.plasticity import Oja, Setup, learn
from canns.trainer import train_ensemble

METHODS = ("dense", "factored", "packed")
SIGNS = task.random_patterns(4, 40, seed=0)
CUES = task.flip(SIGNS, 0.2, seed=1)


def digest(*trees: object) -> str:
    """Return a digest of the bits of all leaves."""
    found = hashlib.sha256()
    for leaf in jax.tree.leaves(trees):
        found.update(np.asarray(leaf).tobytes())
    return found.hexdigest()[:16]


def digests() -> dict[str, str]:
    """Return the digests by name."""
    found = {}
    for i, row in enumerate(ROWS):
        inputs = inputs_for(row)
        rewards = rewards_for(row.rule, inputs)
        after = learn(Setup(row.rule, row.neuron), weights_for(), inputs, rewards=rewards)
        found[f"{i} {name(row)}"] = digest(after.weights, after.memory)
    options = {"in turn": {"asynchronous": True}, "at once": {}}
    noise = {"stochastic": True, "temperature": 0.5}
    options |= {f"{how}, noisy": own | noise for how, own in options.items()}
    for method in METHODS:
        for how, own in options.items():
            network = AmariHopfieldNetwork(40, method=method, **own)
            network.apply_hebbian_learning(SIGNS)
            result = network.recall(CUES, seed=5, num_iter=8)
            found[f"recall {method}, {how}"] = digest(result.states, result.steps)
    layer = LinearLayer(4, 2)
    data = np.random.default_rng(0).normal(size=(30, 4)) / 2
    ensemble = train_ensemble(layer, Oja(0.01), data, seeds=range(3))
    found["ensemble"] = digest(ensemble.weights.values)
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for key, each in digests().items():
        print(f"{key}: {each}")
