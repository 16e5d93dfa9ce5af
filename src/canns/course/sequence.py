"""Checks of the exercise on sequences."""

from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from canns.analyzer.theory import variant_overlap
from canns.course._answers import Answer, AnswerError, Mistake, ask, compare, numbers, student_reach
from canns.typing import AnyArray

__all__ = ["check_replay", "check_transitions"]

# Patterns and neurons are both odd, so that no field is exactly 0.
_COUNT, _SIZE, _STEPS, _NETWORKS = 61, 401, 40, 4


def _sequence(count: int, size: int, seed: int) -> AnyArray:
    return np.random.default_rng(seed).choice([-1.0, 1.0], (count, size))


def _transitions(sequence: AnyArray) -> AnyArray:
    following = np.roll(sequence, -1, axis=0)
    weights: AnyArray = following.T @ sequence / sequence.shape[1]
    return weights


def check_transitions(store: Answer) -> str:
    r"""Check a function that stores a cyclic sequence of patterns.

    .. math:: W_{ij} = \frac1N \sum_{\mu=1}^P \xi_i^{\mu+1} \xi_j^\mu, \qquad \xi^{P+1} = \xi^1

    Args:
        store: Maps patterns of -1 and 1 in their order, (P, N), to W, (N, N).

    Returns:
        A message, if the function is right.

    Raises:
        AnswerError: If it is not; the message says why.

    Example:
        >>> import numpy as np
        >>> check_transitions(lambda x: x.T @ np.roll(x, -1, axis=0) / x.shape[1])
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: Your W leads from each pattern to the one before it...
        >>> check_transitions(lambda x: np.roll(x, -1, axis=0).T @ x / x.shape[1])
        'Right: W leads from each pattern to the next, and from the last to the first.'

    Source: Amari (1972), IEEE Trans. Comput. C-21:1197; Sompolinsky & Kanter (1986), Phys. Rev.
    Lett. 57:2861.
    """
    sequence = _sequence(4, 30, 0)
    size = sequence.shape[1]
    call, answer = ask(store, sequence)
    found = numbers(call, answer, (size, size), "a row and a column for each neuron")
    right = _transitions(sequence)
    last = np.outer(sequence[0], sequence[-1]) / size
    backwards = (
        "Your W leads from each pattern to the one before it. W[i, j] leads from neuron j to "
        "neuron i: the row has the next pattern, the column the present one."
    )
    off = 1 - np.eye(size)
    mistakes = [
        Mistake(right.T, backwards),
        Mistake(right.T - last.T, backwards),
        Mistake(right - last, "The sequence does not close: let the first follow the last."),
        Mistake(
            sequence.T @ sequence / size,
            "This is Hebb's rule for patterns that stay. Pair each pattern with the next one.",
        ),
        Mistake(
            sequence.T @ sequence / size * off,
            "This is Hebb's rule for patterns that stay. Pair each pattern with the next one.",
        ),
        Mistake(right * size, "Divide by the number of neurons, N."),
        Mistake(right * size / 4, "You divide by the number of patterns; divide by N."),
        Mistake(
            right * off,
            "Keep the diagonal: W_ii is no self-excitation here, it takes a neuron from its state "
            "in one pattern to its state in the next.",
        ),
    ]
    compare("W", found, right, mistakes, "the sum over transitions, divided by N,")
    return "Right: W leads from each pattern to the next, and from the last to the first."


def check_replay(replay: Answer) -> str:
    r"""Check a function that replays a sequence, and the overlaps on the way.

    All neurons are updated at once, :math:`s(t+1) = \mathrm{sign}(W s(t))`. The overlap on the way
    is compared with theory, by Student's interval of four networks at a confidence of 99.9 %,
    and 1/N.

    Args:
        replay: Maps W, (N, N), a cue of -1 and 1, (N,), and the number of updates T to the cue and
            the state after each update, (T + 1, N).

    Returns:
        A message with the overlap on the way, and that of theory, if the function is right.

    Raises:
        AnswerError: If it is not; the message says why.

    Example:
        >>> import numpy as np
        >>> def replay(weights, cue, num_steps):
        ...     states = [cue]
        ...     for _ in range(num_steps):
        ...         states.append(np.sign(weights @ states[-1]))
        ...     return states
        >>> check_replay(replay)
        'Right: from the third update on the overlap is 0.989; for many neurons theory has 0.988.'
        >>> check_replay(lambda W, cue, num_steps: replay(W, cue, num_steps)[1:])
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: Your list has 40 states for 40 updates. ...

    Source: During, Coolen & Sherrington (1998), J. Phys. A 31:8607.
    """
    found = [_kept_overlap(replay, seed) for seed in range(_NETWORKS)]
    mean, theory = float(np.mean(found)), float(variant_overlap(_COUNT / _SIZE, "sequence"))
    reach = student_reach(found) + 1 / _SIZE
    if abs(mean - theory) > reach:
        raise AnswerError(
            f"The overlap on the way is {mean:.4f}; theory has {theory:.4f}, and chance explains a "
            f"difference of {reach:.4f}. Update all neurons at once, from the same s."
        )
    return (
        f"Right: from the third update on the overlap is {mean:.3f}; for many neurons theory has "
        f"{theory:.3f}."
    )


def _kept_overlap(replay: Answer, seed: int) -> float:
    """Return the mean overlap on the way through one sequence, from a noisy first pattern."""
    sequence = _sequence(_COUNT, _SIZE, seed)
    flipped = np.random.default_rng(seed + 100).permutation(_SIZE) < _SIZE // 10
    weights, cue = _transitions(sequence), np.where(flipped, -1, 1) * sequence[0]
    call, answer = ask(replay, weights, cue, _STEPS)
    if np.shape(cast(ArrayLike, answer)) == (_STEPS, _SIZE):
        raise AnswerError(
            f"Your list has {_STEPS} states for {_STEPS} updates. Begin it with the cue, so that "
            "row t is the state after t updates."
        )
    states = numbers(call, answer, (_STEPS + 1, _SIZE), "the cue, and the state after each update")
    if not np.isin(states, (-1, 1)).all():
        raise AnswerError(f"{call} has states other than -1 and 1: take the sign of the field.")
    overlaps = states @ sequence.T / _SIZE  # (time, pattern)
    _check_order(overlaps)
    return float(np.diagonal(overlaps)[3:].mean())


def _check_order(overlaps: AnyArray) -> None:
    """Raise unless state t is nearest to pattern t."""
    nearest = overlaps.argmax(axis=1)
    if overlaps[0, 0] < 0.7:
        raise AnswerError("The first state is not the cue.")
    if (nearest == 0).all():
        raise AnswerError("The state stays at the first pattern: apply W again to each new state.")
    if (nearest[1:3] == len(overlaps.T) - np.arange(1, 3)).all():
        raise AnswerError("The sequence runs backwards: the field is W s, not s W.")
    off = np.flatnonzero(nearest != np.arange(len(nearest)))
    if off.size:
        t = int(off[0])
        raise AnswerError(
            f"After {t} updates the state is nearest to pattern {nearest[t] + 1}, but should be at "
            f"pattern {t + 1}: one update of all neurons leads one pattern on."
        )
