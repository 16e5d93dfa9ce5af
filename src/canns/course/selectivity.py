"""Checks of the exercise on the BCM rule."""

import numpy as np

from canns._validation import check_matrix
from canns.course._answers import (
    Answer,
    AnswerError,
    Mistake,
    ask,
    compare,
    given,
    number,
    numbers,
)
from canns.typing import AnyArray, Rows

__all__ = ["check_bcm", "check_selective", "check_selectivity"]

_RATE, _TAU = 0.1, 20.0


def check_bcm(bcm: Answer) -> str:
    r"""Check one step of the BCM rule, in the form of Intrator and Cooper.

    .. math::
        \Delta w = \eta\, y\,(y - \theta)\, x, \qquad
        \theta \leftarrow \theta + (y^2 - \theta)/\tau, \qquad y = w \cdot x

    The change of w uses the threshold from before the step.

    Args:
        bcm: Maps w, (n,), theta, x, (n,), eta and tau to a pair: the change of w, (n,), and the
            new theta.

    Returns:
        A message, if the function is right.

    Raises:
        AnswerError: If it is not; the message says why.

    Example:
        >>> def bcm(w, theta, x, eta, tau):
        ...     y = w @ x
        ...     return eta * y * (y - theta) * x, theta + (y - theta) / tau
        >>> check_bcm(bcm)
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: The threshold follows y^2; yours follows y.

    Source: Bienenstock, Cooper & Munro (1982), J. Neurosci. 2:32; Intrator & Cooper (1992), Neural
    Networks 5:3.
    """
    rng = np.random.default_rng(2)
    w, x, theta = rng.normal(size=4), rng.normal(size=4), 0.7
    y = float(w @ x)
    call, answer = ask(bcm, w, theta, x, _RATE, _TAU)
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise AnswerError(f"{call} must return two things: the change of w, and the new theta.")
    change = numbers(f"The change of w that {call} returns", answer[0], w.shape, "as w")
    moved = numbers(f"The theta that {call} returns", np.squeeze(answer[1]), (), "one number")
    slid = theta + (y**2 - theta) / _TAU
    right = _RATE * y * (y - theta) * x
    thresholds = [
        Mistake(theta + (y - theta) / _TAU, "The threshold follows y^2; yours follows y."),
        Mistake((y**2 - theta) / _TAU, "Return the new theta, not its change."),
        Mistake(theta + (y**2 - theta), "The slowness of the threshold is missing: divide by tau."),
        Mistake(theta, "Theta has not moved: add (y^2 - theta)/tau."),
        Mistake(theta - (y**2 - theta) / _TAU, "Theta moves away from y^2: check the sign."),
    ]
    compare("The new theta", moved, slid, thresholds, "theta + (y^2 - theta)/tau")
    changes = [
        Mistake(_RATE * y * x, "This is Hebb's rule: the factor (y - theta) is missing."),
        Mistake(
            _RATE * (y - theta) * x,
            "The factor y is missing: a neuron that is silent learns nothing, so y (y - theta).",
        ),
        Mistake(
            _RATE * y * (y - slid) * x,
            "You use the new threshold; the change of w takes the one from before the step.",
        ),
        Mistake(-right, "The sign is wrong: above its threshold a neuron strengthens its inputs."),
        Mistake(w + right, "This is the new w; return only its change."),
        Mistake(right / _RATE, "The learning rate eta is missing."),
    ]
    compare("The change of w", change, right, changes, "eta y (y - theta) x")
    return "Right: w changes by eta y (y - theta) x, and theta slides towards y^2."


def check_selectivity(selectivity: Answer) -> str:
    r"""Check the selectivity of Bienenstock, Cooper and Munro.

    .. math:: S = 1 - \frac{\langle y \rangle}{\max y}

    Args:
        selectivity: Maps the responses to K patterns, (K,), to S.

    Returns:
        A message, if the function is right.

    Raises:
        AnswerError: If it is not; the message says why.

    Example:
        >>> import numpy as np
        >>> check_selectivity(lambda y: np.mean(y) / np.max(y))
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: This is mean/max, which is 1 for a neuron that ...
        >>> check_selectivity(lambda y: 1 - np.mean(y) / np.max(y))
        'Right: S is 0 for equal responses, and 1 - 1/K for a response to one of K patterns.'

    Source: Bienenstock, Cooper & Munro (1982), J. Neurosci. 2:32.
    """
    for responses in (np.array([1.0, 3.0, 2.0, 0.0]), np.ones(5), np.eye(8)[3] * 8):
        call, answer = ask(selectivity, responses)
        share = responses.mean() / responses.max()
        mistakes = [
            Mistake(
                share,
                "This is mean/max, which is 1 for a neuron that answers to all alike. Take it from "
                "1.",
            ),
            Mistake(
                1 - responses.min() / responses.max(), "Divide the mean, not the least response."
            ),
            Mistake(
                1 - responses.sum() / responses.max(), "Divide the mean of the responses, not sum."
            ),
        ]
        found = np.asarray(number(call, answer))
        compare(f"S of {responses.tolist()}", found, 1 - share, mistakes, "1 - mean/max")
    return "Right: S is 0 for equal responses, and 1 - 1/K for a response to one of K patterns."


def check_selective(w: object, patterns: Rows) -> str:
    r"""Check that a BCM neuron has reached the stable fixed point of theory.

    With K linearly independent patterns, shown equally often, it answers to one of them by y = K,
    and to the others by 0.

    Args:
        w: The weights, (n,).
        patterns: The patterns, (K, n).

    Returns:
        A message with the responses, if they are within 10 % of K of what theory says.

    Raises:
        AnswerError: If they are not; the message says why.

    Example:
        >>> import numpy as np
        >>> check_selective([0.0, 3.9, 0.1, 0.0], np.eye(4))
        'Right: the neuron answers to pattern 2 by 3.90 (theory: 4), to the others by up to 0.10.'
        >>> check_selective([2.0, 2.0, 0.0, 0.0], np.eye(4))
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: The neuron answers to 2 patterns...

    Source: Bienenstock, Cooper & Munro (1982), J. Neurosci. 2:32; Intrator & Cooper (1992), Neural
    Networks 5:3.
    """
    rows = np.asarray(check_matrix("patterns", patterns), np.float64)
    count = len(rows)
    weights = numbers("w", given("w", w), rows.shape[1:], "one weight for each input")
    y: AnyArray = rows @ weights
    shown = np.round(y, 2).tolist()
    active = int((np.abs(y) > 0.1 * count).sum())
    if not active:
        raise AnswerError(
            f"The neuron answers to no pattern ({shown}). Start from positive weights, so that it "
            "answers at first; if it fell silent, eta was too large."
        )
    if active > 1:
        raise AnswerError(
            f"The neuron answers to {active} patterns ({shown}). Such a state is not stable: show "
            "the patterns for longer, in random order."
        )
    best, others = int(y.argmax()), float(np.abs(np.delete(y, y.argmax())).max())
    if abs(y[best] - count) > 0.1 * count:
        raise AnswerError(
            f"The neuron answers to pattern {best + 1} by {y[best]:.2f}; theory has K = {count}. "
            "Show the patterns for longer, or take a smaller eta: y fluctuates with eta |x|^2 tau."
        )
    return (
        f"Right: the neuron answers to pattern {best + 1} by {y[best]:.2f} (theory: {count}), to "
        f"the others by up to {others:.2f}."
    )
