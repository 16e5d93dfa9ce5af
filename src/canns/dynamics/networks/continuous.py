"""The Hopfield network of graded neurons in continuous time."""

import math
from typing import Literal

import jax.numpy as jnp
import numpy as np

from canns.dynamics.code import POTENTIALS, Code
from canns.dynamics.network import Network
from canns.dynamics.networks.activation import activate
from canns.typing import Array, ArrayLike, param, pytree, static

__all__ = ["GRADED", "ContinuousHopfield", "GradedName"]

GradedName = Literal["tanh", "sigmoid"]
GRADED: tuple[GradedName, ...] = ("tanh", "sigmoid")


@pytree
class ContinuousHopfield(Network):
    r"""Graded neurons with potentials u and activities V, in continuous time.

    .. math:: \tau \frac{du_i}{dt} = -u_i + \sum_j W_{ij} V_j + I_i, \qquad V_i = g(\lambda u_i)

    .. math::
        E = -\tfrac12 V^T W V - I^T V + \frac1\lambda \sum_i \int_0^{V_i} g^{-1}(v)\, dv

    States are the potentials u, (B, N), and weights W, (N, N); g is tanh or the logistic function.
    For symmetric weights, self-couplings included, :math:`dE/dt = -\tau \sum_i \dot V_i \dot u_i`
    is never positive. Let :math:`x = |2 \lambda u|` for tanh and :math:`|\lambda u|` for the
    logistic function, and H(x) be the entropy of a coin of odds :math:`e^x`. The integral is then
    :math:`\ln 2 - H(x)` or :math:`-H(x)`.

    One update advances the time by dt, by the exponential Euler method:
    :math:`u \leftarrow u + (1 - e^{-dt/\tau})(W V + I - u)`. It is of first order, its fixed points
    are those of the flow at any dt, and :math:`|u_i|` never exceeds
    :math:`\max(|u_i(0)|, \sum_j |W_{ij}| + |I_i|)`. It never raises E if dt is at most
    :meth:`largest_dt`; with a larger dt two inhibitory neurons may alternate for ever.

    Args:
        tau: Time constant of the potentials, in any unit of time.
        gain: Lambda, the slope of tanh at the origin (of the logistic function, four times it).
        dt: Length of a step, in the unit of tau.
        current: I, a number or (N,).
        activation: "tanh", activities in (-1, 1), or "sigmoid", in (0, 1).

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import recall
        >>> xi = jnp.array([1.0, -1.0, 1.0, -1.0])
        >>> network = ContinuousHopfield(gain=2.0)
        >>> cue = xi.at[0].set(-1.0)[None]
        >>> found = recall(network, jnp.outer(xi, xi) / 4, cue, key=jax.random.key(0), num_iter=99)
        >>> round(float(xi @ network.activity(found.states[0])) / 4, 4)  # m = tanh(2 m)
        0.9575

    Source: Hopfield (1984), PNAS 81:3088; Cohen & Grossberg (1983), IEEE Trans. Syst. Man
    Cybern. 13:815.
    """

    tau: float = param(default=1.0, low=0, open_low=True)
    gain: float = param(default=1.0, low=0, open_low=True)
    dt: float = param(default=1.0, low=0, open_low=True)
    current: ArrayLike = 0.0
    activation: GradedName = static(default="tanh", choices=GRADED)

    @property
    def code(self) -> Code:
        """Potentials, whose signs are the pattern."""
        return POTENTIALS

    @property
    def may_cycle(self) -> bool:
        """True: with too large a dt an update can alternate between two states."""
        return True

    def activity(self, potentials: Array) -> Array:
        """Return V = g(gain u) of potentials of any shape."""
        return activate(self.activation, self.gain * potentials, 1.0)

    def local_field(self, weights: Array, states: Array) -> Array:
        """Return ``W V`` for each row of potentials, (B, N)."""
        return jnp.einsum("ij,bj->bi", weights, self.activity(states))

    def energy(self, states: Array, field: Array) -> Array:
        """Return E of each row of potentials, given its ``W V``, (B,)."""
        activity = self.activity(states)
        pairs = -0.5 * activity * field - jnp.asarray(self.current) * activity
        return jnp.sum(pairs + self._leak(states), axis=-1)

    def step(
        self,
        weights: Array,
        prepared: tuple[()],
        states: Array,
        field: Array,
        key: Array,
        clamped: Array | None,
    ) -> Array:
        """Return the potentials, (B, N), after the time dt."""
        share = -jnp.expm1(-jnp.asarray(self.dt, states.dtype) / self.tau)
        return states + share * (field + jnp.asarray(self.current) - states)

    def largest_dt(self, weights: ArrayLike) -> float:
        r"""Return the largest dt at which no update raises E; infinite if none ever does.

        Let -l be the least eigenvalue of W, and a the largest slope of V(u): the gain for tanh, a
        quarter of it for the logistic function. The condition is

        .. math:: 1 - e^{-dt/\tau} \le \frac{2}{1 + a l}

        which any dt satisfies if :math:`a l \le 1`. The update is a step of mirror descent on E:
        its mirror map is the integral term of E, which is 1/a-strongly convex, and the rest of E
        has a curvature of l at most. With a larger dt and no current, the state without activity is
        unstable, and the network alternates.

        Args:
            weights: W, (N, N), symmetric.

        Example:
            >>> rivals = [[0.0, -2.0], [-2.0, 0.0]]
            >>> round(ContinuousHopfield().largest_dt(rivals), 4)
            1.0986
            >>> ContinuousHopfield(gain=0.5).largest_dt(rivals)
            inf

        Source: Beck & Teboulle (2003), Oper. Res. Lett. 31:167 (mirror descent).
        """
        slope = self.gain if self.activation == "tanh" else self.gain / 4
        least = float(np.linalg.eigvalsh(np.asarray(weights, np.float64))[0])
        bend = -slope * least
        return math.inf if bend <= 1 else self.tau * math.log((bend + 1) / (bend - 1))

    def _leak(self, potentials: Array) -> Array:
        """Return each neuron's integral term of E: the integral of g's inverse over the gain."""
        steep = 2.0 if self.activation == "tanh" else 1.0
        x = steep * jnp.abs(self.gain * potentials)
        odds = jnp.exp(-x)
        entropy = x * odds / (1 + odds) + jnp.log1p(odds)
        most = math.log(2.0) if self.activation == "tanh" else 0.0
        return (most - entropy) / self.gain
