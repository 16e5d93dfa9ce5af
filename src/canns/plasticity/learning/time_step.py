"""The time step: one for the neurons and the rules of a setup, however they are nested."""

import dataclasses
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jax

from canns.dynamics import Neuron
from canns.plasticity.rule import Rule
from canns.typing import PyTree

__all__ = ["given_steps", "may_have_step", "with_step"]

_STEP = "dt"


def _may_have_step(kind: Any) -> bool:
    return any(field.name == _STEP or not field.metadata for field in dataclasses.fields(kind))


#: Whether rules of a class have a time step, or contain rules that may have one. Cached, because
#: every run asks.
may_have_step: Callable[[Any], bool] = cache(_may_have_step)


def given_steps(*parts: PyTree) -> Iterator[tuple[str, Any]]:
    """Yield the class and the time step of all neurons and rules that have one, in order.

    Neurons and rules are found in tuples, and in the fields of others, such as wrappers.
    """
    for part in _parts(parts):
        step = part.time_step if isinstance(part, Neuron) else vars(part).get(_STEP)
        if step is not None:
            yield getattr(part, "whose", type(part).__name__), step
        yield from given_steps(*vars(part).values())


def with_step(rule: Rule, step: Any) -> Rule:
    """Return the rule with ``step`` for its time step and those of rules inside, if they are None.

    Example:
        >>> from canns.plasticity import PairSTDP, RewardModulated
        >>> both = with_step(RewardModulated(PairSTDP()), 0.5)
        >>> both.dt, both.rule.dt
        (0.5, 0.5)
    """
    changed: dict[str, Any] = {}
    node: Any = rule
    for name, value in vars(rule).items():
        if name == _STEP and value is None:
            changed[name] = step
        elif next(_parts(value), None) is not None:
            changed[name] = jax.tree.map(
                lambda part: with_step(part, step) if isinstance(part, Rule) else part,
                value,
                is_leaf=_is_part,
            )
    return dataclasses.replace(node, **changed) if changed else rule


def _parts(node: PyTree) -> Iterator[Neuron | Rule]:
    """Yield the neurons and rules in a tree, not those inside of them."""
    return filter(_is_part, jax.tree.leaves(node, is_leaf=_is_part))


def _is_part(node: object) -> bool:
    return isinstance(node, Neuron | Rule)
