"""How likely observations are under predictions, with slope and curvature."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from canns.inference.experiment import Observed
from canns.typing import Array, FloatArray

__all__ = ["Terms", "log_likelihoods", "terms"]

_LEAST = 1e-9  # a probability is kept so far from 0 and 1
_FLOOR = 1e-12  # of a variance, in units of that of the data


class Terms(NamedTuple):
    """Log-likelihood of each observation, and its derivatives by the prediction.

    Args:
        value: The log-likelihood; at unit variance and without its constant if it is Gaussian.
        slope: Its derivative.
        curvature: The expectation of minus its second derivative, the Fisher information.
    """

    value: Array
    slope: Array
    curvature: Array


def terms(kind: Observed, seen: Array, predicted: Array, counted: Array) -> Terms:
    """Return the terms of the observations that are counted, zero for the others.

    Weights and activity are Gaussian about the prediction, spikes and choices of one neuron
    Bernoulli, and choices among several categorical.
    """
    known = jnp.where(counted, seen, 0.0)
    if kind in ("weights", "activity"):
        off = jnp.where(counted, known - predicted, 0.0)
        return Terms(-(off**2) / 2, off, counted.astype(off.dtype))
    p = jnp.clip(jnp.where(counted, predicted, 0.5), _LEAST, 1 - _LEAST)
    if kind == "choices" and seen.shape[-1] > 1:
        found = Terms(known * jnp.log(p), known / p, 1 / p)
    else:
        value = known * jnp.log(p) + (1 - known) * jnp.log1p(-p)
        found = Terms(value, (known - p) / (p * (1 - p)), 1 / (p * (1 - p)))
    return Terms(*(jnp.where(counted, each, 0.0) for each in found))


def log_likelihoods(
    kind: Observed, values: FloatArray, counts: FloatArray, train: FloatArray, scale: float
) -> FloatArray:
    """Return the log-likelihood of each experiment per observation, (..., E).

    Args:
        kind: What was observed.
        values: The sums of :attr:`Terms.value`, (..., E).
        counts: The numbers of observations, (..., E).
        train: How much each experiment counted in the fit, (..., E): if the likelihood is
            Gaussian, its variance is that of the residuals of these.
        scale: The variance of the data.
    """
    counted = np.maximum(counts, 1)
    if kind in ("spikes", "choices"):
        return values / counted
    squares = (-2 * values * train).sum(axis=-1) / np.maximum((counts * train).sum(axis=-1), 1)
    variance = np.maximum(squares, _FLOOR * scale)[..., None]
    found: FloatArray = -0.5 * np.log(2 * np.pi * variance) + values / counted / variance
    return found
