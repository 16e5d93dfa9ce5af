"""A learning rule with unknown coefficients: a polynomial in activity, weight and reward."""

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from typing import ClassVar, NamedTuple, Self

import jax
import jax.numpy as jnp
import numpy as np

from canns._explain import explained
from canns._validation import check_size, is_traced
from canns.dynamics import Activity
from canns.errors import ValidationError
from canns.plasticity.rule import Memory, Reads, Rule, shape_of
from canns.typing import Array, FloatArray, param, pytree, static

__all__ = ["TaylorRule", "taylor_terms"]

_VARIABLES = "xywr"
_FACTOR = re.compile(r"(?:(?P<name>[xywr])|<(?P<mean>[^<>]+)>)(?:\^(?P<power>\d+))?")
_GRAMMAR = "a product of x, y, w, r and averages such as <y^2>, with powers: 'x y', 'y^2 w', '1'"


class _Term(NamedTuple):
    """A monomial.

    Args:
        powers: The powers of x, y, w and r.
        averages: Each average by the powers of x, y, w and r in it, with its own power.
    """

    powers: tuple[int, int, int, int]
    averages: tuple[tuple[tuple[int, int, int, int], int], ...] = ()


@explained
def taylor_terms(variables: str = "xyw", order: int = 2) -> tuple[str, ...]:
    r"""Return all products of powers of some variables, each power from 0 to ``order``.

    Args:
        variables: Some of "x" (pre), "y" (post), "w" (weight) and "r" (reward).
        order: The largest power of each variable.

    Returns:
        The terms, of which there are :math:`(\mathrm{order} + 1)^{|\mathrm{variables}|}`.

    Example:
        >>> taylor_terms("xy", 1)
        ('1', 'y', 'x', 'x y')
        >>> len(taylor_terms("xyw", 2))
        27
    """
    letters = [*variables] if isinstance(variables, str) else []
    if not letters or len({*letters}) < len(letters) or not {*letters} <= {*_VARIABLES}:
        raise ValidationError("variables", "some of the letters x, y, w and r", repr(variables))
    order = check_size("order", order, low=1)
    ordered = [letter for letter in _VARIABLES if letter in letters]
    powers = product(range(order + 1), repeat=len(ordered))
    return tuple(_named(dict(zip(ordered, each, strict=True))) for each in powers)


def _named(powers: dict[str, int]) -> str:
    """Return the words for a product of powers, such as "y^2 w"."""
    factors = [name if power == 1 else f"{name}^{power}" for name, power in powers.items() if power]
    return " ".join(factors) or "1"


@lru_cache(maxsize=1024)
def _parse(term: str, inner: bool = False) -> _Term:
    """Return the monomial that a term stands for; ``inner`` is one of which the mean is taken."""
    powers, averages = dict.fromkeys(_VARIABLES, 0), dict[tuple[int, int, int, int], int]()
    text = term.replace("*", " ").strip()
    rest = "" if text == "1" else text
    if not text:
        raise ValidationError("terms", _GRAMMAR, repr(term))
    while rest:
        found = _FACTOR.match(rest)
        if found is None or (inner and (found["mean"] or found["name"] == "w")):
            remedy = "An average is of x, y and r only: <x y>." if inner else ""
            raise ValidationError("terms", _GRAMMAR, repr(term), remedy)
        power = int(found["power"] or 1)
        if found["name"]:
            powers[found["name"]] += power
        else:
            mean = _parse(found["mean"], True).powers
            averages[mean] = averages.get(mean, 0) + power
        rest = rest[found.end() :].lstrip()
    x, y, w, r = powers.values()
    return _Term((x, y, w, r), tuple(sorted(averages.items())))


@lru_cache(maxsize=128)
def _averages(terms: tuple[str, ...]) -> tuple[tuple[int, int, int, int], ...]:
    """Return the averages that some terms read, in the order in which they first occur."""
    return tuple(dict.fromkeys(mean for term in terms for mean, _ in _parse(term).averages))


