"""Ctrl-C stops learning of any length between two compiled calls, and the model is as it was."""

import signal
import subprocess
import sys
import textwrap
from threading import Event

import jax
import numpy as np
import pytest
from plasticity_helpers import random_patterns, repeat, stack
from rule_rows import ROWS, inputs_for, name, rewards_for, weights_for

from canns import _pieces
from canns.dynamics import Clamped, Linear
from canns.errors import DivergenceError
from canns.plasticity import (
    AdaTron,
    Hebbian,
    MinOver,
    Monitor,
    Oja,
    Recorder,
    Setup,
    Storkey,
    Unlearning,
    learn,
    learn_members,
    respond,
)
from canns.plasticity.learning import estimates, members, observe, rounds
from canns.plasticity.learning.learn import show_epochs
from canns.plasticity.learning.samples import to_samples
from canns.plasticity.rules import adatron

pytestmark = pytest.mark.slow

# Not by import, for the package has a function of this name.
learning = sys.modules["canns.plasticity.learning.learn"]

# What is run, which function each compiled call goes through, and how long the run is.
PROGRAM = """
    import signal
    import sys
    import numpy as np
    from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer
    from canns.plasticity import MinOver, Oja
    from canns.trainer import OjaTrainer, RuleTrainer, train_ensemble
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background has none

    samples = 0.1 * np.random.default_rng(0).normal(size=({samples}, 20))
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (60, 100))
    layer, network = LinearLayer(20, 4), AmariHopfieldNetwork(100)
    before = np.array(layer.W.value), np.array(network.W.value)
    module = sys.modules["canns.plasticity.learning.{module}"]
    calls, run = [], module.{function}

    def watched(*args, **options):
        after = run(*args, **options)
        np.asarray(after[1])  # waits until the call is done
        calls.append(args)
        if len(calls) == 3:
            print("running", flush=True)
        return after

    module.{function} = watched
    try:
        {call}
    except KeyboardInterrupt:
        for was, model in zip(before, (layer, network), strict=True):
            assert (np.array(model.W.value) == was).all()
        print("stopped after", len(calls), flush=True)
"""
EPOCHS = "OjaTrainer(layer, 1e-3).train(samples, epochs=10**8)"
RUNS = {
    "epochs": ("learn", "run_epochs", 200, EPOCHS),
    "samples": ("learn", "run_one", 10**5, EPOCHS),
    "members": (
        "members",
        "run_blocks",
        10**5,
        "train_ensemble(layer, Oja(1e-3), samples, seeds=range(64), epochs=10**8)",
    ),
    "rounds": ("rounds", "_go_on", 1, "RuleTrainer(network, MinOver(1e-6, 10**8)).train(signs)"),
}


@pytest.mark.parametrize("case", RUNS)
def test_ctrl_c_is_heard_between_two_pieces(case):
    module, function, samples, call = RUNS[case]
    program = textwrap.dedent(PROGRAM).format(
        module=module, function=function, samples=samples, call=call
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGINT)
        words = process.stdout.read().split()
    assert words[:2] == ["stopped", "after"], "the process got KeyboardInterrupt"
    assert int(words[2]) >= 3


@pytest.fixture
def cut(monkeypatch):
    """Cut all that can be cut into pieces of a step, which grow as slowly as they may."""
    monkeypatch.setattr(estimates, "_WHOLE", 0.0)
    monkeypatch.setattr(estimates, "_FIRST", 0.0)
    monkeypatch.setattr(_pieces, "PIECE", 0.0)


def same(a, b):
    jax.tree.map(np.testing.assert_array_equal, a, b)


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_a_run_in_pieces_is_the_whole_run_to_the_last_bit(row, request):
    setup, inputs = Setup(row.rule, row.neuron), inputs_for(row)
    rewards = rewards_for(row.rule, inputs)
    whole = learn(setup, weights_for(), inputs, rewards=rewards)
    request.getfixturevalue("cut")
    same(learn(setup, weights_for(), inputs, rewards=rewards), whole)


def test_epochs_in_pieces_are_all_epochs_to_the_last_bit(monkeypatch):
    setup, samples = Setup(Oja(0.02), Linear()), to_samples(inputs_for(ROWS[4]), None, np.float32)
    run = setup, setup.start(weights_for()), samples, 30
    learner, norms = show_epochs(*run)
    assert norms.shape == (30, 2)
    one_by_one = list(zip(range(30), range(1, 31), strict=True))
    monkeypatch.setattr(learning, "pieces_of", lambda total, each: one_by_one)
    same(show_epochs(*run), (learner, norms))


def test_an_epoch_that_is_long_has_samples_in_calls_of_their_own(cut):
    setup, samples = Setup(Oja(0.02), Linear()), to_samples(inputs_for(ROWS[4]), None, np.float32)
    assert show_epochs(setup, setup.start(weights_for()), samples, 2) is None


