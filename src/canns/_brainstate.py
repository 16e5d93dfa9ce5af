"""The one import of brainstate: its first import switches JAX's x64 mode off; this keeps it."""

import jax

from canns._validation import float_dtype

_PRECISION = float_dtype()

import brainstate  # noqa: E402

if float_dtype() != _PRECISION:
    jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]

__all__ = ["brainstate"]
