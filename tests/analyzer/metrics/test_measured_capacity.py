"""Capacities by bisection against theory."""

import math
from statistics import NormalDist

import jax.numpy as jnp
import numpy as np
import pytest

from canns.analyzer.metrics import capacity, overlap_curve
from canns.errors import ValidationError

pytestmark = pytest.mark.slow


def test_retrieval_ends_at_the_critical_load():
    found = capacity(600, low=0.06, high=0.3, num_networks=12, num_probes=40)
    # Measured over 16 to 32 networks: .1428 at N = 500, .1418 at 1000, .1405 at 2000, .1403 at
    # 10,000 against .1379: finite size adds .005 here.
    assert abs(found.load - 0.1379) < 3 * found.standard_error + 0.005
    assert found.standard_error < 0.004


def test_exact_patterns_end_where_the_crosstalk_says():
    # A pattern is fixed with probability (1 - Q)^N, Q the tail of a Gaussian at sqrt(N/(P - 1)).
    size, share = 1000, 0.9
    tail = NormalDist().inv_cdf(share ** (1 / size))
    theory = (1 + size / tail**2) / size
    found = capacity(
        size, min_overlap=1.0, num_iter=1, low=0.03, high=0.15, num_networks=40, num_probes=50
    )
    # If 45 of 50 probes are enough, half of the networks pass when a pattern does with .8935.
    rough = NormalDist().inv_cdf(0.8935 ** (1 / size))
    assert abs(found.load - theory) < 3 * found.standard_error + (1 / rough**2 - 1 / tail**2)


def test_all_patterns_are_exact_up_to_their_own_limit():
    # 50 N Q = ln 2 where all of 50 patterns are fixed in half of the networks.
    size, probes = 1000, 50
    tail = NormalDist().inv_cdf(1 - math.log(2) / (probes * size))
    found = capacity(
        size, min_overlap=1.0, min_share=1.0, num_iter=1, low=0.02, high=0.15, num_networks=40
    )
    theory = (1 + size / tail**2) / size
    # The mean over networks is not the load where half of them hold, but within a third of their
    # spread of it, as mean and median are of a distribution of extremes.
    assert abs(found.load - theory) < 3 * found.standard_error + found.samples.std() / 3


def test_a_network_holds_just_below_its_load_and_not_just_above():
    options = {"num_networks": 3, "num_probes": 5, "seed": 5}
    found = capacity(100, high=0.6, tolerance=0.01, **options)
    for number, load in enumerate(found.samples):
        patterns = load * 100
        assert patterns % 1 == pytest.approx(0.5)
        loads = [math.floor(patterns) / 100, math.ceil(patterns) / 100, 0.6]
        below, above, _ = overlap_curve(100, loads, **options).samples[:, number]
        assert (below > 0.899).mean() >= 0.9
        assert (above > 0.899).mean() < 0.9


def test_the_interval_is_students_and_has_the_brackets():
    found = capacity(100, num_networks=4, num_probes=5, high=0.6, confidence=0.9)
    error = found.samples.std(ddof=1) / 2
    assert found.load == pytest.approx(found.samples.mean())
    assert found.standard_error == pytest.approx(error)
    np.testing.assert_allclose(found.brackets.mean(axis=1), found.samples)
    # 95 % quantile of Student's t of three degrees of freedom; the half-width is half a pattern.
    reach = 2.353363 * error + 0.5 / 100
    assert found.interval == pytest.approx((found.load - reach, found.load + reach), rel=1e-5)


@pytest.mark.parametrize(("low", "high"), [(0.4, 0.6), (0.02, 0.05)])
def test_the_search_leaves_a_bracket_that_has_no_end_in_it(low, high):
    options = {"num_networks": 2, "num_probes": 5, "tolerance": 0.01}
    usual = capacity(100, low=0.02, high=0.6, **options)
    np.testing.assert_allclose(
        capacity(100, low=low, high=high, **options).samples, usual.samples, atol=0.011
    )


def test_the_projection_rule_holds_more():
    def projection(patterns):
        rows = np.asarray(patterns)
        weights = np.linalg.pinv(rows) @ rows
        return jnp.asarray(weights - np.diag(np.diag(weights)))

    found = capacity(
        100,
        rule=projection,
        initial_overlap=0.9,
        low=0.1,
        high=0.99,
        num_networks=2,
        num_probes=5,
    )
    assert found.load > 0.5


def test_a_seed_is_a_result():
    first, again, other = (capacity(100, high=0.6, num_probes=5, seed=s).samples for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"low": 0.2, "high": 0.2}, "low"),
        ({"low": 0.0}, "low"),
        ({"min_overlap": 0.0}, "min_overlap"),
        ({"min_share": 1.1}, "min_share"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"confidence": 1.0}, "confidence"),
        ({"num_networks": 1}, "num_networks"),
        ({"num_probes": 0}, "num_probes"),
    ],
)
def test_bad_arguments(options, name):
    with pytest.raises(ValidationError, match=f"^{name} must be"):
        capacity(100, **{"num_probes": 5} | options)
