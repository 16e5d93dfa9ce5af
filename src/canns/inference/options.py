"""How to search for the unknowns of a rule, checked before the search."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from canns._validation import check_choice, check_flag, check_size
from canns.errors import ValidationError
from canns.inference.data import Problem
from canns.inference.members import Penalty
from canns.inference.unknowns import Unknown

if TYPE_CHECKING:
    import optax

__all__ = ["METHODS", "Method", "Options", "check_options", "check_selection"]

Method = Literal["auto", "gauss_newton", "descent"]
METHODS: tuple[Method, ...] = ("auto", "gauss_newton", "descent")
_LEAST = {"num_restarts": 1, "max_steps": 1, "num_folds": 0, "num_bootstrap": 0, "seed": 0}


class Options(NamedTuple):
    """How to search; see :func:`canns.inference.fit`."""

    method: Method = "auto"
    optimizer: "optax.GradientTransformation | None" = None
    num_folds: int = 5
    num_bootstrap: int = 0
    num_restarts: int = 1
    max_steps: int = 100
    sparse: bool = False
    seed: int = 0


def check_options(options: Options) -> None:
    """Raise if an option is out of range, or goes with no other."""
    method, optimizer = options.method, options.optimizer
    check_choice("method", method, METHODS)
    if optimizer is not None and not (hasattr(optimizer, "init") and hasattr(optimizer, "update")):
        raise ValidationError("optimizer", "an optimiser of optax, or None", repr(optimizer))
    if optimizer is not None and method == "gauss_newton":
        raise ValidationError("optimizer", "None for method='gauss_newton'", "one")
    for name, low in _LEAST.items():
        check_size(name, getattr(options, name), low=low)
    for name in ("num_folds", "num_bootstrap"):
        if getattr(options, name) == 1:
            raise ValidationError(name, "0, or 2 and more", "1")
    check_flag("sparse", options.sparse)


def check_selection(
    problem: Problem,
    unknowns: Sequence[Unknown],
    options: Options,
    penalty: Penalty,
) -> None:
    """Raise if a selection or a penalty has nothing to act on, or nothing to be judged by."""
    if (options.sparse or any(penalty)) and all(unknown.bounded for unknown in unknowns):
        name = "sparse" if options.sparse else "l1 and l2"
        expected = "left out for hyperparameters: a term is taken out, a time constant is not"
        raise ValidationError(name, expected, "given")
    if options.sparse and (problem.num_experiments < 2 or options.num_folds < 2):
        remedy = "Cut a long recording into several, or take num_folds=2 or more."
        got = f"{problem.num_experiments} experiment and {options.num_folds} folds"
        raise ValidationError("sparse", "used with experiments to hold out", got, remedy)
