"""The Potts network."""

from typing import ClassVar

import numpy as np

from canns._names import Alias, renamed
from canns._validation import check_flag
from canns._warnings import warn
from canns.dynamics import Potts, UpdateOrder
from canns.models.brain_inspired.pattern_memory import PatternMemory
from canns.typing import AnyArray, Row

__all__ = ["PottsNetwork"]


class PottsNetwork(PatternMemory):
    r"""The associative memory of neurons with Q states that have no order, such as colours.

    .. math::
        J_{ij}^{kl} = \frac{1}{Q^2 N} \sum_\mu u_{\xi_i^\mu, k}\, u_{\xi_j^\mu, l} \quad (i \ne j),
        \qquad u_{k,l} = Q \delta_{kl} - 1, \qquad
        E = -\tfrac12 \sum_{i \ne j} \sum_{k,l} J_{ij}^{kl}\, u_{s_i,k}\, u_{s_j,l}

    A neuron takes the state of the largest field; it keeps its state if that is among the largest.
    Asynchronous updates never raise the energy. Two states make it the Hopfield network
    of +-1 neurons.

    ``W`` holds the patterns, (P, N), not J, which would be :math:`(N Q)^2` numbers with no more
    information. Up to NQ/2 patterns, a field is also faster to compute from the patterns.

    States are whole numbers from 0 to Q - 1, and -1 for unknown. An unknown entry adds nothing, in
    a pattern and in a cue, and a neuron leaves it at its first update.

    Args:
        num_neurons: The number of neurons N.
        num_states: Q, at least 2.
        asynchronous: Update neuron by neuron instead of all at once.
        update_order: Order of asynchronous updates: "random", drawn anew for each sweep, or
            "cyclic", first to last.
        name: Name of the model.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> net = PottsNetwork(5, 3)
        >>> net.store([[0, 1, 2, 2, 1]])
        >>> net.predict([0, 1, 2, 0, -1]).tolist()
        [0.0, 1.0, 2.0, 2.0, 1.0]

    Source: Kanter (1988), Phys. Rev. A 37:2739.
    """

    rest: ClassVar[float] = -1.0
    asyn: Alias[bool] = Alias("asynchronous")
    order: Alias[UpdateOrder] = Alias("update_order")

    @renamed(asyn="asynchronous", order="update_order")
    def __init__(
        self,
        num_neurons: int,
        num_states: int,
        asynchronous: bool = False,
        *,
        update_order: UpdateOrder = "random",
        name: str | None = None,
    ) -> None:
        super().__init__(num_neurons, name=name)
        self.num_states = num_states
        self.asynchronous = check_flag("asynchronous", asynchronous)
        self.update_order = update_order
        self.dynamics.validate()

    @property
    def dynamics(self) -> Potts:
        """The pure dynamics with the network's present hyperparameters."""
        return Potts(
            self.num_states, asynchronous=self.asynchronous, update_order=self.update_order
        )

    def _check_patterns(self, name: str, rows: AnyArray) -> AnyArray:
        """Return ``rows``; warn if they look like patterns of a network of -1 and 1."""
        rows = super()._check_patterns(name, rows)
        if np.array_equal(np.unique(rows), [-1, 1]):
            warn(
                "The patterns are of -1 and 1 alone, and -1 is an unknown state in PottsNetwork.",
                "Map a -1/1 code with (x + 1) / 2.",
            )
        return rows

    def compute_overlap(self, pattern: Row, state: Row) -> float:
        r"""Return the overlap of ``state`` with ``pattern``.

        .. math:: m = \frac{1}{N (Q - 1)} \sum_i u_{\xi_i, s_i}

        The overlap is 1 for the pattern itself and 0 on average for a random state.

        Args:
            pattern: Xi, (N,).
            state: S, (N,).
        """
        xi, s = self.check_states("pattern", [pattern]), self.check_states("state", [state])
        known = (xi >= 0) & (s >= 0)
        agreement = (self.num_states * (xi == s) - 1)[known].sum()
        return float(agreement) / (self.num_neurons * (self.num_states - 1))
