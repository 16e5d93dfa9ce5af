"""Strategies of hypothesis, made of the intervals that hyperparameters declare."""

import dataclasses
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

#: Examples of a law: 4, or 25 times as many under `--hypothesis-profile=long`.
EXAMPLES = settings.default.max_examples // 25
few = settings(max_examples=EXAMPLES)
seeds = st.integers(0, 2**31 - 1)


def _number(bounds: dict[str, Any], value: float) -> st.SearchStrategy[float]:
    """Return numbers of a declared interval, up to ten times the value that there is."""
    reach = 10 * abs(value) or 1.0
    low, high = max(bounds["low"], -reach), min(bounds["high"], reach)
    if isinstance(value, int):
        return st.integers(int(np.ceil(low)), int(min(high, 2 * value + 1)))
    ends = {
        "exclude_min": bounds["open_low"] and low == bounds["low"],
        "exclude_max": bounds["open_high"] and high == bounds["high"],
    }
    near = 0.5 * value, 2 * value
    usual = st.floats(max(low, min(near)), min(high, max(near)), **ends)
    return st.one_of(usual, st.floats(low, high, **ends))


def hyperparameters(part: Any, keep: tuple[str, ...] = ()) -> st.SearchStrategy[Any]:
    """Return parts like this one, with numbers drawn from the intervals that they declare."""
    numbers = {}
    for field in dataclasses.fields(part):
        value, bounds = getattr(part, field.name), field.metadata.get("bounds")
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        if bounds is not None and plain and field.name not in keep:
            numbers[field.name] = _number(bounds, value)
    return st.fixed_dictionaries(numbers).map(lambda new: dataclasses.replace(part, **new))
