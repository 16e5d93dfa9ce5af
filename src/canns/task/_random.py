"""Random generators of the task layer."""

import sys
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from canns._validation import check_size
from canns.errors import ValidationError

if TYPE_CHECKING:
    import jax

__all__ = ["Seed", "choose_entries", "generator"]

Seed: TypeAlias = "int | np.random.Generator | jax.Array | None"


def generator(seed: Seed) -> np.random.Generator:
    """Return the generator for a ``seed``.

    A Generator is used as it is, an integer or a JAX key seeds a new one, and None splits a key
    off ``brainstate.random``, so that one ``brainstate.random.seed(n)`` fixes a whole script.
    """
    if isinstance(seed, np.random.Generator):
        return seed
    if seed is None:
        return np.random.default_rng(_brainstate_entropy())
    if not isinstance(seed, int | np.integer):
        return np.random.default_rng(_entropy_of(seed))
    return np.random.default_rng(check_size("seed", seed, low=0))


def _brainstate_entropy() -> list[int]:
    # Imported here, because patterns with an explicit seed need neither.
    import jax

    from canns._brainstate import brainstate

    return _words(jax.random.key_data(brainstate.random.split_key()))


def _entropy_of(key: object) -> list[int]:
    # A caller with a JAX key has loaded JAX. Any other object is refused without loading it.
    jax = sys.modules.get("jax")
    if jax is None or not isinstance(key, jax.Array):
        raise ValidationError("seed", "an integer, a NumPy Generator or a JAX key", repr(key))
    from canns._keys import as_key

    return _words(jax.random.key_data(as_key(key)))


def _words(data: object) -> list[int]:
    return [int(word) for word in np.asarray(data).ravel()]


def choose_entries(
    rng: np.random.Generator, shape: tuple[int, int], count: int
) -> NDArray[np.bool_]:
    """Mark exactly ``count`` entries of each row, every such choice equally likely."""
    chosen = np.zeros(shape, dtype=np.bool_)
    chosen[:, :count] = True
    return rng.permuted(chosen, axis=1)
