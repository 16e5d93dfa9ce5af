"""The unknown numbers of a rule: where they are in it, and how they are kept in range."""

import dataclasses
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._validation import did_you_mean
from canns.errors import ValidationError
from canns.plasticity import MLPWeights, Rule, Setup, TaylorRule
from canns.typing import Array, ArrayLike, BoolArray, FloatArray

__all__ = [
    "Unknown",
    "are_bounded",
    "find_unknowns",
    "labels_of",
    "put",
    "setup_at",
    "start_of",
    "to_values",
]

_AMPLITUDE = re.compile(r"A\d?_")
_NEAR = 1e-3  # a start on the edge of its interval is moved inside by this share of its length


class Unknown(NamedTuple):
    """Numbers of a rule that data decide.

    Args:
        path: Where they are: the names of fields, and the positions in tuples, such as
            ("rules", 0, "A_plus").
        shape: Their shape.
        low: What they are above.
        high: What they are below.
    """

    path: tuple[str | int, ...]
    shape: tuple[int, ...]
    low: float = -math.inf
    high: float = math.inf

    @property
    def name(self) -> str:
        """The path as one writes it, "rules.0.A_plus"."""
        return ".".join(map(str, self.path))

    @property
    def size(self) -> int:
        """How many numbers they are."""
        return math.prod(self.shape)

    @property
    def bounded(self) -> bool:
        """Whether they have an interval, so that steps are taken in a transformed number."""
        return self.low > -math.inf or self.high < math.inf

    def inside(self, values: Array) -> Array:
        """Return the numbers of some real ones: by exp, or the logistic function."""
        if not self.bounded:
            return values
        if self.high == math.inf:
            return self.low + jnp.exp(values)
        if self.low == -math.inf:
            return self.high - jnp.exp(values)
        return self.low + (self.high - self.low) * jax.nn.sigmoid(values)

    def outside(self, values: FloatArray) -> FloatArray:
        """Return the real numbers of which :meth:`inside` gives ``values``."""
        if not self.bounded:
            return values
        width = self.high - self.low if math.isfinite(self.high - self.low) else 1.0
        low, high = self.low + _NEAR * width, self.high - _NEAR * width
        tiny = (values <= self.low) | (values >= self.high)  # a start at the edge could not move
        kept = np.where(tiny, np.clip(values, low, high), values)
        if self.high == math.inf:
            return np.log(kept - self.low)
        if self.low == -math.inf:
            return np.log(self.high - kept)
        share = (kept - self.low) / (self.high - self.low)
        return np.log(share / (1 - share))


def find_unknowns(rule: Rule, names: Sequence[str] | None = None) -> tuple[Unknown, ...]:
    """Return the unknowns of a rule.

    Args:
        rule: The rule.
        names: Names of fields, such as "A_plus"; those of a rule inside have its field before
            them, "rule.A_plus". None for the coefficients that the rule declares; or, without any,
            for its hyperparameters: those with amplitudes of their own keep their learning rate.

    Raises:
        ValidationError: If the rule has no such number, or none at all.
    """
    known = {unknown.name: unknown for unknown in _walk(rule, ())}
    if names is not None:
        return tuple(_named(rule, name, known) for name in _as_names(names))
    declared = [known[name] for name in known if _declared(rule, known[name].path)]
    found = declared or [each for each in known.values() if not _redundant(each, known)]
    if not found:
        raise ValidationError("rule", "one with hyperparameters", type(rule).__name__)
    return tuple(found)


def _as_names(names: Any) -> list[str]:
    if isinstance(names, np.ndarray):
        names = names.tolist()
    several = isinstance(names, Iterable) and not isinstance(names, str)
    listed = [*names] if several else [names]
    if (
        not listed
        or not all(isinstance(name, str) for name in listed)
        or len({*listed}) < len(listed)
    ):
        raise ValidationError("fit", "names of hyperparameters, each once", repr(names))
    return listed


def _named(rule: Rule, name: str, known: dict[str, Unknown]) -> Unknown:
    if name not in known:
        listed = ", ".join(map(repr, known))
        expected = f"one of the numbers of {type(rule).__name__}: {listed}"
        raise ValidationError("fit", expected, repr(name), did_you_mean(name, known))
    return known[name]


