"""The network of predictive coding, which learns from input to target."""

from collections.abc import Sequence

import jax

from canns._validation import check_real
from canns.energy import PredictiveHierarchy
from canns.models.brain_inspired.layered_model import LayeredModel
from canns.typing import Array, Rows

__all__ = ["PredictiveCodingNetwork"]

_start = jax.jit(PredictiveHierarchy.start)


class PredictiveCodingNetwork(LayeredModel):
    r"""Layers of values, each of which predicts the layer above it; errors are the energy.

    .. math:: E = \sum_{l=1}^{L-1} \frac{|x_l - f(W_l x_{l-1} + b_l)|^2}{2 v}
        + \tfrac12 |x_L - W_L x_{L-1} - b_L|^2

    With a free output all errors vanish: it then computes what a feed-forward network does. With a
    clamped output the hidden values move until the errors balance.
    :class:`~canns.trainer.PredictiveCodingTrainer` trains it.

    Args:
        sizes: Number of units of each layer, input first, output last.
        activation: f, one of "tanh", "sigmoid", "relu", "linear". The output is always linear.
        variance: Variance v of the hidden layers' errors, if that of the output is 1. Learning goes
            to backpropagation as it goes to zero.
        num_steps: Steps of a relaxation.
        step_size: Size of a step, in time constants of a unit, at most 1.
        seed: Seed of the first weights, an int or a JAX key; None draws one from
            ``brainstate.random``. They are uniform, of variance 2/(below + above); biases are 0.
        name: Name of the model.

    Attributes:
        W1: Weights to the first layer from the input, (above, below); ``W2`` and so on further up.
        b1: Biases of the first layer; ``b2`` and so on further up.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> network = PredictiveCodingNetwork((1, 1, 1), "linear", variance=1.0, seed=0)
        >>> network.W1, network.W2 = [[1.0]], [[1.0]]
        >>> free = network.relax([[0.0]])
        >>> clamped = network.relax([[0.0]], [[1.0]])
        >>> clamped.state.layers[1].round(3).tolist()  # the hidden value shares the error
        [[0.5]]
        >>> [network.energies(each.state).round(3).tolist() for each in (free, clamped)]
        [[0.0], [0.25]]

    Source: Rao & Ballard (1999), Nat. Neurosci. 2:79; Whittington & Bogacz (2017), Neural Comput.
    29:1229.
    """

    _own_trainers = "PredictiveCodingTrainer"

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "tanh",
        variance: float = 0.1,
        num_steps: int = 20,
        step_size: float = 0.5,
        *,
        seed: int | Array | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self._set(sizes, num_steps, step_size)
        self.activation = activation
        self.variance = check_real("variance", variance, low=0, open_low=True)
        self._draw(seed)

    @property
    def network(self) -> PredictiveHierarchy:
        """The pure network."""
        sizes = tuple(self.sizes)
        return PredictiveHierarchy(
            sizes, self.num_steps, self.step_size, self.variance, self.activation
        )

    def forward(self, x: Rows) -> Array:
        """Return the output for each input, (B, out), by one pass upwards.

        Args:
            x: Inputs, (B, in).
        """
        network, weights = self._checked()
        rows = self._rows("x", x, network.num_inputs)
        output: Array = _start(network, weights, rows).layers[-1]
        return output
