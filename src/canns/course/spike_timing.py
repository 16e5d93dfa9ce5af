"""Checks of the exercise on spike-timing-dependent plasticity."""

import math

import numpy as np

from canns._explain import explained
from canns._validation import check_vector
from canns.course._answers import Answer, AnswerError, ask, given, number, numbers
from canns.typing import Row

__all__ = ["check_balance", "check_competition", "check_stdp_window"]

_AMPLITUDES = 0.01, 0.006  # A+ and A-
_CONSTANTS = 17.0, 34.0  # tau+ and tau- in ms
_LAGS = (-40.0, -15.0, -3.0, 3.0, 15.0, 40.0)


def check_stdp_window(window: Answer) -> str:
    r"""Check the window of pair-based STDP.

    .. math::
        \Delta w(s) = A_+ e^{-s/\tau_+} \;\text{if}\; s = t_{post} - t_{pre} > 0, \qquad
        \Delta w(s) = -A_- e^{s/\tau_-} \;\text{if}\; s < 0

    Args:
        window: Maps the lag s in ms (one number), A+, A-, tau+ and tau- to the change.

    Returns:
        A message, if the function is right.

    Raises:
        AnswerError: If it is not; the message says why.

    Example:
        >>> from math import exp
        >>> def window(lag, A_plus, A_minus, tau_plus, tau_minus):
        ...     return A_plus * exp(-lag / tau_plus) if lag > 0 else A_minus * exp(lag / tau_minus)
        >>> check_stdp_window(window)
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: At a lag of -40 ms the output spike comes first, ...

    Source: Song, Miller & Abbott (2000), Nat. Neurosci. 3:919.
    """
    (up, down), (tau_up, tau_down) = _AMPLITUDES, _CONSTANTS
    found = []
    for lag in _LAGS:
        call, answer = ask(window, lag, up, down, tau_up, tau_down)
        found.append(number(call, np.squeeze(np.asarray(answer))))
    right = [
        up * math.exp(-lag / tau_up) if lag > 0 else -down * math.exp(lag / tau_down)
        for lag in _LAGS
    ]
    if _same(found, [-value for value in reversed(right)]) or _same(
        np.sign(found), -np.sign(right)
    ):
        raise AnswerError(
            "The sides are exchanged: a lag s = t_post - t_pre above 0 means that the input came "
            "first, which strengthens the synapse."
        )
    crossed = [
        up * math.exp(-lag / tau_down) if lag > 0 else -down * math.exp(lag / tau_up)
        for lag in _LAGS
    ]
    if _same(found, crossed):
        raise AnswerError("tau+ and tau- are exchanged: tau+ belongs to lags above 0.")
    for lag, value, expected in zip(_LAGS, found, right, strict=True):
        _check_lag(lag, value, expected)
    return "Right: A+ exp(-s/tau+) if the input came first, -A- exp(s/tau-) if it came last."


def _same(values: object, others: object) -> bool:
    return bool(np.allclose(np.asarray(values), np.asarray(others), rtol=1e-4, atol=1e-9))


def _check_lag(lag: float, value: float, expected: float) -> None:
    """Raise unless the change at one lag is right."""
    if math.isclose(value, expected, rel_tol=1e-4):
        return
    start = f"At a lag of {lag:g} ms"
    if math.isclose(value, -expected, rel_tol=1e-4):
        order = "the input spike comes first" if lag > 0 else "the output spike comes first"
        effect = "strengthens" if lag > 0 else "weakens"
        raise AnswerError(f"{start} {order}, which {effect} the synapse: check the sign.")
    if abs(value) > _AMPLITUDES[lag < 0]:
        raise AnswerError(
            f"{start} the change is {value:.4g}, more than A+ or A-. It must fall with the "
            "distance of the spikes: check the sign in the exponent."
        )
    raise AnswerError(f"{start} the change is {value:.4g}; the formula gives {expected:.4g}.")