def _walk(node: Any, path: tuple[str | int, ...]) -> Iterator[Unknown]:
    """Yield the numbers of a rule and of those inside it, save time steps and counts."""
    if isinstance(node, tuple) and not isinstance(node, MLPWeights):
        for i, each in enumerate(node):
            yield from _walk(each, (*path, i))
        return
    if not dataclasses.is_dataclass(node):
        return
    coefficients = getattr(node, "unknowns", ())
    for field in dataclasses.fields(node):
        value, here = getattr(node, field.name), (*path, field.name)
        bounds = field.metadata.get("bounds")
        if field.name in coefficients:
            yield from _coefficients(value, here)
        elif bounds is not None and field.name != "dt":
            if value is not None and not isinstance(field.default, int):  # no counts
                yield Unknown(here, np.shape(value), bounds["low"], bounds["high"])
        elif not field.metadata.get("static"):
            yield from _walk(value, here)


def _coefficients(value: Any, path: tuple[str | int, ...]) -> Iterator[Unknown]:
    if isinstance(value, MLPWeights):
        for name, part in zip(value._fields, value, strict=True):
            yield Unknown((*path, name), np.shape(part))
    else:
        yield Unknown(path, np.shape(value))


def _declared(rule: Any, path: tuple[str | int, ...]) -> bool:
    """Whether the rule in which a path ends declares its number as unknown."""
    node = rule
    for step in path:
        if step in getattr(node, "unknowns", ()):
            return True
        node = node[step] if isinstance(step, int) else getattr(node, step)
    return False


def _redundant(unknown: Unknown, known: dict[str, Unknown]) -> bool:
    """Whether this is a learning rate which only multiplies amplitudes that are fitted too."""
    *before, last = unknown.path
    beside = [each.path[-1] for each in known.values() if [*each.path[:-1]] == before]
    return last == "learning_rate" and any(_AMPLITUDE.match(str(name)) for name in beside)


def are_bounded(unknowns: Sequence[Unknown]) -> BoolArray:
    """Return whether each number has an interval, (P,)."""
    return np.concatenate([np.full(unknown.size, unknown.bounded) for unknown in unknowns])


def start_of(rule: Rule, unknowns: Sequence[Unknown]) -> FloatArray:
    """Return the numbers that the rule has now, as real numbers without bounds, (P,)."""
    parts = []
    for unknown in unknowns:
        node: Any = rule
        for step in unknown.path:
            node = node[step] if isinstance(step, int) else getattr(node, step)
        parts.append(unknown.outside(np.asarray(node, float).ravel()))
    return np.concatenate(parts)


def to_values(unknowns: Sequence[Unknown], theta: Array) -> Array:
    """Return the numbers, (P,), of real ones without bounds, (P,)."""
    parts, at = [], 0
    for unknown in unknowns:
        parts.append(unknown.inside(theta[at : at + unknown.size]))
        at += unknown.size
    return jnp.concatenate(parts)


def put(rule: Rule, unknowns: Sequence[Unknown], values: ArrayLike) -> Rule:
    """Return the rule with these values, (P,), for its unknowns."""
    at = 0
    for unknown in unknowns:
        part: Any = values[at : at + unknown.size]  # type: ignore[index]
        at += unknown.size
        if isinstance(part, np.ndarray) and not unknown.shape:
            part = float(part[0])
        else:
            part = part.reshape(unknown.shape)
        rule = _replaced(rule, unknown.path, part)
    return rule


def setup_at(setup: Setup, unknowns: Sequence[Unknown], theta: Array) -> Setup:
    """Return the setup whose rule has the values of some real numbers, (P,), for its unknowns."""
    rule = put(setup.rule, unknowns, to_values(unknowns, theta)) if unknowns else setup.rule
    return Setup(rule, setup.neuron, setup.project)


def _replaced(node: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    step, *rest = path
    if isinstance(step, int):
        return (*node[:step], _replaced(node[step], tuple(rest), value), *node[step + 1 :])
    inner = _replaced(getattr(node, step), tuple(rest), value)
    if isinstance(node, MLPWeights):
        return node._replace(**{step: inner})
    return dataclasses.replace(node, **{step: inner})


def labels_of(rule: Rule, unknowns: Sequence[Unknown]) -> tuple[str, ...]:
    """Return a name for each number: the terms of a Taylor rule, or the name of the field."""
    labels: list[str] = []
    for unknown in unknowns:
        node: Any = rule
        for step in unknown.path[:-1]:
            node = node[step] if isinstance(step, int) else getattr(node, step)
        inner = ".".join(map(str, unknown.path[:-1]))
        if isinstance(node, TaylorRule) and unknown.path[-1] == "coefficients":
            labels += [f"{inner}: {term}" if inner else term for term in node.terms]
        elif not unknown.shape:
            labels.append(unknown.name)
        else:
            indices = np.ndindex(*unknown.shape)
            labels += [f"{unknown.name}[{', '.join(map(str, index))}]" for index in indices]
    return tuple(labels)
