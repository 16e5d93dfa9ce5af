"""Pairs of patterns for networks with two layers."""

from typing import NamedTuple

import numpy as np

from canns._describe import shown
from canns._validation import check_size
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = ["Pairs", "check_total", "join_pairs"]


@shown
class Pairs(NamedTuple):
    """Patterns of two layers; the rows belong together.

    Args:
        inputs: Patterns of the first layer, (B, N).
        outputs: Patterns of the second layer, (B, M).
    """

    inputs: AnyArray
    outputs: AnyArray


def join_pairs(inputs: AnyArray, outputs: AnyArray) -> AnyArray:
    """Return each input and its output in one row, (B, N + M)."""
    if len(inputs) != len(outputs):
        expected = f"as many rows as inputs, {len(inputs)}"
        raise ValidationError("outputs", expected, f"{len(outputs)} rows")
    return np.concatenate([inputs, outputs], axis=1)


def check_total(num_neurons: int, inputs: int, outputs: int) -> None:
    """Raise if ``num_neurons`` is not the sum of both layers."""
    if check_size("num_neurons", num_neurons) != inputs + outputs:
        expected = f"{inputs + outputs}, for {inputs} inputs and {outputs} outputs"
        remedy = "Build a network with layers of other sizes."
        raise ValidationError("num_neurons", expected, repr(num_neurons), remedy)
