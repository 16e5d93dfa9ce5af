"""Patterns stored in pieces: the couplings of all, by few programs, whatever their number."""

import numpy as np
import pytest

from canns.dynamics.couplings.host_patterns import without_padding
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer, RuleTrainer

# No other test has networks of this size, which would have compiled the programs already.
N, PIECES, EACH = 1033, 8, 5
rng = np.random.default_rng(0)
PATTERNS = rng.choice([-1.0, 1.0], (PIECES, EACH, N)).astype(np.float32)
WAYS = {
    "hebbian": lambda net: HebbianTrainer(net, subtract_mean=False).train,
    "covariance": lambda net: RuleTrainer(net, "covariance").train,
    "own": lambda net: net.apply_hebbian_learning,
}
METHODS = ("auto", "packed", "factored", "dense")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", METHODS)
def test_pieces_compile_few_programs(method, way, count_compilations):
    net = AmariHopfieldNetwork(N, method=method)

    def store():
        for piece in PATTERNS:
            WAYS[way](net)(piece)

    assert count_compilations(store) <= 6


@pytest.mark.parametrize("method", METHODS)
def test_recall_between_the_pieces_compiles_for_few_numbers_of_patterns(method, count_compilations):
    net, sizes = AmariHopfieldNetwork(N, method=method), set()
    each = []

    def store_and_recall(piece):
        HebbianTrainer(net).train(piece)
        return net.recall(piece[:2]).states

    for piece in PATTERNS:
        each.append(count_compilations(lambda piece=piece: store_and_recall(piece)))
        sizes.add(len(net.W.stored.patterns) if net.W.stored is not None else 0)
    assert len(sizes) <= 1 + np.log2(PIECES)
    assert sum(bool(count) for count in each) <= 1 + np.log2(PIECES)


@pytest.mark.parametrize("method", ["packed", "factored"])
def test_room_for_more_patterns_changes_nothing(method):
    # Of 1024 neurons, whose strengths are powers of two: each sum is exact.
    patterns = PATTERNS[..., :1024].reshape(-1, 1024)
    net = AmariHopfieldNetwork(1024, method=method)
    trainer = HebbianTrainer(
        net, subtract_mean=False, normalize_by_patterns=False, learning_rate=1 / 1024
    )
    records = [trainer.train(patterns[i : i + EACH]) for i in range(0, len(patterns), EACH)]
    kept = net.W.stored
    assert (len(kept.patterns), kept.num_patterns) == (64, 40)
    plain = AmariHopfieldNetwork(1024, method=method)
    once = HebbianTrainer(
        plain, subtract_mean=False, normalize_by_patterns=False, learning_rate=1 / 1024
    ).train(patterns)
    assert plain.W.stored.used is None
    for a, b in zip(without_padding(kept), without_padding(plain.W.stored), strict=True):
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=1e-6)
    cues = np.where(rng.random(patterns.shape) < 0.2, -patterns, patterns)
    for a, b in zip(net.recall(cues), plain.recall(cues), strict=True):
        np.testing.assert_array_equal(a, b)
    assert records[-1].weight_norm[-1] == pytest.approx(once.weight_norm[-1], rel=1e-6)
    weights = np.asarray(net.W.value, np.float64)
    np.testing.assert_array_equal(weights, plain.W.value)
    assert records[-1].weight_norm[-1] == pytest.approx(np.linalg.norm(weights), rel=1e-6)
    last = patterns[-EACH:].T @ patterns[-EACH:] / 1024
    np.fill_diagonal(last, 0)
    assert records[-1].weight_change[-1] == pytest.approx(np.linalg.norm(last), rel=1e-6)


def test_files_hold_no_room(tmp_path):
    net = AmariHopfieldNetwork(N, method="packed")
    for piece in PATTERNS[:3]:
        net.apply_hebbian_learning(piece)
    net.save(tmp_path / "net")
    loaded = AmariHopfieldNetwork.load(tmp_path / "net")
    assert loaded.W.stored.patterns.shape[0] == 3 * EACH
    np.testing.assert_array_equal(loaded.recall(PATTERNS[0]).states, net.recall(PATTERNS[0]).states)
