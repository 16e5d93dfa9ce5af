"""The members of an ensemble: every combination of scanned hyperparameters, for every seed."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import jax
import numpy as np
from jax.tree_util import GetAttrKey, SequenceKey

from canns._validation import check_real
from canns._warnings import warn
from canns.errors import ValidationError
from canns.models.training import stack
from canns.plasticity import Rule, Setup
from canns.typing import AnyArray, PyTree

__all__ = ["combine"]

_Path: TypeAlias = "tuple[SequenceKey | GetAttrKey, ...]"
_RULE = "rule."  # left out of names, so that the rule's own hyperparameters have short ones


def combine(
    seeds: list[tuple[Setup, AnyArray]], scan: Mapping[str, Sequence[float]]
) -> tuple[Setup, dict[str, tuple[float, ...]]]:
    """Return the setups of all members, stacked, and the scanned values by name.

    The seeds of one combination are next to each other; the last hyperparameter varies faster than
    the first.

    Args:
        seeds: The setup and the samples, (T, in), of each seed.
        scan: The values to try, by the name of the hyperparameter.
    """
    coords = {name: _checked(name, values) for name, values in scan.items()}
    members = [
        _with_values(setup, dict(zip(coords, values, strict=True)))
        for values in itertools.product(*coords.values())
        for setup, _ in seeds
    ]
    for member in members:
        member.validate()
    if coords:
        _warn_of_rates(members, [inputs for _, inputs in seeds])
    return stack(members), coords


def _warn_of_rates(members: list[Setup], inputs: list[AnyArray]) -> None:
    """Warn of learning rates beyond the bound: a member may be nonsense without diverging."""
    bounds: dict[tuple[Rule, int], float] = {}
    beyond: dict[float, float] = {}
    for number, setup in enumerate(members):
        rule, rows = setup.rule, inputs[number % len(inputs)]
        rate = getattr(rule, "learning_rate", None)
        if rate is None or not isinstance(setup.neuron, rule.bounded_for):
            continue
        changed: Any = rule
        key = dataclasses.replace(changed, learning_rate=0.0), id(rows)  # asked once for all rates
        if key not in bounds:
            bounds[key] = rule.largest_rate(rows)
        if rate >= bounds[key]:
            beyond[rate] = bounds[key]
    if beyond:
        name, least = type(members[0].rule).__name__, min(beyond)
        warn(
            f"Members with a learning_rate from {least:g} on are beyond the bound of stability of "
            f"{name} at these data, {beyond[least]:.3g}: what they learn means nothing, even if a "
            "constraint keeps it finite."
        )


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
