"""Networks whose states are 0 and 1."""

import numpy as np

from canns._validation import check_matrix
from canns.errors import ValidationError
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.typing import AnyArray

__all__ = ["BinaryNetwork", "check_binary"]


def check_binary(name: str, data: object, width: int, *, remedy: str = "") -> AnyArray:
    """Return ``data`` as rows of 0 and 1, of length ``width``."""
    return _check_bits(name, check_matrix(name, data, width, remedy=remedy))


def _check_bits(name: str, rows: AnyArray) -> AnyArray:
    wrong = np.argwhere((rows != 0) & (rows != 1))
    if len(wrong) > 0:
        where = tuple(int(i) for i in wrong[0])
        raise ValidationError(name, "0 or 1 everywhere", f"{rows[where]:g} at index {where}")
    return rows


class BinaryNetwork(RecurrentNetwork):
    """A recurrent network with states of 0 and 1 only."""

    def check_values(self, name: str, rows: AnyArray) -> AnyArray:
        """Return ``rows``, or raise if an entry is neither 0 nor 1."""
        return _check_bits(name, rows)
