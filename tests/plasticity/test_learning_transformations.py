"""Learning inside JAX transformations; a new rule needs a row in ``ROWS``, or one in ``STEPS``."""

import dataclasses
import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import repeat
from rule_rows import ROWS, SIZE, assert_close, inputs_for, name, rewards_for, weights_for

import canns.plasticity
from canns.dynamics import (
    LIF,
    Activity,
    Clamped,
    Linear,
    RankedWinners,
    Recorded,
    Successive,
    WinnerTakeAll,
)
from canns.errors import NotDifferentiableError, ValidationError
from canns.plasticity import (
    Bounds,
    Chain,
    Clipped,
    Guetig,
    Hebbian,
    Identity,
    IntrinsicPlasticity,
    NonPositive,
    Oja,
    OrthonormalRows,
    Parts,
    PowerLaw,
    PseudoInverse,
    Rule,
    Score,
    Setup,
    Soft,
    StrictlyLower,
    Sum,
    ThresholdAdaptation,
    UnitRows,
    VanRossum,
    ZeroDiagonal,
    learn,
    learn_members,
    respond,
)

FIRING = LIF, WinnerTakeAll, RankedWinners
REFUSING = "MinOver", "AdaTron", "Unlearning"
T = 4  # samples: fewer than neurons, so that weights that are set depend on them

# They transform a run on any data and at any rate, also one that warns.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::canns.errors.CannsWarning")]


def refuses(rule):
    return type(rule).__name__ in REFUSING or getattr(rule, "variant", "") == "II"


def each(rows):
    return pytest.mark.parametrize("row", rows, ids=name)


SMOOTH = [row for row in ROWS if not (refuses(row.rule) or isinstance(row.neuron, FIRING))]
# Rules of neurons that fire: their step has slopes at any activity, and a run does by its inputs.
OF_SPIKES = [row for row in ROWS if isinstance(row.neuron, FIRING)]
SHARP = [row for row in ROWS if refuses(row.rule)]

RNG = np.random.default_rng(5)
X, Y, BEFORE, AFTER, U = RNG.uniform(0.1, 1.0, (5, SIZE))
LEARNT = RNG.uniform(0.1, 0.5, (SIZE, SIZE))
ACTIVITY = Activity(X, Y, BEFORE, AFTER, U, reward=0.7, decay_pre=0.6, decay_post=0.8)
OF_PARTS = Activity(X, Y, parts=(Activity(X, Y), Activity(Y, X)))
# Rules without a row of their own, because they need others, or weights of another shape.
STEPS = {
    "Sum": (Sum((Hebbian(0.1), Oja(0.2))), LEARNT, ACTIVITY),
    "Parts": (Parts((Hebbian(0.1), Oja(0.2))), (LEARNT, LEARNT.T), OF_PARTS),
    "Score": (Score(), LEARNT, ACTIVITY),
    "IntrinsicPlasticity": (IntrinsicPlasticity(), LEARNT[0], ACTIVITY),
    "IntrinsicPlasticity of gains": (IntrinsicPlasticity(parameter="gain"), LEARNT[0], ACTIVITY),
    "ThresholdAdaptation": (ThresholdAdaptation(), LEARNT[0], ACTIVITY),
}


def numbers(tree):
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, float), tree)


def wave(tree):
    """A number that depends on every entry."""
    leaves = [jnp.ravel(leaf) for leaf in jax.tree.leaves(tree)]
    return sum(jnp.sum(jnp.sin(10 * leaf + jnp.arange(leaf.size))) for leaf in leaves)


def assert_slopes(loss, args):
    """Gradients under jit and vmap, and jvp under jit, are the finite difference along a line."""
    args = numbers(args)
    rng = np.random.default_rng(1)

    def beside(leaf):
        drawn = rng.normal(size=leaf.shape)
        return jnp.asarray(drawn * np.maximum(np.abs(leaf), 0.01))

    direction, h = jax.tree.map(beside, args), 1e-5
    steps = jnp.array([0.0, h, -h])
    near = jax.tree.map(lambda a, d: a + jnp.multiply.outer(steps, d), args, direction)
    values, rows = jax.jit(jax.vmap(jax.value_and_grad(loss)))(near)
    pairs = zip(jax.tree.leaves(rows), jax.tree.leaves(direction), strict=True)
    along = sum(float(jnp.sum(row[0] * d)) for row, d in pairs)
    assert abs(along) > 1e-7, "nothing to compare"
    # Of third order in h, with rounding of 1e-14 / h.
    slope = float(values[1] - values[2]) / (2 * h)
    assert along == pytest.approx(slope, rel=1e-5, abs=1e-8)
    _, pushed = jax.jit(lambda *pair: jax.jvp(loss, pair[:1], pair[1:]))(args, direction)
    assert float(pushed) == pytest.approx(along, rel=1e-8, abs=1e-12)


