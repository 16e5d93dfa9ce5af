"""Programs for a CPU: short steps in one function of machine code, with its widest vectors."""

import os
from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental.xla_metadata import set_xla_metadata
from jax.extend.core import ClosedJaxpr, Jaxpr

from canns.typing import Array

__all__ = ["jit_wide", "on_one_cpu", "one_kernel"]

VARIABLE = "CANNS_ONE_KERNEL"

P = ParamSpec("P")
T = TypeVar("T")

# What XLA can put into one function. What is not named here runs as it always does.
_FLOW = "cond pjit jit closed_call core_call custom_jvp_call custom_vjp_call remat"
_ARITHMETIC = (
    "abs add add_any and ceil clamp convert_element_type cos div eq erf erfc erf_inv exp exp2 "
    "expm1 floor ge gt integer_pow is_finite le lgamma log log1p logistic lt max min mul ne neg "
    "nextafter not or population_count pow rem round rsqrt select_n shift_left "
    "shift_right_arithmetic shift_right_logical sign sin sqrt square sub tan tanh xor"
)
_SHAPE = (
    "broadcast_in_dim concatenate copy copy_p dynamic_slice dynamic_update_slice expand_dims iota "
    "pad reshape rev slice split squeeze stack stop_gradient transpose"
)
_SUMS = (
    "argmax argmin cummax cummin cumsum reduce_and reduce_max reduce_min reduce_or reduce_prod "
    "reduce_sum"
)
_KNOWN = frozenset(" ".join((_FLOW, _ARITHMETIC, _SHAPE, _SUMS)).split())
_LOOPS = frozenset({"while", "scan"})
_MARK = {"xla_cpu_small_call": "true", "inlineable": "false"}

# Vectors of 512 bits, of which a CPU with fewer takes what it has; and no calls of a library, which
# cannot be part of one function, for anything but a convolution, of which there are none.
_FOR_A_CPU: dict[str, str | int] = {
    "xla_cpu_prefer_vector_width": 512,
    "xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_INDIVIDUAL_CONVOLUTION",
}


def one_kernel(function: Callable[..., T]) -> Callable[..., T]:
    """Return ``function`` such that a CPU runs it as one function of machine code, where it can.

    On a CPU, XLA calls a function for each operation of a program. Such a call takes some 50 ns,
    which in a loop over short steps is longer than the arithmetic. A loop over arithmetic, and over
    products of a matrix and a vector, is marked, and becomes a single function. It runs on one
    core, so that it should be short of work for more. A loop over less than 1 kB becomes one
    without this, and must not be marked too. The environment variable ``CANNS_ONE_KERNEL``, set to
    0, marks nothing.

    Args:
        function: From arrays to arrays, called where JAX traces.
    """

    def touching(*args: Any) -> tuple[T, Array]:
        return function(*args), _touch(args)

    inner = jax.jit(touching)

    @wraps(function)
    def call(*args: Any) -> T:
        may = _traced(args) and on_one_cpu() and os.environ.get(VARIABLE) != "0"
        if not (may and _fits(inner.trace(*args).jaxpr.jaxpr)):
            return function(*args)
        marked = set_xla_metadata(inner(*args), **_MARK)  # type: ignore[no-untyped-call]
        result: T = marked[0]
        return result

    return call


def _touch(args: Any) -> Array:
    """Return a number made of all arguments: XLA aborts where one is not used."""
    firsts = [jnp.ravel(leaf)[0].astype(jnp.float32) for leaf in jax.tree.leaves(args)]
    return jnp.stack(firsts).sum()


def on_one_cpu() -> bool:
    """Whether programs are for a CPU, and nothing is spread over devices."""
    return jax.default_backend() == "cpu" and len(jax.devices()) == 1


def _traced(args: Any) -> bool:
    # XLA aborts where an array that is a constant of the program around is handed in, or one that
    # is not used, as one without numbers cannot be.
    def may_go_in(leaf: Any) -> bool:
        return bool(np.size(leaf)) and (isinstance(leaf, jax.core.Tracer) or not np.ndim(leaf))

    return all(map(may_go_in, jax.tree.leaves(args)))


def _fits(jaxpr: Any, *, outer: bool = True) -> bool:
    return all(_known(equation, outer) and _parts_fit(equation, outer) for equation in jaxpr.eqns)


def _known(equation: Any, outer: bool) -> bool:
    name = equation.primitive.name
    # A loop within the loop may be so small that XLA makes a function of it, and then aborts.
    loop = outer and name in _LOOPS
    return loop or name in _KNOWN or (name == "dot_general" and _of_vector(equation))


def _of_vector(equation: Any) -> bool:
    """Whether a product is one of a vector: of two matrices, XLA leaves it to a library."""
    summed, batch = equation.params["dimension_numbers"]
    factors = zip(equation.invars, summed, batch, strict=True)
    free = [x.aval.ndim - len(axes) - len(each) for x, axes, each in factors]
    return 0 in free


def _parts_fit(equation: Any, outer: bool) -> bool:
    outer = outer and equation.primitive.name not in _LOOPS
    parts = jax.tree.leaves(list(equation.params.values()))
    bodies = (part.jaxpr if isinstance(part, ClosedJaxpr) else part for part in parts)
    return all(_fits(body, outer=outer) for body in bodies if isinstance(body, Jaxpr))


def jit_wide(function: Callable[P, T], static_argnames: Sequence[str] = ()) -> Callable[P, T]:
    """Return ``function`` compiled; for a CPU with its widest vectors, which XLA leaves unused.

    Args:
        function: From arrays to arrays.
        static_argnames: See :func:`jax.jit`.
    """

    @cache
    def program(backend: str) -> Any:
        options = _options() if backend == "cpu" else None
        return jax.jit(function, static_argnames=static_argnames, compiler_options=options)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        result: T = program(jax.default_backend())(*args, **kwargs)
        return result

    return call


@cache
def _options() -> dict[str, str | int]:
    """Return the options that this version of XLA knows: they come and go."""
    return {name: value for name, value in _FOR_A_CPU.items() if _is_known(name, value)}


def _is_known(name: str, value: str | int) -> bool:
    try:
        jax.jit(lambda x: x, compiler_options={name: value}).lower(0.0).compile()
    except jax.errors.JaxRuntimeError:
        return False
    return True
