"""Activation functions of the neurons of recurrent networks."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import jax
import jax.numpy as jnp

from canns._explain import explained
from canns.errors import ValidationError
from canns.typing import Array

__all__ = ["ACTIVATIONS", "Activation", "ActivationName", "activate"]

ActivationName = Literal["sign", "tanh", "sigmoid"]
Activation: TypeAlias = Callable[[Array], Array]  #: a function of fields, of any shape
ACTIVATIONS: tuple[ActivationName, ...] = ("sign", "tanh", "sigmoid")


@explained
def activate(activation: ActivationName, field: Array, temperature: float | Array) -> Array:
    """Return sign(h), tanh(h/T) or the logistic function of h/T.

    Args:
        activation: "sign", "tanh" or "sigmoid".
        field: Local field minus threshold, any shape.
        temperature: T > 0; the sign ignores it.

    Returns:
        The activity, of the field's shape. The sign of zero is zero, which
        :class:`Hopfield` resolves by its tie rule.

    Example:
        >>> import jax.numpy as jnp
        >>> activate("sigmoid", jnp.array([0.0]), 1.0).tolist()
        [0.5]
    """
    if activation == "sign":
        return jnp.sign(field)
    if activation == "tanh":
        return jnp.tanh(field / temperature)
    if activation == "sigmoid":
        return jax.nn.sigmoid(field / temperature)
    raise ValidationError("activation", f"one of {', '.join(ACTIVATIONS)}", repr(activation))
