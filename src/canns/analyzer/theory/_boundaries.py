"""The boundaries in the phase diagram of Hebbian memories."""

import numpy as np

from canns._validation import AnyArray, check_real
from canns.analyzer.theory._ags import ags_critical_load
from canns.analyzer.theory._phases import (
    retrieval_temperature,
    spin_glass_temperature,
    transition_load,
    transition_temperature,
)

__all__ = ["phase_boundaries"]

_POINTS = 40


def phase_boundaries(top: float = 0.16) -> dict[str, tuple[AnyArray, AnyArray]]:
    r"""Return the three boundaries of Hebbian memories, as temperatures against loads.

    Above :math:`T_g` there is no order; below :math:`T_M` the patterns are retrieved, and below
    :math:`T_c` retrieval has the lowest free energy.

    Args:
        top: The largest load; a boundary ends earlier if it falls to T = 0.

    Returns:
        Loads and temperatures of each boundary, by its name.

    Raises:
        ValidationError: If ``top`` is not above 0.001.

    Example:
        >>> for name, (loads, temperatures) in phase_boundaries().items():
        ...     print(name, loads[-1].round(3), temperatures[0].round(2))
        $T_g$: spin glass melts 0.16 1.03
        $T_M$: retrieval ends 0.136 0.94
        $T_c$: retrieval is the ground state 0.05 0.92

    Source: Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30.
    """
    highest = check_real("top", top, low=0.001, open_low=True)
    line = np.linspace(0.001, highest, _POINTS)
    held = line[line < float(np.asarray(ags_critical_load().alpha))]
    stable = line[line < float(np.asarray(transition_load(0.0)))]
    lines = {
        "$T_g$: spin glass melts": (line, spin_glass_temperature(line)),
        "$T_M$: retrieval ends": (held, retrieval_temperature(held)),
        "$T_c$: retrieval is the ground state": (stable, transition_temperature(stable)),
    }
    return {name: (loads, np.asarray(heat)) for name, (loads, heat) in lines.items()}
