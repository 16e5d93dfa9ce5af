"""Faster programs on a CPU: a loop of short steps as one function, and the widest vectors."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from functools import cache, partial, wraps
from importlib.metadata import version
from typing import ParamSpec, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.custom_batching import custom_vmap
from jax.experimental.xla_metadata import set_xla_metadata
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn
from jax.tree_util import PyTreeDef

from canns import _forks
from canns.typing import Array, PyTree

__all__ = ["SWEPT", "barrier", "jit_wide", "on_one_cpu", "one_kernel"]

VARIABLE = "CANNS_ONE_KERNEL"

# The versions of jaxlib that tests/kernel_sweep.py has covered. The mark is an undocumented
# attribute, and XLA aborts the process if it is misused, so other versions get no marks.
SWEPT = ("0.8.1", "0.10.2", "0.12.0.1")
_VERSION = version("jaxlib")

P = ParamSpec("P")
T = TypeVar("T")


def barrier(values: T) -> T:
    """Return the values; XLA computes nothing that depends on one of them before it has all."""
    held: T = jax.lax.optimization_barrier(values)  # type: ignore[no-untyped-call]
    return held


# True while JAX traces a program that jit_wide itself compiles and calls.
_marking: ContextVar[bool] = ContextVar("marking", default=False)

# The primitives that XLA can compile into one function. A loop with any other is not marked.
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

# Vectors of 512 bits; a CPU with narrower ones uses its widest. Library calls cannot be part of one
# function, so libraries are left to convolutions, which the programs here do not have.
_FOR_A_CPU: dict[str, str | int] = {
    "xla_cpu_prefer_vector_width": 512,
    "xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_INDIVIDUAL_CONVOLUTION",
}


def one_kernel(function: Callable[..., T]) -> Callable[..., T]:
    """Return ``function``, which a CPU then runs as one function of machine code, if XLA can.

    On a CPU, XLA calls a function for each operation of a program. Such a call takes about 50 ns,
    longer than the arithmetic of a short step. This marks ``function`` if it consists of arithmetic
    and matrix-vector products, and XLA compiles a marked loop into a single function. That runs on
    one core, so use it for loops with too little work for several. XLA does the same to a loop over
    less than 1 kB by itself; such a loop must not be marked too.

    Only programs that :func:`jit_wide` itself calls are marked, and only on the versions of jaxlib
    in ``SWEPT``. Callers that differentiate, batch or compile ``function`` get it unmarked. The
    environment variable ``CANNS_ONE_KERNEL``, set to 0, turns all marks off.

    Args:
        function: Maps arrays to arrays; called while JAX traces.
    """

    @wraps(function)
    def call(*args: PyTree) -> T:
        if not (_marking.get() and _traced(args)):
            return function(*args)
        # Batching may replace an operation by another, so the batched function is examined too.
        kernel = custom_vmap(partial(_marked, function))

        @kernel.def_vmap
        def batched(size: int, which: PyTree, *args: PyTree) -> tuple[T, PyTree]:
            # By leaf: a pytree of hyperparameters would take axes, being integers, for values.
            leaves, structure = jax.tree.flatten(args)
            axes = [0 if is_batched else None for is_batched in jax.tree.leaves(which)]

            def of_leaves(*leaves: PyTree) -> T:
                return function(*jax.tree.unflatten(structure, leaves))

            after = one_kernel(jax.vmap(of_leaves, in_axes=axes, axis_size=size))(*leaves)
            return after, jax.tree.map(lambda _: True, after)

        result: T = kernel(*args)
        return result

    return call


def _marked(function: Callable[..., T], *args: PyTree) -> T:
    """Return ``function(*args)``, in a marked call if XLA can compile it into one function."""

    @jax.jit
    def inner(*args: PyTree) -> tuple[T, Array]:
        return function(*args), _touch(args)

    if not _fits(inner.trace(*args).jaxpr.jaxpr):
        return function(*args)
    marked = set_xla_metadata(  # type: ignore[no-untyped-call]
        inner(*args), xla_cpu_small_call="true", inlineable="false"
    )
    result: T = marked[0]
    return result


def _touch(args: PyTree) -> Array:
    """Return a number that depends on all arguments: XLA aborts if one is unused."""
    firsts = [jnp.ravel(leaf)[0].astype(jnp.float32) for leaf in jax.tree.leaves(args)]
    return jnp.stack(firsts).sum()


@cache
def on_one_cpu() -> bool:
    """Whether programs run on a single CPU device; JAX settles that at its first use."""
    return jax.default_backend() == "cpu" and len(jax.devices()) == 1


def _traced(args: PyTree) -> bool:
    # XLA aborts if an argument is a constant array of the surrounding program, or is unused. An
    # empty array is always unused.
    def may_go_in(leaf: PyTree) -> bool:
        return bool(np.size(leaf)) and (isinstance(leaf, jax.core.Tracer) or not np.ndim(leaf))

    return all(map(may_go_in, jax.tree.leaves(args)))


def _fits(jaxpr: Jaxpr, *, outer: bool = True) -> bool:
    return all(_known(equation, outer) and _parts_fit(equation, outer) for equation in jaxpr.eqns)


def _known(equation: JaxprEqn, outer: bool) -> bool:
    name = equation.primitive.name
    # XLA may compile a small loop within the loop into a function by itself, and then aborts.
    loop = outer and name in _LOOPS
    return loop or name in _KNOWN or (name == "dot_general" and _of_vector(equation))


def _of_vector(equation: JaxprEqn) -> bool:
    """Whether one factor is a vector. XLA leaves a product of two matrices to a library."""
    summed, batch = equation.params["dimension_numbers"]
    inputs: list[PyTree] = equation.invars
    factors = zip(inputs, summed, batch, strict=True)
    free = [x.aval.ndim - len(axes) - len(each) for x, axes, each in factors]
    return 0 in free


def _parts_fit(equation: JaxprEqn, outer: bool) -> bool:
    outer = outer and equation.primitive.name not in _LOOPS
    parts = jax.tree.leaves(list(equation.params.values()))
    bodies = (part.jaxpr if isinstance(part, ClosedJaxpr) else part for part in parts)
    return all(_fits(body, outer=outer) for body in bodies if isinstance(body, Jaxpr))


def jit_wide(function: Callable[P, T], static_argnames: Sequence[str] = ()) -> Callable[P, T]:
    """Return ``function`` compiled; on a CPU with its widest vectors, which are off by default.

    A loop that :func:`one_kernel` marks runs as one function. If XLA cannot compile the marked
    program, the unmarked one runs. Within a program that JAX traces, ``function`` is part of it.

    Args:
        function: Maps arrays to arrays.
        static_argnames: Keyword arguments that select code, as in :func:`jax.jit`.
    """
    static = frozenset(static_argnames)
    refused = set[PyTreeDef]()  # argument structures whose marked program failed

    # A program of the leaves, so that JAX need not take the arguments apart once more: in a short
    # call that took a third of the time.
    @cache
    def program(
        structure: PyTreeDef, fixed: tuple[tuple[str, object], ...], backend: str, marks: bool
    ) -> Callable[..., T]:
        def of_leaves(*leaves: PyTree) -> T:
            args, kwargs = jax.tree.unflatten(structure, leaves)
            kwargs.update(fixed)
            return function(*args, **kwargs)

        options = _options() if backend == "cpu" else None
        compiled: Callable[..., T] = jax.jit(_tracing(of_leaves, marks), compiler_options=options)
        return compiled

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        if _forks.forked:
            _forks.refuse_fork()
        fixed = tuple([(name, kwargs.pop(name)) for name in static & kwargs.keys()])
        leaves, structure = jax.tree.flatten((args, kwargs))
        # Before any attempt: of a marked program JAX could make a wrong derivative or batch.
        for leaf in leaves:
            if isinstance(leaf, jax.core.Tracer):
                return program(structure, fixed, "any", False)(*leaves)
        marks = _may_mark() and structure not in refused
        try:
            return program(structure, fixed, jax.default_backend(), marks)(*leaves)
        except Exception:
            return again(leaves, structure, fixed, marks)

    def again(
        leaves: list[PyTree],
        structure: PyTreeDef,
        fixed: tuple[tuple[str, object], ...],
        marked: bool,
    ) -> T:
        """Repeat a call that failed in a way that may succeed; if it fails too, raise its error.

        JAX takes no compiler options while it traces. So with concrete values inside a trace,
        compute outside of it, first with marks if there were any.
        """
        backend = jax.default_backend()
        with jax.ensure_compile_time_eval():
            if marked:
                with suppress(Exception):
                    return program(structure, fixed, backend, True)(*leaves)
                refused.add(structure)
            return program(structure, fixed, backend, False)(*leaves)

    return call


def _tracing(function: Callable[P, T], marks: bool) -> Callable[P, T]:
    @wraps(function)
    def traced(*args: P.args, **kwargs: P.kwargs) -> T:
        before = _marking.set(marks)
        try:
            return function(*args, **kwargs)
        finally:
            _marking.reset(before)

    return traced


def _may_mark() -> bool:
    listed = _VERSION in SWEPT and os.environ.get(VARIABLE) != "0"
    return listed and on_one_cpu() and bool(_options())  # options keep it from being inlined


@cache
def _options() -> dict[str, str | int]:
    """Return the options that this version of XLA knows; they differ between versions."""
    return {name: value for name, value in _FOR_A_CPU.items() if _is_known(name, value)}


def _is_known(name: str, value: str | int) -> bool:
    try:
        jax.jit(lambda x: x, compiler_options={name: value}).lower(0.0).compile()
    except jax.errors.JaxRuntimeError:
        return False
    return True
