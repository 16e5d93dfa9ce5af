"""Checks of data and targets, before anything is learnt from them."""

import numpy as np

from canns._explain import explained
from canns._validation import check_matrix, rank
from canns.energy.network import EnergyNetwork, Range
from canns.energy.rule import EnergyRule
from canns.errors import ValidationError
from canns.typing import AnyArray, Rows

__all__ = ["check_rows", "check_samples"]


def check_samples(
    network: EnergyNetwork, rule: EnergyRule, data: Rows, targets: Rows | None
) -> tuple[AnyArray, AnyArray | None]:
    """Return the data, (P, in), and the targets, (P, out) or None, or raise if they do not fit."""
    rows = check_rows("data", data, network.num_inputs, network.takes)
    name = type(rule).__name__
    if not rule.needs_targets:
        if targets is not None:
            raise ValidationError(
                "targets", f"None for {name}", "some", "It learns from data only."
            )
        return rows, None
    if targets is None:
        expected = f"given for {name}, which learns from input to target"
        raise ValidationError("targets", expected, "None")
    width = network.num_targets
    if rank("targets", targets) == 1:
        remedy = f"Of labels 0, 1, ... make np.eye({width})[labels]; of numbers, targets[:, None]."
        raise ValidationError("targets", f"2-D of shape (rows, {width})", "one axis", remedy)
    goals = check_rows("targets", targets, width, network.takes_targets)
    if len(goals) != len(rows):
        raise ValidationError("targets", f"{len(rows)} rows, one for each sample", f"{len(goals)}")
    return rows, goals


@explained
def check_rows(name: str, data: Rows, width: int, takes: Range) -> AnyArray:
    """Return rows of ``width`` numbers that the network takes, or raise.

    Args:
        name: Name of the argument, for errors.
        data: One sample per row, (P, width).
        width: Number of units for them.
        takes: "binary" for 0 or 1, "unit" for 0 to 1, "real" for any finite numbers.

    Example:
        >>> check_rows("data", [[0, 1]], 2, "binary").tolist()
        [[0.0, 1.0]]
        >>> check_rows("data", [[-1, 1]], 2, "binary")
        Traceback (most recent call last):
        canns.errors.ValidationError: data must be 0 or 1 everywhere; got -1 among them. ...
    """
    remedy = f"Give one sample a row, of {width} numbers: as many as the network has units for it."
    rows = check_matrix(name, data, width, remedy=remedy)
    if takes == "binary" and not np.isin(rows, (0, 1)).all():
        example = rows[~np.isin(rows, (0, 1))][0]
        remedy = "Threshold them, or map -1 and 1 to 0 and 1 by (x + 1) / 2."
        raise ValidationError(name, "0 or 1 everywhere", f"{example:g} among them", remedy)
    low, high = rows.min(), rows.max()
    if takes == "unit" and (low < 0 or high > 1):
        remedy = "Scale each to that range: (x - x.min()) / (x.max() - x.min())."
        raise ValidationError(name, "from 0 to 1", f"{low:g} to {high:g}", remedy)
    return rows
