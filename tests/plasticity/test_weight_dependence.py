"""How the change depends on the weight, against each paper's factors and mean-field fixed point."""

import jax.numpy as jnp
import numpy as np
import pytest
from spike_rule_helpers import change, trained

from canns.errors import ValidationError
from canns.plasticity import Additive, Guetig, PairSTDP, PowerLaw, Soft, VanRossum
from canns.task import timed_spikes

W = 0.3
FACTORS = {  # at W: of potentiation, of depression
    Additive(): (1, 1),
    Soft(2.0): (1.7, 0.3),
    VanRossum(): (1, 0.3),
    Guetig(0.4): (0.7**0.4, 0.3**0.4),
    Guetig(0.0): (1, 1),
    Guetig(1.0): (0.7, 0.3),
    PowerLaw(0.4, 2.0): (2**0.6 * 0.3**0.4, 0.3),
}
PLUS, MINUS, TAU_PLUS, TAU_MINUS = 0.02, 0.021, 20.0, 30.0


@pytest.mark.parametrize(("dependence", "factors"), FACTORS.items(), ids=repr)
def test_a_pair_changes_the_weight_by_its_factor(dependence, factors, x64):
    rule = PairSTDP(0.5, PLUS, MINUS, TAU_PLUS, TAU_MINUS, dependence=dependence)
    # One input before the postsynaptic spike at 10 ms, and one after it.
    pre, post = timed_spikes([[4.0], [13.0]], 20), timed_spikes([[10.0]], 20)
    # Inputs come half a step before the spikes of their steps.
    pair = [PLUS * np.exp(-6.5 / TAU_PLUS), -MINUS * np.exp(-2.5 / TAU_MINUS)]
    expected = 0.5 * np.multiply(factors, pair)
    np.testing.assert_allclose(change(rule, pre, post, weights=W)[0], expected, rtol=1e-12)


# Each fixed point, as a function of the ratio A+ S+ / (A- S-) of what pairs bring in the mean.
FIXED_POINTS = {
    Soft(2.0): lambda ratio: 2 * ratio / (1 + ratio),
    VanRossum(): lambda ratio: ratio,
    Guetig(0.4): lambda ratio: 1 / (1 + ratio ** (-1 / 0.4)),
    PowerLaw(0.4, 2.0): lambda ratio: 2 * ratio ** (1 / 0.6),
}


def settled(dependence, coincidence="mid", **numbers):
    """The weight where the mean change under uncorrelated trains vanishes."""
    rule = PairSTDP(1.0, **numbers, coincidence=coincidence, dependence=dependence)
    halves = np.full((2500, 1), 0.5)
    return float(trained(rule, halves, halves, weights=W).weights[0, 0])


@pytest.mark.parametrize("dependence", FIXED_POINTS, ids=repr)
def test_uncorrelated_trains_settle_at_the_mean_field_fixed_point(dependence, x64):
    numbers = {"A_plus": PLUS, "A_minus": MINUS, "tau_plus": TAU_PLUS, "tau_minus": TAU_MINUS}
    up, down = np.exp(-1 / TAU_PLUS), np.exp(-1 / TAU_MINUS)
    # In steps: a sum over lags in the place of each tau.
    in_steps = PLUS * up**0.5 / (1 - up) / (MINUS * down**0.5 / (1 - down))
    found = settled(dependence, **numbers)
    assert found == pytest.approx(FIXED_POINTS[dependence](in_steps), rel=1e-9)
    # In continuous time, to second order.
    ratio = PLUS * TAU_PLUS / (MINUS * TAU_MINUS)
    assert in_steps == pytest.approx(ratio, rel=(TAU_PLUS**-2 + TAU_MINUS**-2) / 24)


def test_equal_time_constants_settle_at_the_papers_numbers(x64):
    numbers = {"A_plus": PLUS, "A_minus": 1.05 * PLUS}
    assert settled(Guetig(0.4), **numbers) == pytest.approx(1 / (1 + 1.05**2.5), rel=1e-9)
    assert settled(Guetig(0.4), **numbers) == pytest.approx(0.470, abs=5e-4)
    assert settled(Soft(), **numbers) == pytest.approx(1 / 2.05, rel=1e-9)
    assert settled(VanRossum(), **numbers) == pytest.approx(1 / 1.05, rel=1e-9)


@pytest.mark.parametrize("dependence", [Guetig(0.4), PowerLaw(0.4)], ids=repr)
def test_a_weight_outside_its_range_counts_as_at_the_bound(dependence):
    low, high = jnp.array([[-0.5, 1.5]]), jnp.array([[0.0, 1.0]])
    parts = [0] if isinstance(dependence, PowerLaw) else [0, 1]
    for factor in (dependence.potentiation, dependence.depression):
        np.testing.assert_array_equal(factor(low)[0, parts], factor(high)[0, parts])


@pytest.mark.parametrize(
    ("dependence", "name"),
    [
        (Soft(0.0), "w_max"),
        (Guetig(1.1), "mu"),
        (Guetig(-0.1), "mu"),
        (PowerLaw(1.0), "mu"),
        (PowerLaw(0.4, 0.0), "w_0"),
    ],
)
def test_numbers_out_of_range_are_refused(dependence, name):
    with pytest.raises(ValidationError, match=rf"^{name} "):
        PairSTDP(dependence=dependence).validate()


def test_the_numbers_of_a_dependence_are_traced(count_compilations):
    pre, post = timed_spikes([[4.0]], 21), timed_spikes([[10.0]], 21)
    run = lambda d: trained(PairSTDP(dependence=d), pre, post, weights=W)  # noqa: E731
    first = count_compilations(lambda: run(Guetig(0.4)))
    assert (first > 0, count_compilations(lambda: run(Guetig(0.3)))) == (True, 0)
