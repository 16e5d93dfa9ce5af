"""Which form of its couplings a network recalls with: the one place that decides."""

from typing import Literal, NamedTuple

from canns._memory import available_memory

__all__ = ["METHODS", "Form", "Load", "Method", "choose_form", "fits_dense"]

Method = Literal["auto", "dense", "factored", "packed"]
Form = Literal["dense", "factored", "packed", "mixed"]
METHODS: tuple[Method, ...] = ("auto", "dense", "factored", "packed")

_SMALL = 1024  # neurons whose matrix stays in a cache, so that nothing is gained without it
_WORTH = {"factored": 4, "packed": 2}  # neurons a pattern from which on a batch takes less time
_LARGE = 1 << 30  # bytes below which a matrix is taken to fit, without asking


class Load(NamedTuple):
    """What a network is to hold, and how it runs.

    Args:
        num_neurons: N.
        num_patterns: P, all that are stored.
        two_valued: Whether the patterns have two values, so that they can be bits.
        binary: Whether the neurons have two states.
        asynchronous: Whether they are updated one by one.
        itemsize: Bytes of a number.
    """

    num_neurons: int
    num_patterns: int
    two_valued: bool
    binary: bool
    asynchronous: bool
    itemsize: int = 4


def choose_form(method: Method, load: Load) -> Form:
    """Return the form for ``load``; "auto" takes the fastest that fits.

    A matrix where it is small, or where there are many patterns; else the patterns, as bits where
    that says all. For asynchronous updates, of which a flip costs one of its rows, the matrix as
    long as it fits: "mixed" has the patterns beside it, for the field to begin with.
    """
    if method != "auto":
        return method
    kept: Form = "packed" if load.two_valued and load.binary else "factored"
    few = load.num_neurons >= max(_SMALL, _WORTH[kept] * load.num_patterns)
    fits = fits_dense(load.num_neurons, load.itemsize)
    if load.asynchronous and fits:
        return "mixed" if few and load.binary else "dense"
    return kept if few or not fits else "dense"


def fits_dense(num_neurons: int, itemsize: int) -> bool:
    """Whether W, and as much again to work with, takes at most half of the memory."""
    needed = 2 * itemsize * num_neurons**2
    if needed <= _LARGE:
        return True
    available = available_memory()
    return available is None or needed <= available // 2
