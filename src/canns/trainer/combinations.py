"""The members of an ensemble: every combination of scanned hyperparameters, for every seed."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import jax
import numpy as np
from jax.tree_util import GetAttrKey, SequenceKey

from canns._validation import check_real
from canns.errors import ValidationError
from canns.models.training import stack
from canns.plasticity import Setup
from canns.typing import PyTree

__all__ = ["combine"]

_Path: TypeAlias = "tuple[SequenceKey | GetAttrKey, ...]"
_RULE = "rule."  # left out of names, so that the rule's own hyperparameters have short ones


def combine(
    setups: list[Setup], scan: Mapping[str, Sequence[float]]
) -> tuple[Setup, dict[str, tuple[float, ...]]]:
    """Return the setups of all members, stacked, and the scanned values by name.

    The seeds of one combination are next to each other; the last hyperparameter varies faster than
    the first.

    Args:
        setups: One setup for each seed.
        scan: The values to try, by the name of the hyperparameter.
    """
    coords = {name: _checked(name, values) for name, values in scan.items()}
    members = [
        _with_values(setup, dict(zip(coords, values, strict=True)))
        for values in itertools.product(*coords.values())
        for setup in setups
    ]
    for member in members:
        member.validate()
    return stack(members), coords


def _checked(name: str, values: Sequence[float]) -> tuple[float, ...]:
    """Return the values to try, or raise; integers stay integers, because some are counts."""
    if np.ndim(values) != 1 or len(values) == 0:
        raise ValidationError(name, "one value or more, in a list", repr(values))
    return tuple(int(value) if _is_integer(value) else check_real(name, value) for value in values)


def _is_integer(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _with_values(setup: Setup, values: Mapping[str, float]) -> Setup:
    """Return ``setup`` with new values for the hyperparameters of these names."""
    if not values:
        return setup
    leaves, _ = jax.tree_util.tree_flatten_with_path(setup)
    paths = {_name(path): path for path, _ in leaves}
    for name in values:
        if name not in paths:
            known = ", ".join(paths)
            raise ValidationError("scan", f"of hyperparameters among {known}", repr(name))
    for name, value in values.items():
        setup = _replace_at(setup, paths[name], value)
    return setup


def _name(path: _Path) -> str:
    """Return the name of a hyperparameter, such as "learning_rate" or "neuron.leak"."""
    return jax.tree_util.keystr(path, simple=True, separator=".").removeprefix(_RULE)


def _replace_at(node: PyTree, path: _Path, value: float) -> PyTree:
    """Return ``node`` with another value at ``path``.

    Not by flattening and unflattening the tree: that would turn integer hyperparameters into
    floats.
    """
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(key, SequenceKey):
        i = key.idx
        return (*node[:i], _replace_at(node[i], rest, value), *node[i + 1 :])
    part = {key.name: _replace_at(getattr(node, key.name), rest, value)}
    if isinstance(node, tuple):
        named: PyTree = node  # a tuple with attribute keys is a named one
        return named._replace(**part)
    return dataclasses.replace(node, **part)
