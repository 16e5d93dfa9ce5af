"""Keys of random numbers: from a seed, or from brainstate's source."""

from functools import lru_cache

import jax
import jax.numpy as jnp

from canns import _forks
from canns._brainstate import brainstate
from canns._validation import check_size
from canns.errors import ValidationError
from canns.typing import Array

__all__ = ["as_key"]


def as_key(seed: int | Array | None) -> Array:
    """Return the JAX key that ``seed`` stands for; None draws one from ``brainstate.random``."""
    if _forks.forked:
        _forks.refuse_fork()
    if seed is None:
        key: Array = brainstate.random.split_key()
        return key
    if isinstance(seed, jax.Array):
        if not jnp.issubdtype(seed.dtype, jax.dtypes.prng_key) or seed.ndim > 0:
            raise ValidationError("seed", "an integer or a JAX key", f"an array of {seed.dtype}")
        return seed
    return _integer_key(check_size("seed", seed, low=0))


@lru_cache(maxsize=128)
def _integer_key(seed: int) -> Array:
    with jax.ensure_compile_time_eval():
        return jax.random.key(seed)
