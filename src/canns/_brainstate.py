"""The only import of brainstate in the library, without two side effects of its first import.

The first import switches JAX's x64 mode off; this module restores it. It also loads matplotlib, if
installed, to teach it physical units, which takes longer than importing JAX; this module prevents
that. To plot quantities with units, call ``brainunit.enable_matplotlib_support()``.
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
