"""The Hopfield network of sparse patterns of 0 and 1."""

from typing import ClassVar

import jax.numpy as jnp

from canns._names import Alias, renamed
from canns._validation import check_choice, check_flag, check_real, check_size, check_vector
from canns.dynamics import ORDERS, Clamped, KWinners, McCullochPitts, UpdateOrder
from canns.errors import ValidationError
from canns.models.boxes import FastState, zero_weights
from canns.models.brain_inspired.binary import check_binary
from canns.models.brain_inspired.lookup import all_or_nothing
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.models.brain_inspired.resize import resized
from canns.plasticity import Covariance, Setup, ZeroDiagonal, learn
from canns.typing import Row, Rows

__all__ = ["SparseHopfieldNetwork"]


class SparseHopfieldNetwork(RecurrentNetwork):
    r"""The associative memory of patterns of 0 and 1 in which only a share f is 1.

    .. math::
        W = \frac{1}{N f (1 - f)} \sum_\mu (\xi^\mu - f)(\xi^\mu - f)^T, \quad W_{ii} = 0,
        \qquad s \leftarrow [\, W s > \theta \,]

    The network holds more patterns if they are sparser: with the best threshold 0.44 N patterns at
    f = 0.1 and 0.94 N at 0.05, in the limit 1/(2 f abs(ln f)) per neuron. A state of overlap m
    drives active neurons by m (1 - f) and others by -m f, so a threshold of 1/2 - f is in the
    middle, and a slightly higher one is best. Without a threshold the activity is held at f: the
    round(f N) neurons with the largest fields are active, and ties go to those that were active.

    With a threshold the energy is :math:`-\tfrac12 s^T W s + \theta \sum_i s_i`, which
    asynchronous updates never raise. With controlled activity the energy is the one of
    :class:`~canns.dynamics.KWinners`.

    Args:
        num_neurons: The number of neurons N.
        coding_level: f, in (0, 1).
        threshold: Theta; None holds the activity at f.
        asynchronous: Update neuron by neuron instead of all at once; needs a threshold.
        update_order: Order of asynchronous updates: "random", drawn anew for each sweep, or
            "cyclic", first to last.
        name: Name of the model.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> net = SparseHopfieldNetwork(8, 0.25)
        >>> net.apply_hebbian_learning(np.eye(8)[:2] + np.eye(8)[4:6])
        >>> net.predict([1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]).tolist()
        [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]

    Source: Tsodyks & Feigelman (1988), Europhys. Lett. 6:101; Amari (1989), Neural Netw. 2:451.
    """

    stores_by_hebb: ClassVar[bool] = False
    asyn: Alias[bool] = Alias("asynchronous")
    order: Alias[UpdateOrder] = Alias("update_order")

    @renamed(asyn="asynchronous", order="update_order")
    def __init__(
        self,
        num_neurons: int,
        coding_level: float,
        threshold: float | None = None,
        *,
        asynchronous: bool = False,
        update_order: UpdateOrder = "random",
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.num_neurons = check_size("num_neurons", num_neurons)
        self.coding_level = coding_level
        self.threshold = threshold
        self.asynchronous = check_flag("asynchronous", asynchronous)
        self.update_order = check_choice("update_order", update_order, ORDERS)
        self.W = zero_weights(num_neurons, num_neurons)
        self.s = FastState(jnp.zeros(num_neurons))
        self.valid_dynamics()

    @property
    def num_active(self) -> int:
        """The number of active neurons of a pattern, f N rounded, at least 1."""
        return max(1, round(self._level() * self.num_neurons))

    @property
    def dynamics(self) -> McCullochPitts | KWinners:
        """The pure dynamics with the network's present hyperparameters."""
        winners = self.num_active
        if self.threshold is not None:
            return McCullochPitts(
                self.threshold, asynchronous=self.asynchronous, update_order=self.update_order
            )
        if self.asynchronous:
            raise ValidationError(
                "asynchronous",
                "False where the activity is controlled",
                "True",
                "Which neurons win is decided for all at once; give a threshold.",
            )
        return KWinners(winners)

    def compute_overlap(self, pattern: Row, state: Row) -> float:
        r"""Return the overlap of ``state`` with ``pattern``.

        .. math:: m = \frac{1}{N f (1 - f)} \sum_i (\xi_i - f) s_i

        The overlap is 1 for the pattern itself, if f N of its neurons are active, and 0 on average
        for another state.

        Args:
            pattern: Xi, (N,), of 0 and 1.
            state: S, (N,).
        """
        remedy = f"The network has {self.num_neurons} neurons."
        xi = check_vector("pattern", pattern, self.num_neurons, remedy=remedy)
        check_binary("pattern", xi[None], self.num_neurons)
        s = check_vector("state", state, self.num_neurons, remedy=remedy)
        return float((xi - self.coding_level) @ s) * self._scale()

    def apply_hebbian_learning(self, train_data: Rows) -> None:
        """Store more patterns, by the covariance rule.

        Args:
            train_data: One pattern per row, (P, N), of 0 and 1.

        Raises:
            ValidationError: If they have other values or another length.
        """
        remedy = f"The network has {self.num_neurons} neurons; resize it to store others."
        patterns = check_binary("train_data", train_data, self.num_neurons, remedy=remedy)
        rule = Covariance(self._scale(), self.coding_level)
        self.W.value = learn(Setup(rule, Clamped(), ZeroDiagonal()), self.W.value, patterns).weights

    @all_or_nothing
    def resize(self, num_neurons: int, preserve_submatrix: bool = True) -> None:
        """Change the number of neurons; new ones are at 0.

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
            rest=0.0,
            scale=self.num_neurons / size,
        )
        self.num_neurons = size

    def _level(self) -> float:
        name = "coding_level"
        return check_real(name, self.coding_level, low=0, high=1, open_low=True, open_high=True)

    def _scale(self) -> float:
        f = self._level()
        return 1 / (self.num_neurons * f * (1 - f))
