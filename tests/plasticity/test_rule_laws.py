"""Laws that every learning rule obeys; a new rule needs one row in ``ROWS``."""

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import stack

from canns.dynamics import LIF, Clamped, Linear, Neuron
from canns.errors import DivergenceError, ValidationError
from canns.plasticity import (
    BCM,
    STDP,
    AntiHebbian,
    Bounds,
    Hebbian,
    Identity,
    Learner,
    Oja,
    Rule,
    Sanger,
    learn,
    learn_members,
)
from canns.plasticity._learn import start

SIZE, SAMPLES = 5, 40


class Row(NamedTuple):
    """A rule that is stable on the inputs below, its neuron, and values that it must refuse."""

    rule: Rule
    neuron: Neuron
    refuses: dict[str, tuple] = {}  # noqa: RUF012


ROWS = [
    Row(Hebbian(0.1), Clamped()),
    Row(Hebbian(0.001), Linear()),
    Row(AntiHebbian(0.1), Clamped()),
    Row(AntiHebbian(0.01), Linear()),
    Row(Oja(0.02), Linear()),
    Row(Sanger(0.02), Linear()),
    Row(BCM(0.002, 5.0), Linear(), {"threshold_tau": (0.99, 0, -1)}),
    Row(STDP(0.5), LIF(), {"A_plus": (-1,), "A_minus": (-1,), "coincidence": ("all", None)}),
    Row(STDP(0.5, coincidence="both"), LIF()),
    Row(STDP(0.5, coincidence="none"), LIF()),
]


def name(row):
    names = [type(part).__name__ for part in (row.rule, row.neuron)]
    return "-".join([*names, getattr(row.rule, "coincidence", "")]).rstrip("-")


each_rule = pytest.mark.parametrize("row", ROWS, ids=name)
each_projection = pytest.mark.parametrize(
    "project", [None, Bounds(-0.1, 0.3)], ids=["free", "bounded"]
)


def inputs_for(row, dtype=np.float32, seed=0):
    """Spikes for a spiking neuron, Gaussian samples for any other."""
    rng = np.random.default_rng(seed)
    spiking = rng.random((SAMPLES, SIZE)) < 0.3
    return (spiking if row.rule.needs else rng.normal(size=(SAMPLES, SIZE))).astype(dtype)


def weights_for(dtype=np.float32):
    # About 0.3, so that LIF neurons fire now and then and no row is an eigenvector already.
    return jnp.asarray(np.random.default_rng(1).uniform(0.1, 0.5, (SIZE, SIZE)).astype(dtype))


def assert_close(a, b, tolerance=1e-6):
    """Same structure, and every leaf the same to ``tolerance`` of its largest entry."""
    assert jax.tree.structure(a) == jax.tree.structure(b)
    for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        scale = max(1.0, float(jnp.max(jnp.abs(right))))
        np.testing.assert_allclose(left, right, rtol=0, atol=tolerance * scale)


@each_rule
@each_projection
def test_the_compiled_loop_is_the_uncompiled_one(row, project):
    args = row.rule, row.neuron, weights_for(), inputs_for(row)
    compiled = learn(*args, project=project)
    assert float(jnp.max(jnp.abs(compiled.weights - weights_for()))) > 1e-3, "nothing to compare"
    assert_close(compiled, learn(*args, project=project, compiled=False))


