"""Storage rules, as functions from patterns to couplings."""

from collections.abc import Callable
from typing import TypeAlias

import jax.numpy as jnp
import numpy as np

from canns._buckets import bucket
from canns._validation import check_choice, refuse_class
from canns.dynamics import Clamped, Couplings, Neuron, StoredPatterns
from canns.errors import ValidationError
from canns.plasticity import STORAGE_RULES, Projection, Rule, Setup, ZeroDiagonal, learn
from canns.typing import AnyArray, Array, PyTree, epsilon

__all__ = ["CouplingBuilder", "StorageRule", "coupling_builder", "keeps_patterns"]

_CHEAP = 1 << 17  # patterns of so few numbers are learnt faster than a program is compiled

CouplingBuilder: TypeAlias = Callable[[Array], Couplings]
StorageRule: TypeAlias = str | Rule | CouplingBuilder


def hebbian_couplings(patterns: Array) -> StoredPatterns:
    """Return Hebb's couplings of ``patterns``, (P, N), divided by N and never built."""
    return StoredPatterns.hebbian(patterns, 1 / patterns.shape[1])


def keeps_patterns(build: CouplingBuilder) -> bool:
    """Whether ``build`` ignores rows of zeros, so that padded patterns compile nothing anew."""
    return build is hebbian_couplings


def coupling_builder(rule: StorageRule) -> CouplingBuilder:
    """Return the function that stores patterns, (P, N), by ``rule``.

    Args:
        rule: "hebbian", :math:`W = X^T X/N` without diagonal, or another name of
            :data:`~canns.plasticity.STORAGE_RULES`; or a rule, which learns clamped to the
            patterns, from W = 0 and without self-couplings; or the function itself.

    Raises:
        ValidationError: If ``rule`` is none of these.
    """
    if isinstance(rule, Rule):
        rule.validate()
        return lambda patterns: _learn(patterns, patterns, rule, ZeroDiagonal(), Clamped(), 1)
    if isinstance(rule, str):
        return _named(rule)
    refuse_class("rule", "a name, a rule or a function", rule)
    if not callable(rule):
        raise ValidationError("rule", "a name, a rule or a function", repr(rule))
    return lambda patterns: _checked(rule(patterns), patterns.shape[1])


def _named(name: str) -> CouplingBuilder:
    # Rules with a neuron of their own store a sequence of patterns, not fixed points.
    names = [key for key, named in STORAGE_RULES.items() if named.neuron is None]
    check_choice("rule", name, names)
    if name == "hebbian":
        return hebbian_couplings
    named = STORAGE_RULES[name]

    def build(patterns: Array) -> Array:
        rule, project, inputs = named.plan(np.asarray(patterns))
        return _learn(patterns, inputs, rule, project, Clamped(), named.epochs)

    return build


def _learn(
    patterns: Array,
    inputs: Array | AnyArray,
    rule: Rule,
    project: Projection,
    neuron: Neuron,
    epochs: int,
) -> Array:
    size = patterns.shape[1]
    learner: PyTree = jnp.zeros((size, size), patterns.dtype)
    samples = _padded(rule, np.asarray(inputs))
    weights = np.asarray(learner)
    for _ in range(epochs):
        learner = learn(Setup(rule, neuron, project), learner, samples)
        before, weights = weights, np.asarray(learner.weights)
        # An epoch that only moves rounding errors; the rest would do the same.
        if np.abs(weights - before).max() <= 8 * epsilon(weights.dtype) * np.abs(weights).max():
            break
    return jnp.asarray(weights)


def _padded(rule: Rule, rows: AnyArray) -> AnyArray:
    """Return ``rows`` with more that have no effect, so that few numbers of them are compiled.

    Rules that are not shown all rows at once share programs without this.
    """
    missing = bucket(len(rows)) - len(rows)
    if rule.shown != "whole" or rule.padding_value is None or rows.size > _CHEAP:
        return rows
    return np.pad(rows, ((0, missing), (0, 0)), constant_values=rule.padding_value)


def _checked(weights: Couplings, size: int) -> Couplings:
    """Return the couplings that the caller's function built, if they fit ``size`` neurons."""
    if weights.shape != (size, size):
        got = f"couplings of shape {weights.shape}"
        raise ValidationError("rule", f"a function that returns couplings ({size}, {size})", got)
    return weights