def run(row):
    """The loss of a run as a function of rule, weights and inputs, and the point to test it at."""
    inputs = inputs_for(row)[:T].astype(float)
    rewards = rewards_for(row.rule, inputs)

    def loss(args):
        rule, weights, inputs = args
        return wave(learn(Setup(rule, row.neuron), weights, inputs, rewards=rewards).weights)

    return loss, (row.rule, np.asarray(weights_for(), float), inputs)


def test_every_rule_has_a_row():
    kinds = [kind for kind in vars(canns.plasticity).values() if inspect.isclass(kind)]
    public = {kind for kind in kinds if issubclass(kind, Rule)} - {Rule}
    tested = [row.rule for row in ROWS] + [rule for rule, _, _ in STEPS.values()]
    assert public == {type(rule) for rule in tested}


@each(ROWS)
def test_jit_and_vmap_are_a_loop(row):
    inputs, starts = inputs_for(row)[:T], jnp.stack([weights_for(), 0.9 * weights_for()])
    rewards = rewards_for(row.rule, inputs)
    rules = jax.tree.map(lambda leaf: jnp.asarray([leaf, leaf]), row.rule)
    if hasattr(row.rule, "learning_rate"):
        rate = row.rule.learning_rate
        rules = dataclasses.replace(rules, learning_rate=jnp.array([rate, 0.9 * rate]))

    @jax.jit
    def both(rules, starts, inputs):
        def one(rule, weights):
            return learn(Setup(rule, row.neuron), weights, inputs, rewards=rewards)

        return jax.vmap(one)(rules, starts)

    together = both(rules, starts, inputs)
    for i, weights in enumerate(starts):
        rule = row.rule
        if hasattr(rule, "learning_rate"):
            rule = dataclasses.replace(rule, learning_rate=float(rules.learning_rate[i]))
        alone = learn(Setup(rule, row.neuron), weights, inputs, rewards=rewards)
        assert_close(jax.tree.map(lambda leaf, i=i: leaf[i], together), alone, 1e-5)


@each(SMOOTH)
def test_slopes_of_a_run_are_those_of_finite_differences(row, x64):
    assert_slopes(*run(row))


@each(OF_SPIKES)
def test_slopes_of_a_step_are_those_of_finite_differences(row, x64):
    memory = jax.tree.map(lambda leaf: leaf + 0.3, numbers(row.rule.init(jnp.asarray(LEARNT))))

    def loss(args):
        rule, weights = args
        return wave(rule.step(memory, weights, numbers(ACTIVITY)))

    assert_slopes(loss, (row.rule, LEARNT))


@pytest.mark.parametrize("case", STEPS)
def test_slopes_of_rules_of_their_own_kind(case, x64):
    rule, weights, activity = STEPS[case]

    def loss(args):
        rule, weights, activity = args
        return wave(rule.step(rule.init(weights), weights, activity))

    assert_slopes(loss, (rule, weights, activity))


# One setting of each kind.
@each(
    list(
        {
            type(r.rule): r for r in OF_SPIKES if isinstance(r.neuron, LIF) and not r.rule.needs
        }.values()
    )
)
def test_amplitudes_have_slopes_at_given_spikes(row, x64):
    spikes = (RNG.random((20, 2 * SIZE)) < 0.4).astype(float)

    def loss(args):
        rule, weights = args
        return wave(learn(Setup(rule, Recorded()), weights, spikes).weights)

    assert_slopes(loss, (row.rule, LEARNT))


# One setting of each kind is enough: nothing is compiled, but all is traced.
@each(list({(type(row.rule), type(row.neuron)): row for row in [*SHARP, *OF_SPIKES]}.values()))
def test_what_jumps_refuses_by_name(row, x64):
    kind = type(row.rule if refuses(row.rule) else row.neuron).__name__
    loss, (rule, weights, inputs) = run(row)
    refused = pytest.raises(NotDifferentiableError, match=rf"^{kind}\b.*jumps")

    def of_inputs(inputs):
        return loss((rule, weights, inputs))

    with refused:
        jax.grad(of_inputs)(inputs)
    with refused:
        jax.jit(jax.vmap(jax.grad(of_inputs)))(jnp.stack([inputs, inputs]))
    with refused:
        jax.jvp(of_inputs, (jnp.asarray(inputs),), (jnp.ones_like(inputs),))
    if kind in REFUSING:
        rate = "learning_rate"
        with refused:
            jax.grad(lambda r: loss((dataclasses.replace(rule, **{rate: r}), weights, inputs)))(0.1)


