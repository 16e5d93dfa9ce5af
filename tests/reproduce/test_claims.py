"""A claim holds if the interval of the measured value holds the expected one."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from canns.reproduce import Claim
from canns.reproduce._claim import FALSE_ALARM, t_reach

KIND = "our theory"


@pytest.mark.parametrize(
    ("sense", "measured", "passed"),
    [
        ("near", 1.0, True),
        ("near", 1.1, True),
        ("near", 0.9, True),
        ("near", 1.11, False),
        ("near", 0.89, False),
        ("at least", 5.0, True),
        ("at least", 0.9, True),
        ("at least", 0.89, False),
        ("at most", -5.0, True),
        ("at most", 1.1, True),
        ("at most", 1.11, False),
        ("near", math.nan, False),
        ("at least", math.nan, False),
        ("at most", math.nan, False),
    ],
)
def test_a_value_passes_within_its_tolerance(sense, measured, passed):
    claim = Claim.of_value("x", KIND, 1.0, measured, 0.1 + 1e-12, "rounding", sense)
    assert claim.passed is passed
    assert claim.false_alarm == 0


def test_the_interval_of_a_share_is_that_of_scipy():
    claim = Claim.of_share("x", KIND, 0.2, 7, 40)
    exact = binomtest(7, 40).proportion_ci(1 - FALSE_ALARM, "exact")
    np.testing.assert_allclose((claim.low, claim.high), exact, rtol=1e-12)


@pytest.mark.parametrize(("hits", "inside", "outside"), [(0, 0.005, 0.015), (1000, 0.995, 0.985)])
def test_a_share_of_none_or_all_has_a_width(hits, inside, outside):
    assert Claim.of_share("x", KIND, inside, hits, 1000).passed
    assert not Claim.of_share("x", KIND, outside, hits, 1000).passed


def test_no_event_still_bounds_the_rate():
    """Without an event, the upper limit of the rate is -ln(tail) over the exposure."""
    claim = Claim.of_count("x", KIND, 0.0, 0, 100.0, "at least")
    assert claim.low == 0
    assert claim.high == pytest.approx(-math.log(FALSE_ALARM) / 100)


@pytest.mark.slow
@pytest.mark.parametrize("sense", ["near", "at least", "at most"])
def test_claims_that_are_right_fail_as_often_as_they_say(sense, monkeypatch):
    """Of 2000 claims that are right, the binomial quantiles of the rate of false alarms fail."""
    rate, number = 0.05, 2000
    monkeypatch.setattr("canns.reproduce._claim.FALSE_ALARM", rate)
    rng = np.random.default_rng(0)
    makers = {
        "mean": lambda: Claim.of_mean("x", KIND, 2.0, rng.normal(2.0, 3.0, 4), sense),
        "share": lambda: Claim.of_share("x", KIND, 0.3, rng.binomial(400, 0.3), 400, sense),
        "count": lambda: Claim.of_count("x", KIND, 4.0, rng.poisson(400), 100.0, sense),
    }
    reach = 4 * math.sqrt(rate * (1 - rate) / number)
    for name, make in makers.items():
        failed = np.mean([not make().passed for _ in range(number)])
        # Exact intervals of counts fail a little less often than they say.
        assert failed <= rate + reach, name
        assert failed >= (rate if name == "mean" else 0.6 * rate) - reach, name


def test_room_widens_a_statistical_interval_and_is_named():
    tight = Claim.of_mean("x", KIND, 1.0, [0.9, 1.0, 1.1])
    wide = Claim.of_mean("x", KIND, 1.0, [0.9, 1.0, 1.1], room=0.5, why="finite size")
    assert wide.high == pytest.approx(tight.high + 0.5)
    assert "finite size" in wide.why


def test_bars_reach_as_far_as_the_interval_of_a_mean():
    samples = np.random.default_rng(0).normal(size=(6, 2))
    for values, reach in zip(samples.T, t_reach(samples), strict=True):
        claim = Claim.of_mean("x", KIND, 0.0, values)
        assert reach == pytest.approx((claim.high - claim.low) / 2)


def test_samples_that_agree_leave_room_for_an_event_that_is_too_rare_to_be_seen():
    grain, samples = 0.01, np.ones(6)
    at = {loss: Claim.of_mean("m", KIND, 1 - loss, samples, grain=grain) for loss in (0.012, 0.013)}
    # exp(-6 loss/grain) = .0005 at a loss of .0127: no event was seen with the chance of the claim.
    assert at[0.012].passed
    assert not at[0.013].passed
    assert not Claim.of_mean("m", KIND, 0.999, samples).passed  # without a grain, to the last digit
