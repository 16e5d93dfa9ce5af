"""Relatives of the Hopfield network, which differ in how their crosstalk feeds back."""

import math
from collections.abc import Mapping
from typing import Literal

from canns.analyzer.theory._ags import CriticalLoad, hebb
from canns.analyzer.theory._retrieval import Noise, retrieve, spinodal
from canns.analyzer.theory._values import ArrayLike, Reals, each, pick, reals, temperatures

__all__ = ["Variant", "variant_critical_load", "variant_overlap"]

Variant = Literal["clipped", "diluted", "sequence", "bam"]


def _clipped(C: float, q: float) -> float:
    """Add the noise of the difference between a weight and its sign, which is a spin glass."""
    return hebb(C, q) + q * (math.pi / 2 - 1)


def _diluted(C: float, q: float) -> float:
    """No loop leads back to a neuron; the neurons' own variance is 1."""
    return 1.0


def _sequence(C: float, q: float) -> float:
    """A crosstalk overlap feeds that of the next pattern; the variances of its parts add up."""
    return 1 / (1 - C**2)


def _bam(C: float, q: float) -> float:
    """A crosstalk overlap feeds back on itself through the other layer."""
    return q * (1 + C**2) / (1 - C**2) ** 2


_NOISE: Mapping[Variant, Noise] = {
    "clipped": _clipped,
    "diluted": _diluted,
    "sequence": _sequence,
    "bam": _bam,
}


def variant_overlap(alpha: ArrayLike, variant: Variant, temperature: ArrayLike = 0.0) -> Reals:
    r"""Return the overlap of a retrieved pattern in a relative of the Hopfield network.

    .. math::
        m = \langle\tanh\beta(m + \sqrt{\alpha R} z)\rangle, \quad
        q = \langle\tanh^2\beta(m + \sqrt{\alpha R} z)\rangle, \quad C = \beta(1-q)

    where one pattern alone gives a field of size m, and R is

    - "clipped", weights proportional to sign(W), alpha = P/N:
      :math:`q/(1-C)^2 + q(\pi/2 - 1)`;
    - "diluted", K << ln N inputs a neuron, not symmetric, alpha = P/K: 1, so that at T = 0
      :math:`m = \mathrm{erf}(m/\sqrt{2\alpha})`;
    - "sequence", each pattern calls the next, parallel updates, alpha = P/N: :math:`1/(1-C^2)`;
    - "bam", a bidirectional memory with N neurons in each of two layers, alpha = P/N:
      :math:`q(1+C^2)/(1-C^2)^2`.

    Args:
        alpha: Load, at least 0.
        variant: The network.
        temperature: T, at least 0.

    Returns:
        m, of the broadcast shape; 0 if no retrieval state exists.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> round(variant_overlap(0.3, "diluted"), 5), round(variant_overlap(0.08, "clipped"), 5)
        (0.89944, 0.99298)

    Source: Sompolinsky (1986), Phys. Rev. A 34:2571; Derrida, Gardner & Zippelius (1987), Europhys.
    Lett. 4:167; During, Coolen & Sherrington (1998), J. Phys. A 31:8607; Kosko (1988), IEEE Trans.
    Syst. Man Cybern. 18:49, for the network; its R is derived as the others are.
    """
    noise = pick("variant", variant, _NOISE)

    def overlap(alpha: float, temperature: float) -> float:
        state = retrieve(alpha, temperature, noise)
        return 0.0 if state is None else state.m

    return each(overlap, reals("alpha", alpha, low=0), temperatures(temperature))


def variant_critical_load(variant: Variant) -> CriticalLoad:
    """Return the largest load with a retrieval state at T = 0, and m and y there.

    Args:
        variant: The network, as in :func:`variant_overlap`.

    Returns:
        alpha, m and y = m/sqrt(2 alpha R); m and y are 0 if the overlap vanishes continuously.

    Raises:
        ValidationError: If the variant is unknown.

    Example:
        >>> [round(variant_critical_load(name).alpha, 5) for name in ("clipped", "diluted")]
        [0.10184, 0.63662]
        >>> [round(variant_critical_load(name).alpha, 5) for name in ("sequence", "bam")]
        [0.26906, 0.1998]

    Source: As of :func:`variant_overlap`.
    """
    state = spinodal(0.0, pick("variant", variant, _NOISE))
    return CriticalLoad(state.alpha, state.m, state.y)
