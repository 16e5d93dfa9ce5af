"""What a time constant of NIR, which is in continuous time, means in steps of time."""

import math
from typing import Literal, NamedTuple

import numpy as np

from canns._validation import float_dtype

__all__ = ["SCHEMES", "TRACES", "Scheme", "TimeStep", "next_above", "transfer"]

Scheme = Literal["euler", "exact"]  #: how a simulator takes a step; see :func:`to_nir`
SCHEMES: tuple[Scheme, ...] = ("euler", "exact")
TRACES = "trace_pre_decay", "trace_post_decay"  # of a LIF, which NIR's has not


class TimeStep(NamedTuple):
    r"""One step of :math:`\tau \dot v = -v + r I`.

    "euler" takes a forward step of Euler with an input that lasts for the step. "exact" solves the
    equation, with a pulse of area 1 (Dirac's) for an input of 1.

    Args:
        dt: Length of a step in seconds.
        scheme: "euler" or "exact".
    """

    dt: float
    scheme: Scheme

    def tau(self, decay: float) -> float:
        """Return the time constant in seconds of a value that falls to exp(-decay) in a step."""
        return self.dt / (-math.expm1(-decay) if self.scheme == "euler" else decay)

    def decay(self, tau: float) -> float:
        """Return the decay in a step, of which :meth:`tau` is the time constant."""
        rate = self.dt / tau
        if self.scheme == "exact":
            return rate
        return -math.log1p(-rate) if rate < 1 else math.inf

    def jump(self, tau: float) -> float:
        """Return by how much an input of 1 changes a value in a step, at r = 1."""
        return self.dt / tau if self.scheme == "euler" else 1 / tau


def transfer(dt: float, tau_m: float, tau_s: float) -> float:
    r"""Return what a current of 1 that decays with tau_s adds to the potential in a step.

    This is the factor of :class:`~canns.dynamics.CurrentLIF`, in double precision whatever JAX
    computes in, so that weights come back from a file to the last bit.

    .. math:: \frac{\tau_s}{\tau_m - \tau_s} \big(e^{-dt/\tau_m} - e^{-dt/\tau_s}\big)
    """
    u = dt / tau_s - dt / tau_m
    mean = -math.expm1(-u) / u if u else 1.0
    return dt / tau_m * math.exp(-dt / tau_m) * mean


def next_above(value: float) -> float:
    """Return the next larger normal number of the type that JAX now computes in.

    A neuron of NIR fires above its threshold, ours at it: v > a just if v >= next_above(a).
    The next smaller number is ``-next_above(-value)``.
    """
    kind = float_dtype().type
    tiny, number = float(np.finfo(kind).tiny), kind(value)
    # Processors may take numbers below the normal ones for 0.
    if number == -tiny:
        return 0.0
    # By way of the shortest decimal, which for 0.7 is 0.7 in any precision.
    return tiny if abs(number) < tiny else float(str(np.nextafter(number, kind(np.inf))))
