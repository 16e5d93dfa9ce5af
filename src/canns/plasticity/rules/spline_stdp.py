"""A learning window with unknown coefficients: a sum of splines over the lag, zero beyond it."""

from functools import lru_cache
from typing import ClassVar, Self

import jax.numpy as jnp
import numpy as np

from canns._validation import check_array, check_size, is_traced
from canns.dynamics import Activity
from canns.errors import ValidationError
from canns.plasticity.rule import Memory, Reads, Rule, shape_of
from canns.plasticity.rules.stdp import COINCIDENCES, Coincidence
from canns.typing import Array, ArrayLike, FloatArray, param, pytree, static

__all__ = ["SplineSTDP"]

_DEGREE = 3


@pytree
class SplineSTDP(Rule):
    r"""Pair-based STDP whose window is a sum of B-splines on either side, and ends.

    .. math::
        \Delta W = \eta \sum_{pairs} K(t_{post} - t_{pre}), \qquad
        K(s) = \begin{cases} \sum_k a_k\, B_k(s/T) & 0 \le s < T \\
        \sum_k b_k\, B_k(-s/T) & -T < s < 0 \\ 0 & \text{else} \end{cases}

    B are the cubic B-splines on evenly spaced knots from 0 to 1, which add up to 1 but near the
    end, where the window falls to zero. All pairs of spikes count. A coefficient is about the
    height of the window at its place and changes it only near there, so the window may have any
    form; the exponentials of :class:`BasisSTDP` are fewer numbers, and do not end. The rule
    remembers the spikes of the last T steps.
    :func:`canns.inference.fit` finds the coefficients from data.

    Times are in steps, of whatever length the neuron's are.

    Args:
        plus: a, the coefficients of pairs with the postsynaptic spike last, (K,), 3 or more.
        minus: b, those of pairs with the presynaptic spike last, (K,).
        num_steps: T, the lag in steps at which the window ends.
        learning_rate: Eta.
        coincidence: How a pair within one step counts; see :class:`PairSTDP`.

    Raises:
        ValidationError: If there are fewer than three coefficients, or not as many on either side.

    Example:
        >>> rule = SplineSTDP(plus=(1.0, 0.5, 0.2, 0.0), minus=(-0.4, -0.2, 0.0, 0.0), num_steps=40)
        >>> rule.window([-50.0, -10.0, 0.0, 10.0]).round(3).tolist()
        [0.0, -0.169, 1.0, 0.472]

    Source: de Boor (1978), A Practical Guide to Splines (the splines); Gerstner & Kistler (2002),
    Spiking Neuron Models, ch. 10 (the window).
    """

    plus: Array | FloatArray | tuple[float, ...]
    minus: Array | FloatArray | tuple[float, ...]
    num_steps: int = static(default=50)
    learning_rate: float = param(default=1.0, low=0)
    coincidence: Coincidence = static(default="mid", choices=COINCIDENCES)

    memory_attrs: ClassVar[tuple[str, ...]] = ("past_pre", "past_post")
    own_memory: ClassVar[bool] = True
    traces: ClassVar[tuple[str, ...]] = ("past_pre", "past_post")
    unknowns: ClassVar[tuple[str, ...]] = ("plus", "minus")

    reads: ClassVar[Reads | None] = "spikes"
    reads_pre: ClassVar[Reads] = "spikes"

    @classmethod
    def unknown(
        cls,
        num_splines: int = 6,
        num_steps: int = 50,
        learning_rate: float = 1.0,
        coincidence: Coincidence = "mid",
    ) -> Self:
        """Return a rule whose window is zero, to be found from data.

        Args:
            num_splines: K, how many splines on either side.
            num_steps: See the class.
            learning_rate: Eta, the unit of the coefficients.
            coincidence: See the class.
        """
        zeros = np.zeros(check_size("num_splines", num_splines, low=_DEGREE))
        return cls(zeros, zeros, num_steps, learning_rate, coincidence)

    def validate(self) -> None:
        """Check the intervals, and that there are as many coefficients on either side."""
        super().validate()
        check_size("num_steps", self.num_steps, low=2)
        for name in ("plus", "minus"):
            value = getattr(self, name)
            count = shape_of(value)[-1:]
            if not count or count[0] < _DEGREE:
                raise ValidationError(
                    name, f"{_DEGREE} numbers or more", f"shape {shape_of(value)}"
                )
            if not is_traced(value):
                check_array(name, value)
        if shape_of(self.plus)[-1] != shape_of(self.minus)[-1]:
            expected, got = f"{shape_of(self.plus)[-1]}, as plus", f"shape {shape_of(self.minus)}"
            raise ValidationError("minus", expected, got)

    def init(self, weights: Array) -> Memory:
        """Return the spikes of the steps before, none yet, (T, in) and (T, out), latest first."""
        out, in_ = weights.shape
        steps = self.num_steps
        return jnp.zeros((steps, in_), weights.dtype), jnp.zeros((steps, out), weights.dtype)

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the spikes up to this step, and the change due to the pairs that end in it."""
        x, s = activity.pre, activity.post
        half = 0.5 if self.coincidence == "mid" else 0.0
        plus = self._kernel(self.plus, self.coincidence != "none", half, weights)
        minus = self._kernel(self.minus, self.coincidence == "both", -half, weights)
        pre, post = (
            jnp.concatenate([now[None], past], dtype=weights.dtype)
            for now, past in zip((x, s), memory, strict=True)
        )
        delta = s[:, None] * (plus @ pre) + (minus @ post)[:, None] * x
        return (pre[:-1], post[:-1]), self.learning_rate * delta

    def _kernel(
        self,
        coefficients: Array | FloatArray | tuple[float, ...],
        joins: bool,
        shift: float,
        weights: Array,
    ) -> Array:
        """Return what a spike of 0, 1, ... T steps ago adds to the change, (T + 1,)."""
        lags = np.arange(self.num_steps + 1) + shift
        values = _splines(tuple(lags / self.num_steps), shape_of(coefficients)[-1])
        if not joins:
            values = np.concatenate([np.zeros_like(values[:1]), values[1:]])
        return jnp.asarray(values, weights.dtype) @ jnp.asarray(coefficients, weights.dtype)

    def window(self, lags: ArrayLike) -> FloatArray:
        """Return the change of a weight by one pair, of the shape of ``lags``.

        Args:
            lags: Steps of the postsynaptic spike after the presynaptic one.
        """
        s = np.asarray(lags, float)
        values = _splines(tuple(np.abs(s).ravel() / self.num_steps), shape_of(self.plus)[-1])
        sides = [(values @ np.asarray(side)).reshape(s.shape) for side in (self.plus, self.minus)]
        found: FloatArray = self.learning_rate * np.where(s >= 0, *sides)
        return found


@lru_cache(maxsize=64)
def _splines(places: tuple[float, ...], count: int) -> FloatArray:
    """Return the splines at some places from 0 to 1, (N, K), zero beyond 1.

    The last of the usual splines, the only one that is not zero at 1, is left out.
    """
    from scipy.interpolate import BSpline  # here, because it takes long to import

    inner = np.linspace(0, 1, count + 2 - _DEGREE)
    knots = np.concatenate([np.zeros(_DEGREE), inner, np.ones(_DEGREE)])
    at = np.asarray(places)
    usual = BSpline(knots, np.eye(count + 1), _DEGREE)(np.clip(at, 0, 1))
    found: FloatArray = np.where((at >= 0) & (at < 1), usual.T, 0.0).T[:, :-1]
    return found
