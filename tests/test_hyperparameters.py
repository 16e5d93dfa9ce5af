"""Hyperparameter classes: equality, hashes and the structure they have for JAX."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import ContinuousHopfield, CurrentLIF, Delayed
from canns.typing import Parameters, param, pytree, static


@pytree
class Held(Parameters):
    rate: object = param(default=1.0)
    kind: str = static(default="a")


@pytree
class Other(Parameters):
    rate: object = param(default=1.0)
    kind: str = static(default="a")


@pytree
class ByKind(Parameters):
    rate: object = param(default=1.0)

    def __eq__(self, other):
        return isinstance(other, ByKind)

    def __hash__(self):
        return 7


ONES = np.ones(2)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (Held(2), Held(2.0)),
        (Held(ONES), Held(ONES)),
        (Held(ONES), Held(np.ones(2))),
        (Held(ONES), Held(jnp.ones(2))),
        (Held((ONES, 1.0)), Held((jnp.ones(2), 1.0))),
        (Held(Held(ONES)), Held(Held(np.ones(2)))),
        (Held(2.0), Held(jnp.float32(2.0))),
        (ContinuousHopfield(current=ONES), ContinuousHopfield(current=ONES)),
        (Delayed(CurrentLIF(), ONES, 1), Delayed(CurrentLIF(), np.ones(2), 1)),
    ],
)
def test_equal_fields_make_equal_objects(a, b):
    assert a == b


NAN = float("nan")


def test_the_same_object_is_equal_to_itself():
    assert Held(NAN) == Held(NAN)  # the very same number, as in a tuple
    assert Held(np.array([NAN])) != Held(np.array([NAN]))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (Held(1.0), Held(2.0)),
        (Held(1.0), Held(1.0, "b")),
        (Held(1.0), Other(1.0)),
        (Held(ONES), Held(2 * ONES)),
        (Held(ONES), Held(np.ones(3))),
        (Held(ONES), Held(np.ones((2, 1)))),
        (Held(ONES), Held(1.0)),
        (Held(np.ones(1)), Held(1.0)),
        (Held((ONES, 1.0)), Held((ONES, 2.0))),
        (Held((ONES,)), Held((ONES, ONES))),
        (Held(Held(ONES)), Held(Held(2 * ONES))),
        (Held(1.0), 1.0),
    ],
)
def test_different_fields_or_classes_make_different_objects(a, b):
    assert a != b


def test_equal_objects_have_one_hash_and_there_is_none_of_an_array():
    assert hash(Held(2)) == hash(Held(2.0))
    assert hash(Held((1.0, 2.0))) == hash(Held((1, 2)))
    assert len({Held(1.0), Held(1.0), Held(2.0), Held(1.0, "b")}) == 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(Held(ONES))


def test_a_class_may_say_itself_what_is_equal():
    assert ByKind(1.0) == ByKind(2.0)
    assert hash(ByKind(ONES)) == 7


def test_traced_fields_are_equal_only_if_they_are_the_same():
    def same(rate):
        assert Held(rate) == Held(rate)
        return rate

    assert jax.jit(same)(1.0) == 1.0
