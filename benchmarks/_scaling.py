"""How times grow with the size of a problem, and the exponent that fits them."""

import numpy as np

from _measure import best
from canns import task
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer

__all__ = ["curves"]

STEPS = 5


def _seconds(method, size, count, batch):
    network = AmariHopfieldNetwork(size, method=method)
    HebbianTrainer(network).train(task.random_patterns(count, size, seed=0))
    cues = task.random_patterns(batch, size, seed=1)
    taken = int(network.recall(cues, num_iter=STEPS).steps.max())
    return best(lambda: network.recall(cues, num_iter=STEPS).states, 5, 1.0) / (taken + 1)


# What varies, its values, the method, and the exponent that theory gives for large values.
_CURVES = {
    "dense, N neurons": ("size", (1024, 2048, 4096, 8192), "dense", 2.0),
    "dense, B cues": ("batch", (64, 128, 256, 512), "dense", 1.0),
    "factored, P patterns": ("count", (128, 256, 512, 1024), "factored", 1.0),
    "packed, N neurons": ("size", (4096, 8192, 16384, 32768), "packed", 1.0),
    "packed, P patterns": ("count", (128, 256, 512, 1024), "packed", 1.0),
}


def curves():
    """Yield each curve: its name, what varies, the values, seconds an update, and the exponents."""
    usual = {"size": 4096, "count": 400, "batch": 128}
    for name, (axis, values, method, expected) in _CURVES.items():
        seconds = [_seconds(method, **usual | {axis: value}) for value in values]
        exponent = float(np.polyfit(np.log(values), np.log(seconds), 1)[0])
        yield {
            "name": name,
            "axis": axis,
            "values": list(values),
            "seconds": seconds,
            "exponent": exponent,
            "expected": expected,
        }
