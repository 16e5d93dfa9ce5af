"""How the answer to an exercise is read, compared, and explained."""

import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t

from canns._arrays import as_numpy
from canns.errors import CannsError
from canns.typing import AnyArray

__all__ = [
    "Answer",
    "AnswerError",
    "Mistake",
    "ask",
    "compare",
    "given",
    "number",
    "numbers",
    "student_reach",
]

#: A function that a student writes.
Answer = Callable[..., object]


class AnswerError(CannsError, AssertionError):
    """An answer to an exercise is not right yet; the message says what is wrong with it.

    A notebook shows the message alone, without a traceback.
    """

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback."""
        return [f"Not yet. {self}"]


class Mistake(NamedTuple):
    """A wrong answer that is often given.

    Args:
        values: What the answer is then.
        hint: What to say about it.
    """

    values: ArrayLike
    hint: str


def given(what: str, answer: object) -> object:
    """Return ``answer``, or raise if the gap of the exercise has not been filled.

    Example:
        >>> given("A_minus", ...)
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: A_minus is still empty: replace the ... by your answer.
    """
    if answer is Ellipsis:
        raise AnswerError(f"{what} is still empty: replace the ... by your answer.")
    if answer is None:
        raise AnswerError(f"{what} is None: replace the ... by your answer, and return it.")
    return answer


def ask(function: object, *arguments: object) -> tuple[str, object]:
    """Return how the function is called in messages, and what it returns for these arguments.

    It is given copies of arrays, so that it may change them.

    Example:
        >>> def double(x):
        ...     return 2 * x
        >>> ask(double, 3)
        ('double(...)', 6)
    """
    if not callable(function):
        given("Your answer", function)
        raise AnswerError(f"Pass the function itself; got {function!r}. Leave out the parentheses.")
    call = f"{getattr(function, '__name__', 'your function')}(...)"
    copies = [x.copy() if isinstance(x, np.ndarray) else x for x in arguments]
    try:
        answer = function(*copies)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1].line
        line = f" in the line `{where}`" if where else ""
        kind = type(error).__name__
        raise AnswerError(f"{call} stopped with {kind}: {error}{line}.") from error
    return call, given(call, answer)


def numbers(what: str, answer: object, shape: tuple[int, ...], meaning: str) -> AnyArray:
    """Return ``answer`` as an array of this shape, or raise and say what the shape means.

    Example:
        >>> numbers("w", [1, 2], (2,), "one weight for each input")
        array([1., 2.])
        >>> numbers("w", [1, 2], (3,), "one weight for each input")
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: w has shape (2,); it must be (3,): ...
    """
    try:
        array = as_numpy(what, answer).astype(np.float64)
    except (TypeError, ValueError) as error:
        message = f"{what} must be an array of numbers, {meaning}; got {answer!r:.60}."
        raise AnswerError(message) from error
    if array.shape != shape:
        raise AnswerError(f"{what} has shape {array.shape}; it must be {shape}: {meaning}.")
    if not np.isfinite(array).all():
        raise AnswerError(f"{what} has entries that are not finite numbers (nan or inf).")
    return array


def number(what: str, answer: object) -> float:
    """Return ``answer`` as a float.

    Example:
        >>> number("m", np.float32(0.5))
        0.5
    """
    return float(numbers(what, answer, (), "one number"))


def student_reach(samples: Sequence[float]) -> float:
    """Return half of Student's interval of the mean, at a confidence of 99.9 %.

    Example:
        >>> round(student_reach([1.0, 2.0, 3.0, 4.0]), 2)
        8.34
    """
    quantile = t.isf(0.0005, len(samples) - 1)
    return float(quantile * np.std(samples, ddof=1) / np.sqrt(len(samples)))


def compare(
    what: str, found: AnyArray, right: ArrayLike, mistakes: Iterable[Mistake], formula: str
) -> None:
    """Raise unless ``found`` is ``right`` up to float32 rounding; name the mistake if it is known.

    Args:
        what: What was computed.
        found: The answer.
        right: The right one, of the same shape.
        mistakes: Known wrong answers; the first that equals the answer is named.
        formula: What the answer should be, for an answer of no known kind.

    Example:
        >>> square = [Mistake(3.0, "This is y; the formula has its square.")]
        >>> compare("f(3)", np.array(9.0), 9.0, square, "y^2")
        >>> compare("f(3)", np.array(3.0), 9.0, square, "y^2")
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: This is y; the formula has its square.
        >>> compare("f(3)", np.array(4.0), 9.0, square, "y^2")
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: f(3) is 4; y^2 gives 9.
    """
    expected = np.asarray(right, np.float64)
    if _equal(found, expected):
        return
    for mistake in mistakes:
        if _equal(found, np.asarray(mistake.values, np.float64)):
            raise AnswerError(mistake.hint)
    worst = np.unravel_index(np.argmax(np.abs(found - expected)), expected.shape)
    place = f"[{', '.join(str(i) for i in worst)}]" if worst else ""
    raise AnswerError(
        f"{what}{place} is {found[worst]:.4g}; {formula} gives {expected[worst]:.4g}."
    )


def _equal(found: AnyArray, other: AnyArray) -> bool:
    if found.shape != other.shape:
        return False
    scale = float(np.abs(other).max(initial=0.0)) or 1.0
    return bool(np.abs(found - other).max(initial=0.0) <= 1e-4 * scale)
