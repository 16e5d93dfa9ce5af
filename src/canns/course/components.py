"""Checks of the exercise on Oja's rule and principal components."""

import numpy as np

from canns._validation import check_matrix
from canns.course._answers import Answer, AnswerError, Mistake, ask, compare, given, numbers
from canns.typing import AnyArray, Rows

__all__ = ["check_first_component", "check_oja", "check_sanger"]

_RATE = 0.1
_NO_RATE = "The learning rate eta is missing."


def check_oja(oja: Answer) -> str:
    r"""Check one step of Oja's rule.

    .. math:: \Delta w = \eta\,(y\,x - y^2 w), \qquad y = w \cdot x

    Args:
        oja: Maps w, (n,), x, (n,), and eta to the change of w, (n,).

    Returns:
        A message, if the function is right.

    Raises:
        AnswerError: If it is not; the message says why.

    Example:
        >>> check_oja(lambda w, x, eta: eta * (w @ x) * x)
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: This is Hebb's rule, eta y x. ...
        >>> check_oja(lambda w, x, eta: eta * (w @ x) * (x - (w @ x) * w))
        'Right: one step of Oja changes w by eta (y x - y^2 w).'

    Source: Oja (1982), J. Math. Biol. 15:267.
    """
    rng = np.random.default_rng(0)
    w, x = rng.normal(size=4), rng.normal(size=4)
    y = w @ x
    call, answer = ask(oja, w, x, _RATE)
    found = numbers(call, answer, w.shape, "the change of each weight")
    growth, right = _RATE * y * x, _RATE * (y * x - y**2 * w)
    mistakes = [
        Mistake(
            growth,
            "This is Hebb's rule, eta y x. Oja's rule subtracts eta y^2 w, or w would grow without "
            "bound.",
        ),
        Mistake(growth - _RATE * y * w, "The decay must be y^2 w; you have y w."),
        Mistake(growth - _RATE * w, "The decay must be y^2 w; you have w."),
        Mistake(growth + _RATE * y**2 * w, "The sign of the decay is wrong: y x - y^2 w."),
        Mistake(w + right, "This is the new w; return only its change."),
        Mistake(right / _RATE, _NO_RATE),
        Mistake(-right, "The sign is wrong: y x is added, y^2 w is taken away."),
    ]
    compare("The change", found, right, mistakes, "eta (y x - y^2 w)")
    return "Right: one step of Oja changes w by eta (y x - y^2 w)."


def check_sanger(sanger: Answer) -> str:
    r"""Check one step of Sanger's rule.

    .. math:: \Delta W = \eta\,(y\,x^T - \mathrm{LT}[y\,y^T]\,W), \qquad y = W x

    LT keeps the lower triangle and the diagonal.

    Args:
        sanger: Maps W, (k, n), x, (n,), and eta to the change of W, (k, n).

    Returns:
        A message, if the function is right.

    Raises:
        AnswerError: If it is not; the message says why.

    Example:
        >>> import numpy as np
        >>> def subspace(W, x, eta):
        ...     y = W @ x
        ...     return eta * (np.outer(y, x) - np.outer(y, y) @ W)
        >>> check_sanger(subspace)
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: Here every neuron subtracts what all neurons explain...

    Source: Sanger (1989), Neural Networks 2:459.
    """
    rng = np.random.default_rng(1)
    W, x = rng.normal(size=(3, 5)), rng.normal(size=5)
    y = W @ x
    call, answer = ask(sanger, W, x, _RATE)
    found = numbers(call, answer, W.shape, "the change of each weight, a row for each neuron")
    growth, products = np.outer(y, x), np.outer(y, y)
    right = _RATE * (growth - np.tril(products) @ W)
    mistakes = [
        Mistake(
            _RATE * (growth - products @ W),
            "Here every neuron subtracts what all neurons explain: the subspace rule, whose rows "
            "span the components in no order. Keep the lower triangle of y y', np.tril.",
        ),
        Mistake(
            _RATE * (growth - np.triu(products) @ W),
            "You keep the upper triangle, so the last neuron finds the first component. Neuron i "
            "subtracts what neurons 1 to i explain: np.tril.",
        ),
        Mistake(
            _RATE * (growth - np.tril(products, -1) @ W),
            "The diagonal is missing: neuron i subtracts what itself explains as well, or its row "
            "grows without bound.",
        ),
        Mistake(
            _RATE * (growth - (y**2)[:, None] * W),
            "This is Oja's rule in each row, so all rows find the first component. Neuron i must "
            "also subtract what the neurons before it explain.",
        ),
        Mistake(_RATE * growth, "This is Hebb's rule, eta y x'. Subtract LT[y y'] W."),
        Mistake(W + right, "This is the new W; return only its change."),
        Mistake(right / _RATE, _NO_RATE),
    ]
    compare("The change", found, right, mistakes, "eta (y x' - LT[y y'] W)")
    return "Right: one step of Sanger changes W by eta (y x' - LT[y y'] W)."


def check_first_component(w: object, data: Rows) -> str:
    r"""Check a row of weights against the first principal component of the data.

    Args:
        w: The weights, (n,).
        data: The samples, (T, n), with a mean of 0.

    Returns:
        A message with the angle to the eigenvector, if it is below 6 degrees, and the length of w
        is within 5 % of 1.

    Raises:
        AnswerError: If it is not; the message says why.

    Example:
        >>> data = [[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]]
        >>> check_first_component([1.0, 0.05], data)
        'Right: |w| = 1.001, and w is 2.9 degrees from the first principal component.'
        >>> check_first_component([0.0, 1.0], data)
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: w is nearest to component 2, not 1. ...
    """
    samples = np.asarray(check_matrix("data", data), np.float64)
    row = numbers("w", given("w", w), samples.shape[1:], "one weight for each input")
    length = float(np.linalg.norm(row))
    if length == 0:
        raise AnswerError("w is 0 everywhere: start from small random weights.")
    if abs(length - 1) > 0.05:
        raise AnswerError(
            f"The length of w is {length:.3g}, and Oja's rule leads it to 1. "
            + ("Show the data more often, or take a larger eta." if length < 1 else _TOO_LARGE)
        )
    cosines = np.abs(_components(samples) @ row) / length
    angle = float(np.degrees(np.arccos(min(1.0, cosines[0]))))
    best = int(np.argmax(cosines))
    if best:
        raise AnswerError(
            f"w is nearest to component {best + 1}, not 1. Start from random weights, and show the "
            "data more often."
        )
    if angle > 6:
        raise AnswerError(
            f"w is {angle:.1f} degrees from the first principal component. Show the data more "
            "often; if the angle then fluctuates, take a smaller eta."
        )
    return (
        f"Right: |w| = {length:.3f}, and w is {angle:.1f} degrees from the first principal "
        "component."
    )


_TOO_LARGE = "Take a smaller eta."


def _components(samples: AnyArray) -> AnyArray:
    """Return the eigenvectors of the correlation of the inputs, one a row, the first one first."""
    vectors: AnyArray = np.linalg.eigh(samples.T @ samples / len(samples))[1]
    return vectors.T[::-1]
