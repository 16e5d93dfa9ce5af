r"""Gaussian averages of a binary neuron's response to the field h = mean + spread z, mean >= 0.

A small spread makes a smooth integrand, for which the trapezium rule converges geometrically. With
a large spread, tanh is a step and a remainder. The average of the step is an error function; the
remainder decays within a few temperatures of h = 0, and Gauss-Legendre integrates it.
"""

import math
from typing import NamedTuple, SupportsFloat

import numpy as np

from canns.analyzer.theory._scipy import special
from canns.analyzer.theory._values import Floats

__all__ = ["Response", "log_cosh", "response"]

_STEEP = 2.0  # spread, in temperatures, from which on tanh is split into a step and a remainder
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_NODES, _WEIGHTS = 20 * (_NODES + 1), 20 * _WEIGHTS  # 0 to 40: exp(-80) is below rounding
_DECAY = np.exp(-2 * _NODES)
_ROOT = math.sqrt(2 / math.pi)


class Response(NamedTuple):
    r"""Averages over z of tanh(h/T), of its square, and of its slope in h (C of the papers)."""

    mean: float
    square: float
    susceptibility: float


def response(mean: float, spread: float, temperature: float) -> Response:
    """Return the averages of tanh(h/T); at T = 0, of the sign of h."""
    if temperature == 0:
        y = mean / (math.sqrt(2) * spread)
        return Response(math.erf(y), 1.0, _ROOT / spread * math.exp(-y * y))
    b, u = mean / temperature, spread / temperature
    if u < _STEEP:
        field, weights = _trapezium(b, u)
        decay = np.exp(-2 * np.abs(field))
        square, slope = np.tanh(field) ** 2, 4 * decay / (1 + decay) ** 2
        pairs = _pairs(b, np.abs(field - b))
        return _response(weights @ pairs, weights @ square, weights @ slope, temperature)
    right = _density(b, u)
    lead = -np.expm1(-2 * b / u**2 * _NODES) * right  # of the density at h over that at -h
    fermi, slope = 2 * _DECAY / (1 + _DECAY), 4 * _DECAY / (1 + _DECAY) ** 2
    near = (_WEIGHTS * slope) @ (2 * right - lead)
    step = special.erf(b / (math.sqrt(2) * u))
    return _response(step - (_WEIGHTS * fermi) @ lead, 1 - near, near, temperature)


def _pairs(b: float, x: Floats) -> Floats:
    """Return (tanh(b + x) + tanh(b - x))/2 for b and x of at least 0, exact for small b too."""
    over, under = b + x, b - x
    scale = -math.expm1(-4 * b) * np.exp(2 * np.minimum(under, 0))
    pairs: Floats = scale / (1 + np.exp(-2 * over)) / (1 + np.exp(-2 * np.abs(under)))
    return pairs


def _response(
    mean: SupportsFloat, square: SupportsFloat, slope: SupportsFloat, temperature: float
) -> Response:
    return Response(float(mean), float(square), float(slope) / temperature)


def log_cosh(mean: float, spread: float, temperature: float) -> float:
    """Return the average of T ln(2 cosh(h/T)); at T = 0, of the modulus of h."""
    if spread < _STEEP * temperature:
        field, weights = _trapezium(mean, spread, temperature)
        size = np.abs(field)
        return float(weights @ (size + temperature * np.log1p(np.exp(-2 * size / temperature))))
    y = mean / (math.sqrt(2) * spread) if spread > 0 else math.inf
    modulus = mean * math.erf(y) + _ROOT * spread * math.exp(-y * y)
    if temperature == 0:
        return modulus
    b, u = mean / temperature, spread / temperature
    near = (_WEIGHTS * np.log1p(_DECAY)) @ (_density(b, u) + _density(-b, u))
    return modulus + temperature * float(near)


def _trapezium(mean: float, spread: float, temperature: float = 1.0) -> tuple[Floats, Floats]:
    """Return fields and weights of the trapezium rule, whose error is exp(-pi^2 T/(spread h))."""
    step = min(0.25, math.pi**2 / 40 * temperature / max(spread, 1e-290))
    count = math.ceil(8.6 / step)
    z = np.arange(-count, count + 1, dtype=np.float64) * step
    weights: Floats = np.exp(-(z**2) / 2)
    return mean + spread * z, weights / weights.sum()


def _density(mean: float, spread: float) -> Floats:
    scaled = (_NODES - mean) / spread
    density: Floats = np.exp(-(scaled**2) / 2) / (math.sqrt(2 * math.pi) * spread)
    return density
