"""Plasticity in slices of visual cortex, by the frequency of pairs, as tables by lag."""

import numpy as np

from canns.inference import SJOSTROM_2001

__all__ = ["CHANGES", "ERRORS", "FREQUENCIES"]

# Changes at +10 and at -10 ms, (2, 5), their standard errors, and the frequencies in Hz.
CHANGES, ERRORS = (v.reshape(2, -1) for v in (SJOSTROM_2001.changes, SJOSTROM_2001.errors))
FREQUENCIES = np.array([1000 / each.period for each in SJOSTROM_2001.protocols[:5]])
