"""Ctrl-C stops a recall of any length between two compiled calls, and the model is as it was."""

import signal
import subprocess
import sys
import textwrap
from functools import partial

import jax
import numpy as np
import pytest

from canns import _pieces
from canns.dynamics import Hopfield, ModernHopfield, recall, recall_members, trajectory
from canns.dynamics.recalling import load, long_recall
from canns.dynamics.recalling.load import in_pieces, load_of, parts_of

pytestmark = pytest.mark.slow

SIZE, CUES = 29, 50  # of no other test
RNG = np.random.default_rng(0)
PATTERNS = RNG.choice([-1.0, 1.0], (4, SIZE)).astype(np.float32)
MATRIX = PATTERNS.T @ PATTERNS / SIZE
ROWS = RNG.choice([-1.0, 1.0], (CUES, SIZE)).astype(np.float32)
KEY = jax.random.key(0)

NETWORKS = {
    "sign": (Hopfield(), MATRIX),
    "flips": (Hopfield(asynchronous=True), MATRIX),
    "tanh": (Hopfield(temperature=0.5, activation="tanh"), MATRIX),
    "noise": (Hopfield(temperature=0.7, stochastic=True), MATRIX),
    "noise in turn": (Hopfield(temperature=0.7, stochastic=True, asynchronous=True), MATRIX),
    "modern": (ModernHopfield(0.3), PATTERNS),
}
PROGRAM = """
    import signal
    import numpy as np
    from canns.dynamics.recalling import long_recall
    from canns.models.brain_inspired import AmariHopfieldNetwork
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background has none

    network = AmariHopfieldNetwork(300, asyn=True, stochastic=True, temperature=2.0)
    patterns = np.random.default_rng(0).choice([-1.0, 1.0], (300, 300))
    network.apply_hebbian_learning(patterns[:20])
    weights, state = np.array(network.W.value), np.array(network.s.value)
    limits, run = [], long_recall.advance

    def watched(*args):
        after = run(*args)
        limits.append(int(after.step))  # waits until the piece is there
        if len(limits) == 2:
            print("running", flush=True)
        return after

    long_recall.advance = watched
    try:
        network.{call}
    except KeyboardInterrupt:
        assert (np.array(network.W.value) == weights).all()
        assert (np.array(network.s.value) == state).all()
        print("stopped after", limits[-1], flush=True)
"""
UPDATES = 10**6


@pytest.mark.parametrize(
    "call", ["recall(patterns, num_iter=10**6)", "predict(patterns[0], 10**6)"]
)
def test_ctrl_c_is_heard_between_two_pieces(call):
    program = textwrap.dedent(PROGRAM).replace("{call}", call)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGINT)
        words = process.stdout.read().split()
    assert words[:2] == ["stopped", "after"], "the process got KeyboardInterrupt"
    assert 0 < int(words[2]) < UPDATES


@pytest.mark.parametrize("piece", [1e9, 1e-6], ids=["in pieces", "and in parts"])
@pytest.mark.parametrize("name", NETWORKS)
def test_in_pieces_a_recall_takes_the_same_path(name, piece, monkeypatch):
    network, weights = NETWORKS[name]
    mask = np.random.default_rng(1).random(ROWS.shape) < 0.1
    options = {"key": KEY, "num_iter": 12, "clamped": mask}
    whole = recall(network, weights, ROWS, **options)
    path = trajectory(network, weights, ROWS, **options)
    monkeypatch.setattr(load, "_WHOLE", 0.0)
    for module in (load, _pieces):
        monkeypatch.setattr(module, "PIECE", piece)
    seen = []
    cut = recall(network, weights, ROWS, **options)
    watched = recall(network, weights, ROWS, on_step=seen.append, **options)
    # Products of fewer rows are summed in another order, which graded states show.
    exact = piece > 1 or name not in ("tanh", "modern")
    close = {"rtol": 1e-5, "atol": 1e-4}
    same = np.testing.assert_array_equal if exact else partial(np.testing.assert_allclose, **close)
    for other in (cut, watched):
        same(other.states, whole.states)
        np.testing.assert_array_equal(other.outcome, whole.outcome)
        np.testing.assert_allclose(other.energies[:, -1], whole.energies[:, -1], **close)
        if exact:
            np.testing.assert_array_equal(other.steps, whole.steps)
            np.testing.assert_allclose(other.energies, whole.energies, **close)
    same(trajectory(network, weights, ROWS, **options), path)
    assert [progress.step for progress in seen] == list(range(1, watched.steps.max() + 1))
    for progress in seen:
        np.testing.assert_allclose(progress.energies, watched.energies[:, progress.step])
        runs = (watched.steps > progress.step) | (watched.outcome == "budget")
        np.testing.assert_array_equal(progress.running, runs)


def test_in_pieces_members_take_the_same_path(monkeypatch):
    members = [Hopfield(temperature=t, stochastic=True) for t in (0.5, 0.7, 0.9)]
    networks = jax.tree.map(lambda *leaves: np.stack(leaves), *members)
    weights, cues = np.stack([MATRIX] * 3), np.stack([ROWS[:5]] * 3)
    options = {"keys": jax.random.split(KEY, 3), "num_iter": 12, "threshold": 0.0}
    whole = recall_members(networks, weights, cues, **options)
    monkeypatch.setattr(load, "_WHOLE", 0.0)
    for member, cut in zip(whole, recall_members(networks, weights, cues, **options), strict=True):
        np.testing.assert_array_equal(cut.states, member.states)
        np.testing.assert_array_equal(cut.steps, member.steps)


def test_a_short_recall_is_one_call(monkeypatch):
    monkeypatch.setattr(long_recall, "advance", None)
    recall(Hopfield(), MATRIX, ROWS, key=KEY)


def test_pieces_compile_nothing_anew(count_compilations, monkeypatch):
    monkeypatch.setattr(load, "_WHOLE", 0.0)
    network, weights = Hopfield(temperature=0.9, stochastic=True), MATRIX[:28, :28]
    run = {"key": KEY, "num_iter": 60}
    assert count_compilations(lambda: recall(network, weights, ROWS[:, :28], **run).states) > 0
    for length in (1, 7, 60):
        monkeypatch.setattr(load.Load, "first_piece", lambda *_, length=length: length)
        assert count_compilations(lambda: recall(network, weights, ROWS[:, :28], **run).states) == 0


def test_a_piece_is_as_long_as_the_one_before_allows(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(_pieces, "perf_counter", lambda: clock[0])
    limits = []

    def run(done, limit):
        clock[0] += (limit - done) / 128  # seconds, exact in binary
        limits.append(limit)
        return limit

    assert in_pieces(run, 0, 100, 1, lambda done: True) == 100
    assert limits == [1, 9, 41, 73, 100]  # 1, at most eight times as many, then 0.25 s each
    assert in_pieces(run, 0, 100, 5, lambda done: done < 20) == 37


def test_only_long_updates_are_cut_by_cues():
    class Heavy(Hopfield):
        """A network of its own, whose random numbers the driver does not know."""

        splits_by_cue = False

    load = load_of(Hopfield(), np.broadcast_to(0.0, (20000, 20000)), 20000)
    parts = parts_of(Hopfield(), load, 1000)
    assert len(parts) > 1
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(1000))
    assert len({part.stop - part.start for part in parts[:-1]}) == 1
    assert parts_of(Hopfield(), load, 2) == [slice(0, 2)]
    assert parts_of(Heavy(), load, 1000) == [slice(0, 1000)]
