"""All or nothing: whatever ends a call early leaves the model as it was, or as the call makes it.

``DEEDS`` lists what changes a model, ``LESSONS`` what trains one. A new trainer, rule or model is
covered by its row in a registry, and a test fails for one that has none.
"""

import inspect
import random
import sys

import deeds
import numpy as np
import pytest
from deeds import DEEDS, LESSONS, MODELS, acted, built
from holdings import holdings, settings
from interrupts import Interrupts

from canns import plasticity, trainer
from canns.errors import CannsError, DivergenceError
from canns.models import brain_inspired
from canns.models.basic import BasicModel
from canns.models.boxes import Weights
from canns.models.brain_inspired.lookup import unchanged_on_error

pytestmark = pytest.mark.filterwarnings("ignore::canns.errors.CannsWarning", "ignore:overflow")

# One for each way to write to a model.
FEW = (
    "oja: train",
    "own forward: train",
    "hebbian: train and resize",
    "BoltzmannTrainer: train",
    "rule RunningCovariance-Linear: train",
    "group: train and adopt",
    "stack: forward",
    "own update: recall",
    "AmariHopfieldNetwork: resize",
    "SpikingLayer: predict",
)
ERRORS = (KeyboardInterrupt, SystemExit, MemoryError)


def check_interrupts(key, sample, seed=0):
    """Interrupt a deed at a sample of the places where that can happen; all of them for None.

    After each, all is as before or as after the deed. If it is as before, the deed is done again,
    and comes to what it would have come to.
    """
    build = DEEDS[key]
    acted(built(build))  # compiles
    scene, counted = built(build), Interrupts()
    before = holdings(*scene.held)
    counted.during(lambda: acted(scene))
    after, world = holdings(*scene.held), settings()
    assert not scene.keeps or before == after
    rng, tried = random.Random(f"{seed} {key}"), 0
    places = range(counted.count)
    for at in places if sample is None else rng.sample(places, min(sample, len(places))):
        error = ERRORS[at % len(ERRORS)]
        scene, interrupts = built(build), Interrupts(at, error)
        if not interrupts.during(lambda scene=scene: acted(scene)):
            continue  # how many pieces a run has depends on the clock
        tried += 1
        now = holdings(*scene.held)
        assert now in (before, after), f"{error.__name__} at {interrupts.place}"
        assert settings() == world, f"{error.__name__} at {interrupts.place}"
        if now == before != after:
            acted(scene)
            assert holdings(*scene.held) == after, f"again, after {interrupts.place}"
    assert tried > 0
    return tried


@pytest.mark.parametrize("key", FEW)
def test_an_interrupt_leaves_all_or_nothing(key):
    check_interrupts(key, 6)


