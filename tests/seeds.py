"""The seeds at which a claim of statistics must hold: 0 in each run, 1 and 2 in the long one."""

import pytest

__all__ = ["SEEDS"]

SEEDS = (0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2)))