@explained
def check_balance(
    A_minus: object, *, A_plus: float, tau_plus: float, tau_minus: float, excess: float = 0.05
) -> str:
    r"""Check that depression outweighs potentiation by the given share.

    The window integrates to :math:`A_+ \tau_+ - A_- \tau_-`, so independent trains leave a weight
    unchanged on average if the two are equal.

    Args:
        A_minus: The answer.
        A_plus: Potentiation of a pair without delay.
        tau_plus: Time constant of potentiation in ms.
        tau_minus: Time constant of depression in ms.
        excess: By how much the area of depression is larger.

    Returns:
        A message, if the number is right.

    Raises:
        AnswerError: If it is not; the message says why.

    Example:
        >>> check_balance(0.0105, A_plus=0.01, tau_plus=20.0, tau_minus=40.0)
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: You compare the amplitudes; compare the areas, ...
        >>> check_balance(0.00525, A_plus=0.01, tau_plus=20.0, tau_minus=40.0)
        'Right: A- tau- is 0.21 ms, 5 % more than A+ tau+.'
    """
    found = number("A_minus", given("A_minus", A_minus))
    right = (1 + excess) * A_plus * tau_plus / tau_minus
    if found < 0:
        raise AnswerError("A_minus is a size: give it without a sign.")
    if math.isclose(found, right, rel_tol=0.002):
        area = f"{found * tau_minus:.3g} ms, {100 * excess:.3g} %"
        return f"Right: A- tau- is {area} more than A+ tau+."
    if math.isclose(found, (1 + excess) * A_plus, rel_tol=0.002):
        raise AnswerError("You compare the amplitudes; compare the areas, A- tau- and A+ tau+.")
    if math.isclose(found, A_plus * tau_plus / tau_minus, rel_tol=0.002):
        raise AnswerError(f"This is the balance. Depression must win by {100 * excess:.3g} %.")
    raise AnswerError(
        f"A- tau- is {found * tau_minus:.3g} ms and A+ tau+ is {A_plus * tau_plus:.3g} ms; the "
        f"first must be {1 + excess:.3g} times the second."
    )


def check_competition(weights: object, correlated: Row, *, w_max: float = 1.0) -> str:
    """Check that STDP has strengthened the correlated inputs at the expense of the others.

    Args:
        weights: The weights after learning, (n,).
        correlated: True for the inputs that fire together, (n,).
        w_max: The upper bound of the weights.

    Returns:
        A message with the mean weight of either group, if they differ by half of w_max.

    Raises:
        AnswerError: If they do not; the message says why.

    Example:
        >>> check_competition([0.9, 1.0, 0.1, 0.0], [True, True, False, False])
        'Right: the correlated inputs have a mean weight of 0.95, the others of 0.05.'
        >>> check_competition([0.9, 1.0, 0.9, 1.0], [True, True, False, False])
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: All weights are near the upper bound: potentiation ...

    Source: Song, Miller & Abbott (2000), Nat. Neurosci. 3:919.
    """
    group = check_vector("correlated", correlated).astype(bool)
    w = numbers("weights", given("weights", weights), group.shape, "one weight for each input")
    if w.min() < -1e-6 * w_max or w.max() > w_max * (1 + 1e-6):
        raise AnswerError(
            f"The weights reach from {w.min():.3g} to {w.max():.3g}; keep them from 0 to {w_max:g} "
            "with Bounds(0, 1)."
        )
    together, alone = float(w[group].mean()), float(w[~group].mean())
    means = f"a mean weight of {together:.2f}, the others of {alone:.2f}"
    if together - alone > 0.5 * w_max:
        return f"Right: the correlated inputs have {means}."
    if w.mean() > 0.8 * w_max:
        raise AnswerError(
            "All weights are near the upper bound: potentiation wins by chance alone. Make "
            "A_minus tau_minus larger than A_plus tau_plus."
        )
    if w.mean() < 0.1 * w_max:
        raise AnswerError(
            "All weights are near 0: depression is too strong, and the neuron has fallen silent."
        )
    raise AnswerError(
        f"The correlated inputs have {means}: the groups have not separated. Learn for longer."
    )
