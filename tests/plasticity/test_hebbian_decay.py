"""The palimpsest rules against the closed form and the mean-field theory of the marginalist scheme.

Mezard, Nadal & Toulouse (1986): with eta = eps/N and decay eps^2/(2N) the weights have a variance
of 1/N for ever, and of the last 0.0489 N patterns, at best, each is recalled.
"""

import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import overlaps, random_patterns, store

from canns.dynamics import Linear
from canns.errors import DivergenceError
from canns.plasticity import (
    Bounds,
    Chain,
    Hebbian,
    HebbianDecay,
    Identity,
    Setup,
    ZeroDiagonal,
    learn,
)

N, P = 500, 1000


@pytest.mark.parametrize("decay", [0.0, 0.03, 1.0])
def test_a_pattern_fades_by_its_age(decay, x64):
    x = np.random.default_rng(0).normal(size=(20, 6))
    before = np.random.default_rng(1).normal(size=(6, 6))
    found = store(HebbianDecay(0.3, decay), x, weights=before, project=Identity())
    kept = (1 - decay) ** np.arange(len(x))[::-1]
    expected = kept[0] * (1 - decay) * before
    expected += 0.3 * sum(share * np.outer(row, row) for share, row in zip(kept, x, strict=True))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


def marginalist(strength):
    return HebbianDecay(strength / N, strength**2 / (2 * N))


@pytest.fixture(scope="module")
def patterns():
    return random_patterns(P, N)


def test_the_weights_keep_the_variance_of_the_marginalist_scheme(patterns):
    weights = store(marginalist(4.1), patterns)
    found = N * (weights[np.triu_indices(N, 1)] ** 2).mean()
    # A geometric sum of eps^2 in place of an integral.
    expected = 4.1**2 / N / (1 - (1 - 4.1**2 / (2 * N)) ** 2)
    # About 2 N/eps^2 = 59 patterns contribute to each of the N (N - 1)/2 weights.
    assert found == pytest.approx(expected, rel=4 * np.sqrt(4 / N**2) + 0.02)


def recalled(weights, patterns):
    """Whether each pattern is recalled, the latest first."""
    return overlaps(weights, patterns[-200:])[::-1] > 0.9


def test_recent_patterns_are_recalled_and_old_ones_are_not(patterns):
    # Theory for eps = 4.1: those younger than 0.0489 N = 24.
    for seen in (P // 2, P):
        found = recalled(store(marginalist(4.1), patterns[:seen]), patterns[:seen])
        assert found[:15].all()
        assert not found[60:].any()
        assert 18 <= found.sum() <= 40  # the transition is not sharp at this size


def test_too_weak_an_acquisition_recalls_nothing(patterns):
    # Theory: none below eps = 2.465.
    assert not recalled(store(marginalist(2.0), patterns), patterns).any()


def test_hebbs_rule_loses_all(patterns):
    assert not recalled(store(Hebbian(1 / N), patterns), patterns).any()


@pytest.mark.parametrize(("bound", "some"), [(0.35, True), (1.0, False)])
def test_bounded_weights_forget_too_if_the_bound_is_well_chosen(patterns, bound, some):
    limit = bound / np.sqrt(N)
    project = Chain((Bounds(-limit, limit), ZeroDiagonal()))
    found = recalled(store(Hebbian(1 / N), patterns, project=project), patterns)
    assert found[:12].all() == found.any() == some
    assert not found[60:].any()


def test_a_linear_neuron_is_stable_if_the_message_says_so():
    # w <- (1 - decay + eta x^2) w.
    inputs = np.full((300, 1), 2.0, np.float32)
    for rate, stable in ((0.024, True), (0.026, False)):
        after = learn(Setup(HebbianDecay(rate, 0.1), Linear()), jnp.ones((1, 1)), inputs)
        assert (float(after.weights[0, 0]) < 1) == stable
    with pytest.raises(DivergenceError, match=r"\|x\|\^2 < decay"):
        learn(Setup(HebbianDecay(1.0, 0.1), Linear()), jnp.ones((1, 1)), inputs)
