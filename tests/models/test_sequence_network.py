"""The sequence network: replay, its overlaps step by step against theory, and several sequences.

During, Coolen & Sherrington (1998), J. Phys. A 31:8607: after m, r the next step has
m' = erf(m/sqrt(2 alpha r)), r' = 1 + U^2 r, U = sqrt(2/(pi alpha r)) exp(-m^2/(2 alpha r)). The
first step, with r = 1, is exact for any network of this kind.
"""

import itertools
import math

import brainstate
import numpy as np
import pytest
from scipy.linalg import hadamard
from scipy.special import erf

from canns.errors import ValidationError
from canns.models.brain_inspired import SequenceNetwork
from canns.task import random_patterns

ORTHOGONAL = hadamard(32)[1:].astype(float)


def flow(alpha, overlap, steps):
    path, m, r = [overlap], overlap, 1.0
    for _ in range(steps):
        width = math.sqrt(2 * alpha * r)
        u = 2 / math.sqrt(math.pi) * math.exp(-((m / width) ** 2)) / width
        m, r = erf(m / width), 1 + u**2 * r
        path.append(m)
    return np.array(path)


def test_the_weights_lead_from_each_pattern_to_the_next():
    rows = random_patterns(4, 7, seed=0)
    open_, closed = SequenceNetwork(7), SequenceNetwork(7)
    open_.store(rows)
    closed.store(rows, cyclic=True)
    expected = sum(np.outer(b, a) for a, b in itertools.pairwise(rows)) / 7
    np.testing.assert_allclose(open_.W.value, expected, rtol=1e-5, atol=1e-6)
    expected = expected + np.outer(rows[0], rows[-1]) / 7
    np.testing.assert_allclose(closed.W.value, expected, rtol=1e-5, atol=1e-6)
    hooked = SequenceNetwork(7)
    hooked.apply_hebbian_learning(rows)
    np.testing.assert_array_equal(hooked.W.value, open_.W.value)


def test_a_sequence_of_random_patterns_is_replayed():
    rows, n = random_patterns(20, 500, seed=1), 500
    net = SequenceNetwork(n)
    net.store(rows, cyclic=True)
    noisy = rows[0] * np.where(np.random.default_rng(0).random(n) < 0.2, -1.0, 1.0)
    for cue, first in ((rows[0], 0), (noisy, 1)):
        path = net.replay(cue, 45)
        assert path.shape == (46, n)
        np.testing.assert_array_equal(path[0], cue)
        overlaps = [path[t] @ rows[t % 20] / n for t in range(first, 46)]
        assert min(overlaps) > 0.99
    np.testing.assert_array_equal(net.s.value, np.ones(n))


