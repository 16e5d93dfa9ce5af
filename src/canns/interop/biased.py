"""Neurons with a constant input each, as the bias of an affine map."""

import jax.numpy as jnp
import numpy as np

from canns._validation import check_vector, is_traced
from canns.dynamics import Activity, Neuron, Stack
from canns.dynamics.neurons import Wrapper
from canns.errors import ValidationError
from canns.typing import Array, ArrayLike, PyTree, pytree

__all__ = ["Biased"]


@pytree
class Biased(Wrapper):
    r"""A neuron with a constant input: in every step it receives :math:`W x + b` in place of W x.

    The bias is a hyperparameter, which learning rules neither see nor change. The neuron's weights
    must be one matrix, (out, in).

    Args:
        neuron: The neuron, such as a LIF.
        bias: b, one number for all neurons or one for each, (out,).

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Linear
        >>> neuron, weights = Biased(Linear(), bias=[0.5]), jnp.array([[2.0]])
        >>> _, activity = neuron.step(neuron.init(weights), weights, jnp.array([1.0]))
        >>> float(activity.post[0])
        2.5
    """

    neuron: Neuron
    bias: ArrayLike = 0.0

    @property
    def provides(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the neuron
        """The fields that the neuron provides."""
        return self.neuron.provides

    def validate(self) -> None:
        """Check the neuron, and that the bias is finite."""
        if not isinstance(self.neuron, Neuron) or isinstance(self.neuron, Stack):
            raise ValidationError("neuron", "a neuron of one layer", type(self.neuron).__name__)
        if self.neuron.Parts is not None:
            got = f"{type(self.neuron).__name__}, whose weights are in parts"
            raise ValidationError("neuron", "one whose weights are one matrix", got)
        super().validate()
        if not is_traced(self.bias):
            check_vector("bias", np.atleast_1d(np.asarray(self.bias)))

    def check_weights(self, weights: PyTree) -> None:
        """Raise if the neuron does not take these weights, or there are not so many biases."""
        super().check_weights(weights)
        if np.shape(self.bias) not in ((), (1,), (len(weights),)):
            expected = f"one number, or {len(weights)}, one for each neuron"
            raise ValidationError("bias", expected, f"shape {np.shape(self.bias)}")

    def draw(self, key: Array, input_size: int, output_size: int) -> PyTree:
        """Return the neuron's initial weights, if there is one bias for each neuron."""
        weights = super().draw(key, input_size, output_size)
        self.check_weights(weights)
        return weights

    def init(self, weights: Array) -> PyTree:
        """Return the neuron's state at rest, with one more input."""
        return self.neuron.init(self._joined(weights))

    def step(self, state: PyTree, weights: Array, x: Array) -> tuple[PyTree, Activity]:
        """Advance the neuron with one more input, which is always 1 and has the weights b."""
        after, activity = self.neuron.step(
            state, self._joined(weights), jnp.append(x, jnp.ones(1, x.dtype))
        )
        traces = None if activity.trace_pre is None else activity.trace_pre[:-1]
        return after, activity._replace(pre=activity.pre[:-1], trace_pre=traces)

    def _joined(self, weights: Array) -> Array:
        column = jnp.broadcast_to(jnp.asarray(self.bias, weights.dtype), weights.shape[:1])
        return jnp.concatenate([weights, column[:, None]], axis=1)
