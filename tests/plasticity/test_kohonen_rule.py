"""Kohonen's map against its fixed point on a uniform interval, and against competition alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import mean_and_error, repeat

from canns.dynamics import NoState, WinnerTakeAll
from canns.errors import ValidationError
from canns.plasticity import Identity, Instar, Kohonen, Setup, learn, learn_members

NEAREST = WinnerTakeAll(match="distance")
MEMBERS, N, SAMPLES = 64, 10, 2000


def neighbourhood(places, width):
    apart = ((places[:, None] - places) ** 2).sum(-1)
    return np.exp(-apart / (2 * width**2)) if width else np.eye(len(places))


def codebook(width):
    """Of an ordered chain on a uniform interval, (N,): sum_c h_ic P_c (m_c - w_i) = 0."""
    h = neighbourhood(np.arange(N)[:, None], width)
    w = (np.arange(N) + 0.5) / N
    for _ in range(20000):
        edges = np.concatenate([[0], (w[1:] + w[:-1]) / 2, [1]])
        share, middle = np.diff(edges), (edges[1:] + edges[:-1]) / 2
        w = h @ (share * middle) / (h @ share)
    return w


def show(rule, learner, seed):
    """One block of uniform samples to chains of their own, in one compilation for all rules."""
    inputs = jax.random.uniform(jax.random.key(seed), (MEMBERS, SAMPLES, 1))
    parts = [repeat(part, MEMBERS) for part in (rule, NEAREST, Identity())]
    return learn_members(Setup(*parts), learner, inputs, shared=False)


@pytest.fixture(scope="module")
def ordered():
    """Learners that began at random and were shown a block while their width shrank."""
    rule = Kohonen(0.3, width=5.0, width_decay=0.001)
    weights = jax.random.uniform(jax.random.key(9), (MEMBERS, N, 1))
    return show(rule, jax.vmap(lambda w: Setup(rule, NEAREST).start(w))(weights), 0)


def test_every_chain_orders_itself(ordered):
    steps = np.diff(np.asarray(ordered.weights)[..., 0], axis=1)
    assert ((steps > 0).all(axis=1) | (steps < 0).all(axis=1)).all()
    np.testing.assert_array_equal(ordered.memory[0], SAMPLES)
    # The nearest and the next of any input are neighbours: the topographic error is 0.
    x = np.linspace(0, 1, 200)[:, None, None, None]
    nearest = np.abs(x - np.asarray(ordered.weights))[..., 0].argsort(axis=-1)[..., :2]
    assert (np.abs(np.diff(nearest, axis=-1)) == 1).all()


@pytest.mark.parametrize("width", [1.0, 0.5])
def test_an_ordered_chain_fluctuates_about_its_fixed_point(ordered, width):
    learner, snapshots = ordered, []
    for block in range(8):
        learner = show(Kohonen(0.02, width), learner, 1 + block)
        if block >= 3:
            w = np.asarray(learner.weights, np.float64)[..., 0]
            snapshots.append(np.where(w[:, :1] < w[:, -1:], w, 1 - w))
    expected = codebook(width)
    # Neighbours draw the ends in; away from them uniform inputs give equidistant weights.
    assert expected[0] > 0.05 + 0.01 * width
    mean, error = mean_and_error(np.stack(snapshots))
    assert error.max() < 0.002
    assert (np.abs(mean - expected) < 4 * error).all()
    middle = np.diff(mean)[3:-3]
    np.testing.assert_allclose(middle, np.diff(expected)[3:-3], rtol=0, atol=4 * error.max())


def test_without_neighbours_the_weights_are_equidistant():
    np.testing.assert_allclose(codebook(0), (np.arange(N) + 0.5) / N, atol=1e-12)
    learner = Setup(Kohonen(), NEAREST).start(jnp.asarray(codebook(0.5), jnp.float32)[:, None])
    learner, snapshots = repeat(learner, MEMBERS), []
    for block in range(8):
        learner = show(Kohonen(0.05, width=0.0), learner, 20 + block)
        if block >= 4:
            snapshots.append(np.asarray(learner.weights, np.float64)[..., 0])
    mean, error = mean_and_error(np.stack(snapshots))
    assert error.max() < 0.003
    # What is left out is of first order in the rate, and in units of a cell.
    assert (np.abs(mean - codebook(0)) < 4 * error + 0.05**2 / N).all()


@pytest.mark.parametrize("width", [0.0, 1e-4])
def test_at_a_width_of_zero_it_is_competitive_learning(width, x64):
    rng = np.random.default_rng(0)
    weights, inputs = rng.normal(size=(6, 3)), rng.normal(size=(200, 3))
    map_ = learn(Setup(Kohonen(0.1, width), NEAREST), jnp.asarray(weights), inputs)
    instar = learn(Setup(Instar(0.1), NEAREST), jnp.asarray(weights), inputs)
    np.testing.assert_allclose(map_.weights, instar.weights, rtol=0, atol=1e-15)
    assert np.abs(map_.weights - weights).max() > 0.1


@pytest.mark.parametrize("shape", [None, (6,), (2, 3), (3, 2), (3, 1, 2)])
def test_neighbours_on_the_grid_and_decays(shape, x64):
    rng = np.random.default_rng(1)
    weights, inputs = rng.normal(size=(6, 3)), rng.normal(size=(40, 3))
    rule = Kohonen(0.2, 1.5, rate_decay=0.03, width_decay=0.05, shape=shape)
    after = learn(Setup(rule, NEAREST), jnp.asarray(weights), inputs)
    places = np.array(list(np.ndindex(shape or (6,))))
    for n, x in enumerate(inputs):
        winner = ((x - weights) ** 2).sum(axis=1).argmin()
        h = neighbourhood(places, 1.5 * np.exp(-0.05 * n))[winner]
        weights = weights + 0.2 * np.exp(-0.03 * n) * h[:, None] * (x - weights)
    np.testing.assert_allclose(after.weights, weights, rtol=0, atol=1e-12)
    assert float(after.memory[0]) == 40


def test_a_sheet_unfolds_over_a_square():
    rng = np.random.default_rng(0)
    inputs = rng.random((6000, 2)).astype(np.float32)
    rule = Kohonen(0.5, width=3.0, rate_decay=5e-4, width_decay=4e-4, shape=(6, 6))
    weights = jnp.asarray(rng.random((36, 2)), jnp.float32)
    learner = learn(Setup(rule, NEAREST), weights, inputs)
    rows = np.asarray(learner.weights)
    places = np.array(list(np.ndindex(6, 6)))
    held = rng.random((2000, 2))
    first, second = ((held[:, None] - rows) ** 2).sum(-1).argsort(axis=1)[:, :2].T
    apart = np.abs(places[first] - places[second]).max(axis=1)
    _, activity = jax.vmap(lambda x: NEAREST.step(NoState(), learner.weights, x))(jnp.asarray(held))
    counts = np.asarray(activity.post).sum(axis=0)
    assert (apart == 1).all()
    # Equal shares, apart from the border.
    assert counts.min() > 2000 / 36 / 2


def test_a_grid_of_another_size_is_refused():
    with pytest.raises(ValidationError, match=r"^shape must be a grid of 6 neurons; got \(2, 2\)"):
        learn(Setup(Kohonen(shape=(2, 2)), NEAREST), jnp.ones((6, 1)), np.ones((1, 1)))
