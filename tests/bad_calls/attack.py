"""Call the public surface with one argument made wrong, and say what came of each call."""

import argparse
import contextlib
import faulthandler
import inspect
import io
import json
import os
import signal
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

_SECONDS = 30


class Case(NamedTuple):
    """One call: a target, the argument made wrong, and which wrong value."""

    target: Target
    parameter: str
    value: Any


class TookTooLong(BaseException):
    """A call did not end in time."""


def cases(target: Target, known: dict[str, Any]) -> Iterator[Case]:
    """Yield every call of a target with one argument made wrong."""
    for parameter in parameters(target.call):
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        right = target.arguments.get(parameter.name, known.get(parameter.name))
        if right is None and parameter.default is not parameter.empty:
            right = parameter.default
        for value in wrong_values(right):
            yield Case(target, parameter.name, value)


def arguments_of(case: Case, known: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
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


def bits(thing: Any) -> str:
    """Return a digest of all that an object holds."""
    import hashlib
    import pickle

    try:
        return hashlib.sha256(pickle.dumps(thing)).hexdigest()
    except Exception:
        return ""


def outcome(case: Case, known: dict[str, Any]) -> tuple[str, str]:
    """Make the call; return "accepted", "refused", "raw", "hang" or "changed", and details."""
    target = case.target
    owner = None if target.owner is None else copied(target.owner)
    positional, named = arguments_of(case, known)
    before = bits(owner)
    is_method = owner is not None
    first = [owner] if is_method and "self" in inspect.signature(target.call).parameters else []

    def too_long(*_: object) -> None:
        raise TookTooLong

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(_SECONDS)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            found = target.call(*first, *positional, **named)
            if inspect.isgenerator(found):
                next(found, None)
            jax.block_until_ready(found)
    except TookTooLong:
        return "hang", ""
    except CannsError as error:
        signal.alarm(0)
        if is_method and before and bits(owner) != before:
            return "changed", str(error)
        return "refused", f"{type(error).__name__}: {error}"
    except Exception as error:
        signal.alarm(0)
        frames = traceback.extract_tb(error.__traceback__)
        place = next((f for f in reversed(frames) if "canns" in f.filename), frames[-1])
        where = f"{Path(place.filename).name}:{place.lineno}"
        return "raw", f"{type(error).__name__}: {str(error)[:120]} [{where}]"
    finally:
        signal.alarm(0)
    return "accepted", ""


def main() -> None:
    """Attack all entries, or those of one package, and write a line for each call."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="start of the names of entries")
    parser.add_argument("--share", type=float, default=1.0, help="share of the cases to draw")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("bad_calls.jsonl"))
    options = parser.parse_args()
    faulthandler.enable()
    found = entries()
    each = {entry.name: targets(entry) for entry in found}
    known: dict[str, Any] = {}
    for own in each.values():
        for target in own:
            for name, value in target.arguments.items():
                if value is not None:
                    known.setdefault(name, value)
    rng = np.random.default_rng(options.seed)
    out = options.out.open("w")
    place = Path(tempfile.mkdtemp())
    os.chdir(place)
    for name, own in each.items():
        if not name.startswith(options.only):
            continue
        for target in own:
            for case in cases(target, known):
                if rng.random() >= options.share:
                    continue
                line = [target.name, case.parameter, shown(case.value)]
                out.write(json.dumps(line) + "\n")
                out.flush()
                kind, detail = outcome(case, known)
                out.write(json.dumps([*line, kind, detail]) + "\n")
    out.close()


if __name__ == "__main__":
    sys.exit(main())
