"""Second names of parameters and attributes; words that are close to the right one."""

import inspect
from functools import partial

import jax
import numpy as np
import pytest

from canns import task
from canns._names import Alias, renamed
from canns._validation import check_choice, check_real, did_you_mean
from canns.analyzer.metrics import basin_of_attraction
from canns.dynamics import DilutedHopfield, Hopfield, McCullochPitts, Potts, Replay
from canns.errors import ValidationError
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    DenseAssociativeMemory,
    DilutedHopfieldNetwork,
    PottsNetwork,
    SparseHopfieldNetwork,
)
from canns.plasticity import Unlearning
from canns.plasticity.catalogue import recipe_for


@renamed(key="seed", n="size")
def draw(size, seed=None):
    """Return what came."""
    return size, None if seed is None else check_real("seed", seed)


@pytest.mark.parametrize(
    ("args", "kwargs"), [((2, 3), {}), ((2,), {"key": 3}), ((), {"n": 2, "key": 3})]
)
def test_either_name_is_taken(args, kwargs):
    assert draw(*args, **kwargs) == (2, 3.0)


def test_the_signature_and_the_docstring_stay():
    assert [*inspect.signature(draw).parameters] == ["size", "seed"]
    assert draw.__doc__ == "Return what came."


@pytest.mark.parametrize(("args", "kwargs"), [((2, 3), {"key": 3}), ((2,), {"seed": 3, "key": 3})])
def test_both_names_are_refused(args, kwargs):
    with pytest.raises(ValidationError, match=r"^key must be left out if seed is given; got 3"):
        draw(*args, **kwargs)


@pytest.mark.parametrize("name", ["seed", "key"])
def test_an_error_has_the_name_that_was_given(name):
    with pytest.raises(ValidationError, match=f"^{name} must be") as caught:
        draw(2, **{name: "three"})
    assert caught.value.argument == name


def test_an_unknown_name_is_still_unknown():
    with pytest.raises(TypeError, match="colour"):
        draw(2, colour=1)


class Held:
    old: Alias[int] = Alias("new")

    def __init__(self):
        self.new = 1


def test_an_alias_is_the_other_attribute():
    held = Held()
    held.old = 5
    assert (held.new, held.old) == (5, 5)
    assert isinstance(Held.old, Alias)
    assert "old" not in vars(held)


NETWORKS = {
    "amari": lambda **options: AmariHopfieldNetwork(4, **options),
    "diluted": lambda **options: DilutedHopfieldNetwork(4, 2, seed=0, **options),
    "potts": lambda **options: PottsNetwork(4, 3, **options),
    "sparse": lambda **options: SparseHopfieldNetwork(4, 0.5, 0.1, **options),
}


@pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS)
def test_networks_take_the_older_names(build):
    old = build(asyn=True, order="cyclic")
    new = build(asynchronous=True, update_order="cyclic")
    assert old.config() == new.config()
    assert (old.asyn, old.order) == (old.asynchronous, old.update_order) == (True, "cyclic")
    old.asyn = False
    assert not old.asynchronous
    assert not old.dynamics.asynchronous


def test_the_second_argument_of_the_network_is_whether_it_is_asynchronous():
    assert AmariHopfieldNetwork(4, True).asyn
    assert DenseAssociativeMemory(4, asyn=True).asynchronous
    assert DenseAssociativeMemory(4, 2).order == 2  # the order of the interaction


DYNAMICS = {
    "hopfield": Hopfield,
    "binary": McCullochPitts,
    "replay": Replay,
    "diluted": partial(DilutedHopfield, connections=0),
    "potts": partial(Potts, 3),
}


@pytest.mark.parametrize("build", DYNAMICS.values(), ids=DYNAMICS)
def test_dynamics_take_the_older_name_of_the_update_order(build):
    old, new = build(order="cyclic"), build(update_order="cyclic")
    assert old == new
    assert (old.order, old.update_order) == ("cyclic", "cyclic")
    assert "order" not in inspect.signature(type(old)).parameters
    with pytest.raises(ValidationError, match=r"^order must be left out if update_order is given"):
        build(order="cyclic", update_order="cyclic")


def test_a_network_refuses_both_names():
    with pytest.raises(ValidationError, match=r"^asyn must be left out if asynchronous is given"):
        AmariHopfieldNetwork(4, False, asyn=True)


@pytest.mark.parametrize("seed", [7, np.int64(7), jax.random.key(7)], ids=["int", "numpy", "key"])
def test_random_tasks_take_key_for_seed(seed):
    ones = np.ones((2, 30))
    np.testing.assert_array_equal(task.flip(ones, 0.5, key=seed), task.flip(ones, 0.5, seed=seed))


def test_two_jax_keys_give_two_results():
    first, second = (task.random_patterns(2, 40, seed=jax.random.key(i)) for i in range(2))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("seed", ["one", 1.5, True, -1])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(ValidationError, match=r"^seed must be an integer"):
        task.random_patterns(2, 4, seed=seed)


def test_measurements_take_key_for_seed():
    options = {"num_probes": 4, "num_networks": 2, "num_iter": 5}
    by_key = basin_of_attraction(40, 0.05, [0.5], key=3, **options)
    by_seed = basin_of_attraction(40, 0.05, [0.5], seed=3, **options)
    np.testing.assert_array_equal(by_key.samples, by_seed.samples)


def test_the_rate_of_unlearning_has_its_older_name():
    assert Unlearning(rate=0.25).learning_rate == Unlearning(0.25).learning_rate == 0.25


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("tahn", ("sign", "tanh"), "tanh"),
        ("W", ("w", "x"), "w"),
        ("colour", ("sign", "tanh"), None),
        (3, ("sign", "tanh"), None),
    ],
)
def test_the_close_word_is_named(word, known, meant):
    assert did_you_mean(word, known) == ("" if meant is None else f"Did you mean {meant!r}?")


def test_a_mistyped_choice_says_what_was_meant():
    with pytest.raises(ValidationError, match=r"got 'tahn'. Did you mean 'tanh'\?$"):
        AmariHopfieldNetwork(4, activation="tahn")
    with pytest.raises(ValidationError, match=r"got 'pseudo_invers'. Did you mean"):
        recipe_for("pseudo_invers", recurrent=True)


@pytest.mark.parametrize("value", [None, 3, ["sign"], np.ones(3)])
def test_a_choice_must_be_a_word(value):
    with pytest.raises(ValidationError, match=r"^mode must be one of 'on', 'off'"):
        check_choice("mode", value, ("on", "off"))
