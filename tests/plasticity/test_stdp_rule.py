"""Pair-based STDP against the window, closed forms, and a sum over all pairs of spikes."""

import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import LIF, Linear
from canns.errors import ValidationError
from canns.plasticity import COINCIDENCES, STDP, Learner, Setup, learn

RATE, PLUS, MINUS = 0.5, 0.8, 0.3
DECAY_PLUS, DECAY_MINUS = 0.9, 0.8
EPS = float(np.finfo(np.float32).eps)

# A teacher input for each neuron makes it fire, and nothing else can: its weight is above the
# threshold, all that the rule ever adds is far below, and no potential outlives its step (leak 0).
LIF_TAUGHT = LIF(threshold=1e5, leak=0.0, trace_pre_decay=DECAY_PLUS, trace_post_decay=DECAY_MINUS)
TEACHER = 1e6

each_convention = pytest.mark.parametrize("coincidence", COINCIDENCES)


def taught(before, pre, post, coincidence, **changes) -> Learner:
    """Show trains (T, n) and (T, m), the latter enforced, and go on from a learner or from rest."""
    rule = STDP(RATE, PLUS, MINUS, coincidence)
    if before is None:
        (n, m), dtype = (pre.shape[1], post.shape[1]), jnp.result_type(float)
        weights = jnp.concatenate([jnp.zeros((m, n), dtype), TEACHER * jnp.eye(m, dtype=dtype)], 1)
        before = Setup(rule, LIF_TAUGHT).start(weights)
    inputs = np.concatenate([pre, post], axis=1).astype(before.weights.dtype)
    neuron = LIF(**{**vars(LIF_TAUGHT), **changes})
    after = learn(Setup(rule, neuron), before, inputs)
    np.testing.assert_array_equal(after.activity[1], post[-1])
    return after


def change(pre, post, coincidence, **changes):
    """The change of the plastic weights, (m, n), in float64."""
    weights = taught(None, pre, post, coincidence, **changes).weights
    return np.asarray(weights[:, : pre.shape[1]], np.float64)


def spikes(times, steps):
    """One train for each list of times, (steps, len(times))."""
    train = np.zeros((steps, len(times)))
    for neuron, when in enumerate(times):
        train[when, neuron] = 1
    return train


def window(lag, coincidence, plus=DECAY_PLUS, minus=DECAY_MINUS):
    """What one pair does, postsynaptic ``lag`` steps after presynaptic."""
    if coincidence == "mid":
        return RATE * (PLUS * plus ** (lag + 0.5) if lag >= 0 else -MINUS * minus ** (-lag - 0.5))
    if lag > 0:
        return RATE * PLUS * plus**lag
    if lag < 0:
        return -RATE * MINUS * minus**-lag
    return RATE * {"ltp": PLUS, "both": PLUS - MINUS, "none": 0.0}[coincidence]


@each_convention
@pytest.mark.parametrize("dt", [1.0, 0.5])
def test_an_isolated_pair_has_the_window(coincidence, dt):
    lags = range(-20, 21)
    # One neuron fires at 30, and each of its inputs once, a lag before.
    pre, post = spikes([[30 - lag] for lag in lags], 60), spikes([[30]], 60)
    found = change(pre, post, coincidence, dt=dt)[0]
    decays = DECAY_PLUS**dt, DECAY_MINUS**dt
    expected = [window(lag, coincidence, *decays) for lag in lags]
    # Twenty products by a rounded factor, and a few operations more.
    np.testing.assert_allclose(found, expected, rtol=48 * EPS, atol=0)


@pytest.mark.parametrize(("n", "period", "lag"), [(60, 20, 5), (10, 7, 1), (1, 9, 3), (25, 4, 3)])
def test_a_train_of_pairs_has_its_closed_form(n, period, lag, x64):
    beats = np.arange(n) * period
    steps = n * period + lag + 1
    found = change(spikes([beats], steps), spikes([beats + lag], steps), "ltp")[0, 0]

    def pairs(decay, shortest, count):
        """sum over k of decay^shortest (1 - decay^(k P)) / (1 - decay^P)."""
        k = np.arange(1, count + 1)
        return np.sum(decay**shortest * (1 - decay ** (k * period)) / (1 - decay**period))

    ltp = PLUS * pairs(DECAY_PLUS, lag, n)
    ltd = MINUS * pairs(DECAY_MINUS, period - lag, n - 1)
    assert found == pytest.approx(RATE * (ltp - ltd), rel=1e-12)


