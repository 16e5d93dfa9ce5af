"""The codes of networks: which values their neurons take."""

import math
from abc import abstractmethod
from typing import NamedTuple, Protocol

import numpy as np

from canns._explain import explained
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = [
    "ANY",
    "BITS",
    "MASKED_SIGNS",
    "ONLY_SIGNS",
    "POTENTIALS",
    "SIGNS",
    "TANH",
    "UNIT",
    "Code",
    "Symbols",
    "check_signs",
]

_TO_SIGNS = "Map a 0/1 code with 2 * x - 1."
_TO_BITS = "Map a -1/1 code with (x + 1) / 2."
_PICTURES = "Make grey pictures +-1 by task.binarize, or several by task.image_patterns."


class Code(Protocol):
    """The values that the neurons of a network take; each network declares one."""

    @abstractmethod
    def check(self, name: str, rows: AnyArray) -> AnyArray:
        """Return ``rows``, (B, N), or raise if they are no states of such neurons.

        Args:
            name: The argument that they came in.
            rows: Cues or other states, checked to be real numbers.
        """


class _Any:
    """Any real numbers."""

    def check(self, name: str, rows: AnyArray) -> AnyArray:
        """Return ``rows``."""
        return rows


class Graded(NamedTuple):
    """Values of both signs, and 0 for a neuron that is silent or not known.

    Numbers without a sign are of this code only if they are all 1, or all 0.

    Args:
        high: Numbers without a sign, but between 0 and ``high``, are states as well; 0 if there
            are no such states, as of neurons that are either -1 or 1.
    """

    high: float

    def check(self, name: str, rows: AnyArray) -> AnyArray:
        """Return ``rows``, or raise if they are 0 and 1, or grey values."""
        low, high = rows.min(), rows.max()
        if low < 0 or high == 0 or low == high == 1:
            return rows
        if _has_only(rows, 0, 1).all():
            raise ValidationError(name, "of -1 and 1", "0 and 1 only", _TO_SIGNS)
        if high <= self.high:
            return rows
        raise _grey(name, low, high)


class Levels(NamedTuple):
    """A few values.

    Args:
        values: The values.
        words: What they are called in errors.
        remedy: How to map the usual other code.
    """

    values: tuple[float, ...]
    words: str
    remedy: str

    def check(self, name: str, rows: AnyArray) -> AnyArray:
        """Return ``rows``, or raise if there are other values."""
        return _check_all(name, rows, _has_only(rows, *self.values), self.words, self.remedy)


class _MaskedSigns:
    """-1 and 1, and 0 for a masked neuron, beside known ones of both signs."""

    def check(self, name: str, rows: AnyArray) -> AnyArray:
        """Return ``rows``, or raise if there are other values, or no -1."""
        return SIGNS.check(name, _OR_MASKED.check(name, rows))


class _Unit:
    """Values from 0 to 1."""

    def check(self, name: str, rows: AnyArray) -> AnyArray:
        """Return ``rows``, or raise if a value is outside the interval."""
        return _check_all(name, rows, (rows >= 0) & (rows <= 1), "from 0 to 1", _TO_BITS)


class Symbols(NamedTuple):
    """Q states without an order, 0 to Q - 1, and -1 for a neuron that is not known.

    Args:
        num_states: Q.
    """

    num_states: int

    def check(self, name: str, rows: AnyArray) -> AnyArray:
        """Return ``rows``, or raise if an entry is neither a state nor -1."""
        fits = (rows == np.rint(rows)) & (rows >= -1) & (rows < self.num_states)
        words = f"states: whole numbers from 0 to {self.num_states - 1}, or -1 for unknown"
        return _check_all(name, rows, fits, words, "")


ANY = _Any()
SIGNS = Graded(0)  # neurons of -1 and 1
TANH = Graded(1)
POTENTIALS = Graded(math.inf)
ONLY_SIGNS = Levels((-1, 1), "-1 or 1 everywhere", _TO_SIGNS)
MASKED_SIGNS = _MaskedSigns()
_OR_MASKED = Levels((-1, 0, 1), "-1 or 1, or 0 for a masked neuron", _TO_SIGNS)
BITS = Levels((0, 1), "0 or 1 everywhere", _TO_BITS)
UNIT = _Unit()


@explained
def check_signs(name: str, rows: AnyArray, *, centred: bool = False) -> AnyArray:
    """Return ``rows``, (P, N), or raise if a storage rule would take them for other patterns.

    The storage rules are written for patterns of -1 and 1, whatever the states of the network.
    Entries of 0, besides those, store nothing.

    Args:
        name: The argument that they came in.
        rows: The patterns.
        centred: Whether the rule subtracts their mean. It then learns the same weights, up to a
            factor, from any two values.
    """
    low, high = rows.min(), rows.max()
    if low < 0 or low == high:
        return rows
    if not _has_only(rows, low, high).all():
        raise _grey(name, low, high)
    if centred:
        return rows
    remedy = f"{_TO_SIGNS} Or store by a rule that subtracts the mean, such as 'covariance'."
    raise ValidationError(name, "of -1 and 1 for this rule", f"{low:g} and {high:g} only", remedy)


def _has_only(rows: AnyArray, *levels: float) -> AnyArray:
    """Return which entries are one of ``levels``."""
    found: AnyArray = rows == levels[0]
    for level in levels[1:]:
        found = found | (rows == level)
    return found


def _grey(name: str, low: float, high: float) -> ValidationError:
    got = f"grey values from {low:g} to {high:g}"
    return ValidationError(name, "of -1 and 1", got, _PICTURES)


def _check_all(name: str, rows: AnyArray, fits: AnyArray, words: str, remedy: str) -> AnyArray:
    if fits.all():
        return rows
    where = tuple(int(i) for i in np.argwhere(~fits)[0])
    raise ValidationError(name, words, f"{rows[where]:g} at index {where}", remedy)