RULES = Oja(0.02), MinOver(0.1, 50), AdaTron(0.1, 3), Unlearning(0.2, 2), Storkey(0.1)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
def test_members_in_pieces_are_all_members_to_the_last_bit(rule, shared, request):
    neuron = Linear() if isinstance(rule, Oja) else Clamped()
    inputs = np.stack([random_patterns(4, 5, seed=seed) for seed in range(3)])
    inputs = inputs[0] if shared else inputs
    setups = repeat(Setup(rule, neuron), 3)
    starts = stack(*[Setup(rule, neuron).start(weights_for() / (m + 1)) for m in range(3)])
    whole = learn_members(setups, starts, inputs, shared=shared)
    request.getfixturevalue("cut")
    same(learn_members(setups, starts, inputs, shared=shared), whole)


def test_visits_in_blocks_are_whole_sweeps_to_the_last_bit(monkeypatch):
    setup, patterns = Setup(AdaTron(1.0, 20), Clamped()), random_patterns(9, 13)
    start = np.zeros((13, 13), np.float32)
    monkeypatch.setattr(adatron, "_BLOCK", 4)  # the last block is of one pattern and of padding
    jax.clear_caches()
    whole = learn(setup, start, patterns)
    monkeypatch.setattr(adatron, "_ROUND", 0)  # one block a round
    jax.clear_caches()
    same(learn(setup, start, patterns), whole)
    jax.clear_caches()


@pytest.mark.parametrize("every", [3, 40])
def test_records_and_responses_in_pieces_are_the_same(every, monkeypatch):
    inputs, setup = inputs_for(ROWS[4]), Setup(Oja(0.02), Linear())

    def records():
        recorder = Recorder(Monitor(("W", "spikes"), every))
        learner = learn(setup, weights_for(), inputs, recorder=recorder)
        return learner, recorder.history(), respond(Linear(), weights_for(), inputs)

    whole = records()
    monkeypatch.setattr(observe, "steps_of_call", lambda learner: 16)
    same(records(), whole)


def test_a_failure_in_a_later_piece_names_its_step(cut):
    inputs = np.ones((50, 1), np.float32)
    # w doubles and passes 1e10 at step 33.
    with pytest.raises(DivergenceError, match=r"at step 133\."):
        learn(Setup(Hebbian(1.0), Linear()), np.ones((1, 1), np.float32), inputs, first_step=100)


def test_pieces_compile_nothing_anew(count_compilations, request):
    setup, inputs = Setup(Oja(0.02), Linear()), inputs_for(ROWS[4])
    whole = Setup(MinOver(0.1, 50), Clamped())
    learn(setup, weights_for(), inputs)
    request.getfixturevalue("cut")
    learn(whole, weights_for(), inputs)
    assert count_compilations(lambda: learn(setup, weights_for(), inputs)) == 0
    assert count_compilations(lambda: learn(whole, weights_for(), inputs)) == 0


def test_a_short_run_is_one_call(monkeypatch):
    calls, run = [], learning.run_one
    monkeypatch.setattr(learning, "run_one", lambda *args: calls.append(args) or run(*args))
    monkeypatch.setattr(rounds, "_go_on", None)
    for rule, neuron in ((Hebbian(0.1), Clamped()), (Oja(0.02), Linear()), (Storkey(), Clamped())):
        learn(Setup(rule, neuron), weights_for(), inputs_for(ROWS[0]))
        assert len(calls) == 1
        calls.clear()


def ends(total, each, seconds, monkeypatch):
    """The ends of the pieces if a step takes ``seconds`` and not ``each``, as estimated."""
    clock, found = [0.0], []
    monkeypatch.setattr(_pieces, "perf_counter", lambda: clock[0])
    for start, end in estimates.pieces_of(total, each):
        clock[0] += seconds * (end - start)
        found.append(end)
    return found


def test_a_piece_is_as_long_as_the_one_before_allows(monkeypatch):
    # 0.02 s by the estimate, then 0.25 s each, but at most 8 times as many as before.
    assert ends(100, 0.01, 0.0156, monkeypatch) == [2, 18, 34, 50, 66, 82, 98, 100]
    assert ends(100, 0.01, 1.0, monkeypatch)[:3] == [2, 3, 4]
    assert ends(100, 0.01, 1e-5, monkeypatch) == [2, 18, 100]
    assert ends(100, 1e-4, 1.0, monkeypatch) == [100]  # short by the estimate


def test_pieces_end_when_they_are_told_to():
    stop = Event()
    ends = []
    for _, end in estimates.pieces_of(100, 1.0, stop):
        ends.append(end)
        stop.set()
    assert ends == [1]


def test_members_are_cut_by_members_if_they_learn_at_once(cut, monkeypatch):
    calls, run = [], members.run_one
    monkeypatch.setattr(members, "run_one", lambda *args: calls.append(args) or run(*args))
    setups = repeat(Setup(Hebbian(0.1), Clamped()), 3)
    starts = repeat(Setup(Hebbian(0.1), Clamped()).start(weights_for()), 3)
    learn_members(setups, starts, random_patterns(4, 5), shared=True)
    assert len(calls) >= 3  # groups of one size may be filled up
