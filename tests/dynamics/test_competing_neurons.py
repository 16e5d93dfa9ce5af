"""Neurons that compete, against sorting and softmax in NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

from canns.dynamics import (
    MATCHES,
    NoState,
    RankedWinners,
    SoftWinners,
    WinnerTakeAll,
    neuron_step,
    rectified_power,
)
from canns.errors import ValidationError

RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(size=(7, 3)).astype(np.float32)
SAMPLES = RNG.normal(size=(20, 3)).astype(np.float32)


def respond(neuron, weights=WEIGHTS):
    """Potentials and activities of every sample, each (20, 7)."""
    steps = [neuron_step(neuron, NoState(), jnp.asarray(weights), x)[1] for x in SAMPLES]
    return np.stack([step.potential for step in steps]), np.stack([step.post for step in steps])


@pytest.mark.parametrize("winners", [1, 3, 7, 9])
@pytest.mark.parametrize("match", MATCHES)
def test_the_winners_are_the_k_best_matches(winners, match):
    _, post = respond(WinnerTakeAll(winners, match))
    distance = np.linalg.norm(SAMPLES[:, None] - WEIGHTS, axis=2)
    badness = distance if match == "distance" else -(SAMPLES @ WEIGHTS.T)
    expected = badness.argsort(axis=1).argsort(axis=1) < winners
    np.testing.assert_array_equal(post, expected)


def test_of_equal_matches_those_of_lower_index_win():
    equal = np.ones((7, 3), np.float32)
    _, post = respond(WinnerTakeAll(3), equal)
    np.testing.assert_array_equal(post, np.tile([1, 1, 1, 0, 0, 0, 0], (20, 1)))
    _, post = respond(RankedWinners(3, delta=0.5), equal)
    np.testing.assert_array_equal(post, np.tile([1, 0, -0.5, 0, 0, 0, 0], (20, 1)))


@pytest.mark.parametrize("temperature", [0.1, 1.0, 10.0])
def test_soft_winners_share_by_the_softmax(temperature):
    potential, post = respond(SoftWinners(temperature))
    fields = SAMPLES.astype(float) @ WEIGHTS.T
    np.testing.assert_allclose(potential, fields, rtol=0, atol=1e-6)
    expected = scipy.special.softmax(fields / temperature, axis=1)
    np.testing.assert_allclose(post, expected, rtol=0, atol=2e-6 / temperature)


def test_a_cold_softmax_is_winner_take_all():
    np.testing.assert_allclose(respond(SoftWinners(1e-4))[1], respond(WinnerTakeAll())[1])


@pytest.mark.parametrize("rank", [2, 5, 7])
@pytest.mark.parametrize("p", [1.5, 2.0, 3.5])
def test_activity_by_rank(rank, p):
    potential, post = respond(RankedWinners(rank, delta=0.25, p=p))
    wide = WEIGHTS.astype(float)
    current = SAMPLES @ (np.sign(wide) * np.abs(wide) ** (p - 1)).T
    np.testing.assert_allclose(potential, current, rtol=0, atol=1e-5)
    place = (-current).argsort(axis=1).argsort(axis=1)
    np.testing.assert_array_equal(post, (place == 0) - 0.25 * (place == rank - 1))


def test_weights_are_drawn_as_the_rules_want_them():
    key = jax.random.key(0)
    competing = np.asarray(WinnerTakeAll().draw(key, 50, 4), float)
    assert competing.shape == (4, 50)
    assert (competing >= 0).all()
    np.testing.assert_allclose(competing.sum(axis=1), 1, rtol=1e-6)
    # Far longer than what learning leads to, so that no neuron is left out.
    ranked = np.asarray(RankedWinners().draw(key, 50, 4), float)
    assert ((ranked**2).sum(axis=1) > 20).all()
    soft = np.asarray(SoftWinners().draw(key, 50, 4), float)
    np.testing.assert_allclose(np.linalg.norm(soft, axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize("power", [1.0, 4.5])
def test_features_are_powers_of_the_rectified_fields(power):
    expected = np.maximum(SAMPLES.astype(float) @ WEIGHTS.T, 0) ** power
    rows = rectified_power(WEIGHTS, SAMPLES, power)
    np.testing.assert_allclose(rows, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(rectified_power(WEIGHTS, SAMPLES[3], power), rows[3], rtol=1e-6)
    assert (np.asarray(rows) == 0).any()


@pytest.mark.parametrize(
    ("neuron", "field"),
    [
        *[(WinnerTakeAll(k), "winners") for k in (0, 1.5, "1", None, True)],
        (WinnerTakeAll(match="cosine"), "match"),
        *[(SoftWinners(t), "temperature") for t in (0, -1, float("inf"), None)],
        *[(RankedWinners(rank=k), "rank") for k in (1, 2.5, None)],
        (RankedWinners(delta=-0.1), "delta"),
        (RankedWinners(p=0.5), "p"),
    ],
)
def test_what_is_out_of_range_is_refused(neuron, field):
    with pytest.raises(ValidationError, match=rf"^{field} must be"):
        neuron.validate()


def test_a_rank_beyond_the_last_neuron_is_refused():
    with pytest.raises(ValidationError, match=r"^rank must be at most 7, .*; got 8"):
        respond(RankedWinners(8))
