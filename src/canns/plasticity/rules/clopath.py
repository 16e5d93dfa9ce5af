"""Spike-timing-dependent plasticity that reads the postsynaptic voltage."""

from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from canns._validation import check_real, is_traced
from canns.dynamics import Activity
from canns.dynamics.neurons import decayed
from canns.errors import ValidationError
from canns.plasticity.rule import (
    Memory,
    PotentialRead,
    Reads,
    Rule,
    contract,
    step_length,
)
from canns.typing import Array, Parameters, param, pytree, static

__all__ = ["Clopath", "Homeostasis"]


@pytree
class Homeostasis(Parameters):
    r"""Depression that grows with the mean depolarization, by :math:`\bar{\bar u}^2/u_{ref}^2`.

    :math:`\bar{\bar u}` is :math:`u - u_{rest}`, low-pass filtered.

    Args:
        u_ref_squared: The square of the reference depolarization, in mV^2.
        tau: Time constant of the mean in ms.

    Example:
        >>> Homeostasis(u_ref_squared=49.0).tau
        1000.0
    """

    u_ref_squared: float = param(default=60.0, low=0, open_low=True)
    tau: float = param(default=1000.0, low=0, open_low=True)


@pytree
class Clopath(Rule):
    r"""Voltage-based STDP: depression at presynaptic spikes, potentiation while depolarized.

    .. math::
        \Delta W(t) = - A_{LTD}\, [\bar u_-(t - d) - \theta_-]_+\, x^T(t)
        + A_{LTP}\, dt\, [u(t) - \theta_+]_+\, [\bar u_+(t - d) - \theta_-]_+\, \bar x^T(t)

    :math:`\bar u_\pm` is the potential u, low-pass filtered with the time constant
    :math:`\tau_\pm`. :math:`\bar x` is the presynaptic spike train, low-pass filtered by
    :math:`\tau_x \dot{\bar x} = -\bar x + X`, so that a spike adds :math:`1/\tau_x`. The
    weight change uses the filters as they are before this step. x is 0 or 1. The rule sees
    postsynaptic spikes only in u, which must be in mV, as the thresholds are.

    The delay d is there so that a spike meets the filters as they were before it: it must be longer
    than a spike is wide. Without it any spike after an input potentiates, and there is LTP at low
    frequencies, which neither the data nor the authors' model have. Before the run u was at rest.

    Args:
        A_LTD: Amplitude of depression in 1/mV.
        A_LTP: Amplitude of potentiation in 1/mV^2.
        theta_minus: Threshold of the filtered potentials in mV.
        theta_plus: Threshold of the potential itself in mV.
        tau_minus: Time constant of u_minus in ms.
        tau_plus: Time constant of u_plus in ms.
        tau_x: Time constant of the presynaptic filter in ms.
        u_rest: Resting potential in mV, at which the filters start.
        delay: Delay d with which the filters of the potential are read, in ms: a whole number of
            steps. It sets the size of the memory.
        dt: Length of a step in ms; None for the time step of the neuron, or 1 ms if it has none.
        homeostasis: How the depression follows the mean depolarization; None for a constant one.

    Raises:
        ValidationError: If an argument is out of range, or the delay is no whole number of steps.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Recorded
        >>> from canns.plasticity import learn, Setup
        >>> held = jnp.array([[0.0, 0.0, -60.0]] * 200 + [[1.0, 0.0, -60.0]])
        >>> after = learn(Setup(Clopath(), Recorded(potential=True)), jnp.zeros((1, 1)), held)
        >>> round(float(after.weights[0, 0] / 14e-5), 3)  # -(-60 + 70.6)
        -10.6

    Source: Clopath, Büsing, Vasilaki & Gerstner (2010), Nat. Neurosci. 13:344; the defaults are
    its numbers for visual cortex, save the time constant of the mean depolarization. The delay is
    that of the authors' program, ModelDB 144566, for spikes 2 ms wide in steps of 1 ms.
    """

    A_LTD: float = param(default=14e-5, low=0)
    A_LTP: float = param(default=8e-5, low=0)
    theta_minus: float = param(default=-70.6)
    theta_plus: float = param(default=-45.3)
    tau_minus: float = param(default=10.0, low=0, open_low=True)
    tau_plus: float = param(default=7.0, low=0, open_low=True)
    tau_x: float = param(default=15.0, low=0, open_low=True)
    u_rest: float = param(default=-70.6)
    dt: float | None = param(default=None, low=0, open_low=True)
    homeostasis: Homeostasis | None = None
    delay: float = static(default=3.0)

    needs: ClassVar[tuple[str, ...]] = ("potential",)
    own_memory: ClassVar[bool] = True
    remedy: ClassVar[str] = "Train a layer of neurons that have a potential."

    reads: ClassVar[Reads | None] = "anything"
    reads_pre: ClassVar[Reads] = "spikes"

    @property
    def reads_potential(self) -> PotentialRead | None:  # type: ignore[override]
        """A potential in mV, or above rest if u_rest is 0; None if u_rest is traced."""
        if is_traced(self.u_rest):
            return None
        return "membrane" if np.any(self.u_rest) else "above_rest"

    @property
    def memory_attrs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The filters of the potential and of the presynaptic spikes, and the recent potential."""
        mean = ("u_mean",) if self.homeostasis is not None else ()
        return ("u_minus", "u_plus", "x_bar", *mean, *(("u_past",) if self.delay else ()))

    @property
    def traces(self) -> tuple[str, ...]:  # type: ignore[override]
        """All of the memory."""
        return self.memory_attrs

    def validate(self) -> None:
        """Check the intervals, the order of the thresholds, the homeostasis and the delay."""
        super().validate()
        if is_traced(self.delay):
            expected = "a number that is known: it sets the size of the memory"
            raise ValidationError("delay", expected, "one that JAX traces")
        check_real("delay", self.delay, low=0)
        if self.dt is not None and not is_traced(self.dt):
            self._steps_of_delay()
        limits = self.theta_minus, self.theta_plus
        if not is_traced(limits) and float(limits[0]) > float(limits[1]):
            expected = f"at most theta_plus = {self.theta_plus:g}"
            raise ValidationError("theta_minus", expected, f"{self.theta_minus:g}")
        given: object = self.homeostasis
        if not isinstance(given, Homeostasis | None):
            raise ValidationError("homeostasis", "a Homeostasis or None", repr(given))
        if given is not None:
            given.validate()

    def init(self, weights: Array) -> Memory:
        """Return the filters at rest: the resting potential, and no spikes.

        Raises:
            ValidationError: If the delay is no whole number of steps, or JAX traces dt, so that
                this number is not known.
        """
        out, in_ = (jnp.zeros(size, weights.dtype) for size in weights.shape)
        rest = out + self.u_rest
        mean = () if self.homeostasis is None else (out,)
        steps = self._steps_of_delay()
        return (rest, rest, in_, *mean, *((jnp.tile(rest, (steps, 1)),) if steps else ()))

    def _steps_of_delay(self) -> int:
        """Return the delay in steps."""
        dt = step_length(self.dt)
        if not self.delay:
            return 0
        if is_traced(dt):
            remedy = "Make the learner outside of JAX's transformations: Setup.start(weights)."
            raise ValidationError("delay", "0 if JAX traces dt", f"{self.delay:g}", remedy)
        steps = round(self.delay / float(dt))
        if not np.isclose(steps * float(dt), self.delay, rtol=1e-6, atol=0):
            nearest = max(steps, 1) * float(dt)
            expected = f"a whole number of steps of dt = {float(dt):g} ms"
            raise ValidationError("delay", expected, f"{self.delay:g}", f"Take {nearest:g}.")
        return steps

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the filters after this step, and the weight change."""
        u_minus, u_plus, x_bar, *others = memory
        x, u = activity.pre, activity.potential
        assert u is not None, "see needs"
        dt = step_length(self.dt)
        x_bar = decayed(dt, self.tau_x) * x_bar
        depression = self.A_LTD * jnp.maximum(u_minus - self.theta_minus, 0)
        kept: Memory = ()
        if self.homeostasis is not None:
            mean, share = others[0], decayed(dt, self.homeostasis.tau)
            depression = depression * mean**2 / self.homeostasis.u_ref_squared
            kept = (share * mean + (1 - share) * (u - self.u_rest),)
        opened = jnp.maximum(u - self.theta_plus, 0) * jnp.maximum(u_plus - self.theta_minus, 0)
        delta = contract(self.A_LTP * dt * opened, x_bar) - contract(depression, x)
        arriving = u
        if self.delay:
            # Filters of a delayed potential are delayed filters. The latest step comes first.
            past = others[-1]
            arriving = past[-1]
            kept = (*kept, jnp.concatenate([u[None], past[:-1]]))
        slow, fast = decayed(dt, self.tau_minus), decayed(dt, self.tau_plus)
        after = (
            slow * u_minus + (1 - slow) * arriving,
            fast * u_plus + (1 - fast) * arriving,
            x_bar + x / self.tau_x,
            *kept,
        )
        return after, delta
