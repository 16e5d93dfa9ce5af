"""Recurrent networks of neurons whose states are 0 and 1."""

from typing import ClassVar

import jax.numpy as jnp

from canns._validation import check_choice
from canns.dynamics.code import BITS, UNIT, Code
from canns.dynamics.networks.activation import ActivationName
from canns.dynamics.networks.hopfield import Hopfield
from canns.typing import Array, pytree

__all__ = ["McCullochPitts"]


@pytree
class McCullochPitts(Hopfield):
    r"""The network of :class:`Hopfield` with neurons of states 0 and 1.

    .. math:: s_i \leftarrow [\, h_i > 0 \,], \qquad h = W s - \theta, \qquad
        E(s) = -\tfrac12 s^T W s + \theta \sum_i s_i

    Stochastic: heat bath, :math:`P(s_i = 1) = 1/(1 + e^{-h_i/T})`. Under asynchronous updates with
    symmetric weights and no self-connection the energy never rises.

    Args:
        threshold: Theta, common to all neurons.
        temperature: T > 0: noise of the stochastic mode, gain of the sigmoid.
        activation: "sign": active if the drive is positive; "sigmoid": graded, between 0 and 1.
        asynchronous: Sweep neuron by neuron instead of all at once.
        stochastic: Heat-bath updates.
        tie: What a neuron does at zero drive: "keep" its state, or go to 1 ("plus") or 0 ("minus").
        update_order: Of an asynchronous sweep, "random" or "cyclic"; ``order=`` is an alias.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import update_once
        >>> state = jnp.array([1.0, 0.0, 1.0])
        >>> update_once(McCullochPitts(0.5), jnp.eye(3)[::-1], state, jax.random.key(0)).tolist()
        [1.0, 0.0, 1.0]

    Source: McCulloch & Pitts (1943), Bull. Math. Biophys. 5:115; Hopfield (1982), PNAS 79:2554.
    """

    graded: ClassVar[tuple[ActivationName, ...]] = ("sigmoid",)

    @property
    def code(self) -> Code:
        """0 and 1, or graded between them."""
        return UNIT if self.activation == "sigmoid" else BITS

    def validate(self) -> None:
        """Check as :class:`Hopfield` does, and that the activation is not tanh."""
        super().validate()
        check_choice("activation", self.activation, ("sign", "sigmoid"))

    def _respond(self, states: Array, field: Array, tolerance: Array, noise: Array) -> Array:
        if self.activation != "sign":
            return super()._respond(states, field, tolerance, noise)
        drive = field - self.threshold
        if self.stochastic:
            odds = self._before_jump(drive / self.temperature)
            return jnp.where(odds > noise, 1.0, 0.0).astype(states.dtype)
        drive = self._before_jump(drive)
        at_tie = states if self.tie == "keep" else (1.0 if self.tie == "plus" else 0.0)
        on = (drive > 0).astype(states.dtype)
        return jnp.where(jnp.abs(drive) <= tolerance, at_tie, on)
