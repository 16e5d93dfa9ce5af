"""The choice of the form of couplings from which a network recalls."""

from typing import Literal, NamedTuple

from canns._memory import available_memory

__all__ = ["METHODS", "Form", "Load", "Method", "choose_form", "fits_dense"]

Method = Literal["auto", "dense", "factored", "packed"]
Form = Literal["dense", "factored", "packed", "mixed"]
METHODS: tuple[Method, ...] = ("auto", "dense", "factored", "packed")

_SMALL = 1024  # neurons; smaller matrices stay in the cache, so that patterns save no time
_WORTH = {"factored": 4, "packed": 2}  # neurons per pattern from which a batch is faster
_LARGE = 1 << 30  # bytes up to which a matrix fits, without asking for the free memory


class Load(NamedTuple):
    """What a network holds, and how its neurons are updated.

    Args:
        num_neurons: The number of neurons N.
        num_patterns: P, the number of all stored patterns.
        two_valued: Whether the patterns have two values, so that bits can hold them.
        binary: Whether the neurons have two states.
        asynchronous: Whether neurons are updated one by one.
        itemsize: Bytes per number.
    """

    num_neurons: int
    num_patterns: int
    two_valued: bool
    binary: bool
    asynchronous: bool
    itemsize: int = 4


def choose_form(method: Method, load: Load) -> Form:
    """Return the form for ``load``; "auto" takes the fastest that fits.

    A small network, or one with many patterns, uses the matrix. Others use the patterns, as bits if
    both patterns and neurons have two values. Asynchronous updates use the matrix as long as it
    fits, because a flip then costs only one of its rows; "mixed" adds the patterns, from which the
    first field is computed.
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
    """Whether W and a working copy take at most half of the memory."""
    needed = 2 * itemsize * num_neurons**2
    if needed <= _LARGE:
        return True
    available = available_memory()
    return available is None or needed <= available // 2
