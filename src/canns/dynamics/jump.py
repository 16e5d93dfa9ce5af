"""A guard before step functions: it passes values through, and refuses to be differentiated."""

from functools import partial
from typing import NoReturn, TypeVar

import jax

from canns._explain import explained
from canns.errors import NotDifferentiableError
from canns.typing import PyTree

__all__ = ["before_jump", "before_spike"]

T = TypeVar("T")


@explained
def before_jump(values: T, what: str, instead: str) -> T:
    """Return ``values``; call this just before a step function is applied to them.

    The slope of a step is zero, so JAX would silently return gradients of zero. With this guard it
    raises instead, if ``values`` depend on the variable of the derivative.

    Args:
        values: Arrays, such as the field of a sign neuron.
        what: The name of the dynamics that jump.
        instead: What to do for a derivative, as a sentence.

    Raises:
        NotDifferentiableError: If JAX differentiates through it.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import before_jump
        >>> step = lambda h: jnp.sign(before_jump(h, "My neuron", "Take tanh."))
        >>> float(step(0.5))
        1.0
        >>> jax.grad(step)(0.5)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        canns.errors.NotDifferentiableError: My neuron jumps, ...
    """
    through: T = _through(values, what, instead)
    return through


def before_spike(values: T, neuron: object) -> T:
    """Return ``values``, which decide which neurons fire; their derivative is refused."""
    instead = "For a derivative take a graded neuron, such as AdaptiveSigmoid or SoftWinners."
    return before_jump(values, type(neuron).__name__, instead)


@partial(jax.custom_jvp, nondiff_argnums=(1, 2))
def _through(values: T, what: str, instead: str) -> T:
    return values


@_through.defjvp
def _refuse(what: str, instead: str, primals: PyTree, tangents: PyTree) -> NoReturn:
    raise NotDifferentiableError(what, instead)
