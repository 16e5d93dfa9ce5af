"""Diederich & Opper's rules against least squares, and the bound of the perceptron theorem."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import largest_stability, learn_unchecked, random_patterns, store

from canns.dynamics import Activity, Clamped, Successive
from canns.errors import DivergenceError
from canns.plasticity import DiederichOpper, Identity, PseudoInverse, Setup, ZeroDiagonal, learn

P, N = 8, 20


def without_self_couplings(pre, post):
    """The shortest weights of each neuron with field ``post``, by least squares, W_ii = 0."""
    rows = [
        np.insert(np.linalg.lstsq(np.delete(pre, i, axis=1), post[:, i])[0], i, 0.0)
        for i in range(pre.shape[1])
    ]
    return np.array(rows)


def test_the_first_converges_to_the_pseudo_inverse_without_self_couplings(x64):
    x = random_patterns(P, N)
    weights = store(DiederichOpper("I"), x, epochs=300)
    np.testing.assert_allclose(x * (x @ weights.T), 1, rtol=0, atol=1e-10)
    np.testing.assert_allclose(weights, without_self_couplings(x, x), rtol=0, atol=1e-10)


def test_the_first_converges_to_the_projector_with_self_couplings(x64):
    x = random_patterns(P, N)
    weights = store(DiederichOpper("I"), x, project=Identity(), epochs=300)
    expected = store(PseudoInverse(), x, project=Identity())
    np.testing.assert_allclose(weights, expected, rtol=0, atol=1e-10)


def test_the_first_learns_a_sequence(x64):
    x = random_patterns(P + 1, N)
    # From rest anew at each pass: what comes before the first pattern is silence.
    weights = jnp.zeros((N, N))
    for _ in range(300):
        weights = learn(Setup(DiederichOpper("I"), Successive(), ZeroDiagonal()), weights, x)
        weights = weights.weights
    expected = without_self_couplings(x[:-1], x[1:])
    np.testing.assert_allclose(weights, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("variant", ["I", "II"])
@pytest.mark.parametrize("rate", [1.0, 0.3])
def test_each_step_is_the_formula(variant, rate, x64):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(12, N)), rng.normal(size=(N, N)) / N
    found = store(DiederichOpper(variant, rate), x, weights=w, project=Identity())
    for xi in x:
        h = w @ xi
        sign = np.where(xi > 0, 1, -1)
        error = xi - h if variant == "I" else np.where(sign * h < 1, sign, 0)
        w = w + rate / N * np.outer(error, xi)
    np.testing.assert_allclose(found, w, rtol=1e-10, atol=1e-13)


def run_and_count(rule, samples):
    """The weights, hollow, and how many samples changed each neuron."""

    def show(carry, xi):
        weights, changes = carry
        _, delta = rule.step((), weights, Activity(xi, xi))
        delta = ZeroDiagonal()(delta)
        return (weights + delta, changes + (delta != 0).any(axis=1)), None

    size = samples.shape[1]
    first = jnp.zeros((size, size)), jnp.zeros(size, int)
    return map(np.asarray, jax.lax.scan(show, first, samples)[0])


@pytest.mark.parametrize("rate", [1.0, 0.25])
@pytest.mark.parametrize("load", [0.5, 1.2])
def test_the_second_stops_after_as_many_changes_as_the_theorem_allows(load, rate, x64):
    size = 16  # a power of two: all sums are exact, and a margin of 1 is met exactly
    x = random_patterns(round(load * size), size, seed=3)
    best = [largest_stability(x, i) for i in range(size)]
    stability = np.array([np.nan if w is None else 1 / np.linalg.norm(w) for w in best])
    learnable = ~np.isnan(stability)
    assert learnable.sum() > size / 2
    # |W|^2 grows by at most eta (2 + eta)/N a change, and W w* by eta kappa/N, so that the
    # changes of a neuron are at most N (2/eta + 1)/kappa^2.
    allowed = np.floor(size * (2 / rate + 1) / stability**2)
    epochs = int(np.nanmax(allowed)) + 1  # in each but the last, some neuron changes
    weights, changes = run_and_count(DiederichOpper("II", rate), np.tile(x, (epochs, 1)))
    assert (changes <= allowed)[learnable].all()
    assert (x * (x @ weights.T))[:, learnable].min() >= 1


def test_a_neuron_is_on_for_positive_targets_only():
    # Entries of 0 are targets as those of -1 are.
    binary = (random_patterns(6, N) > 0).astype(np.float32)
    weights = store(DiederichOpper("II"), binary, epochs=200)
    np.testing.assert_array_equal(binary @ weights.T > 0, binary == 1)


@pytest.mark.parametrize(("rate", "stable"), [(1.95, True), (2.05, False)])
def test_the_bound_of_the_first(rate, stable):
    x = random_patterns(1, N)
    assert "= 2." in DiederichOpper().stability_bound(x)
    inputs = np.repeat(x, 1000, axis=0)
    setup = Setup(DiederichOpper("I", rate), Clamped())
    if stable:
        # The error shrinks by |1 - rate| a step.
        weights = learn(setup, jnp.zeros((N, N)), inputs).weights
        np.testing.assert_allclose(x[0] * (weights @ x[0]), 1, rtol=0, atol=1e-5)
    else:
        with pytest.raises(DivergenceError, match="2 N"):
            learn_unchecked(setup, jnp.zeros((N, N)), inputs)
