"""The modern Hopfield network."""

import math
from typing import ClassVar

from canns.dynamics import ModernHopfield, Retrieval
from canns.models.brain_inspired.pattern_memory import PatternMemory

__all__ = ["ModernHopfieldNetwork"]


class ModernHopfieldNetwork(PatternMemory):
    r"""The modern Hopfield network: patterns X of real numbers, recalled by attention to them.

    .. math:: s \leftarrow X^T \mathrm{softmax}(\beta X s)

    or with sparsemax in place of softmax. One update is one step of attention, with the state as
    query and the patterns as keys and values. The fixed point depends on beta: it is the pattern
    whose :math:`\beta x \cdot s` is well above the others, or the mean of a group of similar
    patterns, or for small beta the mean of all. Softmax recalls a pattern up to an error that falls
    as :math:`e^{-\beta \Delta}`, with Delta the separation of the pattern, the least
    :math:`x^\mu \cdot (x^\mu - x^\nu)`. Sparsemax recalls it exactly, in one update, if
    :math:`\beta (x^\mu - x^\nu) \cdot s \ge 1` for all others. For the energy see
    :class:`~canns.dynamics.ModernHopfield`; no update raises it.

    A schedule of temperatures, :math:`1/\beta`, anneals a :meth:`recall`: from the mean of all
    patterns to one.

    Args:
        num_neurons: The number of neurons N.
        beta: Inverse temperature, > 0; None for :math:`1/\sqrt N`, the scale of attention, under
            which :math:`\beta x \cdot x` is about :math:`\sqrt N` for entries of size one.
        retrieval: "softmax" or "sparsemax".
        name: Name of the model.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> net = ModernHopfieldNetwork(3, beta=4.0)
        >>> net.store([[0.5, -1.0, 2.0], [1.0, 2.0, 0.0]])
        >>> net.predict([0.5, 0.0, 1.5]).round(3).tolist()
        [0.5, -1.0, 2.0]
        >>> net.remove([1.0, 2.0, 0.0])
        >>> net.patterns.tolist()
        [[0.5, -1.0, 2.0]]

    Source: Ramsauer et al. (2021), ICLR (softmax); Hu, Yang, Wu, Xu, Chen & Liu (2023), Adv.
    Neural Inf. Process. Syst. 36 (sparsemax).
    """

    rest: ClassVar[float] = 0.0

    def __init__(
        self,
        num_neurons: int,
        beta: float | None = None,
        *,
        retrieval: Retrieval = "softmax",
        name: str | None = None,
    ) -> None:
        super().__init__(num_neurons, name=name)
        self.beta = 1.0 / math.sqrt(num_neurons) if beta is None else beta
        self.retrieval = retrieval
        self.dynamics.validate()

    @property
    def dynamics(self) -> ModernHopfield:
        """The pure dynamics with the network's present hyperparameters."""
        return ModernHopfield(beta=self.beta, retrieval=self.retrieval)
