"""What models of Boltzmann machines are made of: exact sums, samples, and partition functions."""

from canns.energy.machines.exact import (
    MOST_UNITS,
    Phases,
    all_states,
    check_units,
    exact_phases,
    index_of,
)
from canns.energy.machines.partition import (
    LogPartition,
    annealed_log_partition,
    exact_log_partition,
)
from canns.energy.machines.phases import SampledPhases, random_units, sampled_phases
from canns.energy.machines.sampling import sample_boltzmann, sample_restricted

__all__ = [
    "MOST_UNITS",
    "LogPartition",
    "Phases",
    "SampledPhases",
    "all_states",
    "annealed_log_partition",
    "check_units",
    "exact_log_partition",
    "exact_phases",
    "index_of",
    "random_units",
    "sample_boltzmann",
    "sample_restricted",
    "sampled_phases",
]
