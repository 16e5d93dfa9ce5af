"""The bidirectional associative memory."""

from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from canns._validation import check_matrix, check_size
from canns.dynamics import SIGNS, Bidirectional, Paired, check_signs
from canns.errors import ValidationError
from canns.models.boxes import FastState, zero_weights
from canns.models.brain_inspired.pairs import Pairs, check_total, join_pairs
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.plasticity import Hebbian, Setup, learn
from canns.typing import AnyArray, Rows

__all__ = ["BidirectionalAssociativeMemory"]


class BidirectionalAssociativeMemory(RecurrentNetwork):
    r"""The associative memory of pairs of +-1 patterns: each pattern recalls the other.

    .. math::
        W = \frac{1}{\sqrt{N M}} \sum_\mu y^\mu (x^\mu)^T, \qquad
        y \leftarrow \mathrm{sign}(W x), \qquad x \leftarrow \mathrm{sign}(W^T y)

    The energy :math:`E = -y^T W x` never rises, and every recall comes to rest. The state ``s``
    holds both layers, the N inputs x first. :meth:`join` makes states, with zeros for a layer that
    is not known. :meth:`split` splits states into layers.

    Args:
        num_inputs: N, the neurons of the first layer.
        num_outputs: M, the neurons of the second layer.
        name: Name of the model.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> x, y = [[1.0, -1.0, 1.0, -1.0]], [[-1.0, 1.0]]
        >>> memory = BidirectionalAssociativeMemory(4, 2)
        >>> memory.store(x, y)
        >>> memory.split(memory.recall(memory.join(inputs=x)).states).outputs.tolist()
        [[-1.0, 1.0]]
        >>> memory.split(memory.recall(memory.join(outputs=y)).states).inputs.tolist()
        [[1.0, -1.0, 1.0, -1.0]]

    Source: Kosko (1988), IEEE Trans. Syst. Man Cybern. 18:49.
    """

    stores_by_hebb: ClassVar[bool] = False
    couples: ClassVar[bool] = False

    def __init__(self, num_inputs: int, num_outputs: int, *, name: str | None = None) -> None:
        super().__init__(name=name)
        inputs = check_size("num_inputs", num_inputs)
        outputs = check_size("num_outputs", num_outputs)
        self.W = zero_weights(outputs, inputs)
        self.s = FastState(jnp.ones(inputs + outputs))

    @property
    def num_inputs(self) -> int:
        """N."""
        return int(self.W.value.shape[1])

    @property
    def num_outputs(self) -> int:
        """M."""
        return int(self.W.value.shape[0])

    @property
    def dynamics(self) -> Bidirectional:
        """The pure dynamics."""
        return Bidirectional()

    def join(self, inputs: Rows | None = None, outputs: Rows | None = None) -> AnyArray:
        """Return states of the network.

        Args:
            inputs: Patterns of the first layer, (B, N); None if unknown.
            outputs: Patterns of the second layer, (B, M); None if unknown.

        Returns:
            Both layers side by side, (B, N + M), with zeros for an unknown layer.

        Raises:
            ValidationError: If both are None, or they do not fit each other or the network.
        """
        if inputs is None and outputs is None:
            remedy = "Give inputs, outputs, or both."
            raise ValidationError("inputs", "given where outputs are not", "None", remedy)
        if inputs is None:
            rows = SIGNS.check("outputs", check_matrix("outputs", outputs, self.num_outputs))
            return join_pairs(np.zeros((len(rows), self.num_inputs), rows.dtype), rows)
        front = SIGNS.check("inputs", check_matrix("inputs", inputs, self.num_inputs))
        if outputs is None:
            return join_pairs(front, np.zeros((len(front), self.num_outputs), front.dtype))
        back = SIGNS.check("outputs", check_matrix("outputs", outputs, self.num_outputs))
        return join_pairs(front, back)

    def split(self, states: Rows) -> Pairs:
        """Return both layers of ``states``, (B, N + M)."""
        size = self.num_inputs
        rows = check_matrix("states", states, size + self.num_outputs)
        return Pairs(rows[:, :size], rows[:, size:])

    def store(self, inputs: Rows, outputs: Rows) -> None:
        """Store more pairs.

        Args:
            inputs: Patterns x, (P, N), of +-1.
            outputs: The pattern y for each x, (P, M), of +-1.

        Raises:
            ValidationError: If the patterns do not fit each other or the network.
        """
        front = check_signs("inputs", check_matrix("inputs", inputs, self.num_inputs))
        back = check_signs("outputs", check_matrix("outputs", outputs, self.num_outputs))
        rows = join_pairs(front, back)
        rate = (self.num_inputs * self.num_outputs) ** -0.5
        self.W.value = learn(Setup(Hebbian(rate), Paired()), self.W.value, rows).weights

    def apply_hebbian_learning(self, train_data: Rows) -> None:
        """Store pairs, as :meth:`store` does.

        Args:
            train_data: One pair of input and output per row, (P, N + M).
        """
        width = self.num_inputs + self.num_outputs
        rows = check_matrix("train_data", train_data, width, remedy="Give (x, y) in each row.")
        self.store(*self.split(rows))

    def resize(self, num_neurons: int, preserve_submatrix: bool = True) -> None:
        """Raise for any number but N + M, which would not say how many are inputs."""
        check_total(num_neurons, self.num_inputs, self.num_outputs)
