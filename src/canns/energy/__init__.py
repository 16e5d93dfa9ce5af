"""Learning by energy: networks with an energy, and rules that compare two phases of them."""

from canns.energy.exact import (
    MOST_UNITS,
    Phases,
    all_states,
    check_units,
    exact_phases,
    index_of,
)
from canns.energy.learn import EnergyHistory, EnergyProgress, learn_energy
from canns.energy.loop import EnergyLearner
from canns.energy.network import EnergyNetwork, Range, contrast
from canns.energy.networks.boltzmann import Boltzmann, BoltzmannState, BoltzmannWeights
from canns.energy.networks.restricted import (
    RestrictedBoltzmann,
    RestrictedState,
    RestrictedWeights,
)
from canns.energy.partition import LogPartition, annealed_log_partition, exact_log_partition
from canns.energy.rule import EnergyRule, EnergyStep, descend
from canns.energy.rules.boltzmann import (
    BoltzmannLearning,
    ExactBoltzmannLearning,
    random_units,
    sampled_phases,
)
from canns.energy.rules.contrastive_divergence import ContrastiveDivergence
from canns.energy.samples import check_rows
from canns.energy.sampling import sample_boltzmann, sample_restricted

__all__ = [
    "MOST_UNITS",
    "Boltzmann",
    "BoltzmannLearning",
    "BoltzmannState",
    "BoltzmannWeights",
    "ContrastiveDivergence",
    "EnergyHistory",
    "EnergyLearner",
    "EnergyNetwork",
    "EnergyProgress",
    "EnergyRule",
    "EnergyStep",
    "ExactBoltzmannLearning",
    "LogPartition",
    "Phases",
    "Range",
    "RestrictedBoltzmann",
    "RestrictedState",
    "RestrictedWeights",
    "all_states",
    "annealed_log_partition",
    "check_rows",
    "check_units",
    "contrast",
    "descend",
    "exact_log_partition",
    "exact_phases",
    "index_of",
    "learn_energy",
    "random_units",
    "sample_boltzmann",
    "sample_restricted",
    "sampled_phases",
]
