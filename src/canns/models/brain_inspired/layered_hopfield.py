"""The layered Hopfield network, which learns from input to target."""

from collections.abc import Sequence

from canns.energy import LayeredHopfield
from canns.models.brain_inspired.layered_model import LayeredModel
from canns.typing import Array

__all__ = ["LayeredHopfieldNetwork"]


class LayeredHopfieldNetwork(LayeredModel):
    r"""A continuous Hopfield network of layers, with the same weights upwards and downwards.

    .. math:: E = \sum_{l \ge 1} \Big( \tfrac12 |u_l|^2 - u_l^T W_l u_{l-1} - b_l^T u_l \Big),
        \qquad 0 \le u \le 1

    The input is clamped, and the other layers slide down the energy until each unit is
    :math:`\min(\max(a, 0), 1)` of what it receives from below and above.
    :class:`~canns.trainer.EquilibriumPropagationTrainer` and
    :class:`~canns.trainer.ContrastiveHebbianTrainer` train it.

    Args:
        sizes: Number of units of each layer, input first, output last.
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
        >>> network = LayeredHopfieldNetwork((2, 1, 1), num_steps=100, seed=0)
        >>> network.W1, network.W2 = [[0.5, 0.0]], [[0.5]]
        >>> print(network.forward([[1.0, 0.0]]).round(3))  # h = 0.5 + y/2 and y = h/2
        [[0.333]]

    Source: Hopfield (1984), PNAS 81:3088; Scellier & Bengio (2017), Front. Comput. Neurosci. 11:24.
    """

    _own_trainers = "EquilibriumPropagationTrainer or ContrastiveHebbianTrainer"

    def __init__(
        self,
        sizes: Sequence[int],
        num_steps: int = 30,
        step_size: float = 0.5,
        *,
        seed: int | Array | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self._set(sizes, num_steps, step_size)
        self._draw(seed)

    @property
    def network(self) -> LayeredHopfield:
        """The pure network."""
        return LayeredHopfield(tuple(self.sizes), self.num_steps, self.step_size)
