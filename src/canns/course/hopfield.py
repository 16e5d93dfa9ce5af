"""Checks of the exercise on the Hopfield network."""

from typing import cast

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erf

from canns._explain import explained
from canns._validation import check_size
from canns.analyzer.theory import ags_critical_load, ags_overlap
from canns.course._answers import (
    Answer,
    AnswerError,
    Mistake,
    ask,
    compare,
    number,
    numbers,
    student_reach,
)
from canns.typing import AnyArray

__all__ = ["check_capacity", "check_hebbian", "check_recall"]

_SIZE, _NUM_PATTERNS = 40, 5
_LOW, _HIGH, _LOST = 0.05, 0.1, 0.25
_LOADS = (0.1, 0.12, 0.14, 0.16, 0.18, 0.2)


def _patterns(count: int, size: int, seed: int) -> AnyArray:
    return np.random.default_rng(seed).choice([-1.0, 1.0], (count, size))


def _weights(patterns: AnyArray) -> AnyArray:
    weights: AnyArray = patterns.T @ patterns / patterns.shape[1]
    np.fill_diagonal(weights, 0)
    return weights


def check_hebbian(hebbian: Answer) -> str:
    r"""Check a function that stores patterns by Hebb's rule.

    .. math:: W_{ij} = \frac1N \sum_\mu \xi_i^\mu \xi_j^\mu, \qquad W_{ii} = 0

    Args:
        hebbian: Maps patterns of -1 and 1, one a row, (P, N), to W, (N, N).

    Returns:
        A message, if the function is right.

    Raises:
        AnswerError: If it is not; the message says why.

    Example:
        >>> import numpy as np
        >>> def hebbian(patterns):
        ...     return patterns.T @ patterns / patterns.shape[1]
        >>> check_hebbian(hebbian)
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: Your diagonal is not 0: W_ii = P/N = 0.125. ...
        >>> check_hebbian(lambda patterns: hebbian(patterns) * (1 - np.eye(patterns.shape[1])))
        "Right: W is X'X/N, and its diagonal is 0."

    Source: Hopfield (1982), PNAS 79:2554.
    """
    patterns = _patterns(_NUM_PATTERNS, _SIZE, 0)
    call, answer = ask(hebbian, patterns)
    shape = np.shape(cast(ArrayLike, answer))
    if shape == (_NUM_PATTERNS, _NUM_PATTERNS):
        raise AnswerError(
            f"{call} compares patterns with each other: its shape is {shape}. The sum "
            "is over patterns, and W has a row and a column for each neuron: X' X, not X X'."
        )
    found = numbers(call, answer, (_SIZE, _SIZE), "a row and a column for each neuron")
    right = _weights(patterns)
    own = np.eye(_SIZE) * _NUM_PATTERNS / _SIZE
    diagonal = (
        f"Your diagonal is not 0: W_ii = P/N = {_NUM_PATTERNS / _SIZE:g}. A neuron must not drive "
        "itself; set the diagonal to 0, for example with np.fill_diagonal(W, 0)."
    )
    mistakes = [Mistake(right + own, diagonal)]
    for factor, hint in (
        (_SIZE, "Your weights are N times too large: divide the sum by the number of neurons, N."),
        (
            _SIZE / _NUM_PATTERNS,
            "You divide by the number of patterns, P; here W is divided by the number of neurons, "
            "N, so that the fields are of order 1 at any load.",
        ),
        (-1, "The sign is wrong: neurons that agree in a pattern excite each other."),
    ):
        mistakes += [Mistake(factor * right, hint), Mistake(factor * (right + own), hint)]
    last = np.outer(patterns[-1], patterns[-1]) / _SIZE
    alone = "Only the last pattern is stored: add up the patterns, W += ..."
    mistakes += [
        Mistake(last, alone),
        Mistake(last - np.diag(np.diag(last)), alone),
    ]
    compare("W", found, right, mistakes, "the sum over patterns, divided by N,")
    return "Right: W is X'X/N, and its diagonal is 0."


def check_recall(recall: Answer) -> str:
    r"""Check a function that updates a state until nothing changes.

    .. math:: s_i \leftarrow \mathrm{sign}\Big(\sum_j W_{ij} s_j\Big)

    Neurons may be updated all at once, or one after the other in any order.

    Args:
        recall: Maps W, (N, N), and a cue of -1 and 1, (N,), to the state that it settles in, (N,).

    Returns:
        A message, if the function is right.

    Raises:
        AnswerError: If it is not; the message says why.

    Example:
        >>> import numpy as np
        >>> def recall(weights, cue):
        ...     return np.sign(weights @ cue)
        >>> check_recall(recall)
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: ... Repeat the update until nothing changes.
        >>> def until_it_settles(weights, cue):
        ...     for _ in range(50):
        ...         cue = recall(weights, cue)
        ...     return cue
        >>> check_recall(until_it_settles)
        'Right: 21 of 21 patterns came back from cues with 25 % of their neurons flipped.'

    Source: Amari (1972), IEEE Trans. Comput. C-21:1197; Hopfield (1982), PNAS 79:2554.
    """
    count, size = 21, 400  # odd and even, so that no field is exactly 0
    patterns = _patterns(count, size, 1)
    weights = _weights(patterns)
    flipped = np.random.default_rng(2).permuted(np.tile(np.arange(size) < 100, (count, 1)), axis=1)
    for pattern, cue in zip(patterns, np.where(flipped, -patterns, patterns), strict=True):
        call, answer = ask(recall, weights, cue)
        state = numbers(call, answer, (size,), "one state for each neuron, after the last update")
        _check_settled(call, state, weights, cue)
        overlap = float(state @ pattern) / size
        if overlap < 0.9:
            raise AnswerError(
                f"{call} settled in a state whose overlap with the stored pattern is "
                f"{overlap:.2f}. Is the field W s, and does the new state have its sign?"
            )
    share = f"{count} of {count} patterns"
    return f"Right: {share} came back from cues with 25 % of their neurons flipped."


