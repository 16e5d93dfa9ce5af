"""What the figures expect of finite networks, against other ways to find it."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import t

from canns.analyzer.theory import dense_error, exponential_load, variant_overlap
from canns.reproduce._attention import _constant
from canns.reproduce._claim import Claim
from canns.reproduce._dense import _cubic_error
from canns.reproduce._exponential import _nearer
from canns.reproduce._gardner import _separable
from canns.reproduce._layers import _replayed
from canns.reproduce._softmax import _growth, _integral
from canns.reproduce._spread import reach


def test_the_reach_is_that_of_the_claim():
    samples = np.array([[0.9, 1.0, 1.2, 1.4], [2.0, 2.0, 2.0, 2.1]])
    claims = [Claim.of_mean("x", "our theory", 1.0, row) for row in samples]
    np.testing.assert_allclose(reach(samples), [c.high - c.measured for c in claims], rtol=1e-12)
    assert reach([1.0, 2.0])[()] == pytest.approx(t.isf(0.0005, 1) / 2)


def test_a_replayed_sequence_settles_where_the_equations_of_the_paper_do():
    loads = np.array([0.1, 0.2, 0.25])
    np.testing.assert_allclose(_replayed(loads, 300), variant_overlap(loads, "sequence"), atol=1e-6)
    assert _replayed(np.array(0.3), 300) < 1e-4
    assert _replayed(np.array(0.2), 1) == pytest.approx(math.erf(1 / math.sqrt(0.4)))


def test_the_error_at_order_3_tends_to_the_formula():
    """What the formula leaves out is of the order 1/N at a given error."""
    small, large = (
        float(_cubic_error(n, np.array([n**2 // 20]))[0] / dense_error(n, n**2 // 20, 3)) - 1
        for n in (200, 800)
    )
    assert small / large == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize("rho", [0.1, 0.25])
def test_the_chance_to_disturb_a_cue_falls_as_the_theorem_says(rho):
    """-ln(p)/(2N) tends to the limit, with a correction of the order ln(N)/N."""
    limit = float(exponential_load(rho))
    for size in (40, 200, 1000):
        rate = -math.log(_nearer(size, rho)) / (2 * size)
        assert rate == pytest.approx(limit, abs=math.log(size) / size)


def test_without_flips_a_tied_neighbour_disturbs_half_of_the_time():
    assert _nearer(20, 0.0) == 0.5 * 20 / 2**20


def test_the_integral_over_the_sphere_is_that_of_quadrature():
    size, beta = 12, 0.5
    weight = lambda q: (1 - q * q) ** ((size - 3) / 2)  # noqa: E731
    top, _ = quad(lambda q: weight(q) * math.exp(beta * size * q), -1, 1)
    bottom, _ = quad(weight, -1, 1)
    assert _integral(size, beta) == pytest.approx(top / bottom, rel=1e-9)


@pytest.mark.parametrize("beta", [0.3, 1.0])
def test_the_growth_rate_is_that_of_the_integral_in_many_dimensions(beta):
    rates = [(beta * d - math.log(_integral(d, beta))) for d in (100, 200)]
    # The factor before the exponential tends to a constant; what is left is of the order 1/d.
    assert (rates[1] - rates[0]) / 100 == pytest.approx(_growth(beta), abs=1e-4)


@pytest.mark.parametrize(("size", "spread", "printed"), [(20, 3.0, 3.1546), (75, 1.0, 1.3718)])
def test_the_constant_of_theorem_3_is_the_printed_one(size, spread, printed):
    assert math.floor(_constant(1.0, spread, size, 1e-3) * 1e4) / 1e4 == printed


def test_a_neuron_has_couplings_if_one_hyperplane_divides_its_patterns():
    inputs = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], np.float32)
    odd = np.hstack([np.prod(inputs, axis=1, keepdims=True), inputs])
    copied = np.hstack([inputs[:, :1], inputs])
    assert not _separable(odd, 0)
    assert _separable(copied, 0)