@pytest.mark.slow
@pytest.mark.parametrize("key", DEEDS)
def test_an_interrupt_leaves_all_or_nothing_for_every_deed(key):
    check_interrupts(key, 4, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("key", DEEDS)
def test_no_place_is_left_out(key):
    print(f"{key}: {check_interrupts(key, None)} interrupts", file=sys.stderr)


class MineError(Exception):
    """An error of the user's own."""


def _broken(rows, at, error):
    """Yield rows, and raise at one of them."""
    for i, row in enumerate(rows):
        if i == at:
            raise error
        yield row


def _with(rows, at, bad):
    """Return rows as a list, with another in the place of one."""
    return [bad if i == at else row for i, row in enumerate(rows)]


def _raising(error, at):
    """Return a callback that raises when it is called for the ``at``-th time."""
    calls = []

    def callback(progress):
        calls.append(progress)
        if len(calls) == at:
            raise error

    return callback


def _not_a_number(row):
    bad = np.array(row, float)
    bad[-1] = np.nan
    return bad


# Each returns the samples and options of a lesson that fails, and the error that is to come out.
# An error of the library is right as well if it refuses what cannot be watched or read in parts.
FAILURES = {
    **{
        f"a generator that raises {error.__name__} at sample {at}": (
            lambda rows, own, at=at, error=error: (_broken(rows, at, error), own, error)
        )
        for error, at in ((MineError, 0), (MineError, 2), (SystemExit, 1), (KeyboardInterrupt, 2))
    },
    "a sample that is not finite": lambda rows, own: (
        iter(_with(rows, 2, _not_a_number(rows[2]))),
        own,
        CannsError,
    ),
    "a sample too long": lambda rows, own: (
        iter(_with(rows, 2, np.ones(len(rows[2]) + 1))),
        own,
        CannsError,
    ),
    "a sample of words": lambda rows, own: (_with(rows, 1, ["a"] * len(rows[1])), own, CannsError),
    "a callback that raises in the second epoch": lambda rows, own: (
        rows,
        own | {"epochs": 2, "on_epoch": _raising(MineError, 2)},
        MineError,
    ),
    "a callback that exits": lambda rows, own: (
        rows,
        own | {"on_epoch": _raising(SystemExit, 1)},
        SystemExit,
    ),
    "a callback of steps that raises": lambda rows, own: (
        rows,
        own | {"on_step": _raising(MineError, 2)},
        MineError,
    ),
    "epochs beyond all memory": lambda rows, own: (rows, own | {"epochs": 10**15}, CannsError),
}


def check_failure(key, failure):
    """Let a lesson fail, and check that trainer and model are as they were."""
    lesson = LESSONS[key]()
    rows, options, error = FAILURES[failure](lesson.data[0], dict(lesson.options))
    before, world = holdings(lesson.made), settings()
    if failure == "a callback of steps that raises" and key in deeds.BY_ENERGY:
        pytest.skip("learning by energy has no callback of steps")
    with pytest.raises((error, CannsError)):
        lesson.made.train(rows, *lesson.data[1:], **options)
    assert holdings(lesson.made) == before
    assert settings() == world


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("key", [*deeds.CASES, *deeds.BY_ENERGY])
def test_a_trainer_that_fails_leaves_all_as_it_was(key, failure):
    check_failure(key, failure)


@pytest.mark.slow
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("key", [key for key in LESSONS if key.startswith("rule ")])
def test_a_rule_that_fails_leaves_all_as_it_was(key, failure):
    check_failure(key, failure)


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(key, marks=() if i % 6 == 0 or "rule " not in key else pytest.mark.slow)
        for i, key in enumerate(LESSONS)
    ],
)
def test_a_divergence_leaves_all_as_it_was(key):
    lesson = LESSONS[key]()
    for box in vars(lesson.made.model).values():
        if isinstance(box, Weights):
            box.value = np.full(np.shape(box.value), np.nan)
    before = holdings(lesson.made)
    with pytest.raises(CannsError) as caught:
        lesson.made.train(*lesson.data, **lesson.options)
    checks_its_weights = key in deeds.BY_ENERGY
    assert isinstance(caught.value, DivergenceError) or checks_its_weights
    assert holdings(lesson.made) == before


def test_an_interrupt_while_all_is_restored_waits_for_the_end():
    layer = brain_inspired.LinearLayer(3, 2)
    before = holdings(layer)
    counted, tried = Interrupts(), 0

    def fail(interrupts):
        with unchanged_on_error(layer):
            layer.W.value, layer.y.value = np.ones((2, 3)), np.ones(2)
            sys.settrace(interrupts._enter)  # from here on
            raise MineError

    for interrupts in (counted, *map(Interrupts, range(200))):
        try:
            fail(interrupts)
        except (MineError, KeyboardInterrupt) as error:
            tried += isinstance(error, KeyboardInterrupt)
        finally:
            sys.settrace(None)
        if "_restore" in interrupts.place:
            assert holdings(layer) == before, interrupts.place
    assert tried > 0


def _of(module, base):
    """Return the names of the public classes of a module that are a ``base``, but no base."""
    found = (getattr(module, name) for name in module.__all__)
    kinds = [each for each in found if inspect.isclass(each) and issubclass(each, base)]
    return {
        kind.__name__
        for kind in kinds
        if kind is not base
        and not any(map(_is_abstract, map(kind.__dict__.get, dir(kind))))
        and not getattr(kind, "__abstractmethods__", None)
    }


def _is_abstract(member):
    return getattr(member, "__isabstractmethod__", False)


def test_every_trainer_has_a_lesson():
    known = {type(build().made).__name__ for key, build in LESSONS.items() if "rule " not in key}
    assert _of(trainer, trainer.Trainer) <= known


def test_every_rule_has_a_lesson():
    known = {type(row.rule).__name__ for row in deeds.ROWS} | {*deeds.RULES_OF_PARTS}
    assert _of(plasticity, plasticity.Rule) - {"Parts"} <= known


def test_every_model_has_its_deeds():
    together = {"BrainInspiredModel", "BrainInspiredModelGroup", "LayerStack"}
    assert _of(brain_inspired, BasicModel) - together <= set(MODELS)
