"""Products of as many bits as their factors have, on accelerators that else round them."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import jax

from canns.typing import Array

__all__ = ["full_precision", "product"]

P = ParamSpec("P")
T = TypeVar("T")


def full_precision(function: Callable[P, T]) -> Callable[P, T]:
    """Return ``function`` with its products in float32, where JAX traces it or runs it.

    Some accelerators round the factors of a product to 8 or 11 bits unless told not to, which
    would decide ties, and let states differ from those that a CPU finds.
    """

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        with jax.default_matmul_precision("float32"):
            return function(*args, **kwargs)

    return call


@full_precision
def product(a: Array, b: Array) -> Array:
    """Return ``a @ b``, wherever it is called from."""
    return a @ b
