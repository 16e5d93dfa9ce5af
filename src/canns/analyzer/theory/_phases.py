"""The phase diagram of the Hopfield network: three temperatures and their inverse maps."""

from functools import lru_cache

import numpy as np

from canns.analyzer.theory._ags import hebb
from canns.analyzer.theory._free_energy import energy_gap
from canns.analyzer.theory._retrieval import spinodal
from canns.analyzer.theory._scipy import maximum, root
from canns.analyzer.theory._values import ArrayLike, Reals, each, plain, reals, temperatures

__all__ = [
    "retrieval_load",
    "retrieval_temperature",
    "spin_glass_temperature",
    "transition_load",
    "transition_temperature",
]


def spin_glass_temperature(alpha: ArrayLike) -> Reals:
    r"""Return T_g, below which the network freezes into a spin glass: :math:`1 + \sqrt\alpha`.

    Args:
        alpha: Load P/N, at least 0.

    Returns:
        T_g, of the shape of ``alpha``.

    Raises:
        ValidationError: If ``alpha`` is negative or not finite.

    Example:
        >>> spin_glass_temperature(0.25)
        1.5

    Source: Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55:1530.
    """
    return plain(1 + np.sqrt(reals("alpha", alpha, low=0)))


def retrieval_load(temperature: ArrayLike = 0.0) -> Reals:
    """Return the largest load at which a retrieval state exists at a temperature.

    In the replica-symmetric theory it rises with T, from 0.13791 at 0 to 0.13819 at 0.024, before
    it falls to 0 at 1; the rise is an artefact of that symmetry.

    Args:
        temperature: T, at least 0.

    Returns:
        alpha, of the shape of ``temperature``; 0 from T = 1 on.

    Raises:
        ValidationError: If ``temperature`` is negative or not finite.

    Example:
        >>> round(retrieval_load(), 8), round(retrieval_load(0.5), 6)
        (0.13790557, 0.058816)

    Source: Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30; Naef & Canning (1992), J. Phys.
    I France 2:247, for the rise.
    """
    return each(_retrieval_load, temperatures(temperature))


def _retrieval_load(temperature: float) -> float:
    return spinodal(temperature, hebb).alpha if temperature < 1 else 0.0


def retrieval_temperature(alpha: ArrayLike) -> Reals:
    """Return T_M, the highest temperature at which a retrieval state exists.

    Args:
        alpha: Load P/N, at least 0.

    Returns:
        T_M, of the shape of ``alpha``; 0 above the largest :func:`retrieval_load`.

    Raises:
        ValidationError: If ``alpha`` is negative or not finite.

    Example:
        >>> retrieval_temperature([0.01, 0.05, 0.1, 0.15]).round(4).tolist()
        [0.801, 0.5423, 0.3154, 0.0]

    Source: Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30.
    """
    return each(_retrieval_temperature, reals("alpha", alpha, low=0))


def _retrieval_temperature(alpha: float) -> float:
    low = _turn_of_retrieval()
    if alpha > _retrieval_load(low):
        return 0.0
    return root(lambda temperature: _retrieval_load(temperature) - alpha, low, 1.0)


@lru_cache(maxsize=1)
def _turn_of_retrieval() -> float:
    """Return the temperature of the largest retrieval load."""
    return maximum(_retrieval_load, 0.0, 0.2)


def transition_load(temperature: ArrayLike = 0.0) -> Reals:
    """Return the load up to which retrieval states are the ground state at a temperature.

    At that load their free energy crosses the free energy of the spin glass. In the
    replica-symmetric theory the load rises from 0.05185 at T = 0 to 0.05313 at 0.085 before it
    falls to 0 at 1.

    Args:
        temperature: T, at least 0.

    Returns:
        alpha, of the shape of ``temperature``; 0 from T = 1 on.

    Raises:
        ValidationError: If ``temperature`` is negative or not finite.

    Example:
        >>> round(transition_load(), 6), round(transition_load(0.5), 6)
        (0.051854, 0.028076)

    Source: Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30.
    """
    return each(_transition_load, temperatures(temperature))


def _transition_load(temperature: float) -> float:
    edge = _retrieval_load(temperature)
    if edge == 0:
        return 0.0
    return root(lambda alpha: -energy_gap(alpha, temperature), 1e-6 * edge, (1 - 1e-9) * edge)


def transition_temperature(alpha: ArrayLike) -> Reals:
    """Return T_c, the highest temperature at which retrieval states are the ground state.

    Args:
        alpha: Load P/N, at least 0.

    Returns:
        T_c, of the shape of ``alpha``; 0 above the largest :func:`transition_load`.

    Raises:
        ValidationError: If ``alpha`` is negative or not finite.

    Example:
        >>> transition_temperature([0.01, 0.03, 0.05, 0.08]).round(4).tolist()
        [0.7216, 0.4788, 0.2164, 0.0]

    Source: Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30.
    """
    return each(_transition_temperature, reals("alpha", alpha, low=0))


def _transition_temperature(alpha: float) -> float:
    if alpha == 0:
        return 1.0
    low, high = _turn_of_transition(), (1 - 1e-9) * _retrieval_temperature(alpha)
    if high <= low or energy_gap(alpha, low) > 0:
        return 0.0
    return root(lambda temperature: -energy_gap(alpha, temperature), low, high)


@lru_cache(maxsize=1)
def _turn_of_transition() -> float:
    """Return the temperature of the largest transition load."""
    return maximum(_transition_load, 0.0, 0.3)
