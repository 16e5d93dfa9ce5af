"""Willshaw's network: how full it is, what it recalls and adds, and its information.

Willshaw, Buneman & Longuet-Higgins (1969), Nature 222:960. That neurons are in unequally many
pairs, and what this costs: Buckingham & Willshaw (1992), Network 3:407.
"""

import math

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import binom

from canns.errors import ValidationError
from canns.models.brain_inspired import WillshawNetwork
from canns.task import sparse_patterns

N, K, P = 1024, 10, 7268


def patterns_of(count, size, active, seed=0):
    return sparse_patterns(count, size, active / size, exact=True, seed=seed)


@pytest.fixture(scope="module")
def half_full():
    """Four networks of two layers that hold as many pairs as half their synapses take."""

    def build(seed):
        x, y = patterns_of(P, N, K, 2 * seed + 1), patterns_of(P, N, K, 2 * seed + 2)
        net = WillshawNetwork(N, N)
        net.store(x, y)
        return net, x, y

    return [build(seed) for seed in range(4)]


def test_the_synapses_are_those_that_any_pair_needs():
    x, y = patterns_of(6, 9, 3), patterns_of(6, 7, 2)
    net = WillshawNetwork(9, 7)
    net.store(x[:4], y[:4])
    net.store(x[3:], y[3:])  # the fourth twice
    expected = (y[:, :, None] * x[:, None, :]).max(axis=0)
    np.testing.assert_array_equal(net.W.value, expected)
    assert net.fill == pytest.approx(expected.mean(), rel=1e-6)
    joined = WillshawNetwork(9, 7)
    joined.apply_hebbian_learning(np.concatenate([x, y], axis=1))
    np.testing.assert_array_equal(joined.W.value, expected)


@pytest.mark.slow
def test_the_fill_at_the_capacity_is_one_half(half_full):
    theory = 1 - (1 - K**2 / N**2) ** P
    assert theory == pytest.approx(0.5, abs=1e-4)
    assert pytest.approx(math.log(2) * (N / K) ** 2, rel=1e-3) == P
    # P K^2 events fall on N^2 synapses: the share that none falls on has the variance of the
    # occupancy problem, (e^-c - (1 + c) e^-2c)/N^2, c = ln 2.
    spread = math.sqrt(0.5 - (1 + math.log(2)) / 4) / N
    fills = [net.fill for net, _, _ in half_full]
    np.testing.assert_allclose(fills, theory, rtol=0, atol=4 * spread)
    assert 4 * spread < 0.0012


def false_rate():
    """P(a neuron that is not in the pattern fires), given the whole input.

    It is in r other pairs, r ~ Binomial(P - 1, K/N), and fires if every one of the K inputs is
    in the union of their inputs: by inclusion and exclusion over those that are not.
    """
    r = np.arange(300)
    missed = [math.comb(N - j, K) / math.comb(N, K) for j in range(K + 1)]
    covered = sum((-1) ** j * math.comb(K, j) * missed[j] ** r for j in range(K + 1))
    return float(binom.pmf(r, P - 1, K / N) @ covered)


@pytest.fixture(scope="module")
def answers(half_full):
    """What 3000 whole inputs recall in each network, and what they should."""
    pairs = []
    for net, x, y in half_full:
        result = net.recall(net.join(x[:3000]))
        assert result.steps.max() <= 2
        pairs.append((net.split(result.states).outputs, y[:3000]))
    return pairs


@pytest.mark.slow
def test_whole_inputs_recall_all_of_the_pair_and_as_much_more_as_theory_says(answers):
    assert all((found >= y).all() for found, y in answers)
    extra = np.mean([(found - y).sum(axis=1).mean() for found, y in answers])
    theory = (N - K) * false_rate()
    # Networks differ by 0.039 (measured in eight of them).
    error = 0.039 / math.sqrt(len(answers))
    assert float(extra) == pytest.approx(theory, abs=4 * error)
    # Were all neurons in equally many pairs, it would be less than that.
    assert theory - (N - K) * 2.0**-K > 10 * error


def log2_choose(n, k):
    return (gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)) / math.log(2)


def test_the_information_per_synapse(answers):
    # A pair tells which K of N neurons are meant; the answer leaves K of c of them open.
    left = np.mean([log2_choose(found.sum(axis=1), K).mean() for found, _ in answers])
    measured = float(P * (log2_choose(N, K) - left) / N**2)
    extra = np.arange(60)
    open_by_theory = binom.pmf(extra, N - K, false_rate()) @ log2_choose(K + extra, K)
    theory = P * (log2_choose(N, K) - open_by_theory) / N**2
    assert measured == pytest.approx(theory, abs=0.002)
    # The limit of large nets is ln 2 = .693: there K = log2 N neurons tell K log2 N bits. Here a
    # pattern tells log2 K! fewer.
    assert P * K * math.log2(N) / N**2 == pytest.approx(math.log(2), abs=1e-3)
    assert measured == pytest.approx(0.515, abs=0.002)


