"""The one import of brainstate, kept from two side effects of its first import.

It switches JAX's x64 mode off, and it loads matplotlib, where that is installed, to teach it
physical units. The first is undone. The second is put off, for it takes longer than JAX itself:
``brainunit.enable_matplotlib_support()`` does it for who plots quantities with units.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import jax

from canns._validation import float_dtype


@contextmanager
def _without_side_effects() -> Iterator[None]:
    precision = float_dtype()
    absent = "matplotlib" not in sys.modules
    if absent:
        sys.modules["matplotlib"] = None  # type: ignore[assignment]  # "cannot be imported"
    try:
        yield
    finally:
        if absent:
            del sys.modules["matplotlib"]
        if float_dtype() != precision:
            jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]


with _without_side_effects():
    import brainstate
    from brainstate._state import TRACE_CONTEXT  # what brainstate is tracing now

__all__ = ["TRACE_CONTEXT", "brainstate"]
