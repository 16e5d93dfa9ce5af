"""Laws that every learning rule obeys; a new rule needs one row in ``ROWS``."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import stack
from rule_rows import (
    MANY,
    ROWS,
    SAMPLES,
    SIZE,
    assert_close,
    inputs_for,
    name,
    rewards_for,
    weights_for,
)

from canns.dynamics import (
    Activity,
    Linear,
    Successive,
)
from canns.errors import DivergenceError, ValidationError
from canns.plasticity import (
    Bounds,
    Identity,
    Learner,
    Setup,
)
from canns.plasticity import learn as learn_with_rewards
from canns.plasticity import learn_members as members_with_rewards
from canns.plasticity.learning import show_samples
from canns.plasticity.learning.loop import Samples, advance
from canns.plasticity.learning.passes import run_pass
from canns.plasticity.learning.samples import to_samples

# The laws hold for any data and rate, also for those of which a run warns.
pytestmark = pytest.mark.filterwarnings("ignore::canns.errors.CannsWarning")


def rows(**flags):
    """Those whose rule has these flags, as a parametrization."""
    wanted = [row for row in ROWS if all(getattr(row.rule, k) == v for k, v in flags.items())]
    return pytest.mark.parametrize("row", wanted, ids=name)


def reads_spikes(row):
    return any(rule.reads_pre == "spikes" for _, rule in row.rule.readers())


each_rule = rows()
each_rule_by_samples = pytest.mark.parametrize(
    "row", [row for row in ROWS if row.rule.shown != "whole"], ids=name
)
each_that_a_sample_can_upset = pytest.mark.parametrize(
    "row",
    [
        row
        for row in ROWS
        if not (row.rule.shown == "whole" or row.any_scale or row.saturates or reads_spikes(row))
    ],
    ids=name,
)
each_whole_rule = rows(shown="whole")
BOUNDS = Bounds(-0.1, 0.5)


def learn(setup, learner, inputs, **options):
    rewards = rewards_for(setup.rule, inputs)
    return learn_with_rewards(setup, learner, inputs, rewards=rewards, **options)


def learn_unchecked(setup, weights, inputs, first_step):
    """Learn what the check of the data would refuse; of a long stream it sees the start only."""
    samples = to_samples(inputs, rewards_for(setup.rule, inputs), weights.dtype)
    return show_samples(setup, setup.start(weights), samples, True, first_step)


@pytest.mark.slow
# A rule that adds up all samples at once does so only while no bounds stop it on the way.
@pytest.mark.parametrize(
    ("row", "project"),
    [
        *(pytest.param(row, Identity(), id=f"{name(row)}-free") for row in ROWS),
        *(
            pytest.param(row, BOUNDS, id=f"{name(row)}-bounded")
            for row in ROWS
            if row.rule.shown == "summed" and row.neuron.clamped
        ),
    ],
)
def test_the_compiled_loop_is_the_uncompiled_one(row, project):
    # Large enough that the loop becomes one function of machine code, if it can.
    setup = Setup(row.rule, row.neuron, project)
    args = setup, weights_for(size=MANY), inputs_for(row, size=MANY)
    compiled = learn(*args)
    assert float(jnp.max(jnp.abs(compiled.weights - args[1]))) > 1e-3, "nothing to compare"
    # Two programs add MANY products, such as those of a projector, in orders of their own.
    tolerance = MANY * float(np.finfo(np.float32).eps)
    assert_close(compiled, learn(*args, compiled=False), tolerance)


# An additive rule takes free halves at once and bounded ones one by one, as any other rule does.
@each_rule_by_samples
@pytest.mark.parametrize(
    ("part", "project"),
    [(SAMPLES // 2, Identity()), (1, BOUNDS)],
    ids=["free-halves", "bounded-samples"],
)
def test_a_run_in_parts_is_the_whole_run(row, part, project):
    inputs = inputs_for(row)
    learner = weights_for()
    for i in range(0, SAMPLES, part):
        learner = learn(Setup(row.rule, row.neuron, project), learner, inputs[i : i + part])
    assert_close(learner, learn(Setup(row.rule, row.neuron, project), weights_for(), inputs))


@each_rule
@pytest.mark.parametrize("dtype", ["bfloat16", "float32", "float64"])
def test_the_float_type_is_kept(row, dtype, request):
    if dtype == "float64":
        request.getfixturevalue("x64")
    dtype = jnp.dtype(dtype)
    before = Setup(row.rule, row.neuron).start(weights_for(dtype))
    inputs = inputs_for(row, dtype)
    samples = to_samples(inputs, rewards_for(row.rule, inputs), dtype)
    after, _ = jax.eval_shape(run_pass, Setup(row.rule, row.neuron), before, samples, len(inputs))
    assert {leaf.dtype for leaf in jax.tree.leaves(after)} == {dtype}


@each_rule
def test_half_precision_learns(row):
    weights = weights_for(jnp.bfloat16)
    after = learn(Setup(row.rule, row.neuron), weights, inputs_for(row, jnp.bfloat16))
    assert after.weights.dtype == jnp.bfloat16
    assert np.any(after.weights != weights)


def nudged(part, by=0.9, keep=()):
    """Return ``part`` with every traced hyperparameter, save those to keep, a little smaller."""
    fields = [f for f in dataclasses.fields(part) if "bounds" in f.metadata]
    traced = {f.name: getattr(part, f.name) for f in fields if f.name not in keep}
    # A count stays a whole number.
    return dataclasses.replace(
        part, **{k: type(v)(by * v) for k, v in traced.items() if v is not None}
    )


@each_rule
def test_other_hyperparameters_compile_nothing(row, count_compilations):
    inputs, weights = inputs_for(row), weights_for()
    learn(Setup(row.rule, row.neuron), weights, inputs)
    # Values that no other test uses, so that nothing but their being traced spares a compilation.
    other = Setup(nudged(row.rule, by=0.8), nudged(row.neuron, by=0.8, keep=row.sizes))
    assert count_compilations(lambda: learn(other, weights, inputs)) == 0


@each_rule
def test_invalid_hyperparameters_are_refused(row):
    traced = {f.name: f.default for f in dataclasses.fields(row.rule) if "bounds" in f.metadata}
    values = float("nan"), float("inf"), "0.1", True
    cases = {key: values if default is None else (*values, None) for key, default in traced.items()}
    if "learning_rate" in cases:
        cases["learning_rate"] += (-1e-9,)
    for key, values in row.refuses.items():
        cases[key] = cases.get(key, ()) + values
    for key, values in cases.items():
        for value in values:
            rule = dataclasses.replace(row.rule, **{key: value})
            with pytest.raises(ValidationError, match=key):
                learn(Setup(rule, row.neuron), weights_for(), inputs_for(row))


@pytest.mark.parametrize("row", [row for row in ROWS if row.still], ids=name)
def test_zero_rates_leave_the_weights(row):
    rule = dataclasses.replace(row.rule, **row.still)
    after = learn(Setup(rule, row.neuron), weights_for(), inputs_for(row))
    np.testing.assert_array_equal(after.weights, weights_for())


@each_rule
def test_a_step_keeps_the_shapes(row):
    weights = weights_for()[:3] if not row.neuron.clamped else weights_for()
    learner = Setup(row.rule, row.neuron).start(weights)
    assert len(learner.memory) == len(row.rule.memory_attrs)
    samples = jnp.ones((1, SIZE) if row.rule.shown == "whole" else SIZE)
    _, activity = jax.eval_shape(row.neuron.step, learner.state, weights, samples)
    activity = activity._replace(reward=jnp.ones(()))
    memory, delta = jax.eval_shape(row.rule.step, learner.memory, weights, activity)
    shapes = [leaf.shape for leaf in memory]
    assert shapes == [leaf.shape for leaf in learner.memory]
    assert delta.shape == weights.shape


# A pattern that the weights of above do not store, whatever its length.
OUTLIER = np.array([1, -1, -1, -1, -1], np.float32)


@each_that_a_sample_can_upset
def test_divergence_names_its_step_and_the_bound(row):
    inputs = inputs_for(row)
    # One sample so large that every rule's product of it leaves the range.
    inputs[17] = 1e15 * OUTLIER
    with pytest.raises(DivergenceError, match=r"at step 117\.") as caught:
        learn_unchecked(Setup(row.rule, row.neuron), weights_for(), inputs, 100)
    assert caught.value.step == 117
    assert caught.value.bound == row.rule.stability_bound(inputs)
    assert caught.value.bound in str(caught.value)


@each_rule
@pytest.mark.parametrize("entry", [float("nan"), 1e25], ids=["not-a-number", "square-overflows"])
def test_data_beyond_all_range_is_a_divergence_at_its_step(row, entry):
    inputs = inputs_for(row)
    inputs[4] = entry * OUTLIER
    if row.any_scale and entry == 1e25:
        huge = learn(Setup(row.rule, row.neuron), weights_for(), inputs)
        inputs[4] = OUTLIER
        usual = learn(Setup(row.rule, row.neuron), weights_for(), inputs)
        np.testing.assert_allclose(huge.weights, usual.weights, rtol=1e-5)
        return
    if row.saturates and entry == 1e25:
        after = learn(Setup(row.rule, row.neuron), weights_for(), inputs)
        assert np.abs(after.weights).max() < 10
        return
    if reads_spikes(row):
        with pytest.raises(ValidationError, match=r"^inputs must be spikes, 0 or 1"):
            learn(Setup(row.rule, row.neuron), weights_for(), inputs)
        return
    # A whole rule takes all samples in one step, the first.
    with pytest.raises(
        DivergenceError, match=rf"at step {100 if row.rule.shown == 'whole' else 104}\."
    ):
        learn_unchecked(Setup(row.rule, row.neuron), weights_for(), inputs, 100)


@each_rule
def test_broken_weights_are_a_divergence_at_the_first_step_even_without_input(row):
    weights = weights_for().at[0, 0].set(jnp.nan)
    with pytest.raises(DivergenceError, match=r"at step 0\."):
        learn(Setup(row.rule, row.neuron), weights, np.zeros((SAMPLES, SIZE), np.float32))


def first_of_each_kind():
    """One row for each way through the loop: all at once, added up, sample by sample."""
    kinds = {(row.rule.shown, row.neuron.clamped): row for row in ROWS[::-1]}
    return kinds.values()


@pytest.mark.parametrize(
    ("row", "shared"),
    [
        *(pytest.param(row, False, id=f"{name(row)}-own-inputs") for row in ROWS),
        *(pytest.param(row, True, id=f"{name(row)}-shared-inputs") for row in first_of_each_kind()),
    ],
)
def test_members_learn_what_each_learns_alone(row, shared):
    rules = [row.rule, nudged(row.rule), nudged(nudged(row.rule))]
    own = np.stack([inputs_for(row, seed=0 if shared else m) for m in range(3)])
    learners = [
        Setup(rule, row.neuron).start(weights_for() / (m + 1)) for m, rule in enumerate(rules)
    ]
    together: Learner = members_with_rewards(
        stack(*[Setup(rule, row.neuron) for rule in rules]),
        stack(*learners),
        own[0] if shared else own,
        shared=shared,
        rewards=rewards_for(row.rule, own[0] if shared else own),
    )
    for m, rule in enumerate(rules):
        alone = learn(Setup(rule, row.neuron), learners[m], own[m])
        assert_close(jax.tree.map(lambda leaf, m=m: leaf[m], together), alone)


@each_whole_rule
def test_a_whole_rule_takes_all_samples_in_one_step(row):
    inputs, weights = jnp.asarray(inputs_for(row)), weights_for()
    learner = Setup(row.rule, row.neuron).start(weights)
    state, activity = row.neuron.step(learner.state, weights, inputs)
    assert activity.pre.shape == activity.post.shape == inputs.shape
    _, delta = jax.jit(row.rule.step)((), weights, activity)
    after = learn(Setup(row.rule, row.neuron, BOUNDS), weights, inputs)
    np.testing.assert_allclose(after.weights, jnp.clip(weights + delta, -0.1, 0.5), atol=1e-6)
    np.testing.assert_array_equal(after.activity, (activity.pre[-1], activity.post[-1]))
    assert_close(after.state, state)


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_a_rule_with_targets_refuses_a_neuron_that_computes_its_activity(row):
    kind = type(row.rule)
    if kind.shown == "whole" or kind.target:
        with pytest.raises(ValidationError, match=rf"^neuron .*{kind.__name__}; got Linear"):
            learn(Setup(row.rule, Linear()), weights_for(), inputs_for(row))
    if kind.target == "self":
        with pytest.raises(ValidationError, match=rf"^neuron .*{kind.__name__}; got Successive"):
            learn(Setup(row.rule, Successive()), weights_for(), inputs_for(row))


@each_rule
def test_no_product_of_a_step_is_left_to_the_accelerators_precision(row):
    # By default a GPU may round the factors to 11 bits.
    weights = weights_for()
    learner = Setup(row.rule, row.neuron).start(weights)
    samples = jnp.ones((2, SIZE) if row.rule.shown != "one_by_one" else SIZE)
    activity = Activity(*[samples] * 5, reward=jnp.ones(()), decay_pre=0.9, decay_post=0.9)
    answer, sample = (learner.state, activity), Samples(activity.pre, activity.reward)
    step = jax.make_jaxpr(lambda *args: advance(*args, sample, answer))
    program = str(step(Setup(row.rule, row.neuron), learner))
    full = program.count("precision=(Precision.HIGHEST, Precision.HIGHEST)")
    assert program.count("dot_general") == full
