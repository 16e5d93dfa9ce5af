"""Plasticity in slices of visual cortex, by the frequency of pairs: the data of one experiment."""

import numpy as np

__all__ = ["CHANGES", "ERRORS", "FREQUENCIES"]

# 15 bursts of 5 pairs, or at 0.1 Hz 50 pairs, of lag +10 and -10 ms. Change of the weight and its
# standard error: Sjöström, Turrigiano & Nelson (2001), Neuron 32:1149, as Pfister & Gerstner
# (2006), J. Neurosci. 26:9673, quote them.
FREQUENCIES = np.array([0.1, 10.0, 20.0, 40.0, 50.0])
CHANGES = np.array([[-0.04, 0.14, 0.29, 0.53, 0.56], [-0.29, -0.41, -0.34, 0.56, 0.75]])
ERRORS = np.array([[0.05, 0.10, 0.14, 0.11, 0.26], [0.08, 0.11, 0.10, 0.32, 0.19]])