@each_rule
@each_projection
@pytest.mark.parametrize("part", [SAMPLES // 2, 1], ids=["halves", "samples"])
def test_a_run_in_parts_is_the_whole_run(row, project, part):
    inputs = inputs_for(row)
    learner = weights_for()
    for i in range(0, SAMPLES, part):
        learner = learn(row.rule, row.neuron, learner, inputs[i : i + part], project=project)
    assert_close(learner, learn(row.rule, row.neuron, weights_for(), inputs, project=project))


@each_rule
@pytest.mark.parametrize("dtype", ["bfloat16", "float32", "float64"])
def test_the_float_type_is_kept(row, dtype, request):
    if dtype == "float64":
        request.getfixturevalue("x64")
    dtype = jnp.dtype(dtype)
    after = learn(row.rule, row.neuron, weights_for(dtype), inputs_for(row, dtype))
    assert {leaf.dtype for leaf in jax.tree.leaves(after)} == {dtype}


def nudged(part):
    """Return ``part`` with every traced hyperparameter a little smaller."""
    traced = [field.name for field in dataclasses.fields(part) if "bounds" in field.metadata]
    return dataclasses.replace(part, **{key: 0.9 * getattr(part, key) for key in traced})


@each_rule
def test_other_hyperparameters_compile_nothing(row, count_compilations):
    inputs = inputs_for(row)[:-3]  # a length that no other test uses
    first = count_compilations(lambda: learn(row.rule, row.neuron, weights_for(), inputs))
    second = count_compilations(
        lambda: learn(nudged(row.rule), nudged(row.neuron), weights_for(), inputs)
    )
    assert (first > 0, second) == (True, 0)


@each_rule
def test_invalid_hyperparameters_are_refused(row):
    traced = [field.name for field in dataclasses.fields(row.rule) if "bounds" in field.metadata]
    cases = dict.fromkeys(traced, (float("nan"), float("inf"), "0.1", None, True))
    cases["learning_rate"] += (-1e-9,)
    for key, values in row.refuses.items():
        cases[key] = cases.get(key, ()) + values
    for key, values in cases.items():
        for value in values:
            rule = dataclasses.replace(row.rule, **{key: value})
            with pytest.raises(ValidationError, match=key):
                learn(rule, row.neuron, weights_for(), inputs_for(row))


@each_rule
def test_zero_learning_rate_leaves_the_weights(row):
    rule = dataclasses.replace(row.rule, learning_rate=0.0)
    after = learn(rule, row.neuron, weights_for(), inputs_for(row))
    np.testing.assert_array_equal(after.weights, weights_for())


@each_rule
def test_a_step_keeps_the_shapes(row):
    weights = weights_for()[:3] if not row.neuron.clamped else weights_for()
    learner = start(row.rule, row.neuron, weights)
    assert len(learner.memory) == len(row.rule.memory_attrs)
    _, activity = row.neuron.step(learner.state, weights, jnp.ones(SIZE))
    memory, delta = row.rule.step(learner.memory, weights, activity)
    shapes = [leaf.shape for leaf in memory]
    assert shapes == [leaf.shape for leaf in learner.memory]
    assert delta.shape == weights.shape


@each_rule
def test_divergence_names_its_step_and_the_bound(row):
    inputs = inputs_for(row)
    # One sample so large that every rule's product of it leaves the range.
    inputs[17] = 1e15
    with pytest.raises(DivergenceError, match=r"at step 117\.") as caught:
        learn(row.rule, row.neuron, weights_for(), inputs, first_step=100)
    assert caught.value.step == 117
    assert caught.value.bound == row.rule.stability_bound(inputs)
    assert caught.value.bound in str(caught.value)


@each_rule
@pytest.mark.parametrize("entry", [float("nan"), 1e25], ids=["not-a-number", "square-overflows"])
def test_data_beyond_all_range_is_a_divergence_at_its_step(row, entry):
    inputs = inputs_for(row)
    inputs[4] = entry
    with pytest.raises(DivergenceError, match=r"at step 4\."):
        learn(row.rule, row.neuron, weights_for(), inputs)


@each_rule
def test_broken_weights_are_a_divergence_at_the_first_step_even_without_input(row):
    weights = weights_for().at[0, 0].set(jnp.nan)
    with pytest.raises(DivergenceError, match=r"at step 0\."):
        learn(row.rule, row.neuron, weights, np.zeros((SAMPLES, SIZE), np.float32))


@each_rule
@pytest.mark.parametrize("shared", [False, True], ids=["own-inputs", "shared-inputs"])
def test_members_learn_what_each_learns_alone(row, shared):
    rules = [row.rule, nudged(row.rule), nudged(nudged(row.rule))]
    own = np.stack([inputs_for(row, seed=0 if shared else m) for m in range(3)])
    learners = [start(rule, row.neuron, weights_for() / (m + 1)) for m, rule in enumerate(rules)]
    together: Learner = learn_members(
        stack(*rules),
        stack(*[row.neuron] * 3),
        stack(*[Identity()] * 3),
        stack(*learners),
        own[0] if shared else own,
        shared=shared,
    )
    for m, rule in enumerate(rules):
        alone = learn(rule, row.neuron, learners[m], own[m])
        assert_close(jax.tree.map(lambda leaf, m=m: leaf[m], together), alone)
