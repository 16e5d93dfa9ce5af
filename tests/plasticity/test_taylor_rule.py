"""Terms as they are read, and rules of the catalogue as sums of them."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Linear
from canns.errors import ValidationError
from canns.plasticity import (
    BCM,
    Hebbian,
    Oja,
    RunningCovariance,
    Setup,
    TaylorRule,
    learn,
    taylor_terms,
)

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(30, 4))
WEIGHTS = jnp.asarray(0.3 * RNG.normal(size=(2, 4)))
EXPANSIONS = [
    (Hebbian(0.01), TaylorRule(("x y",), (1.0,), 0.01)),
    (Oja(0.05), TaylorRule(("x y", "y^2 w"), (1.0, -1.0), 0.05)),
    (
        BCM(0.01, 5.0),
        TaylorRule(("x y^2", "x y <y^2>"), (1.0, -1.0), 0.01, 5.0, average_start=0.1),
    ),
    (
        RunningCovariance(0.05, 7.0),
        TaylorRule(("x y", "<x> y", "x <y>", "<x> <y>"), (1.0, -1.0, -1.0, 1.0), 0.05, 7.0),
    ),
]


@pytest.mark.parametrize(("rule", "expansion"), EXPANSIONS, ids=lambda r: type(r).__name__)
def test_a_rule_of_the_catalogue_is_the_sum_of_its_terms(rule, expansion):
    named = learn(Setup(rule, Linear()), WEIGHTS, INPUTS).weights
    summed = learn(Setup(expansion, Linear()), WEIGHTS, INPUTS).weights
    assert np.abs(named - WEIGHTS).max() > 1e-2
    np.testing.assert_allclose(summed, named, rtol=0, atol=30 * 4 * np.finfo(np.float32).eps)


def test_reward_and_averages_of_pairs():
    rule = TaylorRule(("r <x y>", "r^2"), (2.0, 0.5), 1.0, 2.0)
    x, rewards, weights = INPUTS[:3], np.array([1.0, 0.0, -2.0]), np.asarray(WEIGHTS)
    mean, w = np.zeros_like(weights), weights.copy()
    for row, r in zip(x, rewards, strict=True):
        y = w @ row
        change = 2.0 * r * mean + 0.5 * r**2
        mean = mean + (np.outer(y, row) - mean) / 2.0
        w = w + change
    found = learn(Setup(rule, Linear()), WEIGHTS, x, rewards=rewards)
    np.testing.assert_allclose(found.weights, w, rtol=1e-5)
    assert found.memory[0].shape == weights.shape
    assert rule.memory_attrs == ("mean_xy",)


def test_terms_are_all_products_of_powers():
    terms = taylor_terms("xyw", 2)
    assert len({*terms}) == 27
    assert {"1", "x y", "y^2 w", "x^2 y^2 w^2"} <= {*terms}
    assert taylor_terms("yx", 1) == taylor_terms("xy", 1)


@pytest.mark.parametrize("term", ["", "q", "x^", "<w>", "<<x>>", "x+y", "<x", "2 x", "x -y"])
def test_a_term_that_cannot_be_read_is_refused(term):
    with pytest.raises(ValidationError, match=r"^terms must be a product"):
        TaylorRule((term,), (1.0,)).validate()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"terms": ("x y", "y x")}, "'x y' twice"),
        ({"terms": "x y"}, "a tuple of terms"),
        ({"coefficients": (1.0,)}, "2, one a term"),
        ({"coefficients": (1.0, np.nan)}, "finite"),
    ],
)
def test_terms_and_coefficients_go_together(change, message):
    rule = dataclasses.replace(TaylorRule(("x y", "w"), (1.0, 2.0)), **change)
    with pytest.raises(ValidationError, match=message):
        rule.validate()


@pytest.mark.parametrize(("variables", "order"), [("", 1), ("xx", 1), ("z", 1), (3, 1), ("x", 0)])
def test_variables_of_terms_are_checked(variables, order):
    with pytest.raises(ValidationError):
        taylor_terms(variables, order)


def test_the_formula_leaves_out_what_is_zero():
    rule = TaylorRule(("x y", "y^2 w", "1"), (1.0, -0.5, 0.0), 0.1)
    assert rule.formula() == "ΔW = 0.1 (1 x y - 0.5 y^2 w)"
    assert rule.formula(smallest=0.6) == "ΔW = 0.1 (1 x y)"
    assert TaylorRule.unknown(("x",)).formula() == "ΔW = 0"
    assert TaylorRule(("1", "x"), (-2.0, 1.0)).formula() == "ΔW = -2 + 1 x"
