"""Free energies of the Hopfield network's phases."""

import math

from canns.analyzer.theory._ags import hebb, spin_glass
from canns.analyzer.theory._averages import log_cosh
from canns.analyzer.theory._retrieval import State, retrieve
from canns.analyzer.theory._values import ArrayLike, Reals, each, reals, temperatures

__all__ = ["ags_free_energy", "energy_gap", "functional", "spin_glass_free_energy"]


def ags_free_energy(alpha: ArrayLike, temperature: ArrayLike = 0.0) -> Reals:
    r"""Return the free energy of the retrieval state per neuron; at T = 0, its energy.

    .. math::
        f = \frac{\alpha}{2} + \frac{m^2}{2} + \frac{\alpha}{2\beta}\left[\ln(1-C)
            - \frac{\beta q}{1-C}\right] + \frac{\alpha r C}{2}
            - \frac1\beta \langle\ln 2\cosh\beta(m + \sqrt{\alpha r} z)\rangle

    with :math:`C = \beta(1-q)`; its derivatives by m, q and r vanish at the solution.

    Args:
        alpha: Load P/N, at least 0.
        temperature: T, at least 0.

    Returns:
        f, of the broadcast shape; NaN if no retrieval state exists.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> round(ags_free_energy(0.1), 6), round(ags_free_energy(0.03, 0.5), 6)
        (-0.500154, -0.513391)

    Source: Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30.
    """
    loads = reals("alpha", alpha, low=0)

    def value(alpha: float, temperature: float) -> float:
        state = retrieve(alpha, temperature, hebb)
        return math.nan if state is None else _of(state, temperature)

    return each(value, loads, temperatures(temperature))


def spin_glass_free_energy(alpha: ArrayLike, temperature: ArrayLike = 0.0) -> Reals:
    r"""Return the free energy per neuron of the state without overlap.

    The formula is that of :func:`ags_free_energy`; at T = 0 it is
    :math:`-1/\pi - \sqrt{2\alpha/\pi}`.

    Args:
        alpha: Load P/N, above 0.
        temperature: T, at least 0.

    Returns:
        f, of the broadcast shape.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> round(spin_glass_free_energy(0.1), 6), round(spin_glass_free_energy(0.1, 0.5), 6)
        (-0.570623, -0.609792)

    Source: Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30.
    """
    loads = reals("alpha", alpha, low=0, open_low=True)

    def value(alpha: float, temperature: float) -> float:
        return _of(spin_glass(alpha, temperature), temperature)

    return each(value, loads, temperatures(temperature))


def energy_gap(alpha: float, temperature: float) -> float:
    """Return the free energy of the retrieval state above that of the spin glass."""
    state = retrieve(alpha, temperature, hebb)
    if state is None:
        return math.inf
    return _of(state, temperature) - _of(spin_glass(alpha, temperature), temperature)


def _of(state: State, temperature: float) -> float:
    return functional(state.alpha, temperature, state.m, state.q, state.r, state.C)


def functional(alpha: float, temperature: float, m: float, q: float, r: float, C: float) -> float:
    """Return f of any order parameters, with C = (1 - q)/T."""
    quadratic = (alpha + m**2 + alpha * r * C) / 2
    modes = alpha / 2 * (temperature * math.log1p(-C) - q / (1 - C))
    return quadratic + modes - log_cosh(m, math.sqrt(alpha * r), temperature)
