"""The frequency curve of Clopath et al. (2010): its protocol, and the curve itself."""

import numpy as np
import pytest

from canns.plasticity import Clopath
from canns.reproduce import reproduce
from canns.reproduce._clopath import _of_euler, _trains


def test_the_protocol_is_pairs_in_bursts():
    pre, post = _trains(10, 25)
    assert len(pre) == len(post) == 75
    np.testing.assert_array_equal(post - pre, 10)
    np.testing.assert_array_equal(np.diff(pre)[:4], 25)
    assert np.diff(pre)[4] > 1000
    slow, _ = _trains(10, 1000)
    assert len(slow) == 50
    assert np.diff(slow).min() >= 1000


def test_after_its_inputs_the_program_evokes_a_sixth_spike_and_forgets_the_first():
    pre, post = _trains(-10, 25)
    assert len(post) == 15 * 6 - 1
    # Each input but the first has a spike 10 ms before it, and each burst ends with a spike.
    assert not np.isin(pre[0] - 10, post)
    assert np.isin(pre[1:] - 10, post).all()
    assert np.isin(pre[4::5] + 15, post).all()


@pytest.mark.parametrize("tau", [5.0, 15.0])
def test_the_exact_filters_do_what_steps_of_euler_do(tau):
    given = Clopath(tau_minus=tau, tau_plus=tau, tau_x=tau)
    rule = _of_euler(given)
    for found in (rule.tau_minus, rule.tau_plus, rule.tau_x):
        assert np.exp(-1 / found) == pytest.approx(1 - 1 / tau, rel=1e-12)
    # Of a presynaptic spike, k steps later: ours decays first, Euler's is read first.
    k = np.arange(1, 20)
    ours = rule.A_LTP * np.exp(-k / rule.tau_x) / rule.tau_x
    np.testing.assert_allclose(ours, given.A_LTP * (1 - 1 / tau) ** (k - 1) / tau, rtol=1e-12)


@pytest.mark.slow
def test_the_figure_holds(tmp_path):
    report = reproduce("clopath", folder=tmp_path)
    assert report.passed, [claim for claim in report.claims if not claim.passed]
