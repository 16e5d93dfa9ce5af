"""Members of an ensemble: every combination of hyperparameters, for every seed."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np

from canns._validation import check_real
from canns.errors import ValidationError
from canns.models.training import stack
from canns.plasticity import Setup

__all__ = ["combine"]

_RULE = "rule."


def combine(
    setups: list[Setup], scan: Mapping[str, Sequence[float]]
) -> tuple[Setup, dict[str, tuple[float, ...]]]:
    """Return the setups of all members, stacked, and the coordinates of the scanned ones.

    Args:
        setups: Those of each seed.
        scan: Values to try by the name of a hyperparameter.
    """
    coords = {name: _to_try(name, values) for name, values in scan.items()}
    members = [
        _changed(own, dict(zip(coords, values, strict=True)))
        for values in itertools.product(*coords.values())
        for own in setups
    ]
    for member in members:
        member.validate()
    return stack(members), coords


def _changed(setup: Setup, values: Mapping[str, float]) -> Setup:
    """Return ``setup`` with other hyperparameters, by name."""
    if not values:
        return setup
    leaves, _ = jax.tree_util.tree_flatten_with_path(setup)
    names = [_name(path) for path, _ in leaves]
    unknown = [name for name in values if name not in names]
    if unknown:
        known = ", ".join(name for name in names)
        raise ValidationError("scan", f"of hyperparameters among {known}", repr(unknown[0]))
    for name, (path, _) in zip(names, leaves, strict=True):
        if name in values:
            setup = _replaced(setup, path, values[name])
    return setup


def _replaced(node: Any, path: Any, value: float) -> Any:
    """Return ``node`` with another value at ``path``, and all others as they were given.

    To take it apart and put it together would make floats of counts.
    """
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(key, jax.tree_util.SequenceKey):
        at = key.idx
        return (*node[:at], _replaced(node[at], rest, value), *node[at + 1 :])
    part = {key.name: _replaced(getattr(node, key.name), rest, value)}
    named: Any = node
    return named._replace(**part) if isinstance(node, tuple) else dataclasses.replace(named, **part)


def _to_try(name: str, values: Any) -> tuple[float, ...]:
    """Return the values of a hyperparameter; a whole number stays one."""
    if np.ndim(values) != 1 or len(values) == 0:
        raise ValidationError(name, "one value or more, in a list", repr(values))
    return tuple(int(v) if _whole(v) else check_real(name, v) for v in values)


def _whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _name(path: Any) -> str:
    return jax.tree_util.keystr(path, simple=True, separator=".").removeprefix(_RULE)
