"""Pure plasticity: one learning rule a file, projections, and the loop that runs them."""

from canns.plasticity._bcm import BCM, slide_threshold
from canns.plasticity._hebbian import AntiHebbian, Hebbian
from canns.plasticity._learn import Learner, learn, learn_members
from canns.plasticity._oja import Oja
from canns.plasticity._projections import (
    Bounds,
    Chain,
    Identity,
    Projection,
    UnitRows,
    ZeroDiagonal,
)
from canns.plasticity._rule import Memory, Rule, contract
from canns.plasticity._sanger import Sanger
from canns.plasticity._stdp import COINCIDENCES, STDP, Coincidence
from canns.plasticity._storage import Storage, store_patterns

__all__ = [
    "BCM",
    "COINCIDENCES",
    "STDP",
    "AntiHebbian",
    "Bounds",
    "Chain",
    "Coincidence",
    "Hebbian",
    "Identity",
    "Learner",
    "Memory",
    "Oja",
    "Projection",
    "Rule",
    "Sanger",
    "Storage",
    "UnitRows",
    "ZeroDiagonal",
    "contract",
    "learn",
    "learn_members",
    "slide_threshold",
    "store_patterns",
]
