"""Workloads that need a process of their own: cold starts, and the growth of memory."""

import os
import subprocess
import sys
import tempfile

from _measure import Row

__all__ = ["WORKLOADS", "growth", "large"]

_COLD = """
import time
start = time.perf_counter()
import numpy as np
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer
patterns = np.random.default_rng(0).choice([-1.0, 1.0], (10, 1000))
trainer = HebbianTrainer(AmariHopfieldNetwork(1000))
trainer.train(patterns)
assert (trainer.predict(patterns[0]) == patterns[0]).all()
print(time.perf_counter() - start)
"""

# In kB, on Linux. Not ru_maxrss, which starts from the peak of the parent process.
_PEAK = """
from pathlib import Path
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""

_LARGE = (
    _PEAK
    + """
import sys, time
import numpy as np
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer
size, count, batch = map(int, sys.argv[1:])
rng = np.random.default_rng(0)
patterns = rng.integers(0, 2, (count, size), dtype=np.int8) * 2 - 1
trainer = HebbianTrainer(AmariHopfieldNetwork(size))
trainer.train(patterns)
far = rng.integers(0, 2, (batch, size), dtype=np.int8).astype(np.float32) * 2 - 1
trainer.recall(far, 1)
start = time.perf_counter()
steps = trainer.recall(far, 20).steps.max()
print((time.perf_counter() - start), steps, peak())
"""
)

_MIXED = (
    _PEAK
    + """
import numpy as np
from canns import task
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer
def calls(count):
    for i in range(count):
        trainer = HebbianTrainer(AmariHopfieldNetwork(200))
        trainer.train(task.random_patterns(1 + i % 7, 200, seed=i))
        cues = task.random_patterns(1 + i % 30, 200, seed=i)
        trainer.predict(cues[0])
        trainer.predict_batch(cues, 5 + i % 10)
calls(60)
before = peak()
calls(334)
print((peak() - before) / 1024)
"""
)


def _run(code, *arguments, **environment):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    env = os.environ | environment
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    return [float(word) for word in done.stdout.split()]


def cold_start():
    with tempfile.TemporaryDirectory() as cache:
        empty = min(_run(_COLD)[0] for _ in range(2))
        _run(_COLD, CANNS_CACHE=cache)
        warm = min(_run(_COLD, CANNS_CACHE=cache)[0] for _ in range(3))
    name = "from import to the first recall, N = 1000"
    yield Row(f"{name}, nothing compiled", "3 s", empty, 3.0, asked=1.0)
    yield Row(f"{name}, compiled before", "1.8 s", warm, 1.8, asked=1.0)


def large():
    """Yield networks whose matrix no machine of this size holds: name, seconds, GiB, GiB asked."""
    for size, count, batch, most in ((10**6, 100, 16, 4), (10**5, 5000, 64, 6)):
        seconds, steps, peak = _run(_LARGE, size, count, batch)
        name = f"{batch} cues, N = {size:,}, P = {count:,}, {steps:.0f} updates"
        yield {"name": name, "seconds": seconds, "gibibytes": peak / 2**20, "asked": most}


def growth():
    """Return by how many megabytes 1000 mixed calls grow a process that has made some before."""
    return _run(_MIXED)[0]


WORKLOADS = (cold_start,)
