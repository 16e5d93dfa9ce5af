"""Theory to compare simulations with: closed forms and mean-field solutions, without JAX."""

from canns._capacity import CapacityCriterion, storage_capacity
from canns.analyzer.theory._ags import (
    AGSState,
    CriticalLoad,
    ags_critical_load,
    ags_overlap,
    ags_state,
    spin_glass_state,
)
from canns.analyzer.theory._boundaries import phase_boundaries
from canns.analyzer.theory._crosstalk import (
    FixedPointProbability,
    crosstalk_error,
    crosstalk_load,
    fixed_point_probability,
)
from canns.analyzer.theory._dense import (
    DenseCriterion,
    dense_capacity,
    dense_error,
    exponential_capacity,
    exponential_load,
)
from canns.analyzer.theory._free_energy import ags_free_energy, spin_glass_free_energy
from canns.analyzer.theory._gardner import gardner_load, gardner_stability, separable_probability
from canns.analyzer.theory._phases import (
    retrieval_load,
    retrieval_temperature,
    spin_glass_temperature,
    transition_load,
    transition_temperature,
)
from canns.analyzer.theory._rates import brunel_rate, lif_rate
from canns.analyzer.theory._sparse import (
    SparseCriticalLoad,
    sparse_asymptote,
    sparse_critical_load,
)
from canns.analyzer.theory._sparse_overlap import SparseOverlap, sparse_overlap
from canns.analyzer.theory._spectrum import (
    MarchenkoPasturSupport,
    marchenko_pastur_density,
    marchenko_pastur_support,
)
from canns.analyzer.theory._storage import StorageTheory, storage_theory
from canns.analyzer.theory._variants import Variant, variant_critical_load, variant_overlap
from canns.analyzer.theory._willshaw import (
    willshaw_bits,
    willshaw_capacity,
    willshaw_false_positives,
    willshaw_fill,
)

__all__ = [
    "AGSState",
    "CapacityCriterion",
    "CriticalLoad",
    "DenseCriterion",
    "FixedPointProbability",
    "MarchenkoPasturSupport",
    "SparseCriticalLoad",
    "SparseOverlap",
    "StorageTheory",
    "Variant",
    "ags_critical_load",
    "ags_free_energy",
    "ags_overlap",
    "ags_state",
    "brunel_rate",
    "crosstalk_error",
    "crosstalk_load",
    "dense_capacity",
    "dense_error",
    "exponential_capacity",
    "exponential_load",
    "fixed_point_probability",
    "gardner_load",
    "gardner_stability",
    "lif_rate",
    "marchenko_pastur_density",
    "marchenko_pastur_support",
    "phase_boundaries",
    "retrieval_load",
    "retrieval_temperature",
    "separable_probability",
    "sparse_asymptote",
    "sparse_critical_load",
    "sparse_overlap",
    "spin_glass_free_energy",
    "spin_glass_state",
    "spin_glass_temperature",
    "storage_capacity",
    "storage_theory",
    "transition_load",
    "transition_temperature",
    "variant_critical_load",
    "variant_overlap",
    "willshaw_bits",
    "willshaw_capacity",
    "willshaw_false_positives",
    "willshaw_fill",
]