def _check_settled(call: str, state: AnyArray, weights: AnyArray, cue: AnyArray) -> None:
    """Raise unless the state is a fixed point made of -1 and 1."""
    if (state == 0).any() and np.isin(state, (-1, 0, 1)).all():
        raise AnswerError(
            f"{call} has neurons of state 0. np.sign(0) is 0: let a neuron whose field is exactly "
            "0 keep its state."
        )
    if not np.isin(state, (-1, 1)).all():
        other = state[np.abs(state) != 1][0]
        raise AnswerError(f"{call} has a neuron of state {other:.3g}: take the sign of the field.")
    unstable = int((weights @ state * state < -1e-9).sum())
    if unstable and (state == cue).all():
        raise AnswerError(f"{call} returned the cue itself; nothing was updated.")
    if unstable:
        raise AnswerError(
            f"{call} has not settled: another update would change {unstable} of {len(state)} "
            "neurons. Repeat the update until nothing changes."
        )


@explained
def check_capacity(kept_overlap: Answer, *, num_neurons: int = 300) -> str:
    r"""Check a measurement of the overlap that a full network keeps.

    The measurement is compared with the theory of Amit, Gutfreund and Sompolinsky below the
    critical load, and must be lost above it. The tolerances: at low load, Student's interval of
    four networks at a confidence of 99.9 %, and 1/N; at the critical load :math:`1/\sqrt N`, the
    width of the transition in a network of N neurons.

    Args:
        kept_overlap: Maps P, N and a seed to the mean overlap with their patterns of the states
            that recall reaches if it starts from the patterns.
        num_neurons: N.

    Returns:
        A message with the load at which the overlap falls below 0.9, if the function is right.

    Raises:
        AnswerError: If it is not; the message says why.

    Example:
        >>> check_capacity(lambda num_patterns, num_neurons, seed: 1.0)
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: At P = 75 (a load of 0.25) you keep an ...

    Source: Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55:1530.
    """
    size = check_size("num_neurons", num_neurons, low=100)

    def measure(load: float, seed: int) -> float:
        count = round(load * size)
        call, answer = ask(kept_overlap, count, size, seed)
        overlap = number(call, answer)
        if abs(overlap) > 1 + 1e-6:
            hint = "Divide the sum over neurons by N, and take the mean over patterns."
            raise AnswerError(f"{call} is {overlap:.4g}; an overlap is at most 1. {hint}")
        return overlap

    _check_lost(measure(_LOST, 0), size)
    for load in (_LOW, _HIGH):
        _check_kept([measure(load, seed) for seed in range(4)], load, size)
    overlaps = [np.mean([measure(load, seed) for seed in range(2)]) for load in _LOADS]
    below = np.flatnonzero(np.array(overlaps) < 0.9)
    critical, width = ags_critical_load().alpha, 1 / np.sqrt(size)
    reached = _crossing(overlaps, int(below[0])) if below.size else _LOADS[-1]
    if abs(reached - critical) > width:
        raise AnswerError(
            f"The overlap falls below 0.9 at a load of {reached:.3f}; theory has "
            f"{critical:.3f}, and a network of {size} neurons may differ by {width:.3f}."
        )
    return (
        f"Right: the overlap falls below 0.9 at a load of {reached:.3f}; for many neurons theory "
        f"has {critical:.3f}."
    )


def _crossing(overlaps: list[np.floating], first: int) -> float:
    """Return the load at which the overlap is 0.9, between two loads that were measured."""
    if first == 0:
        return _LOADS[0]
    pair = slice(first - 1, first + 1)
    return float(np.interp(-0.9, [-m for m in overlaps[pair]], _LOADS[pair]))


def _check_lost(overlap: float, size: int) -> None:
    once = float(erf(1 / np.sqrt(2 * _LOST)))
    where = f"At P = {round(_LOST * size)} (a load of {_LOST:g}) you keep an overlap of"
    if abs(overlap - once) < 0.02:
        raise AnswerError(
            f"{where} {overlap:.3f}. That is the overlap after one update, erf(sqrt(N/2P)) = "
            f"{once:.3f}. Update until nothing changes."
        )
    if overlap > 0.8:
        raise AnswerError(
            f"{where} {overlap:.3f}, but there the patterns are lost. Compare the states after "
            "recall with the stored patterns, and store all P of them."
        )


def _check_kept(overlaps: list[float], load: float, size: int) -> None:
    mean = float(np.mean(overlaps))
    if np.ptp(overlaps) == 0 and load == _HIGH:
        raise AnswerError("Four seeds gave the same overlap: draw the patterns from the seed.")
    reach = student_reach(overlaps) + 1 / size
    theory = float(ags_overlap(load))
    if abs(mean - theory) > reach:
        raise AnswerError(
            f"At P = {round(load * size)} (a load of {load:g}) you keep an overlap of {mean:.4f}; "
            f"theory has {theory:.4f}, and chance explains a difference of {reach:.4f}. Start "
            "recall from the stored patterns themselves."
        )
