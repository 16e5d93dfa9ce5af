"""Members of an ensemble: every combination of hyperparameters, for every seed."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from canns._validation import check_real
from canns.errors import ValidationError
from canns.models.brain_inspired._batch import stack
from canns.plasticity import Projection, Rule

__all__ = ["Settings", "combine", "repeat"]

_RULE = "rule."


class Settings(NamedTuple):
    """What a member learns with."""

    rule: Rule
    neuron: Any
    project: Projection

    def validate(self) -> None:
        """Check every hyperparameter."""
        for part in self:
            part.validate()


def combine(
    settings: list[Settings], scan: Mapping[str, Sequence[float]]
) -> tuple[Settings, dict[str, tuple[float, ...]]]:
    """Return the settings of all members, stacked, and the coordinates of the scanned ones.

    Args:
        settings: Those of each seed.
        scan: Values to try by the name of a hyperparameter.
    """
    coords = {name: tuple(check_real(name, v) for v in values) for name, values in scan.items()}
    for name, values in coords.items():
        if not values:
            raise ValidationError(name, "one value or more", "none")
    members = [
        _changed(own, dict(zip(coords, values, strict=True)))
        for values in itertools.product(*coords.values())
        for own in settings
    ]
    for member in members:
        member.validate()
    return stack(members), coords


def repeat(tree: Any, times: int) -> Any:
    """Return a stacked tree, repeated as a whole."""
    return jax.tree.map(lambda leaf: jnp.tile(leaf, (times,) + (1,) * (leaf.ndim - 1)), tree)


def _changed(settings: Settings, values: Mapping[str, float]) -> Settings:
    """Return ``settings`` with other hyperparameters, by name."""
    leaves, structure = jax.tree_util.tree_flatten_with_path(settings)
    names = [_name(path) for path, _ in leaves]
    unknown = [name for name in values if name not in names]
    if unknown:
        known = ", ".join(name for name in names)
        raise ValidationError("scan", f"of hyperparameters among {known}", repr(unknown[0]))
    changed = [values.get(name, leaf) for name, (_, leaf) in zip(names, leaves, strict=True)]
    after: Settings = jax.tree.unflatten(structure, changed)
    return after


def _name(path: Any) -> str:
    return jax.tree_util.keystr(path, simple=True, separator=".").removeprefix(_RULE)
