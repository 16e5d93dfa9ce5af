"""A layer of neurons with a Lagrangian and a time constant."""

import jax.numpy as jnp

from canns._validation import check_array, check_real, check_size, is_traced
from canns.dynamics.lagrangians.lagrangian import Lagrangian
from canns.dynamics.lagrangians.neuron_by_neuron import Quadratic
from canns.errors import ValidationError
from canns.typing import ArrayLike, Parameters, pytree, static

__all__ = ["LagrangianLayer"]

_MOST = 10**8  # neurons, of which a few vectors fit in memory


@pytree
class LagrangianLayer(Parameters):
    r"""A layer of neurons with potentials x and activities :math:`g = dL/dx`.

    Args:
        name: What synapses and states call it; a Python identifier.
        size: Number of neurons; 0 for a layer of memories, which grows by what is stored.
        lagrangian: L, such as :class:`Quadratic` or :class:`LogSumExp`.
        tau: Time constant. None for the limit :math:`\tau \to 0`: the layer is instant, always at
            :math:`x = I + \sum W g`, and its potentials are no part of the states.
        current: I, a number or (size,).

    Example:
        >>> from canns.dynamics import LogSumExp
        >>> layer = LagrangianLayer("memories", 5, LogSumExp(beta=4.0), tau=None)
        >>> layer.is_instant
        True

    Source: Krotov (2021), arXiv:2107.06446.
    """

    name: str = static()
    size: int = static()
    lagrangian: Lagrangian = Quadratic()
    tau: float | None = 1.0
    current: ArrayLike = 0.0

    @property
    def is_instant(self) -> bool:
        """Whether the layer has no time constant."""
        return self.tau is None

    def validate(self) -> None:
        """Raise if a field is out of range, or the Lagrangian gives no finite activities."""
        if not isinstance(self.name, str) or not self.name.isidentifier():
            raise ValidationError("the name of a layer", "a Python identifier", repr(self.name))
        check_size(f"the size of the layer {self.name!r}", self.size, low=0, high=_MOST)
        if self.tau is not None:
            remedy = "Give None for the limit of tau = 0."
            try:
                check_real("tau", self.tau, low=0, open_low=True)
            except ValidationError as error:
                raise ValidationError("tau", "above 0, or None", repr(self.tau), remedy) from error
        given: object = self.lagrangian
        if not isinstance(given, Lagrangian):
            expected = f"a Lagrangian for the layer {self.name!r}, such as Quadratic()"
            raise ValidationError("lagrangian", expected, repr(given))
        self.lagrangian.check(self.name, self.size)
        if not is_traced(self.current):
            check_array("current", self.current)
        if jnp.shape(self.current) not in {(), (self.size,)}:
            expected = f"a number or of shape ({self.size},) for the layer {self.name!r}"
            raise ValidationError("current", expected, f"shape {jnp.shape(self.current)}")
