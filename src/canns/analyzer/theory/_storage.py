"""What theory says of the retrieval of random patterns, by storage rule."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from canns._validation import AnyArray, check_choice
from canns.analyzer.theory._ags import ags_critical_load, ags_overlap
from canns.analyzer.theory._variants import variant_critical_load, variant_overlap

__all__ = ["StorageTheory", "storage_theory"]

# Rules that hold every pattern up to a load: projections up to 1, perceptrons up to 2.
_EXACT_UP_TO = {
    "pseudo_inverse": 1.0,
    "diederich_opper": 1.0,
    "diederich_opper2": 2.0,
    "minover": 2.0,
    "adatron": 2.0,
}


# Rules of canns.plasticity.STORAGE_RULES without a theory here; that module loads JAX, this not.
_OTHERS = ("anti_hebbian", "storkey", "storkey2", "dreaming", "unlearning", "palimpsest", "bounded")
_NAMES = ("hebbian", "covariance", "clipped", *_EXACT_UP_TO, *_OTHERS)


class StorageTheory(NamedTuple):
    """Theory of a storage rule for random patterns in a large network, without noise.

    Args:
        critical_load: The load above which patterns are lost.
        overlap: Function from loads up to the critical one to the overlap of a retrieved pattern.
        exact: Whether the rule holds every pattern without an error.
    """

    critical_load: float
    overlap: Callable[[ArrayLike], float | AnyArray]
    exact: bool

    def curve(self, top: float) -> tuple[AnyArray, AnyArray]:
        """Return loads up to ``top`` or the critical load, and the overlaps there."""
        loads = np.linspace(0.005, min(self.critical_load, max(top, 0.01)), 100)
        return loads, np.asarray(self.overlap(loads))


def storage_theory(rule: str) -> StorageTheory | None:
    r"""Return the theory of a storage rule, by the rule's name; None if there is none here.

    Hebb's rule and the covariance rule follow Amit, Gutfreund and Sompolinsky, clipped couplings
    their theory for clipped synapses; projections hold every pattern up to :math:`\alpha = 1`, and
    perceptrons up to 2.

    Args:
        rule: A name of :data:`~canns.plasticity.STORAGE_RULES`, of a rule whose patterns are to be
            fixed points.

    Raises:
        ValidationError: If there is no such rule.

    Example:
        >>> round(storage_theory("hebbian").critical_load, 3)
        0.138
        >>> storage_theory("pseudo_inverse").critical_load
        1.0

    Source: Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30; Sompolinsky (1986), Phys. Rev.
    A 34:2571, on clipped synapses; Kanter & Sompolinsky (1987), Phys. Rev. A 35:380, on
    projections; Cover (1965), IEEE Trans. EC-14:326, and Gardner (1988), J. Phys. A 21:257, on
    perceptrons.
    """
    check_choice("rule", rule, _NAMES)
    if rule in _EXACT_UP_TO:
        return StorageTheory(_EXACT_UP_TO[rule], lambda loads: np.ones(np.shape(loads)), True)
    if rule in ("hebbian", "covariance"):
        return StorageTheory(float(np.asarray(ags_critical_load().alpha)), ags_overlap, False)
    if rule == "clipped":
        limit = float(np.asarray(variant_critical_load("clipped").alpha))
        return StorageTheory(limit, partial(variant_overlap, variant="clipped"), False)
    return None