@pytest.mark.parametrize(("alpha", "overlap"), [(0.1, 0.4), (0.2, 0.6), (0.25, 1.0), (0.3, 1.0)])
def test_overlaps_follow_the_flow_of_theory(alpha, overlap):
    n, cues, steps, networks = 1000, 10, 4, 10
    count = round(alpha * n)
    found = []
    for seed in range(networks):
        rng = np.random.default_rng(seed)
        rows = random_patterns(count, n, seed=rng)
        net = SequenceNetwork(n)
        net.store(rows, cyclic=True)
        starts = np.arange(cues) * (count // cues)
        noisy = rows[starts]
        for cue in noisy:
            cue[rng.permutation(n)[: round(n * (1 - overlap) / 2)]] *= -1
        path = net.trajectory(noisy, num_iter=steps)
        wanted = rows[(starts + np.arange(steps + 1)[:, None]) % count]
        found.append((path * wanted).mean(axis=(1, 2)))
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / math.sqrt(networks)
    theory = flow(alpha, overlap, steps)
    assert (error < 0.008).all()
    # The first step is exact, for large N; later ones have corrections of relative size 1/N, which
    # grow where the overlap does.
    assert mean[0] == pytest.approx(overlap, abs=1e-6)
    assert (np.abs(mean - theory) < 4 * error + 2 / n).all()


def test_the_capacity_lies_where_the_flow_loses_its_fixed_point():
    u = np.linspace(0.5, 3, 20001)
    m = erf(u)
    c = 2 * u * np.exp(-(u**2)) / (math.sqrt(math.pi) * m)
    load = (m / u) ** 2 / 2 * (1 - c**2)
    assert load.max() == pytest.approx(0.26906, abs=1e-5)
    assert m[load.argmax()] == pytest.approx(0.8349, abs=2e-4)
    assert flow(0.26, 1.0, 500)[-1] > 0.85
    assert flow(0.28, 1.0, 500)[-1] < 0.01


def last_overlap(alpha, n=1000, steps=40):
    rows = random_patterns(round(alpha * n), n, seed=3)
    net = SequenceNetwork(n)
    net.store(rows, cyclic=True)
    path = net.trajectory(rows[:20], num_iter=steps)
    return (path[-1] * rows[(np.arange(20) + steps) % len(rows)]).mean()


def test_replay_survives_below_the_capacity_and_not_above():
    assert last_overlap(0.2) > 0.95
    assert abs(last_overlap(0.4)) < 0.2


def test_several_sequences_do_not_mix():
    net = SequenceNetwork(32)
    first, second = ORTHOGONAL[:5], ORTHOGONAL[5:13]
    net.store(first, cyclic=True)
    net.store(second, cyclic=True)
    for rows in (first, second):
        path = net.replay(rows[1], 20)
        np.testing.assert_array_equal(path, rows[(np.arange(21) + 1) % len(rows)])


def test_an_open_sequence_ends_and_one_whose_last_pattern_is_given_twice_stays():
    rows = random_patterns(6, 400, seed=4)
    ends, stays = SequenceNetwork(400), SequenceNetwork(400)
    ends.store(rows)
    stays.store(np.concatenate([rows, rows[-1:]]))
    for net in (ends, stays):
        np.testing.assert_array_equal(net.replay(rows[0], 5), rows)
    assert (ends.replay(rows[0], 6)[-1] * rows[-1]).mean() < 0.9
    result = stays.recall(rows[:1])
    np.testing.assert_array_equal(result.states, rows[-1:])
    assert result.outcome.tolist() == ["converged"]


def test_noise_of_the_heat_bath():
    # One transition and the cue a clean pattern: every field is +-1, P(right) = 1/(1 + e^(-2/T)).
    rows, temperature = random_patterns(2, 2000, seed=5), 1.5
    net = SequenceNetwork(2000, stochastic=True, temperature=temperature)
    net.store(rows)
    shares = [(net.replay(rows[0], 1, seed=seed)[1] == rows[1]).mean() for seed in range(20)]
    right = 1 / (1 + math.exp(-2 / temperature))
    error = math.sqrt(right * (1 - right) / (20 * 2000))
    assert np.mean(shares) == pytest.approx(right, abs=4 * error)
    brainstate.random.seed(0)
    assert not np.array_equal(net.replay(rows[0], 1), net.replay(rows[0], 1))


def test_the_energy_is_minus_half_the_product_with_the_successor():
    net = SequenceNetwork(32)
    net.store(ORTHOGONAL[:3], cyclic=True)
    state = np.sign(ORTHOGONAL[:3].sum(axis=0))
    net.s.value = state
    expected = -0.5 * state @ np.asarray(net.W.value, float) @ state
    assert float(net.energy) == pytest.approx(expected, rel=1e-5)
    assert expected < -1


@pytest.mark.parametrize("size", [20, 32, 40])
@pytest.mark.parametrize("preserve", [True, False])
def test_resize_is_storage_of_what_is_left(size, preserve):
    net, expected = SequenceNetwork(32), np.zeros((size, size))
    net.store(ORTHOGONAL[:4])
    net.s.value = -np.ones(32)
    net.resize(size, preserve)
    if preserve:
        cut = np.pad(ORTHOGONAL[:4], ((0, 0), (0, 8)))[:, :size]
        expected = cut[1:].T @ cut[:-1] / size
    np.testing.assert_allclose(net.W.value, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(net.s.value, np.where(np.arange(size) < 32, -1.0, 1.0))
    assert net.num_neurons == size


REFUSED = {
    "one pattern": ("sequence", lambda net: net.store(ORTHOGONAL[:1])),
    "width": ("sequence", lambda net: net.store(ORTHOGONAL[:, :5])),
    "nan": ("sequence", lambda net: net.store(ORTHOGONAL * np.nan)),
    "cyclic": ("cyclic", lambda net: net.store(ORTHOGONAL, cyclic="yes")),
    "data": ("train_data", lambda net: net.apply_hebbian_learning(ORTHOGONAL[:, :5])),
    "cue": ("cue", lambda net: net.replay(ORTHOGONAL[0, :5], 3)),
    "steps": ("num_steps", lambda net: net.replay(ORTHOGONAL[0], 0)),
    "neurons": ("num_neurons", lambda net: SequenceNetwork(0)),
    "temperature": ("temperature", lambda net: SequenceNetwork(3, temperature=0)),
    "tie": ("tie", lambda net: SequenceNetwork(3, tie="zero")),
    "stochastic": ("stochastic", lambda net: SequenceNetwork(3, stochastic=1)),
}


@pytest.mark.parametrize(("argument", "call"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_and_changes_nothing(argument, call):
    net = SequenceNetwork(32)
    net.store(ORTHOGONAL[:3])
    before = np.asarray(net.W.value)
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        call(net)
    np.testing.assert_array_equal(net.W.value, before)
