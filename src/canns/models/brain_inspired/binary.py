"""Networks whose states are 0 and 1."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from canns._validation import check_matrix
from canns.errors import ValidationError
from canns.models.brain_inspired.recurrent import RecurrentNetwork

__all__ = ["BinaryNetwork", "check_binary"]


def check_binary(name: str, data: Any, width: int, *, remedy: str = "") -> NDArray[Any]:
    """Return ``data`` as rows of 0 and 1, ``width`` long."""
    return _check_bits(name, check_matrix(name, data, width, remedy=remedy))


def _check_bits(name: str, rows: NDArray[Any]) -> NDArray[Any]:
    wrong = np.argwhere((rows != 0) & (rows != 1))
    if len(wrong) > 0:
        where = tuple(int(i) for i in wrong[0])
        raise ValidationError(name, "0 or 1 everywhere", f"{rows[where]:g} at index {where}")
    return rows


class BinaryNetwork(RecurrentNetwork):
    """A recurrent network that takes states of 0 and 1, and no others."""

    def check_values(self, name: str, rows: NDArray[Any]) -> NDArray[Any]:
        """Return ``rows`` where they are 0 and 1."""
        return _check_bits(name, rows)
