"""A learning window with unknown coefficients: a sum of exponentials on either side."""

from collections.abc import Sequence
from typing import ClassVar, Self

import jax.numpy as jnp
import numpy as np

from canns._validation import check_array, check_size, is_traced
from canns.dynamics import Activity
from canns.errors import ValidationError
from canns.plasticity.rule import Memory, Reads, Rule, shape_of
from canns.plasticity.rules.stdp import COINCIDENCES, Coincidence
from canns.plasticity.rules.traces import advance
from canns.typing import Array, ArrayLike, FloatArray, param, pytree, static

__all__ = ["BasisSTDP"]

_SHORTEST, _LONGEST = 5.0, 100.0  # ms


@pytree
class BasisSTDP(Rule):
    r"""Pair-based STDP whose window is a sum of exponentials on either side.

    .. math::
        \Delta W = \eta \sum_{pairs} K(t_{post} - t_{pre}), \qquad
        K(s) = \begin{cases} \sum_k a_k\, e^{-s/\tau_k} & s \ge 0 \\
        \sum_k b_k\, e^{s/\tau_k} & s < 0 \end{cases}

    All pairs of spikes count. With a few time constants from short to long, the coefficients a
    and b, of either sign, describe a window of nearly any form: several phases, or potentiation on
    both sides. :func:`canns.inference.fit` finds them from data. At one time constant on each side
    the rule is :class:`PairSTDP` with a = A_plus and b = -A_minus.

    Args:
        plus: a, the coefficients of pairs with the postsynaptic spike last, (K,).
        minus: b, those of pairs with the presynaptic spike last, (K,).
        taus: The time constants in ms, (K,).
        learning_rate: Eta.
        dt: Length of a step in ms; None for the time step of the neuron, or 1 ms if it has none.
        coincidence: How a pair within one step counts; see :class:`PairSTDP`.

    Raises:
        ValidationError: If there are not equally many coefficients and time constants.

    Example:
        >>> rule = BasisSTDP(plus=(1.0, 0.5), minus=(0.0, -0.25), taus=(5.0, 20.0))
        >>> rule.window([-20.0, 0.0, 20.0]).round(3).tolist()
        [-0.092, 1.5, 0.202]

    Source: Gerstner & Kistler (2002), Spiking Neuron Models, ch. 10.
    """

    plus: Array | FloatArray | tuple[float, ...]
    minus: Array | FloatArray | tuple[float, ...]
    taus: Array | FloatArray | tuple[float, ...]
    learning_rate: float = param(default=1.0, low=0)
    dt: float | None = param(default=None, low=0, open_low=True)
    coincidence: Coincidence = static(default="mid", choices=COINCIDENCES)

    memory_attrs: ClassVar[tuple[str, ...]] = ("traces_pre", "traces_post")
    own_memory: ClassVar[bool] = True
    traces: ClassVar[tuple[str, ...]] = ("traces_pre", "traces_post")
    unknowns: ClassVar[tuple[str, ...]] = ("plus", "minus")

    reads: ClassVar[Reads | None] = "spikes"
    reads_pre: ClassVar[Reads] = "spikes"

    @classmethod
    def unknown(
        cls,
        num_exponentials: int = 4,
        taus: Sequence[float] | None = None,
        learning_rate: float = 1.0,
        coincidence: Coincidence = "mid",
    ) -> Self:
        """Return a rule whose window is zero, to be found from data.

        Args:
            num_exponentials: How many time constants, evenly spaced in their logarithm from 5 to
                100 ms.
            taus: The time constants in ms; None for those.
            learning_rate: Eta, the unit of the coefficients.
            coincidence: See the class.
        """
        count = check_size("num_exponentials", num_exponentials)
        chosen = np.geomspace(_SHORTEST, _LONGEST, count) if taus is None else np.asarray(taus)
        zeros = np.zeros(len(chosen))
        return cls(zeros, zeros, chosen, learning_rate, None, coincidence)

    def validate(self) -> None:
        """Check the intervals, and that there are coefficients for each time constant."""
        super().validate()
        wanted = shape_of(self.taus)[-1:]
        for name in ("plus", "minus", "taus"):
            value = getattr(self, name)
            if not wanted or shape_of(value)[-1:] != wanted:
                expected = f"{wanted[0] if wanted else 1}, one for each time constant"
                raise ValidationError(name, expected, f"shape {shape_of(value)}")
            if not is_traced(value):
                check_array(name, value)
        if not is_traced(self.taus) and not (np.asarray(self.taus) > 0).all():
            raise ValidationError("taus", "above 0 ms", repr(self.taus))

    def init(self, weights: Array) -> Memory:
        """Return empty traces, one for each time constant and neuron, (K, in) and (K, out)."""
        out, in_ = weights.shape
        count = shape_of(self.taus)[-1]
        return jnp.zeros((count, in_), weights.dtype), jnp.zeros((count, out), weights.dtype)

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the traces after this step, and the change due to the pairs that end in it."""
        x, s = activity.pre, activity.post
        plus, minus, taus = (
            jnp.asarray(values, weights.dtype) for values in (self.plus, self.minus, self.taus)
        )
        mid, joins = self.coincidence == "mid", self.coincidence != "none"
        tau = taus[:, None]
        earlier, pre = advance(memory[0], x, self.dt, tau, replaces=False, joins=joins, mid=mid)
        both = self.coincidence == "both"
        later, post = advance(memory[1], s, self.dt, tau, replaces=False, joins=both, mid=mid)
        ltp = s[:, None] * (plus @ earlier)
        ltd = (minus @ later)[:, None] * x
        return (pre, post), self.learning_rate * (ltp + ltd)

    def window(self, lags: ArrayLike) -> FloatArray:
        """Return the change of a weight by one pair, of the shape of ``lags``.

        Args:
            lags: Times of the postsynaptic spike after the presynaptic one in ms.
        """
        s = np.asarray(lags, float)
        decays = np.exp(-np.abs(s)[..., None] / np.asarray(self.taus))
        sides = np.where(s >= 0, decays @ np.asarray(self.plus), decays @ np.asarray(self.minus))
        found: FloatArray = self.learning_rate * sides
        return found
