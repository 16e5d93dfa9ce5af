"""Which stored patterns are exact fixed points at N = 1000, against theory and a simulated table.

McEliece, Posner, Rodemich, Venkatesh (1987), IEEE Trans. Inf. Theory 33:461: all are up to
P = N/(4 ln N) = 36, most up to N/(2 ln N) = 72; at 0.138 N hardly any.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Hopfield, recall
from canns.plasticity import Storage, store_patterns
from canns.task import random_patterns

N = 1000


def wrong_entries(count, seed):
    """For each of ``count`` stored patterns, how many entries one synchronous update changes."""
    patterns = random_patterns(count, N, seed=seed)
    weights = store_patterns(jnp.zeros((N, N)), patterns, Storage(subtract_mean=False))
    result = recall(Hopfield(), weights, patterns, key=jax.random.key(0), num_iter=1)
    wrong = (np.asarray(result.states) != patterns).sum(axis=1)
    assert ((wrong == 0) == (result.outcome == "converged")).all()
    return wrong


@pytest.fixture(scope="module", params=[36, 72, 138])
def measured(request):
    """P, and (networks, P) counts of wrong entries."""
    networks = {36: 10, 72: 60, 138: 60}[request.param]
    return request.param, np.array([wrong_entries(request.param, s) for s in range(networks)])


def entry_error(count):
    """P(an entry of a stored pattern flips), exactly.

    Its field, times itself and P, is N - 1 plus (N - 1)(P - 1) independent signs. A tie is kept, so
    it flips if the minus signs outnumber the plus signs by more than N - 1.
    """
    signs = (N - 1) * (count - 1)
    least = (signs + N - 1) // 2 + 1
    logs = [
        math.lgamma(signs + 1) - math.lgamma(k + 1) - math.lgamma(signs - k + 1)
        for k in range(least, min(signs, least + 4000) + 1)
    ]
    return math.fsum(math.exp(value - signs * math.log(2)) for value in logs)


def share_and_error(by_network):
    """Mean and standard error from networks, which are independent (patterns of one are not)."""
    means = by_network.mean(axis=1)
    return means.mean(), means.std(ddof=1) / math.sqrt(len(means))


def test_the_share_of_wrong_entries_is_the_binomial_tail(measured):
    count, wrong = measured
    theory = entry_error(count)
    if count == 36:
        # 36 patterns of 10 networks: 0.016 wrong entries expected, so none but once in 60 seeds.
        assert theory * N * wrong.size == pytest.approx(0.016, abs=0.002)
        assert wrong.sum() == 0
        return
    share, error = share_and_error(wrong / N)
    assert error < 0.1 * theory
    assert abs(share - theory) < 4 * error


def test_the_exact_tail_is_near_the_gaussian_one():
    # erfc(sqrt(N/(2P)))/2 of Hertz, Krogh, Palmer (1991), in its exact finite-size form.
    for count in (36, 72, 138):
        gaussian = math.erfc(N / math.sqrt(2 * (N - 1) * (count - 1))) / 2
        assert entry_error(count) == pytest.approx(gaussian, rel=0.02)
    assert (1 - entry_error(72)) ** N == pytest.approx(0.916, abs=0.002)


# Simulated shares of exact fixed points; entries of a pattern err together, so that more patterns
# are free of error than independent entries would leave: .923 against .916, .062 against .032.
SIMULATED = {36: 1.0, 72: 0.923, 138: 0.062}


def test_the_share_of_patterns_that_are_fixed_points(measured):
    count, wrong = measured
    share, error = share_and_error(wrong == 0)
    if count == 36:
        assert share == 1
        return
    assert error < 0.006
    # The table has three digits.
    assert abs(share - SIMULATED[count]) < 4 * error + 0.0005
    assert share > (1 - entry_error(count)) ** N - 4 * error
