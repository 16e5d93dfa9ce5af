"""Errors and warnings. Each says what was expected, what was given, and what to do."""

from collections.abc import Callable
from functools import partial

__all__ = [
    "CannsError",
    "CannsWarning",
    "DivergenceError",
    "MissingExtraError",
    "MissingPeerError",
    "MissingStateError",
    "NotDifferentiableError",
    "UnknownAttributeError",
    "ValidationError",
]


class CannsError(Exception):
    """Root of every error that the library raises on purpose."""


class CannsWarning(UserWarning):
    """What was asked for is legal, but probably not what was meant; the message says what to do.

    To make an error of each, ``warnings.simplefilter("error", canns.errors.CannsWarning)``.
    """


class ValidationError(CannsError, ValueError):
    """An argument is outside what a function accepts.

    Args:
        argument: Name of the argument.
        expected: What it must be; completes "must be …".
        got: What was given instead.
        remedy: What the caller can do, as a sentence.
    """

    def __init__(self, argument: str, expected: str, got: str, remedy: str = "") -> None:
        self.argument = argument
        self._arguments = argument, expected, got, remedy
        message = f"{argument} must be {expected}; got {got}."
        super().__init__(f"{message} {remedy}".rstrip())

    def about(self, argument: str) -> "ValidationError":
        """Return the same error with another name for the argument."""
        return ValidationError(argument, *self._arguments[1:])

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), self._arguments


class MissingStateError(CannsError, AttributeError):
    """A rule or trainer needs a state that the model does not hold."""


class UnknownAttributeError(CannsError, AttributeError):
    """A model or trainer has no such attribute, perhaps because its name is mistyped.

    Args:
        owner: The class that was asked.
        attribute: The name that was written.
        hint: Returns a sentence that suggests a name. It is called only when the message is
            read, because ``hasattr`` raises this error and never reads it.
    """

    def __init__(self, owner: str, attribute: str, hint: Callable[[], str]) -> None:
        self.attribute = attribute
        self._arguments = owner, attribute, hint
        super().__init__(owner, attribute)

    def __str__(self) -> str:
        owner, attribute, hint = self._arguments
        return f"{owner} has no attribute {attribute!r}. {hint()}".rstrip()

    def __reduce__(self) -> tuple[object, ...]:
        owner, attribute, hint = self._arguments
        return type(self), (owner, attribute, partial(str, hint()))


class MissingExtraError(CannsError, ImportError):
    """A function needs an optional package that is not installed."""


class MissingPeerError(CannsError, TimeoutError):
    """Some processes of a joint computation did not join in time."""


class NotDifferentiableError(CannsError, TypeError):
    """A derivative was requested of dynamics that jump; their slope is zero almost everywhere.

    Args:
        what: The dynamics, such as "Hopfield(activation='sign')".
        instead: What to do, as a sentence.
    """

    def __init__(self, what: str, instead: str) -> None:
        self._arguments = what, instead
        super().__init__(f"{what} jumps, and so has no useful derivative. {instead}")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), self._arguments


class DivergenceError(CannsError, ArithmeticError):
    """A run produced numbers that are not finite or not meaningful; the model is unchanged.

    Args:
        what: What diverged, and how.
        step: Index of the sample (counted over all epochs, from 0) at which it happened.
        bound: The stability bound that theory gives, or what to change.
    """

    def __init__(self, what: str, step: int, bound: str) -> None:
        self.step = step
        self.bound = bound
        self._arguments = what, step, bound
        super().__init__(f"{what} at step {step}. {bound} The model is unchanged.")

    def of(self, whose: str) -> "DivergenceError":
        """Return the same error with words for whose run it was, such as "member a"."""
        what, step, bound = self._arguments
        return DivergenceError(f"{what} in {whose}", step, bound)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), self._arguments
