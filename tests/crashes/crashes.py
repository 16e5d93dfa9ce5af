"""Kill training runs at random moments, resume them, and compare their ends with runs left alone.

``python crashes.py [--kills N] [--seed N]`` starts runs with checkpoints in processes of their own
and kills each by SIGKILL at a random moment, again and again until it ends. The file must be
whole after each kill, and the weights at the end must be those of a run that nobody killed, to the
last bit.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import canns
from canns.models.brain_inspired import LinearLayer, SpikingLayer
from canns.trainer import BCMTrainer, Checkpoint, OjaTrainer, STDPTrainer, Trainer

_SAMPLES, _WIDTH, _OUT = 10_000, 512, 4


def _oja() -> tuple[Trainer, Any, dict[str, Any]]:
    layer = LinearLayer(_WIDTH, _OUT)
    return OjaTrainer(layer, 1e-4), _data(), {"epochs": 3, "shuffle": True, "seed": 4}


def _bcm() -> tuple[Trainer, Any, dict[str, Any]]:
    layer = LinearLayer(_WIDTH, _OUT, use_bcm_threshold=True)
    return BCMTrainer(layer, 1e-5), _data(), {"epochs": 3}


def _stdp() -> tuple[Trainer, Any, dict[str, Any]]:
    layer = SpikingLayer(_WIDTH, _OUT, threshold=2.0)
    return STDPTrainer(layer), (_data() > 0.08).astype(np.float32), {"epochs": 2}


def _stream() -> tuple[Trainer, Any, dict[str, Any]]:
    rows = _data()
    parts = (rows[i : i + 100] for _ in range(8) for i in range(0, _SAMPLES, 100))
    return OjaTrainer(LinearLayer(_WIDTH, _OUT), 1e-4), parts, {}


RUNS: dict[str, Callable[[], tuple[Trainer, Any, dict[str, Any]]]] = {
    "Oja, shuffled": _oja,
    "BCM with a threshold": _bcm,
    "STDP with traces": _stdp,
    "Oja, a stream": _stream,
}


def _data() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.standard_normal((_SAMPLES, _WIDTH), np.float32) / _WIDTH**0.5


def train(name: str, checkpoint: Checkpoint | None) -> list[np.ndarray]:
    """Carry out a run, and return all states of its model."""
    trainer, data, options = RUNS[name]()
    layer = trainer.model
    layer.W = np.random.default_rng(1).uniform(0, 0.1, layer.W.shape)
    trainer.train(data, checkpoint=checkpoint, **options)
    return [np.asarray(box.value) for box in layer.boxes().values()]


def _forked(work: Callable[[], object]) -> int:
    """Start a process that does some work, and return its id.

    It is forked from this one, in which JAX computes nothing, so that it need not import all anew.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads: there are those of NumPy only
        process = os.fork()
    if process:
        return process
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _keep(name: str, folder: Path, checkpoint: Checkpoint | None, file: str) -> None:
    """Carry out a run, and write what it came to."""
    canns.compilation_cache(folder.parent / "programs")
    np.savez(folder / file, *train(name, checkpoint))


def kills_of(name: str, folder: Path, moments: Iterator[float]) -> Iterator[dict[str, object]]:
    """Kill a run at these moments; yield what each kill found.

    A moment is in seconds from the first write of the process or, if it is negative, from its
    beginning. It ends when the run has ended, or with the moments, after which the run is left
    alone.
    """
    folder.mkdir(parents=True)
    file = folder / "run.safetensors"
    while True:
        process = _forked(lambda: _keep(name, folder, Checkpoint(file, every=1), "states.npz"))
        moment, before = next(moments, None), _written(file)
        ended = None
        if moment is not None:
            while moment >= 0 and _written(file) == before and ended is None:
                time.sleep(0.002)
                ended = _end_of(process)
            time.sleep(abs(moment))
            ended = _end_of(process) if ended is None else ended
            if ended is None:
                os.kill(process, signal.SIGKILL)
        if ended is None:
            ended = _waited(process)
        if ended == 0:
            return
        assert ended == -signal.SIGKILL, f"{name} failed by itself"
        seen = canns.load(file).seen if file.exists() else 0  # raises if the file is damaged
        left = any(path.name.endswith(".part.safetensors") for path in folder.iterdir())
        yield {"run": name, "moment": round(moment or 0, 3), "seen": seen, "while writing": left}


def _waited(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _end_of(process: int) -> int | None:
    """Return the exit code of a process, or None if it goes on."""
    found, status = os.waitpid(process, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _written(file: Path) -> int:
    """Return when a file was written last, in nanoseconds; 0 if never."""
    return file.stat().st_mtime_ns if file.exists() else 0


def assert_resumed(name: str, folder: Path) -> None:
    """Raise unless the run has ended in the states of one that nobody killed."""
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["run.safetensors", "states.npz"], left
    assert _waited(_forked(lambda: _keep(name, folder, None, "alone.npz"))) == 0
    with np.load(folder / "states.npz") as found, np.load(folder / "alone.npz") as alone:
        for expected, after in zip(alone.values(), found.values(), strict=True):
            np.testing.assert_array_equal(expected, after)


def moments(longest: float, rng: random.Random) -> Iterator[float]:
    """Yield random moments, in seconds."""
    while True:
        yield rng.uniform(0, longest) * (1 if rng.random() < 0.85 else -1)


def main() -> int:
    """Kill, resume and compare until there were enough kills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--longest", type=float, default=1.0, help="seconds until a kill, at most")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    at = moments(options.longest, random.Random(options.seed))
    done, ended, writing = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        while done < options.kills:
            name = list(RUNS)[ended % len(RUNS)]
            own = Path(folder, str(ended))
            for found in kills_of(name, own, at):
                done += 1
                writing += bool(found["while writing"])
                print(json.dumps(found), flush=True)
            assert_resumed(name, own)
            ended += 1
            print(f"{name}: ended in the same bits", flush=True)
    print(f"{done} kills, {writing} of them while a file was written; {ended} runs, all the same")
    return 0


if __name__ == "__main__":
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    sys.exit(main())
