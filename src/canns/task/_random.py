"""Where the task layer's random numbers come from."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from canns._validation import check_size

__all__ = ["Seed", "choose_entries", "generator"]

Seed: TypeAlias = int | np.random.Generator | None


def generator(seed: Seed) -> np.random.Generator:
    """Return the generator that ``seed`` stands for.

    A Generator is used as it is, an integer seeds a new one, and None splits a key off
    ``brainstate.random``, so that one ``brainstate.random.seed(n)`` fixes a whole script.
    """
    if isinstance(seed, np.random.Generator):
        return seed
    if seed is None:
        return np.random.default_rng(_brainstate_entropy())
    return np.random.default_rng(check_size("seed", seed, low=0))


def _brainstate_entropy() -> list[int]:
    # Imported here: patterns with a seed of their own need neither.
    import jax

    from canns._brainstate import brainstate

    key = jax.random.key_data(brainstate.random.split_key())
    return [int(word) for word in np.asarray(key).ravel()]


def choose_entries(
    rng: np.random.Generator, shape: tuple[int, int], count: int
) -> NDArray[np.bool_]:
    """Mark exactly ``count`` entries of each row, every such choice equally likely."""
    chosen = np.zeros(shape, dtype=np.bool_)
    chosen[:, :count] = True
    return rng.permuted(chosen, axis=1)