@pytree
class TaylorRule(Rule):
    r"""A rule whose change is a sum of chosen terms, each with a coefficient of its own.

    .. math::
        \Delta W_{ij} = \eta \sum_k \theta_k\, x_j^{a_k} y_i^{b_k} W_{ij}^{c_k} r^{d_k}
        \prod_m \langle q_m \rangle^{e_{km}}, \qquad
        \langle q \rangle \leftarrow \langle q \rangle + (q - \langle q \rangle)/\tau

    It is the Taylor expansion of any rule that is smooth in the presynaptic activity x, the
    postsynaptic activity y, the weight and the reward r. A term is written as it is read: ``"x y"``
    is Hebb's, ``"y^2 w"`` the decay of Oja's rule, ``"1"`` a constant. ``<y^2>`` is the running
    average of :math:`y^2` over the samples before this one. Oja's rule is
    ``TaylorRule(("x y", "y^2 w"), (1.0, -1.0), eta)``, and the BCM rule
    ``TaylorRule(("x y^2", "x y <y^2>"), (1.0, -1.0), eta, tau, average_start=0.1)``.

    The coefficients are in units of the learning rate: at an eta of 1 they are the change itself.
    :func:`canns.inference.fit` finds them from data.

    Args:
        terms: The terms.
        coefficients: Theta, one for each term.
        learning_rate: Eta.
        tau: Time constant of all running averages in steps, at least 1.
        average_start: What the averages are before the first sample.

    Raises:
        ValidationError: If a term cannot be read, or the number of coefficients is another.

    Example:
        >>> import jax.numpy as jnp
        >>> rule = TaylorRule(("x y", "y^2 w"), (1.0, -1.0), learning_rate=0.5)
        >>> activity = Activity(pre=jnp.array([1.0, 0.0]), post=jnp.array([1.0]))
        >>> rule.step((), jnp.array([[1.0, 1.0]]), activity)[1].tolist()
        [[0.0, -0.5]]
        >>> print(rule.formula())
        ΔW = 0.5 (1 x y - 1 y^2 w)

    Source: Confavreux, Zenke, Agnes, Lillicrap & Vogels (2020), Adv. Neural Inf. Process. Syst. 33;
    Gerstner & Kistler (2002), Spiking Neuron Models, ch. 10 (the expansion).
    """

    terms: tuple[str, ...] = static()
    coefficients: Array | FloatArray | tuple[float, ...]
    learning_rate: float = param(default=1.0, low=0)
    tau: float = param(default=100.0, low=1)
    average_start: float = param(default=0.0)

    own_memory: ClassVar[bool] = True
    reads: ClassVar[Reads | None] = "anything"
    unknowns: ClassVar[tuple[str, ...]] = ("coefficients",)

    @classmethod
    def unknown(
        cls,
        terms: Sequence[str] | None = None,
        learning_rate: float = 1.0,
        tau: float = 100.0,
        average_start: float = 0.0,
    ) -> Self:
        """Return a rule whose coefficients are all zero, to be found from data.

        Args:
            terms: The terms; None for all products of x, y and w with powers up to 2.
            learning_rate: Eta, the unit of the coefficients.
            tau: See the class.
            average_start: See the class.
        """
        chosen = taylor_terms() if terms is None else tuple(terms)
        return cls(chosen, np.zeros(len(chosen)), learning_rate, tau, average_start)

    @property
    def needs(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the terms
        """The reward, if a term contains it."""
        powers = [*(_parse(term).powers for term in self.terms), *_averages(self.terms)]
        return ("reward",) if any(each[3] for each in powers) else ()

    @property
    def memory_attrs(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the terms
        """The running averages, by what they are of: "mean_y2" of <y^2>."""
        return tuple("mean_" + _identifier(mean) for mean in _averages(self.terms))

    def validate(self) -> None:
        """Check that the terms can be read, and that each has a finite coefficient."""
        super().validate()
        terms: object = self.terms
        if not isinstance(terms, tuple) or not terms or not all(isinstance(t, str) for t in terms):
            raise ValidationError(
                "terms", "a tuple of terms, such as ('x y', 'y^2 w')", repr(terms)
            )
        parsed = [_parse(term) for term in self.terms]
        for term, each in zip(self.terms, parsed, strict=True):
            if parsed.count(each) > 1:
                raise ValidationError("terms", "different", f"{term!r} twice")
        shape, wanted = shape_of(self.coefficients), (len(self.terms),)
        if shape[-1:] != wanted:
            raise ValidationError("coefficients", f"{wanted[0]}, one a term", f"shape {shape}")
        if not is_traced(self.coefficients) and not np.isfinite(self.coefficients).all():
            raise ValidationError("coefficients", "finite", repr(self.coefficients))

    def init(self, weights: Array) -> Memory:
        """Return the averages at their start, each of the shape of what it is of."""
        out, in_ = weights.shape
        shapes = [
            ((out,) if y else ()) + ((in_,) if x else ()) for x, y, _, _ in _averages(self.terms)
        ]
        return tuple(jnp.full(shape, self.average_start, weights.dtype) for shape in shapes)

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the averages after this sample, and the sum of the terms."""
        reward = jnp.zeros(()) if activity.reward is None else jnp.asarray(activity.reward)
        x, y = activity.pre[None, :], activity.post[:, None]
        values = x, y, weights, reward.astype(weights.dtype)
        kinds = _averages(self.terms)
        spread = {kind: _spread(kind, mean) for kind, mean in zip(kinds, memory, strict=True)}
        theta = jnp.asarray(self.coefficients, weights.dtype)
        delta = jnp.zeros_like(weights)
        for k, term in enumerate(map(_parse, self.terms)):
            factor = _monomial(values, term.powers)
            for kind, power in term.averages:
                factor = factor * spread[kind] ** power
            delta += theta[k] * factor
        after = tuple(
            mean + (_monomial(values, kind).reshape(mean.shape) - mean) / self.tau
            for kind, mean in zip(kinds, memory, strict=True)
        )
        return after, self.learning_rate * delta

    def formula(self, digits: int = 3, smallest: float = 0.0) -> str:
        """Return the rule as one reads it.

        Args:
            digits: Significant digits of the coefficients.
            smallest: Coefficients below it in size are left out, and those that are zero always.

        Example:
            >>> TaylorRule(("1", "x y", "x <y>"), (0.0, 2.0, -0.5)).formula()
            'ΔW = 2 x y - 0.5 x <y>'
        """
        values = np.asarray(self.coefficients, float)
        kept = [k for k, value in enumerate(values) if abs(value) > smallest]
        parts = [
            f"{'-' if values[k] < 0 else '+'} {abs(values[k]):.{digits}g}"
            + ("" if self.terms[k] == "1" else f" {self.terms[k]}")
            for k in kept
        ]
        text = " ".join(parts).removeprefix("+ ") or "0"
        text = "-" + text[2:] if text.startswith("- ") else text
        alone = math.isclose(float(self.learning_rate), 1.0) or not kept
        return f"ΔW = {text}" if alone else f"ΔW = {self.learning_rate:g} ({text})"


def _identifier(powers: tuple[int, int, int, int]) -> str:
    pairs = zip(_VARIABLES, powers, strict=True)
    return "".join(name if n == 1 else f"{name}{n}" for name, n in pairs if n)


def _spread(powers: tuple[int, int, int, int], mean: Array) -> Array:
    """Return an average in a shape that goes with weights, (out, in)."""
    x, y, _, _ = powers
    return mean[:, None] if y and not x else mean


def _monomial(values: tuple[Array, ...], powers: tuple[int, int, int, int]) -> Array:
    """Return the product of powers of x, y, w and r."""
    factors = [jax.lax.integer_pow(v, n) for v, n in zip(values, powers, strict=True) if n]
    result: Array = jnp.ones((), values[2].dtype)
    for factor in factors:
        result = result * factor
    return result
