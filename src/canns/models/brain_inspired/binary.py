"""Networks whose states are 0 and 1."""

from canns._validation import check_matrix
from canns.dynamics import BITS
from canns.typing import AnyArray

__all__ = ["check_binary"]


def check_binary(name: str, data: object, width: int, *, remedy: str = "") -> AnyArray:
    """Return ``data`` as rows of 0 and 1, of length ``width``."""
    return BITS.check(name, check_matrix(name, data, width, remedy=remedy))
