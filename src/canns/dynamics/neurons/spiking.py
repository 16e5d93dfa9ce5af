"""Neurons that fire when their potential reaches a threshold: integrate, fire, reset."""

from abc import abstractmethod
from typing import ClassVar

import jax.numpy as jnp

from canns._validation import is_traced
from canns.dynamics.jump import before_spike
from canns.dynamics.neuron import Activity, Neuron
from canns.dynamics.signal import PotentialKind, Signal
from canns.errors import ValidationError
from canns.typing import Array, PyTree

__all__ = ["Refractory", "Spiking", "decayed", "rise", "transfer"]


class Spiking(Neuron):
    """A neuron that integrates its input over a step, fires at a threshold, and is reset.

    Input arrives at the beginning of a step; the potential is compared with the threshold at its
    end. A spike thus comes up to a step late, and the interval to the next one is rounded up to
    whole steps, by dt/2 on average.
    """

    emits: ClassVar[Signal | None] = "spikes"
    provides: ClassVar[tuple[str, ...]] = ("potential",)

    @abstractmethod
    def integrate(self, state: PyTree, weights: PyTree, x: Array) -> PyTree:
        """Return the state at the end of the step, before any spike."""

    @abstractmethod
    def potential(self, state: PyTree) -> Array:
        """Return the membrane potential, (out,)."""

    @abstractmethod
    def excess(self, state: PyTree) -> Array:
        """Return how far each neuron is above its threshold, (out,); it fires at 0 or more."""

    @abstractmethod
    def reset(self, state: PyTree, fires: Array) -> PyTree:
        """Return the state after the spikes of the neurons in ``fires``, (out,)."""

    @abstractmethod
    def hyperpolarize(self, state: PyTree, silenced: Array, potential: float | Array) -> PyTree:
        """Return the state with the neurons in ``silenced``, (out,), set to ``potential``."""

    def step(self, state: PyTree, weights: PyTree, x: Array) -> tuple[PyTree, Activity]:
        """Integrate ``x``, (in,), fire, and reset."""
        state = self.integrate(state, weights, x)
        fires = before_spike(self.excess(state), self) >= 0
        potential = self.potential(state)
        return self.reset(state, fires), self.show(x, fires.astype(potential.dtype), potential)


class Refractory(Spiking):
    """A spiking neuron whose potential ``v`` is held for the refractory period after a spike.

    Its state has the fields ``v`` and ``refractory``, the number of refractory steps left.
    """

    potential_kind: ClassVar[PotentialKind | None] = "subthreshold"

    V_th: float
    V_reset: float
    t_ref: float
    dt: float

    def validate(self) -> None:
        """Check the intervals, and that V_reset is below the threshold."""
        super().validate()
        check_below("V_reset", self.V_reset, "V_th", self.V_th)

    def potential(self, state: PyTree) -> Array:
        """Return v."""
        v: Array = state.v
        return v

    def threshold(self, state: PyTree) -> float | Array:
        """Return the threshold, a number or (out,)."""
        return self.V_th

    def excess(self, state: PyTree) -> Array:
        """Return v minus the threshold, or -inf during the refractory period."""
        return jnp.where(state.refractory > 0, -jnp.inf, state.v - self.threshold(state))

    def reset(self, state: PyTree, fires: Array) -> PyTree:
        """Return the state with v at V_reset, at the beginning of the refractory period."""
        steps = jnp.round(jnp.asarray(self.t_ref / self.dt))
        return state._replace(
            v=jnp.where(fires, self.V_reset, state.v),
            refractory=jnp.where(fires, steps, jnp.maximum(state.refractory - 1, 0)).astype(
                state.v.dtype
            ),
        )

    def hyperpolarize(self, state: PyTree, silenced: Array, potential: float | Array) -> PyTree:
        """Return the state with v at ``potential``."""
        return state._replace(v=jnp.where(silenced, potential, state.v))


def check_below(name: str, value: float, bound: str, limit: float) -> None:
    """Raise if ``value`` is not below ``limit``; ``bound`` is the name of the limit."""
    if not is_traced(value, limit) and not value < limit:
        raise ValidationError(name, f"below {bound} = {limit:g}", f"{value:g}")


def decayed(dt: float | Array, tau: float | Array) -> Array:
    r"""Return :math:`e^{-dt/\tau}`, the factor by which a trace or current decays in a step.

    Example:
        >>> round(float(decayed(20.0, 20.0)), 4)
        0.3679
    """
    return jnp.exp(-dt / tau)


def rise(dt: float | Array, tau: float | Array) -> Array:
    r"""Return :math:`1 - e^{-dt/\tau}`, the share of the way to its target that a value goes."""
    return -jnp.expm1(-dt / tau)


def transfer(dt: float | Array, tau_m: float | Array, tau_s: float | Array) -> Array:
    r"""Return what a current of 1 that decays with tau_s adds to the potential in a step.

    .. math::
        \frac{1}{\tau_m} \int_0^{dt} e^{-(dt - t)/\tau_m} e^{-t/\tau_s} dt =
        \frac{\tau_s}{\tau_m - \tau_s} \big(e^{-dt/\tau_m} - e^{-dt/\tau_s}\big)

    For equal time constants the limit is taken.
    """
    u = jnp.asarray(dt / tau_s - dt / tau_m)
    nonzero = jnp.where(u == 0, 1.0, u)
    mean = jnp.where(u == 0, 1.0, -jnp.expm1(-nonzero) / nonzero)
    return dt / tau_m * decayed(dt, tau_m) * mean
