"""Laws of every rule, for hyperparameters drawn from their declared intervals.

With ``--hypothesis-profile=long`` each is tried on 25 times as many cases.
"""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from drawn import few, hyperparameters, seeds
from hypothesis import assume, given
from hypothesis import strategies as st
from rule_rows import ROWS, SAMPLES, SIZE, assert_close, inputs_for, name, rewards_for, weights_for

from canns.dynamics import LIF, Clamped, Successive
from canns.errors import CannsError
from canns.plasticity import (
    Bounds,
    Chain,
    Identity,
    NonPositive,
    Setup,
    UnitRows,
    ZeroDiagonal,
    learn,
)
from canns.plasticity.learning import sides_of

pytestmark = pytest.mark.filterwarnings("ignore::canns.errors.CannsWarning")

EPS = float(np.finfo(np.float32).eps)
BOUNDS = Bounds(-0.1, 0.5)
#: One for each way through the loop, in `make test`; the others are slow.
SHOWN = {"OjaLinear", "HebbianClamped", "PairSTDPLIF", "StorkeyClamped", "PseudoInverseClamped"}


def rows(*kinds, but=()):
    """The rows with such a neuron, those of a few rules first and the others slow."""
    wanted = [row for row in ROWS if not kinds or isinstance(row.neuron, kinds)]
    seen: set[str] = set()
    found = []
    for row in wanted:
        kind = type(row.rule).__name__
        if kind in but:
            continue
        key = kind + type(row.neuron).__name__
        quick = key in SHOWN and key not in seen
        seen.add(key)
        found.append(pytest.param(row, id=name(row), marks=() if quick else pytest.mark.slow))
    return pytest.mark.parametrize("row", found)


def run(setup, learner, inputs, rewards=None):
    rewards = rewards_for(setup.rule, inputs) if rewards is None else rewards
    return learn(setup, learner, inputs, rewards=rewards)


def attempt(setup, learner, inputs):
    """Return what is learnt; a case that is refused or diverges says so, and shows nothing else."""
    try:
        return run(setup, learner, inputs)
    except CannsError:
        assume(False)


def scaled(row, seed, scale):
    inputs = inputs_for(row, seed=seed)
    return inputs if isinstance(row.neuron, LIF) else inputs * np.float32(scale)


def is_finite(tree):
    return all(bool(jnp.isfinite(leaf).all()) for leaf in jax.tree.leaves(tree))


scales = st.sampled_from([1e-3, 0.3, 1.0, 3.0, 1e3])


@rows()
@few
@given(data=st.data(), seed=seeds, scale=scales)
def test_declared_hyperparameters_learn_or_are_refused(row, data, seed, scale):
    """Nothing that is not finite comes out, and nothing but an error of the library."""
    rule = data.draw(hyperparameters(row.rule))
    try:
        after = run(Setup(rule, row.neuron), weights_for(), scaled(row, seed, scale))
    except CannsError:
        return
    assert is_finite(after)


@rows()
@few
@given(data=st.data(), seed=seeds, scale=scales, cut=st.integers(1, SAMPLES - 1))
def test_bounds_hold_and_chunks_make_the_whole(row, data, seed, scale, cut):
    setup = Setup(data.draw(hyperparameters(row.rule)), row.neuron, BOUNDS)
    inputs = scaled(row, seed, scale)
    whole = attempt(setup, weights_for(), inputs)
    assert float(whole.weights.min()) >= np.float32(BOUNDS.w_min)
    assert float(whole.weights.max()) <= np.float32(BOUNDS.w_max)
    if row.rule.shown != "whole":
        # A rate that all samples allow may be too high for some of them.
        part = attempt(setup, attempt(setup, weights_for(), inputs[:cut]), inputs[cut:])
        # Sample by sample: where a run is cut decides nothing.
        jax.tree.map(np.testing.assert_array_equal, part, whole)


def _has_unit_rows(weights):
    """Whether each row has length 1, unless it is zero, and so has no direction."""
    lengths = np.linalg.norm(weights, axis=1)
    return (np.where(lengths == 0, 0, np.abs(lengths - 1)) < 4 * EPS).all()


CONSTRAINTS = {
    "unit rows": (UnitRows(), _has_unit_rows),
    "at most 0": (NonPositive(), lambda W: (W <= 0).all()),
    "no diagonal": (ZeroDiagonal(), lambda W: (np.diag(W) == 0).all()),
    "a chain": (
        Chain((ZeroDiagonal(), Bounds(-0.2, 0.2))),
        lambda W: (np.diag(W) == 0).all() and (np.abs(W) <= np.float32(0.2)).all(),
    ),
}


