"""What a search for the unknowns of a rule works on, and where it stands."""

import time
from collections.abc import Callable
from typing import NamedTuple

from canns.inference.data import Problem
from canns.inference.unknowns import Unknown
from canns.plasticity import Rule
from canns.typing import PyTree

__all__ = ["Clock", "Fitting", "Members", "Penalty", "Search"]


class Penalty(NamedTuple):
    """What is added to the loss per observation: l1 sum |theta| + l2/2 sum theta^2."""

    l1: float = 0.0
    l2: float = 0.0


class Members(NamedTuple):
    """Where each member starts, and what counts.

    Args:
        theta: The unknowns as real numbers without bounds, (M, P).
        start: The start weights, (M, E, out, in).
        weights: How much each experiment counts, (M, E).
        free: 1 for unknowns that may change, else 0, (M, P).
    """

    theta: PyTree
    start: PyTree
    weights: PyTree
    free: PyTree


class Search(NamedTuple):
    """Where the search of each member stands.

    Args:
        members: The members.
        loss: The loss per observation, with penalties, (M,).
        value: Sums of the log-likelihood terms, (M, E).
        number: Numbers of observations, (M, E).
        slope: Derivatives of the sums by unknowns and start weights, (M, E, P + n).
        curvature: Their Fisher information, (M, E, P + n, P + n).
        damping: Marquardt's lambda, (M,).
        growth: By what the damping grows when a step fails, (M,).
        calm: How many small decreases there were in a row, (M,).
        origin: Where the members started, to which those go back whose run explodes, (M, P).
    """

    members: Members
    loss: PyTree
    value: PyTree
    number: PyTree
    slope: PyTree
    curvature: PyTree
    damping: PyTree
    growth: PyTree
    calm: PyTree
    origin: PyTree


class Clock:
    """A limit on time, and a place to count steps."""

    def __init__(
        self, max_seconds: float | None = None, tell: Callable[[float], None] | None = None
    ):
        self._end = None if max_seconds is None else time.monotonic() + max_seconds
        self._tell = tell
        self.timed_out = False
        self.losses: list[float] = []

    def tick(self, loss: float) -> bool:
        """Note the loss after a step, and return whether there is time for another."""
        self.losses.append(loss)
        if self._tell is not None:
            self._tell(loss)
        self.timed_out = self._end is not None and time.monotonic() > self._end
        return not self.timed_out


class Fitting(NamedTuple):
    """What is fitted to what.

    Args:
        problem: The experiments.
        rule: The rule.
        unknowns: Its unknown numbers.
        clock: A limit on time.
        penalty: The penalty.
    """

    problem: Problem
    rule: Rule
    unknowns: tuple[Unknown, ...]
    clock: Clock
    penalty: Penalty = Penalty()
