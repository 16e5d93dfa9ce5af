"""The network that stores and replays sequences."""

from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from canns._names import renamed
from canns._validation import check_flag, check_matrix, check_size, check_vector
from canns.dynamics import Replay, Successive, TieRule, check_signs
from canns.errors import ValidationError
from canns.models.boxes import FastState, zero_weights
from canns.models.brain_inspired.lookup import all_or_nothing
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.models.brain_inspired.resize import resized
from canns.plasticity import Hebbian, Setup, learn
from canns.typing import AnyArray, Array, Row, Rows

__all__ = ["SequenceNetwork"]


class SequenceNetwork(RecurrentNetwork):
    r"""The associative memory of sequences of +-1 patterns.

    .. math:: W = \frac1N \sum_\mu \xi^{\mu+1} (\xi^\mu)^T, \qquad s(t+1) = \mathrm{sign}(W s(t))

    All neurons are updated at once, and each update takes the state from near one pattern to the
    next. A sequence ends in noise, unless it is cyclic or its last pattern is given twice. The
    network holds up to 0.269 N transitions between random patterns.

    ``energy`` is :math:`-\tfrac12 s^T W s`, which may rise; see :class:`~canns.dynamics.Replay`.

    Args:
        num_neurons: The number of neurons N.
        stochastic: Heat-bath (Glauber) neurons, P(s = 1) = 1/(1 + exp(-2h/T)).
        temperature: T > 0, the noise of the stochastic mode, in the unit of the fields. A field at
            a pattern is about 1, so above T = 1 even a single sequence is not replayed.
        tie: What a neuron does if its field is zero: "keep" its state, "plus", "minus".
        name: Name of the model.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> from scipy.linalg import hadamard
        >>> net, patterns = SequenceNetwork(8), hadamard(8)[1:4]
        >>> net.store(patterns, cyclic=True)
        >>> np.sign(patterns @ net.replay(patterns[0], 4).T).T.tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]

    Source: Amari (1972), IEEE Trans. Comput. C-21:1197; Sompolinsky & Kanter (1986), Phys. Rev.
    Lett. 57:2861; During, Coolen & Sherrington (1998), J. Phys. A 31:8607.
    """

    stores_by_hebb: ClassVar[bool] = False

    def __init__(
        self,
        num_neurons: int,
        *,
        stochastic: bool = False,
        temperature: float = 1.0,
        tie: TieRule = "keep",
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.num_neurons = check_size("num_neurons", num_neurons)
        self.stochastic = check_flag("stochastic", stochastic)
        self.temperature = temperature
        self.tie = tie
        self.valid_dynamics()
        self.W = zero_weights(num_neurons, num_neurons)
        self.s = FastState(jnp.ones(num_neurons))

    @property
    def dynamics(self) -> Replay:
        """The pure dynamics with the network's present hyperparameters."""
        return Replay(temperature=self.temperature, stochastic=self.stochastic, tie=self.tie)

    def store(self, sequence: Rows, *, cyclic: bool = False) -> None:
        """Store another sequence.

        Args:
            sequence: At least two patterns of +-1, one per row, (P, N), in order.
            cyclic: Let the first pattern follow the last.

        Raises:
            ValidationError: If there is only one pattern, or patterns have another length.
        """
        remedy = f"The network has {self.num_neurons} neurons; resize it to store others."
        rows = check_matrix("sequence", sequence, self.num_neurons, remedy=remedy)
        check_signs("sequence", rows)
        if len(rows) < 2:
            raise ValidationError("sequence", "of two patterns or more", "one pattern")
        if check_flag("cyclic", cyclic):
            rows = np.concatenate([rows, rows[:1]])
        rule = Hebbian(1 / self.num_neurons)
        self.W.value = learn(Setup(rule, Successive()), self.W.value, rows).weights

    def apply_hebbian_learning(self, train_data: Rows) -> None:
        """Store the rows of ``train_data``, (P, N), as one sequence that is not cyclic."""
        remedy = f"The network has {self.num_neurons} neurons; resize it to store others."
        self.store(check_matrix("train_data", train_data, self.num_neurons, remedy=remedy))

    @renamed(key="seed")
    def replay(self, cue: Row, num_steps: int, *, seed: int | Array | None = None) -> AnyArray:
        """Return the states that follow ``cue``; the model stays as it is.

        Args:
            cue: The first state, (N,).
            num_steps: The number of updates T.
            seed: Seed of the noise, as in :meth:`recall`.

        Returns:
            The cue and the state after each update, (T + 1, N).
        """
        remedy = f"The network has {self.num_neurons} neurons."
        first = check_vector("cue", cue, self.num_neurons, remedy=remedy)
        steps = check_size("num_steps", num_steps)
        return self.trajectory(first[None], num_iter=steps, seed=seed)[:, 0]

    @all_or_nothing
    def resize(self, num_neurons: int, preserve_submatrix: bool = True) -> None:
        """Change the number of neurons; the state of new neurons is +1.

        Args:
            num_neurons: The new N.
            preserve_submatrix: Keep the weights among the neurons that stay (the top left
                block), scaled from 1/N to the new one; else start from zero weights.
        """
        size = check_size("num_neurons", num_neurons)
        self.W.value, self.s.value = resized(
            self.W.value,
            self.s.value,
            size,
            preserve=preserve_submatrix,
            rest=1.0,
            scale=self.num_neurons / size,
        )
        self.num_neurons = size