def all_pairs(pre, post, coincidence):
    """The sum over every presynaptic spike with every postsynaptic one, (m, n)."""
    total = np.zeros((post.shape[1], pre.shape[1]))
    for i, j in np.ndindex(*total.shape):
        for s in np.flatnonzero(post[:, i]):
            for t in np.flatnonzero(pre[:, j]):
                total[i, j] += window(int(s - t), coincidence)
    return total


@each_convention
def test_random_trains_are_the_sum_over_all_pairs(coincidence, x64):
    rng = np.random.default_rng(0)
    pre, post = rng.random((120, 4)) < 0.2, rng.random((120, 3)) < 0.3
    found = change(pre, post, coincidence)
    np.testing.assert_allclose(found, all_pairs(pre, post, coincidence), rtol=1e-9, atol=1e-9)


@each_convention
def test_random_trains_are_the_sum_over_all_pairs_in_float32(coincidence):
    rng = np.random.default_rng(1)
    pre, post = rng.random((120, 4)) < 0.2, rng.random((120, 3)) < 0.3
    expected = all_pairs(pre, post, coincidence)
    # 1e-6 of all that was added or taken.
    size = all_pairs(pre, post, "ltp") + 2 * RATE * MINUS * pre.T.sum(1) * post.sum(0)[:, None]
    assert (np.abs(change(pre, post, coincidence) - expected) < 1e-6 * size).all()


@pytest.mark.slow
@each_convention
def test_independent_trains_drift_by_the_closed_form(coincidence):
    rng = np.random.default_rng(2)
    p, q, neurons, burn_in, steps = 0.1, 0.2, 150, 150, 4000
    pre = rng.random((burn_in + steps, neurons)) < p
    post = rng.random((burn_in + steps, neurons)) < q
    # Traces start empty: 0.9^150 = 1e-7 of the stationary trace is missing after the burn-in.
    settled = taught(None, pre[:burn_in], post[:burn_in], coincidence)
    after = taught(settled, pre[burn_in:], post[burn_in:], coincidence)
    moved = np.asarray(after.weights - settled.weights, np.float64)[:, :neurons] / steps
    strict, whole = (lambda d: d / (1 - d)), (lambda d: 1 / (1 - d))
    plus = (strict if coincidence == "none" else whole)(DECAY_PLUS)
    minus = (whole if coincidence == "both" else strict)(DECAY_MINUS)
    if coincidence == "mid":
        plus, minus = plus * DECAY_PLUS**0.5, minus * DECAY_MINUS**-0.5
    drift = RATE * p * q * (PLUS * plus - MINUS * minus)
    # Neuron i and input i share no train with any other such pair: these are independent.
    independent = np.diagonal(moved)
    error = independent.std(ddof=1) / np.sqrt(neurons)
    assert error < 0.01 * drift
    assert abs(independent.mean() - drift) < 4 * error


def test_the_conventions_differ_only_if_spikes_coincide():
    rng = np.random.default_rng(3)
    pre = rng.random((200, 5)) < 0.3
    post = (rng.random((200, 1)) < 0.3) & ~pre.any(axis=1, keepdims=True)
    mid, ltp, both, none = (change(pre, post, convention) for convention in COINCIDENCES)
    np.testing.assert_array_equal(ltp, both)
    np.testing.assert_array_equal(ltp, none)
    assert (mid < ltp).all()  # half a step more to a potentiating pair, less to a depressing one


@pytest.mark.parametrize("decay", [0.0, 1.0])
def test_the_limits_of_the_decay(decay):
    rule, neuron = STDP(1.0, 0.5, 0.25), LIF(trace_pre_decay=decay, trace_post_decay=decay)
    # A causal pair within a step; two steps later another input, too weak for a spike of its own.
    spikes = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    after = learn(Setup(rule, neuron), jnp.array([[1.0, 0.5]]), spikes)
    expected = [[1 + 0.5 * decay, 0.5 - 0.25 * decay]]  # 0 and 1 are their own powers
    np.testing.assert_allclose(after.weights, expected, rtol=1e-6)


def test_a_neuron_without_traces_is_refused():
    with pytest.raises(
        ValidationError, match=r"trace_pre, trace_post, decay_pre, decay_post for STDP; got Linear"
    ):
        learn(Setup(STDP(), Linear()), jnp.ones((1, 2)), np.ones((3, 2), np.float32))
