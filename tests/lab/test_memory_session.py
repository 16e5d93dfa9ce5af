"""The session of the memory page, beside the library that it calls."""

import numpy as np
import pytest

from canns import task
from canns.errors import ValidationError
from canns.lab.memory import MemorySession, picture_names
from canns.lab.program import memory_program
from canns.lab.settings import DYNAMICS, RULES, Settings, most_patterns
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer


def session_with(*names, side=8, **settings):
    session = MemorySession(side)
    session.configure(Settings(**settings))
    for name in names:
        session.store(session.picture(name))
    return session


def test_a_step_is_an_update_of_the_library():
    session = session_with("random", "random")
    session.corrupt(0.2)
    cue = session.state
    frame = session.step()
    network = AmariHopfieldNetwork(64, asynchronous=True)
    options = {"subtract_mean": False, "normalize_by_patterns": False, "learning_rate": 1 / 64}
    HebbianTrainer(network, **options).train(session.patterns)
    result = network.recall(cue[None], num_iter=1, seed=0)
    np.testing.assert_array_equal(frame.state, result.states[0])
    assert frame.energy == pytest.approx(result.energies[0, -1], rel=1e-5)
    np.testing.assert_array_equal(frame.flipped, frame.state != cue)
    np.testing.assert_allclose(frame.overlaps, session.patterns @ frame.state / 64, atol=1e-6)


def test_a_fixed_point_ends_a_recall():
    session = session_with("random")
    session.corrupt(0.25)
    assert [session.step().ended for _ in range(2)] == ["", "converged"]
    assert session.frame().overlaps == [1.0]


def test_a_two_cycle_is_named():
    session = session_with("random", dynamics="synchronous")
    session.network().W.value = -np.outer(session.patterns[0], session.patterns[0]) / 64
    session.begin(session.patterns[0])
    assert [session.step().ended for _ in range(2)] == ["", "cycle"]


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_the_program_does_the_same(dynamics):
    session = session_with("random", "digit 3", dynamics=dynamics, temperature=0.4)
    session.fill(5)
    session.corrupt(0.3)
    for _ in range(3):
        frame = session.step()
    found = {}
    exec(memory_program(session), found)
    np.testing.assert_array_equal(found["overlaps"], frame.overlaps)
    np.testing.assert_array_equal(found["state"], frame.state)


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
def test_the_program_of_every_rule_does_the_same(rule):
    session = session_with("random", "random", rule=rule)
    session.corrupt(0.1)
    frame = session.step()
    found = {}
    exec(memory_program(session), found)
    np.testing.assert_array_equal(found["overlaps"], frame.overlaps)


def test_a_program_of_random_patterns_alone():
    session = MemorySession(8)
    session.fill(3)
    session.aim(1)
    session.corrupt(0.1)
    found = {}
    exec(memory_program(session), found)
    np.testing.assert_array_equal(found["patterns"], task.random_patterns(3, 64, seed=0))
    np.testing.assert_allclose(found["overlaps"][1], session.frame().overlaps[1])


def test_a_change_makes_the_state_a_new_cue():
    session = session_with("random", "random", dynamics="glauber")
    session.corrupt(0.2)
    session.step()
    state = session.state
    session.configure(Settings(rule="hebbian", dynamics="little"))
    assert session.step_count == 0
    np.testing.assert_array_equal(session.cue, state)
    session.step()
    session.paint([3], state[3] < 0)
    assert session.cue[3] == -state[3]
    assert session.step_count == 0


def test_what_is_painted_is_the_state():
    session = MemorySession(8)
    session.paint([0, 9], True)
    session.paint([9], False)
    assert np.flatnonzero(session.state == 1).tolist() == [0]


def test_patterns_are_stored_filled_and_removed():
    session = session_with("random", "digit 1")
    session.fill(6)
    assert (session.num_patterns, session.num_random, session.load) == (6, 4, 6 / 64)
    session.remove(0)
    assert session.num_patterns == 5
    assert session.target == 0
    session.fill(0)
    assert session.num_patterns == 1  # the one that was drawn stays
    session.clear()
    assert session.num_patterns == 0


@pytest.mark.parametrize("name", picture_names())
def test_every_picture_fits_the_grid(name):
    picture = MemorySession(16).picture(name)
    assert picture.shape == (256,)
    assert set(picture.tolist()) == {-1.0, 1.0}


def test_random_pictures_differ_and_repeat():
    first, second = MemorySession(8), MemorySession(8)
    assert (first.picture("random") == second.picture("random")).all()
    assert (first.picture("random") == second.picture("random")).all()
    assert (first.picture("random") != first.picture("random")).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.store(np.ones(64)), "Draw something"),
        (lambda s: s.store(-s.patterns[0]), "stored already"),
        (lambda s: s.fill(33), "32"),
        (lambda s: s.fill(-1), "num_patterns"),
        (lambda s: s.remove(5), "index"),
        (lambda s: s.aim(1), "index"),
        (lambda s: s.corrupt(1.5), "share"),
        (lambda s: s.paint([64], True), "cells"),
        (lambda s: s.picture("nosuch"), "name"),
        (lambda s: s.configure(Settings(rule="nosuch")), "rule"),
        (lambda s: s.configure(Settings(dynamics="nosuch")), "dynamics"),
        (lambda s: s.configure(Settings(temperature=0.0)), "temperature"),
    ],
)
def test_what_makes_no_sense_changes_nothing(change, message):
    session = session_with("random")
    before = session.state, session.num_patterns, session.settings
    with pytest.raises(ValidationError, match=message):
        change(session)
    assert (session.state == before[0]).all()
    assert (session.num_patterns, session.settings) == before[1:]


@pytest.mark.parametrize("ask", ["frame", "step", "network"])
def test_nothing_stored_says_what_to_do(ask):
    with pytest.raises(ValidationError, match="Store a pattern first"):
        getattr(MemorySession(8), ask)()


def test_a_rule_that_takes_too_long_is_refused():
    session = MemorySession(32)
    session.fill(100)
    with pytest.raises(ValidationError, match="take too long"):
        session.configure(Settings(rule="minover"))
    assert session.settings.rule == "hebbian"


def test_no_rule_stores_more_than_a_lecture_can_wait_for():
    assert all(0 < most_patterns(rule, 1024) <= 1024 for rule in RULES)
    assert most_patterns("pseudo_inverse", 256) > 256  # beyond its capacity


def test_sessions_are_apart():
    one, other = session_with("random"), session_with("digit 2")
    one.clear()
    assert other.num_patterns == 1
