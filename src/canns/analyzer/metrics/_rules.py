"""Storage rules, as functions from patterns to couplings."""

from collections.abc import Callable
from typing import TypeAlias

import jax.numpy as jnp
import numpy as np

from canns._validation import check_choice, refuse_class
from canns.dynamics import Clamped, Couplings, Neuron, StoredPatterns
from canns.errors import ValidationError
from canns.plasticity import STORAGE_RULES, Projection, Rule, Setup, ZeroDiagonal, learn
from canns.typing import AnyArray, Array, PyTree

__all__ = ["CouplingBuilder", "StorageRule", "coupling_builder", "keeps_patterns"]

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
    for _ in range(epochs):
        learner = learn(Setup(rule, neuron, project), learner, inputs)
    weights: Array = learner.weights
    return weights


def _checked(weights: Couplings, size: int) -> Couplings:
    """Return the couplings that the caller's function built, if they fit ``size`` neurons."""
    if weights.shape != (size, size):
        got = f"couplings of shape {weights.shape}"
        raise ValidationError("rule", f"a function that returns couplings ({size}, {size})", got)
    return weights
