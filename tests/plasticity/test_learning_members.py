"""Many learners in one call: what their errors say, and the origin of the learner's fields."""

import re
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import LinearMembers, repeat, stack

from canns.dynamics import Clamped, ConductanceLIF, Linear
from canns.errors import DivergenceError, ValidationError
from canns.plasticity import Hebbian, Identity, Oja, Parts, Setup, learn, learn_members
from canns.typing import pytree


def run_doubling(rates, members_inputs, shared):
    """w <- (1 + eta) w on inputs of one; a rate of 1 doubles and passes 1e10 at step 33."""
    rules = stack(*[Hebbian(rate) for rate in rates])
    members = len(rates)
    neurons, projects = repeat(Linear(), members), repeat(Identity(), members)
    learners = repeat(Setup(Hebbian(), Linear()).start(jnp.ones((1, 1))), members)
    return learn_members(Setup(rules, neurons, projects), learners, members_inputs, shared=shared)


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
def test_divergence_names_the_first_member_that_failed_and_its_step(shared):
    inputs = np.ones((50, 1) if shared else (3, 50, 1), np.float32)
    with pytest.raises(DivergenceError, match=r"the weights of member 1 .* at step 33\.") as caught:
        run_doubling([0.1, 1.0, 3.0], inputs, shared)
    assert caught.value.step == 33
    # 4^17 = 1.7e10 is past the limit: member 2 alone fails at step 16.
    with pytest.raises(DivergenceError, match=r"of member 2 .* at step 16\."):
        run_doubling([0.1, 0.2, 3.0], inputs, shared)
    safe = run_doubling([0.1, 0.2, 0.3], inputs, shared)
    np.testing.assert_allclose(safe.weights[:, 0, 0], [1.1**50, 1.2**50, 1.3**50], rtol=1e-5)


def test_members_with_other_rates_compile_nothing(count_compilations):
    inputs = np.ones((27, 1), np.float32)
    assert count_compilations(lambda: run_doubling([0.1, 0.2], inputs, True)) > 0
    assert count_compilations(lambda: run_doubling([0.3, 0.0], inputs, True)) == 0


def test_members_do_not_touch_each_other():
    inputs = jnp.asarray(np.random.default_rng(0).normal(size=(2, 30, 3)), jnp.float32)
    both = LinearMembers(Oja(0.05), jnp.ones((1, 3)) / 2, 2).learn(inputs)
    swapped = LinearMembers(Oja(0.05), jnp.ones((1, 3)) / 2, 2).learn(inputs[::-1])
    jax.tree.map(np.testing.assert_array_equal, both, jax.tree.map(lambda a: a[::-1], swapped))


def test_the_first_failure_is_named_even_if_later_samples_would_hide_it():
    # The product of both samples is finite, but the first alone is past 1e10.
    weights = jnp.full((1, 1), 5e9)
    inputs = np.array([[1.0], [1.5], [1.0]], np.float32)
    with pytest.raises(DivergenceError) as caught:
        learn(Setup(Hebbian(1.0), Linear()), weights, inputs, first_step=7)
    assert caught.value.step == 8


def test_what_was_given_is_left_as_it_was():
    weights, inputs = jnp.ones((2, 2)) / 4, np.tile(np.float32([[1, 1], [-1, -1]]), (5, 1))
    after = learn(Setup(Oja(0.1), Linear()), weights, inputs)
    assert float(jnp.abs(after.weights - weights).min()) > 0.1, "it does learn"
    np.testing.assert_array_equal(weights, np.full((2, 2), 0.25))
    np.testing.assert_array_equal(inputs, np.tile([[1, 1], [-1, -1]], (5, 1)))


def test_the_last_activity_is_that_of_the_last_sample():
    weights = jnp.array([[1.0, 2.0]])
    after = learn(
        Setup(Oja(0.0), Linear()), weights, np.array([[1.0, 1.0], [3.0, 4.0]], np.float32)
    )
    np.testing.assert_array_equal(after.activity[0], [3.0, 4.0])
    np.testing.assert_array_equal(after.activity[1], [11.0])


def test_members_without_inhibitory_weights_learn_what_each_learns_alone():
    """Their inhibitory part is empty."""
    neuron = ConductanceLIF()
    weights = neuron.draw(jax.random.key(0), 6, 4)
    rates = [0.01, 0.02, 0.05, 0.1, 0.2]
    setups = [Setup(Parts((Hebbian(rate), None)), neuron) for rate in rates]
    learners = [setup.start(weights) for setup in setups]
    inputs = np.float32(np.random.default_rng(0).random((30, 6)) < 0.3)
    after = learn_members(stack(*setups), stack(*learners), inputs, shared=True)
    for member, setup in enumerate(setups):
        alone = learn(setup, weights, inputs)
        for one, many in zip(alone.weights, after.weights, strict=True):
            np.testing.assert_allclose(many[member], one, rtol=1e-5, atol=1e-6)


@pytree
class Undeclared(Clamped):
    """A neuron of a user's own, which does not say what it emits."""

    emits: ClassVar[None] = None


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("shape", [(1, 5), (5, 1), (5, 4), (4, 5)])
def test_a_change_of_another_shape_is_refused_and_not_broadcast(shape, compiled):
    weights, inputs = np.zeros(shape, np.float32), np.ones((3, shape[1]), np.float32)
    of_inputs = re.escape(f"({shape[1]}, {shape[1]})")
    with pytest.raises(ValidationError, match=r"weights must be of shape \(N, N\) for Clamped"):
        learn(Setup(Hebbian(), Clamped()), weights, inputs, compiled=compiled)
    with pytest.raises(
        ValidationError, match=rf"weights must be of shape {of_inputs}.* Undeclared"
    ):
        learn(Setup(Hebbian(), Undeclared()), weights, inputs, compiled=compiled)
