"""The associative net of Willshaw."""

from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from canns._placement import host
from canns._validation import check_size
from canns.dynamics import Clamped, KWinners, Paired, Willshaw
from canns.errors import ValidationError
from canns.models.boxes import FastState, zero_weights
from canns.models.brain_inspired.binary import check_binary
from canns.models.brain_inspired.lookup import all_or_nothing
from canns.models.brain_inspired.pairs import Pairs, check_total, join_pairs
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.models.brain_inspired.resize import resized
from canns.plasticity import Clipped, Hebbian, Setup, learn
from canns.typing import AnyArray, Rows

__all__ = ["WillshawNetwork"]


class WillshawNetwork(RecurrentNetwork):
    r"""The associative memory with binary synapses, for sparse patterns of 0 and 1.

    .. math::
        W_{ij} = \max_\mu y_i^\mu x_j^\mu, \qquad
        y_i \leftarrow [\, \textstyle\sum_j W_{ij} x_j \ge \sum_j x_j \,]

    A synapse is on if both of its neurons are active in at least one pattern. A neuron fires if all
    active neurons of the cue reach it. So a part of a stored pattern recalls the whole pattern, and
    perhaps more neurons. A cue with neurons outside the pattern needs ``winners`` instead.

    After P patterns with k of n neurons active a share
    :math:`p_1 = 1 - (1 - k^2/n^2)^P` of the synapses is on; at one half, P = ln 2 (n/k)^2 are
    stored. Energies: see :class:`~canns.dynamics.Willshaw` and :class:`~canns.dynamics.KWinners`;
    they never rise.

    Args:
        num_neurons: The number of neurons N.
        num_outputs: M, the number of neurons in a second layer, which the N neurons recall; None
            for a network that recalls its own patterns. With a second layer the state ``s`` holds
            both layers, the N inputs first: :meth:`join` makes such states, :meth:`split` splits
            them.
        winners: K: the K neurons with the largest sums fire; None for all neurons that the whole
            cue reaches.
        name: Name of the model.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> net = WillshawNetwork(4)
        >>> net.store([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
        >>> net.predict([1.0, 0.0, 0.0, 0.0]).tolist(), net.fill
        ([1.0, 1.0, 0.0, 0.0], 0.5)
        >>> pairs = WillshawNetwork(3, num_outputs=2)
        >>> pairs.store(inputs=[[1.0, 1.0, 0.0]], outputs=[[0.0, 1.0]])
        >>> pairs.split(pairs.recall(pairs.join([[1.0, 0.0, 0.0]])).states).outputs.tolist()
        [[0.0, 1.0]]

    Source: Willshaw, Buneman & Longuet-Higgins (1969), Nature 222:960.
    """

    stores_by_hebb: ClassVar[bool] = False
    couples: ClassVar[bool] = False  # synapses are on or off, and only its own rule makes such

    def __init__(
        self,
        num_neurons: int,
        num_outputs: int | None = None,
        *,
        winners: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.num_neurons = check_size("num_neurons", num_neurons)
        self.num_outputs = None if num_outputs is None else check_size("num_outputs", num_outputs)
        self.winners = winners
        size = num_neurons + (num_outputs or 0)
        self.W = zero_weights(num_outputs or num_neurons, num_neurons)
        self.s = FastState(jnp.zeros(size))
        self.valid_dynamics()

    @property
    def dynamics(self) -> Willshaw | KWinners:
        """The pure dynamics with the network's present hyperparameters."""
        if self.winners is None:
            return Willshaw()
        return KWinners(check_size("winners", self.winners, high=self.W.value.shape[0]))

    def _stored(self) -> str:
        return f"{self.fill:.3g} of the synapses are on"

    @property
    def fill(self) -> float:
        """The share of synapses that are on."""
        return float(np.mean(host(self.W.value), dtype=np.float64))

    def join(self, inputs: Rows) -> AnyArray:
        """Return states of two layers: ``inputs``, (B, N), and zeros for the outputs."""
        outputs = self._outputs()
        rows = check_binary("inputs", inputs, self.num_neurons)
        return join_pairs(rows, np.zeros((len(rows), outputs), rows.dtype))

    def split(self, states: Rows) -> Pairs:
        """Return both layers of ``states``, (B, N + M)."""
        size = self.num_neurons
        rows = check_binary("states", states, size + self._outputs())
        return Pairs(rows[:, :size], rows[:, size:])

    def store(self, inputs: Rows, outputs: Rows | None = None) -> None:
        """Switch on every synapse between neurons that are active in one pattern, or in one pair.

        Args:
            inputs: Patterns of 0 and 1, (P, N).
            outputs: The pattern of the second layer for each, (P, M), if the network has one.

        Raises:
            ValidationError: If the patterns do not fit each other or the network.
        """
        remedy = f"The network has {self.num_neurons} neurons."
        rows = check_binary("inputs", inputs, self.num_neurons, remedy=remedy)
        if (outputs is None) != (self.num_outputs is None):
            expected = "None for a network without num_outputs, and else given"
            raise ValidationError("outputs", expected, "None" if outputs is None else "patterns")
        neuron: Clamped | Paired = Clamped()
        if self.num_outputs is not None:
            neuron = Paired()
            rows = join_pairs(rows, check_binary("outputs", outputs, self.num_outputs))
        self.W.value = learn(Setup(Hebbian(), neuron, Clipped()), self.W.value, rows).weights

    def apply_hebbian_learning(self, train_data: Rows) -> None:
        """Store patterns, as :meth:`store` does.

        Args:
            train_data: One pattern per row, (P, N); with a second layer one pair of input and
                output per row, (P, N + M).
        """
        width = self.s.value.shape[0]
        rows = check_binary("train_data", train_data, width, remedy=f"A state has {width} neurons.")
        if self.num_outputs is None:
            self.store(rows)
        else:
            self.store(*self.split(rows))

    @all_or_nothing
    def resize(self, num_neurons: int, preserve_submatrix: bool = True) -> None:
        """Change the number of neurons of a network of one layer; new ones are silent.

        Args:
            num_neurons: The new N.
            preserve_submatrix: Keep the synapses among the neurons that stay (the top left
                block); else switch all off.

        Raises:
            ValidationError: If the network has two layers, with another number of neurons in all.
        """
        size = check_size("num_neurons", num_neurons)
        if self.num_outputs is not None:
            check_total(size, self.num_neurons, self.num_outputs)
            return
        self.W.value, self.s.value = resized(
            self.W.value,
            self.s.value,
            size,
            preserve=preserve_submatrix,
            rest=0.0,
        )
        self.num_neurons = size

    def _outputs(self) -> int:
        if self.num_outputs is None:
            remedy = "The states of a network of one layer are its patterns."
            raise ValidationError("num_outputs", "given to have two layers", "None", remedy)
        return self.num_outputs