@rows()
@few
@given(
    data=st.data(),
    seed=seeds,
    constraint=st.sampled_from(sorted(CONSTRAINTS)),
    count=st.integers(1, SAMPLES),
)
def test_constraints_hold_after_any_number_of_samples(row, data, seed, constraint, count):
    project, holds = CONSTRAINTS[constraint]
    setup = Setup(data.draw(hyperparameters(row.rule)), row.neuron, project)
    after = attempt(setup, weights_for(), inputs_for(row, seed=seed)[:count])
    assert holds(np.asarray(after.weights)), constraint


def _permuted(learner, order, rows_order):
    return learner.weights[rows_order][:, order]


# Sums are added in another order: each of the samples rounds a sum of SIZE numbers.
ROUNDING = 8 * SAMPLES * SIZE * EPS
permutations = st.permutations(range(SIZE)).map(np.array)
# A dream begins at random, neuron by neuron.
DRAWS = ("Unlearning",)


@rows(Clamped, Successive, but=DRAWS)
@few
@given(seed=seeds, order=permutations)
def test_renaming_neurons_commutes_with_storing(row, seed, order):
    setup, inputs = Setup(row.rule, row.neuron), inputs_for(row, seed=seed)
    if row.rule.target == "self" or type(row.rule).__name__ in ("MinOver", "AdaTron"):
        inputs = np.sign(inputs[:2])  # as many as can be stored
    plain = run(setup, weights_for(), inputs)
    named = run(setup, weights_for()[order][:, order], inputs[:, order])
    assert_close(named.weights, plain.weights[order][:, order], ROUNDING)


# They order their neurons: by variance, or on a grid.
ORDERED = ("Sanger", "WeightedSubspace", "Kohonen")


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=name(row), marks=() if i % 8 == 0 else pytest.mark.slow)
        for i, row in enumerate(row for row in ROWS if not row.neuron.clamped)
    ],
)
@few
@given(seed=seeds, inputs_order=permutations, order=permutations)
def test_renaming_inputs_and_neurons_commutes_with_learning(row, seed, inputs_order, order):
    if isinstance(row.neuron, Successive):
        order = inputs_order
    if type(row.rule).__name__ in ORDERED:
        order = np.arange(SIZE)
    setup, inputs = Setup(row.rule, row.neuron), inputs_for(row, seed=seed)
    # Quarters: sums of spikes are exact, so that none falls on the other side of a threshold.
    start = jnp.round(weights_for() * 64) / 64
    plain = run(setup, start, inputs)
    rewards = rewards_for(row.rule, inputs)  # which depend on the first input
    named = run(setup, start[order][:, inputs_order], inputs[:, inputs_order], rewards)
    assert_close(named.weights, plain.weights[order][:, inputs_order], ROUNDING)


SYMMETRIC = (
    "AntiHebbian",
    "Covariance",
    "Dreaming",
    "Hebbian",
    "HebbianDecay",
    "PseudoInverse",
    "Reversed",
    "Storkey",
    "Unlearning",
)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=name(row), marks=() if i % 4 == 0 else pytest.mark.slow)
        for i, row in enumerate(
            row
            for row in ROWS
            if isinstance(row.neuron, Clamped) and type(row.rule).__name__ in SYMMETRIC
        )
    ],
)
@few
@given(seed=seeds, diagonal=st.booleans(), count=st.integers(1, 6))
def test_couplings_of_storage_are_symmetric(row, seed, diagonal, count):
    inputs = np.random.default_rng(seed).choice([-1.0, 1.0], (count, 12)).astype(np.float32)
    project = Identity() if diagonal else ZeroDiagonal()
    rule = row.rule
    if type(rule).__name__ == "Storkey" and not diagonal and rule.order == 1:
        project = Identity()  # its fields read the diagonal
    after = run(Setup(rule, row.neuron, project), jnp.zeros((12, 12)), inputs).weights
    scale = max(1e-6, float(jnp.abs(after).max()))
    # A solution of linear equations loses as many digits as they are ill-conditioned.
    tolerance = 1e-3 if rule.shown == "whole" else 12 * count * EPS
    np.testing.assert_allclose(after, after.T, rtol=0, atol=tolerance * scale)


SPIKING = [row for row in ROWS if isinstance(row.neuron, LIF) and sides_of(row.rule) is not None]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=name(row), marks=() if i % 5 == 0 else pytest.mark.slow)
        for i, row in enumerate(SPIKING)
    ],
)
@few
@given(data=st.data(), seed=seeds)
def test_events_are_the_matrix(row, data, seed):
    rule = data.draw(hyperparameters(row.rule))
    # No sum of weights is this threshold, to rounding.
    neuron = dataclasses.replace(row.neuron, threshold=0.6123)
    inputs = inputs_for(row, seed=seed)
    start = jnp.clip(weights_for(), 0.0, 0.5)
    ends = []
    for method in ("dense", "events"):
        setup = Setup(rule, neuron, Bounds(0.0, 0.5), method=method)
        ends.append(attempt(setup, start, inputs))
    assert_close(ends[1], ends[0], ROUNDING)
