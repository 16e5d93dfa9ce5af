"""The dense associative memory."""

from typing import ClassVar, Literal

from canns._names import Alias, renamed
from canns._validation import check_choice, check_size
from canns.dynamics import (
    ONLY_SIGNS,
    DenseExponential,
    DensePolynomial,
    TieRule,
    UpdateOrder,
)
from canns.errors import ValidationError
from canns.models.brain_inspired.pattern_memory import PatternMemory
from canns.typing import AnyArray

__all__ = ["DenseAssociativeMemory"]

Interaction = Literal["polynomial", "exponential"]
_INTERACTIONS: tuple[Interaction, ...] = ("polynomial", "exponential")


class DenseAssociativeMemory(PatternMemory):
    r"""The dense associative memory: +-1 neurons with an energy that is steep in the overlaps.

    .. math::
        E(s) = -\sum_\mu F(\xi^\mu \cdot s), \qquad
        s_i \leftarrow \mathrm{sgn} \sum_\mu \Bigl[
        F\Bigl(\sum_{j \ne i} \xi^\mu_j s_j + \xi^\mu_i\Bigr) -
        F\Bigl(\sum_{j \ne i} \xi^\mu_j s_j - \xi^\mu_i\Bigr)\Bigr]

    with F(x) = x^n or e^x. With K random patterns stored, a neuron of one of them is wrong after
    an update with probability
    :math:`\frac12 \mathrm{erfc} \sqrt{N^{n-1} / (2 (2n-3)!!\, K)}`, so about
    :math:`N^{n-1}` can be stored, and :math:`2^{N/2}` with the exponential. For the units of the
    energy see :class:`~canns.dynamics.DensePolynomial` (about -N at a recalled pattern) and
    :class:`~canns.dynamics.DenseExponential` (a logarithm). Asynchronous updates never raise it;
    synchronous ones may end in a 2-cycle, which :meth:`recall` reports.

    Patterns and states are of +-1; a cue has 0 for unknown neurons.

    Args:
        num_neurons: The number of neurons N.
        order: n, from 2 (the Amari-Hopfield network) to 16; None for 3, or for the exponential,
            which has no order.
        interaction: "polynomial" or "exponential".
        asynchronous: Update neuron by neuron instead of all at once.
        tie: What a neuron does if both its values have the same energy, up to rounding: "keep" its
            state, "plus", "minus".
        update_order: Order of asynchronous updates: "random", drawn anew for each sweep, or
            "cyclic", first to last.
        name: Name of the model.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> net = DenseAssociativeMemory(5)
        >>> net.store([[1.0, -1.0, 1.0, -1.0, 1.0], [1.0, 1.0, -1.0, -1.0, -1.0]])
        >>> net.predict([-1.0, -1.0, 1.0, -1.0, 1.0]).tolist()
        [1.0, -1.0, 1.0, -1.0, 1.0]
        >>> round(float(net.energy), 2)
        -4.96

    Source: Krotov & Hopfield (2016), Adv. Neural Inf. Process. Syst. 29:1172; Demircigil, Heusel,
    Löwe, Upgang & Vermet (2017), J. Stat. Phys. 168:288 (exponential).
    """

    rest: ClassVar[float] = 1.0
    asyn: Alias[bool] = Alias("asynchronous")

    @renamed(asyn="asynchronous")
    def __init__(
        self,
        num_neurons: int,
        order: int | None = None,
        *,
        interaction: Interaction = "polynomial",
        asynchronous: bool = False,
        tie: TieRule = "keep",
        update_order: UpdateOrder = "random",
        name: str | None = None,
    ) -> None:
        super().__init__(num_neurons, name=name)
        self.interaction = interaction
        self.order = 3 if order is None and interaction == "polynomial" else order
        self.asynchronous = asynchronous
        self.tie = tie
        self.update_order = update_order
        self.dynamics.validate()

    @property
    def dynamics(self) -> DensePolynomial | DenseExponential:
        """The pure dynamics with the network's present hyperparameters."""
        interaction = check_choice("interaction", self.interaction, _INTERACTIONS)
        if interaction == "exponential":
            if self.order is not None:
                raise ValidationError("order", "None for the exponential", repr(self.order))
            return DenseExponential(self.asynchronous, self.tie, self.update_order)
        order = check_size("order", self.order, low=2)
        return DensePolynomial(self.asynchronous, self.tie, self.update_order, order)

    def _check_patterns(self, name: str, rows: AnyArray) -> AnyArray:
        return ONLY_SIGNS.check(name, rows)
