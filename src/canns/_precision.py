"""Matrix products in full precision, also on accelerators that round them by default."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import jax

from canns.typing import Array

__all__ = ["full_precision", "product"]

P = ParamSpec("P")
T = TypeVar("T")


def full_precision(function: Callable[P, T]) -> Callable[P, T]:
    """Return ``function`` with its matrix products in float32, whether JAX traces or runs it.

    By default some accelerators round the factors of a product to 8 or 11 bits. That would decide
    exact ties, and give other states than a CPU does.
    """

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        with jax.default_matmul_precision("float32"):
            return function(*args, **kwargs)

    return call


@full_precision
def product(a: Array, b: Array) -> Array:
    """Return ``a @ b`` in full precision."""
    return a @ b