def test_part_of_a_pattern_recalls_all_of_it():
    patterns = patterns_of(60, 256, 8)
    net = WillshawNetwork(256)
    net.store(patterns)
    cues = patterns * (np.cumsum(patterns, axis=1) <= 5)
    once = net.recall(cues, num_iter=1).states
    assert (np.asarray(once) >= patterns).all()
    np.testing.assert_array_equal(net.predict(patterns[3]), patterns[3])


def test_the_fill_of_a_network_of_one_layer():
    count, size, k, networks = 300, 200, 10, 10
    off_diagonal = ~np.eye(size, dtype=bool)
    fills = []
    for seed in range(networks):
        net = WillshawNetwork(size)
        net.store(patterns_of(count, size, k, seed))
        weights = np.asarray(net.W.value)
        np.testing.assert_array_equal(weights, weights.T)
        fills.append(weights[off_diagonal].mean())
    theory = 1 - (1 - k * (k - 1) / (size * (size - 1))) ** count
    error = np.std(fills, ddof=1) / math.sqrt(networks)
    assert float(np.mean(fills)) == pytest.approx(theory, abs=4 * float(error))
    assert error < 0.003


def test_winners_recall_from_cues_with_false_neurons():
    rng = np.random.default_rng(0)
    patterns = patterns_of(60, 256, 8)
    cues = patterns.copy()
    for cue in cues:  # two neurons go, two others come
        cue[rng.choice(np.flatnonzero(cue), 2, replace=False)] = 0.0
        cue[rng.choice(np.flatnonzero(cue == 0), 2, replace=False)] = 1.0
    net = WillshawNetwork(256, winners=8)
    net.store(patterns)
    result = net.recall(cues)
    np.testing.assert_array_equal(result.states, patterns)
    assert set(result.outcome) == {"converged"}
    assert (np.diff(result.energies, axis=1) <= 0).all()
    net.winners = None
    strict = net.recall(cues, num_iter=1).states
    assert not (np.asarray(strict) >= patterns).all(axis=1).any()


def test_winners_of_a_second_layer():
    x, y = patterns_of(15, 100, 6, 3), patterns_of(15, 80, 5, 4)
    net = WillshawNetwork(100, 80, winners=5)
    net.store(x, y)
    np.testing.assert_array_equal(net.split(net.recall(net.join(x)).states).outputs, y)


@pytest.mark.parametrize("size", [2, 4, 6])
@pytest.mark.parametrize("preserve", [True, False])
def test_resize(size, preserve):
    patterns = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0]])
    net, expected = WillshawNetwork(4), WillshawNetwork(size)
    net.store(patterns)
    net.s.value = patterns[0]
    net.resize(size, preserve)
    if preserve:
        expected.store(np.pad(patterns, ((0, 0), (0, 2)))[:, :size])
    np.testing.assert_array_equal(net.W.value, expected.W.value)
    np.testing.assert_array_equal(net.s.value, np.pad(patterns[0], (0, 2))[:size])
    assert net.num_neurons == size


X, Y = patterns_of(4, 6, 2), patterns_of(4, 5, 2)


def two_layers(**options):
    net = WillshawNetwork(6, 5, **options)
    net.store(X, Y)
    return net


REFUSED = {
    "signs": ("inputs", lambda net: net.store(2 * X - 1, Y)),
    "signs of outputs": ("outputs", lambda net: net.store(X, 2 * Y - 1)),
    "no outputs": ("outputs", lambda net: net.store(X)),
    "rows": ("outputs", lambda net: net.store(X, Y[:2])),
    "outputs of one layer": ("outputs", lambda net: WillshawNetwork(6).store(X, X)),
    "joined width": ("train_data", lambda net: net.apply_hebbian_learning(X)),
    "nan": ("inputs", lambda net: net.store(X * np.nan, Y)),
    "cues of signs": ("cues", lambda net: net.recall(2 * net.join(X) - 1)),
    "path from signs": ("cues", lambda net: net.trajectory(2 * net.join(X) - 1)),
    "energies of signs": ("states", lambda net: net.energies(2 * net.join(X) - 1)),
    "join of one layer": ("num_outputs", lambda net: WillshawNetwork(6).join(X)),
    "split of one layer": ("num_outputs", lambda net: WillshawNetwork(6).split(X)),
    "size": ("num_neurons", lambda net: net.resize(8)),
    "winners": ("winners", lambda net: WillshawNetwork(6, winners=7)),
    "winners of outputs": ("winners", lambda net: WillshawNetwork(6, 5, winners=6)),
    "no winners": ("winners", lambda net: WillshawNetwork(6, winners=0)),
    "neurons": ("num_neurons", lambda net: WillshawNetwork(0)),
    "outputs": ("num_outputs", lambda net: WillshawNetwork(3, 0)),
}


@pytest.mark.parametrize(("argument", "call"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_and_changes_nothing(argument, call):
    net = two_layers()
    before = np.asarray(net.W.value)
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        call(net)
    np.testing.assert_array_equal(net.W.value, before)


def test_more_winners_than_neurons_are_refused_when_they_are_set_later():
    net = two_layers()
    net.winners = 6
    with pytest.raises(ValidationError, match="winners"):
        net.recall(net.join(X))
