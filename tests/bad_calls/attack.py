"""Call the public surface with one argument made wrong, and say what came of each call.

``python attack.py [--share S] [--seed N] [--only NAME] --out FILE`` makes every call (or a share of
them) in processes of its own, so that an abort is seen and the rest goes on; it writes a line for
each call, and prints how many were accepted, refused by an error of the library, and failed.
"""

import argparse
import collections
import contextlib
import hashlib
import inspect
import io
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from mutants import parameters, shown, wrong_values
from record import Target, copied, targets
from surface import entries

from canns.errors import CannsError
from canns.typing import Parameters

FAILURES = "raw", "changed", "hang", "abort"
_SECONDS = 60


class Case(NamedTuple):
    """One call: a target, the argument made wrong, and the wrong value."""

    target: Target
    parameter: str
    value: Any

    @property
    def label(self) -> list[str]:
        """The names of the target and the argument, and what it was given."""
        return [self.target.name, self.parameter, shown(self.value)]


class TookTooLongError(BaseException):
    """A call did not end in time; no ``except Exception`` of the library may catch it."""


def surface(only: str = "") -> tuple[list[Target], dict[str, Any]]:
    """Return the targets whose names start so, and an argument that works for each name."""
    found = [target for entry in entries() for target in targets(entry)]
    known: dict[str, Any] = {}
    for target in found:
        for name, value in target.arguments.items():
            if value is not None:
                known.setdefault(name, value)
    return [target for target in found if target.name.startswith(only)], known


def cases(found: list[Target], known: dict[str, Any]) -> Iterator[Case]:
    """Yield every call of the targets with one argument made wrong."""
    for target in found:
        for parameter in parameters(target.call):
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            right = target.arguments.get(parameter.name, known.get(parameter.name))
            if right is None and parameter.default is not parameter.empty:
                right = parameter.default
            for value in wrong_values(right):
                yield Case(target, parameter.name, value)


def drawn(share: float, seed: int, only: str = "") -> tuple[list[Case], dict[str, Any]]:
    """Return a share of all cases, and an argument that works for each name."""
    found, known = surface(only)
    rng = np.random.default_rng(seed)
    return [case for case in cases(found, known) if rng.random() < share], known


def outcome(case: Case, known: dict[str, Any]) -> tuple[str, str]:
    """Make the call.

    Returns:
        "accepted"; "refused" by an error of the library; "changed" if it was refused, but the model
        is not the one that it was; "raw" for any other error; or "hang". And the message.
    """
    owner = copied(case.target.owner)
    positional, named = _arguments(case, known)
    before, kind = _digest(owner), "accepted"
    has_self = "self" in inspect.signature(case.target.call).parameters
    first = [owner] if owner is not None and has_self else []
    message = ""
    try:
        _call(case.target.call, *first, *positional, **named)
    except TookTooLongError:
        return "hang", ""
    except CannsError as error:
        kind = "refused" if not before or _digest(owner) == before else "changed"
        message = f"{type(error).__name__}: {error}"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        kind, message = "raw", f"{type(error).__name__}: {str(error)[:200]} [{where}]"
    return kind, message


def _call(function: Any, *args: Any, **kwargs: Any) -> None:
    """Call a function, without its warnings and what it prints, for some seconds at most."""

    def too_long(*_: object) -> None:
        raise TookTooLongError

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(_SECONDS)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            found = function(*args, **kwargs)
            if isinstance(found, Parameters):
                found.validate()  # hyperparameters are checked where they are used
            elif inspect.isgenerator(found):
                next(found, None)
            jax.block_until_ready(found)
    finally:
        signal.alarm(0)


def _arguments(case: Case, known: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of a case, by position and by name, copied."""
    positional, named = [], {}
    for parameter in parameters(case.target.call):
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.name == case.parameter:
            value = case.value
        elif parameter.name in case.target.arguments:
            value = copied(case.target.arguments[parameter.name])
        elif parameter.default is not parameter.empty:
            continue
        else:
            value = copied(known.get(parameter.name))
        if parameter.kind is parameter.POSITIONAL_ONLY:
            positional.append(value)
        else:
            named[parameter.name] = value
    return positional, named


def _digest(thing: Any) -> str:
    """Return a digest of all that an object holds, or "" if it cannot be pickled."""
    try:
        return hashlib.sha256(pickle.dumps(thing)).hexdigest()
    except Exception:
        return ""


def _work(options: argparse.Namespace) -> None:
    """Make the calls from number ``start`` on; write one line before each, and one after it."""
    found, known = drawn(options.share, options.seed, options.only)
    with options.out.open("a") as out, contextlib.chdir(tempfile.mkdtemp()):
        for case in found[options.start :]:
            out.write(json.dumps(case.label) + "\n")
            out.flush()
            out.write(json.dumps([*case.label, *outcome(case, known)]) + "\n")


def main() -> int:
    """Run workers until all calls are made; return 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="how the names of the targets start")
    parser.add_argument("--share", type=float, default=1.0, help="share of the cases to draw")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("bad_calls.jsonl"))
    parser.add_argument("--start", type=int, help="a worker's first case")
    options = parser.parse_args()
    options.out = options.out.absolute()
    if options.start is not None:
        return _work(options) or 0
    options.out.unlink(missing_ok=True)
    start = 0
    while True:
        again = subprocess.run([sys.executable, *sys.argv, "--start", str(start)], check=False)
        lines = [json.loads(line) for line in options.out.read_text().splitlines()]
        done = sum(len(line) > 3 for line in lines)
        if again.returncode == 0 or (done == start and not lines):
            break
        last = json.dumps([*lines[-1][:3], "abort", f"exit code {again.returncode}"])
        with options.out.open("a") as out:
            out.write(last + "\n")
        start = done + 1
    made = [line for line in lines if len(line) > 3]
    counts = collections.Counter(line[3] for line in made)
    for line in made:
        if line[3] in FAILURES:
            print(*line)
    print(f"{len(made)} calls:", ", ".join(f"{n} {kind}" for kind, n in counts.items()))
    return int(any(counts[kind] for kind in FAILURES) or again.returncode != 0)


if __name__ == "__main__":
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    sys.exit(main())
