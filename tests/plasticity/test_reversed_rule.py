"""A rule's opposite takes out exactly what it put in."""

import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import random_patterns, store

from canns.dynamics import Successive
from canns.errors import ValidationError
from canns.plasticity import (
    BCM,
    AntiHebbian,
    Covariance,
    Hebbian,
    HebbianDecay,
    Identity,
    Oja,
    Reversed,
    Rule,
    Setup,
    Storkey,
    contract,
    learn,
)
from canns.typing import param, pytree

P, N = 60, 30
ADDITIVE = [Hebbian(0.7), AntiHebbian(0.7), Covariance(0.7, 0.1)]
each_rule = pytest.mark.parametrize("rule", ADDITIVE, ids=lambda rule: type(rule).__name__)


def graded(seed=0):
    return np.random.default_rng(seed).normal(size=(P, N)).astype(np.float32)


@each_rule
def test_from_zero_nothing_is_left(rule):
    stored = store(rule, graded())
    assert np.abs(stored).max() > 1
    left = store(Reversed(rule), graded(), weights=stored)
    np.testing.assert_array_equal(left, np.zeros((N, N)))


def test_a_sequence_is_taken_out_too():
    stored = learn(Setup(Hebbian(0.7), Successive()), jnp.zeros((N, N)), graded()).weights
    left = learn(Setup(Reversed(Hebbian(0.7)), Successive()), stored, graded()).weights
    np.testing.assert_array_equal(left, np.zeros((N, N)))


def test_one_pattern_is_taken_out_of_several():
    patterns = random_patterns(8, 16)  # sums of whole multiples of 1/16: exact
    rule = Hebbian(1 / 16)
    found = store(Reversed(rule), patterns[2:3], weights=store(rule, patterns))
    np.testing.assert_array_equal(found, store(rule, np.delete(patterns, 2, axis=0)))


@each_rule
def test_the_opposite_of_the_opposite_is_the_rule(rule):
    twice = store(Reversed(Reversed(rule)), graded())
    np.testing.assert_array_equal(twice, store(rule, graded()))


@pytest.mark.parametrize("rule", [Oja(), BCM(), Storkey(), HebbianDecay(), "hebbian", None])
def test_what_depends_on_the_weights_cannot_be_undone(rule):
    with pytest.raises(ValidationError, match=r"^rule must be an additive rule"):
        store(Reversed(rule), graded())


def test_the_hyperparameters_of_the_rule_are_checked():
    with pytest.raises(ValidationError, match="learning_rate"):
        store(Reversed(Hebbian(-1.0)), graded())


@pytest.mark.parametrize("rule", ADDITIVE, ids=lambda rule: type(rule).__name__)
def test_the_bound_is_that_of_the_rule(rule):
    assert Reversed(rule).stability_bound(graded()) == rule.stability_bound(graded())


@pytree
class Counting(Rule):
    """An additive rule that remembers how many samples it has seen."""

    learning_rate: float = param(default=1.0, low=0)

    shown = "summed"
    memory_attrs = ("count",)
    needs = ("trace_pre",)
    remedy = "Count."

    def init(self, weights):
        return (jnp.zeros(()),)

    def step(self, memory, weights, activity):
        return (memory[0] + 1,), self.learning_rate * contract(activity.post, activity.pre)


def test_needs_and_memory_are_those_of_the_rule():
    rule = Reversed(Counting())
    assert (rule.needs, rule.memory_attrs, rule.remedy) == (("trace_pre",), ("count",), "Count.")
    assert rule.init(jnp.zeros((2, 2))) == (0.0,)
    with pytest.raises(ValidationError, match=r"trace_pre for Reversed"):
        store(rule, graded(), project=Identity())