PROJECTIONS = {
    "Identity": Identity(),
    "Bounds": Bounds(-0.3, 0.4),
    "UnitRows": UnitRows(),
    "NonPositive": NonPositive(),
    "ZeroDiagonal": ZeroDiagonal(),
    "StrictlyLower": StrictlyLower(),
    "OrthonormalRows": OrthonormalRows(),
    "Chain": Chain((ZeroDiagonal(), UnitRows())),
}


@pytest.mark.parametrize("case", PROJECTIONS)
def test_slopes_of_projections(case, x64):
    weights = RNG.normal(size=(4, 4))
    assert_slopes(lambda args: wave(args[0](args[1])), (PROJECTIONS[case], weights))


def test_clipped_has_a_slope_by_its_scale_alone(x64):
    weights = jnp.asarray(LEARNT)
    assert_slopes(lambda scale: wave(Clipped(scale)(weights)), 0.3)
    with pytest.raises(NotDifferentiableError, match=r"^Clipped jumps"):
        jax.grad(lambda w: wave(Clipped()(w)))(weights)


# The decomposition or the root itself has no slope here, but the result has.
def test_equal_singular_values_have_slopes(x64):
    rows = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert_slopes(lambda w: wave(OrthonormalRows()(w)), rows)
    orthogonal = np.array([[1.0, 1.0, 1.0, 1.0], [1.0, -1.0, 1.0, -1.0]])
    setup = Setup(PseudoInverse(), Clamped())
    assert_slopes(lambda x: wave(learn(setup, jnp.zeros((4, 4)), x).weights), orthogonal)


def test_rows_of_zero_have_slopes(x64):
    weights = jnp.array([[0.0, 0.0], [1.0, 1.0]])
    slopes = jax.grad(lambda w: jnp.sum(UnitRows()(w)[:, 0]))(weights)
    np.testing.assert_allclose(slopes, [[1.0, 0.0], [2**-1.5, -(2**-1.5)]])


@pytest.mark.parametrize("case", [Soft(0.7), VanRossum(), Guetig(0.4), PowerLaw(0.4)], ids=str)
def test_slopes_of_weight_dependences_are_finite_at_the_bounds(case, x64):
    def loss(args):
        given, weights = args
        return wave((given.potentiation(weights), given.depression(weights)))

    assert_slopes(loss, (case, LEARNT))
    slopes = jax.grad(loss)((numbers(case), jnp.array([[0.0, 0.5, 1.0]])))
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(slopes))


def test_members_and_responses_are_transformed_as_well(x64):
    inputs = np.asarray(inputs_for(ROWS[1])[:T], float)
    rates, weights = jnp.array([0.02, 0.05]), jnp.asarray(LEARNT)

    def members(rates):
        setups = Setup(Oja(rates), repeat(Linear(), 2), repeat(Identity(), 2))
        starts = repeat(Setup(Oja(), Linear()).start(weights), 2)
        return wave(learn_members(setups, starts, inputs, shared=True).weights)

    assert_slopes(members, rates)
    assert_slopes(lambda w: wave(respond(Linear(), w, inputs)[1]), LEARNT)
    assert_slopes(lambda x: wave(respond(Linear(), weights, x)[1]), inputs)


def test_a_run_of_constants_inside_jit_is_the_run():
    inputs = inputs_for(ROWS[1])
    setup = Setup(Oja(0.02), Linear())
    start = setup.start(weights_for())
    inside = jax.jit(lambda: learn(setup, start, inputs))()
    assert_close(inside, learn(setup, start, inputs))


def test_values_that_are_known_are_still_checked_inside_jit():
    inputs = inputs_for(ROWS[0])
    with pytest.raises(ValidationError, match=r"^learning_rate .*; got -1"):
        jax.jit(lambda w: learn(Setup(Hebbian(-1.0), Successive()), w, inputs))(weights_for())


def test_descent_through_learning_finds_a_better_rate():
    data = inputs_for(ROWS[4])
    covariance = data.T @ data / len(data)
    start = jnp.full((1, SIZE), 0.2)

    def unexplained(log_rate):
        w = learn(Setup(Oja(jnp.exp(log_rate)), Linear()), start, data).weights[0]
        return -w @ covariance @ w / (w @ w)

    @jax.jit
    def descend(log_rate):
        def step(log_rate, _):
            loss, slope = jax.value_and_grad(unexplained)(log_rate)
            return log_rate - 2.0 * slope, loss

        return jax.lax.scan(step, log_rate, length=20)

    _, losses = descend(jnp.log(1e-3))
    assert losses[-1] < losses[0]
    assert np.all(np.diff(losses) < 0)
