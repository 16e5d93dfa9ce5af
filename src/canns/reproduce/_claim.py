"""A number of a paper or of theory, beside the same number measured."""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["FALSE_ALARM", "FOREIGN", "KINDS", "Claim", "Kind", "Sense", "t_reach"]

Sense = Literal["near", "at least", "at most"]
Kind = Literal["paper's number", "paper's formula", "our theory", "our simulation"]

KINDS: tuple[Kind, ...] = ("paper's number", "paper's formula", "our theory", "our simulation")
"""What a claim may be compared with."""

FOREIGN: tuple[Kind, ...] = ("paper's number", "paper's formula")
"""The kinds of value that are not our own."""

FALSE_ALARM = 0.001
"""Probability that a statistical claim fails although the expected value is right."""


class _Interval(NamedTuple):
    """What was measured, and the interval in which its true value lies."""

    measured: float
    low: float
    high: float


@dataclass(frozen=True)
class Claim:
    r"""What is expected, what was measured, and how far apart they may be.

    A claim holds if the interval around the measured value holds the expected one: on one side
    only, for "at least" and "at most". A statistical interval has the confidence
    :math:`1 - \mathrm{false\_alarm}`, so that a claim which is right fails with this probability.

    :meth:`of_value`, :meth:`of_mean`, :meth:`of_share` and :meth:`of_count` make claims.

    Args:
        what: The quantity, in words.
        kind: What kind of value is expected: the paper's number, a formula of the paper, our own
            theory, or our own simulation.
        expected: The expected value.
        measured: The measured value.
        low: Lower end of the interval of the measured value.
        high: Upper end of the interval of the measured value.
        why: Where the interval comes from: statistics, finite size, the digits of the paper.
        sense: "near", or "at least" or "at most" for a bound on one side.
        false_alarm: Probability to fail if the expected value is right; 0 without chance.

    Example:
        >>> Claim.of_value("alpha_c", "paper's number", 0.1379, 0.139, 0.006, "finite size").passed
        True
        >>> Claim.of_share("recalled", "paper's number", 0.99, 40, 50, sense="at least").passed
        False
    """

    what: str
    kind: Kind
    expected: float
    measured: float
    low: float
    high: float
    why: str
    sense: Sense = "near"
    false_alarm: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether our value agrees; NaN never does."""
        if math.isnan(self.measured):
            return False
        above = self.sense == "at most" or self.expected <= self.high
        below = self.sense == "at least" or self.low <= self.expected
        return above and below

    @classmethod
    def of_value(
        cls,
        what: str,
        kind: Kind,
        expected: float,
        measured: float,
        tolerance: float,
        why: str,
        sense: Sense = "near",
    ) -> "Claim":
        """Return a claim about a value without chance, such as a solution of equations.

        Args:
            what: The quantity, in words.
            kind: What kind of value is expected.
            expected: The expected value.
            measured: The measured value.
            tolerance: How far they may be apart, in their own unit.
            why: Where the tolerance comes from: rounding, finite size, the digits of the paper.
            sense: "near", "at least" or "at most".
        """
        ours, reach = float(measured), float(tolerance)
        return cls(what, kind, float(expected), ours, ours - reach, ours + reach, why, sense)

    @classmethod
    def of_mean(
        cls,
        what: str,
        kind: Kind,
        expected: float,
        samples: ArrayLike,
        sense: Sense = "near",
        room: float = 0.0,
        why: str = "",
        grain: float = 0.0,
    ) -> "Claim":
        """Return a claim about the mean of independent samples, with Student's t interval.

        Samples of rare events may all agree, and have no spread. n samples without an event tell no
        more of its rate than that it is below -ln(p)/n: so many grains the interval always reaches.

        Args:
            what: The quantity, in words.
            kind: What kind of value is expected.
            expected: The expected mean.
            samples: Independent values, such as one of each network; at least 3.
            sense: "near", "at least" or "at most".
            room: What finite size or the digits of the paper add on either side.
            why: Where this room comes from.
            grain: What a single event, such as one wrong neuron, changes in a sample.
        """
        values = np.asarray(samples, float)
        interval = _t_interval(values, sense, grain)
        reason = f"t interval of {values.size}"
        return cls._statistical(what, kind, expected, interval, sense, room, reason, why)

    @classmethod
    def of_share(
        cls,
        what: str,
        kind: Kind,
        expected: float,
        hits: int,
        trials: int,
        sense: Sense = "near",
        room: float = 0.0,
        why: str = "",
    ) -> "Claim":
        """Return a claim about a probability, with the exact interval of Clopper and Pearson.

        Args:
            what: The quantity, in words.
            kind: What kind of value is expected.
            expected: The expected probability.
            hits: Number of successes.
            trials: Number of independent trials.
            sense: "near", "at least" or "at most".
            room: What finite size or the digits of the paper add on either side.
            why: Where this room comes from.
        """
        from scipy.stats import beta

        tail = _tail(sense)
        low = beta.ppf(tail, hits, trials - hits + 1) if hits else 0.0
        high = beta.isf(tail, hits + 1, trials - hits) if hits < trials else 1.0
        interval = _Interval(hits / trials, float(low), float(high))
        reason = f"exact binomial interval of {trials:,}"
        return cls._statistical(what, kind, expected, interval, sense, room, reason, why)

    @classmethod
    def of_count(
        cls,
        what: str,
        kind: Kind,
        expected: float,
        events: int,
        exposure: float,
        sense: Sense = "near",
        room: float = 0.0,
        why: str = "",
    ) -> "Claim":
        """Return a claim about a rate of rare, independent events, with the exact Poisson interval.

        Args:
            what: The quantity, in words.
            kind: What kind of value is expected.
            expected: The expected number of events in one unit of exposure.
            events: Number of events.
            exposure: In how many units they were counted: probes, seconds.
            sense: "near", "at least" or "at most".
            room: What finite size or the digits of the paper add on either side.
            why: Where this room comes from.
        """
        from scipy.stats import gamma

        tail = _tail(sense)
        low = gamma.ppf(tail, events) if events else 0.0
        high = gamma.isf(tail, events + 1)
        scaled = (float(value) / exposure for value in (events, low, high))
        reason = f"exact Poisson interval of {events:,}"
        return cls._statistical(what, kind, expected, _Interval(*scaled), sense, room, reason, why)

    @classmethod
    def _statistical(
        cls,
        what: str,
        kind: Kind,
        expected: float,
        interval: _Interval,
        sense: Sense,
        room: float,
        reason: str,
        why: str,
    ) -> "Claim":
        measured, low, high = interval
        room = float(room)
        full = f"{reason}; {room:.2g} for {why}" if room else reason
        return cls(
            what, kind, float(expected), measured, low - room, high + room, full, sense, FALSE_ALARM
        )


def _tail(sense: Sense) -> float:
    """Return the probability beyond one end: that of a false alarm, shared by two ends if near."""
    return FALSE_ALARM / 2 if sense == "near" else FALSE_ALARM


def t_reach(values: ArrayLike, axis: int = 0) -> NDArray[np.float64]:
    """Return half of the 99.9 % t interval of the mean over an axis of independent values."""
    from scipy.stats import sem, t

    samples = np.asarray(values, float)
    reach: NDArray[np.float64] = t.isf(_tail("near"), samples.shape[axis] - 1) * sem(samples, axis)
    return reach


def _t_interval(values: NDArray[np.float64], sense: Sense, grain: float) -> _Interval:
    from scipy.stats import sem, t

    mean, tail = float(values.mean()), _tail(sense)
    unseen = -grain * math.log(tail) / values.size
    reach = max(float(t.isf(tail, values.size - 1) * sem(values, axis=None)), unseen)
    return _Interval(mean, mean - reach, mean + reach)
