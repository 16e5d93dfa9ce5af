"""Give damaged files to every function of the library that reads files, and say what came of each.

``python fuzz.py [--count N] [--seed N] [--workers N] --out FILE`` reads N files in processes of
their own, so that an abort is seen and the rest goes on. It writes a line for each failure, and
prints how many files were read and refused. ``--only I`` reads file number I here, and shows what
it raises.
"""

import argparse
import collections
import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from fuzz_files import File, good_files
from fuzz_mutations import damaged

from canns.errors import CannsError

FAILURES = "raw", "hang", "memory", "abort"
MOST_MEMORY = 1_000_000_000  # bytes more than before that a file of at most some 100 kB may take
_SECONDS = 30
_BATCH = 5000


class TookTooLongError(BaseException):
    """A file was not read in time; no ``except Exception`` of the library may catch it."""


class Outcome(NamedTuple):
    """What came of a file: accepted, refused, or a failure, and a message."""

    kind: str
    message: str = ""


def drawn(number: int, seed: int) -> tuple[File, bytes]:
    """Return a good file, and a damaged copy of it."""
    rng = Random(f"{seed} {number}")
    files = good_files()
    kinds = sorted({file.kind for file in files})
    kind = rng.choice([*kinds, "saved", "picture", "npz"])
    file = rng.choice([each for each in files if each.kind == kind])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of two members of one name
        return file, damaged(file.kind, file.content, rng)


def outcome(file: File, content: bytes) -> Outcome:
    """Read a damaged file in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, file.name)
        path.write_bytes(content)
        before = _peak()
        try:
            with _limited(), warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
                warnings.simplefilter("ignore")
                file.read(path)
            found = Outcome("accepted")
        except CannsError as error:
            found = Outcome("refused", str(error))
        except TookTooLongError:
            found = Outcome("hang")
        except BaseException as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(where.filename).name}:{where.lineno}"
            found = Outcome("raw", f"{type(error).__name__} at {place}: {str(error)[:200]}")
        taken = _peak(since=before)
        return Outcome("memory", f"{taken / 1e6:.0f} MB") if taken > MOST_MEMORY else found


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    def too_long(*_: object) -> None:
        raise TookTooLongError

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _peak(since: int | None = None) -> int:
    """Return the memory that the process has now, or how much more it had at most since then."""
    try:
        if since is None:
            Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        status = Path("/proc/self/status").read_text()
    except OSError:  # not Linux
        return 0
    name = "VmRSS" if since is None else "VmHWM"
    kilobytes = int(re.search(rf"{name}:\s*(\d+)", status)[1])
    return kilobytes * 1024 - (since or 0)


def _work(options: argparse.Namespace) -> None:
    """Read the files of a batch; the number of each is written before it is read."""
    counts: collections.Counter[str] = collections.Counter()
    with options.out.open("a") as out:
        for number in range(options.start, options.stop):
            out.write(json.dumps([number]) + "\n")
            out.flush()
            file, content = drawn(number, options.seed)
            found = outcome(file, content)
            counts[f"{file.kind} {found.kind}"] += 1
            if found.kind in FAILURES:
                out.write(json.dumps([number, file.name, file.read.__name__, *found]) + "\n")
        out.write(json.dumps({"counts": counts}) + "\n")


def _batch(start: int, stop: int, options: argparse.Namespace, out: Path) -> subprocess.Popen:
    words = [sys.executable, __file__, "--seed", options.seed, "--start", start, "--stop", stop]
    silent = subprocess.DEVNULL
    return subprocess.Popen([*map(str, words), "--out", str(out)], stderr=silent, stdout=silent)


def _run(options: argparse.Namespace) -> int:
    """Run batches until all files are read; return 1 if one failed."""
    options.out.parent.mkdir(parents=True, exist_ok=True)
    waiting = [(a, min(a + _BATCH, options.count)) for a in range(0, options.count, _BATCH)]
    running: list[tuple[subprocess.Popen, Path, int]] = []
    counts: collections.Counter[str] = collections.Counter()
    failed: list[list[object]] = []
    with tempfile.TemporaryDirectory() as folder:
        while waiting or running:
            while waiting and len(running) < options.workers:
                start, stop = waiting.pop(0)
                out = Path(folder, f"{start}.jsonl")
                out.touch()
                running.append((_batch(start, stop, options, out), out, stop))
            time.sleep(0.5)
            for entry in [*running]:
                process, out, stop = entry
                # Python handles no alarm while compiled code runs, so a hang there is seen here.
                if process.poll() is None and not _is_still(out):
                    continue
                process.kill()
                process.wait()
                running.remove(entry)
                lines = [json.loads(line) for line in out.read_text().splitlines()]
                found = [line for line in lines if isinstance(line, list) and len(line) > 1]
                if lines and isinstance(lines[-1], dict):
                    counts.update(lines[-1]["counts"])
                elif lines:  # it ended within a file; what came before is read anew
                    (last, *_) = lines[-1]
                    found.append([last, *_names(last, options.seed), "abort", process.returncode])
                    counts[f"{found[-1][1]} abort"] += 1
                    (first, *_) = lines[0]
                    waiting = [(first, last), (last + 1, stop), *waiting]
                    found = found[-1:]
                    waiting = [pair for pair in waiting if pair[0] < pair[1]]
                failed += found
                done = sum(counts.values())
                print(f"{done} of {options.count} files, {len(failed)} failures", flush=True)
    with options.out.open("w") as out:
        out.writelines(json.dumps(line) + "\n" for line in sorted(failed, key=str))
    for line in failed[:200]:
        print(*line)
    for name in sorted(counts):
        print(f"{name:24s}{counts[name]:8d}")
    total = collections.Counter()
    for name, count in counts.items():
        total[name.split()[-1]] += count
    print(f"{sum(total.values())} files:", ", ".join(f"{n} {kind}" for kind, n in total.items()))
    return int(bool(failed))


def _is_still(out: Path) -> bool:
    """Whether a worker has written nothing for long; its beginning takes a while, too."""
    return time.time() - out.stat().st_mtime > 10 * _SECONDS


def _names(number: int, seed: int) -> tuple[str, str]:
    file, _ = drawn(number, seed)
    return file.name, file.read.__name__


def main() -> int:
    """Run all, a batch, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, default=Path("fuzz.jsonl"))
    parser.add_argument("--start", type=int, help="a worker's first file")
    parser.add_argument("--stop", type=int, help="the one after a worker's last file")
    parser.add_argument("--only", type=int, help="read this file, and show what it raises")
    options = parser.parse_args()
    if options.only is not None:
        file, content = drawn(options.only, options.seed)
        path = Path(tempfile.mkdtemp(), file.name)
        path.write_bytes(content)
        print(path, file.read.__name__, len(content))
        print(file.read(path))
        return 0
    if options.start is not None:
        return _work(options) or 0
    return _run(options)


if __name__ == "__main__":
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    sys.exit(main())
