"""Learning by energy: networks with an energy, and rules that compare two phases of them."""

from canns.energy.learn import EnergyHistory, EnergyProgress, learn_energy
from canns.energy.loop import EnergyLearner
from canns.energy.machines.partition import LogPartition
from canns.energy.network import EnergyNetwork, Range, contrast
from canns.energy.networks.boltzmann import Boltzmann, BoltzmannState, BoltzmannWeights
from canns.energy.networks.layered import (
    LayeredNetwork,
    LayeredState,
    LayeredWeights,
    Relaxed,
    squared_error,
)
from canns.energy.networks.layered_hopfield import LayeredHopfield
from canns.energy.networks.predictive import PredictiveHierarchy
from canns.energy.networks.restricted import (
    RestrictedBoltzmann,
    RestrictedState,
    RestrictedWeights,
)
from canns.energy.rule import EnergyRule, EnergyStep, descend
from canns.energy.rules.boltzmann import BoltzmannLearning, ExactBoltzmannLearning
from canns.energy.rules.contrastive_divergence import ContrastiveDivergence
from canns.energy.rules.contrastive_hebbian import ContrastiveHebbian
from canns.energy.rules.equilibrium import EquilibriumPropagation
from canns.energy.rules.predictive_coding import PredictiveCoding
from canns.energy.samples import check_rows

__all__ = [
    "Boltzmann",
    "BoltzmannLearning",
    "BoltzmannState",
    "BoltzmannWeights",
    "ContrastiveDivergence",
    "ContrastiveHebbian",
    "EnergyHistory",
    "EnergyLearner",
    "EnergyNetwork",
    "EnergyProgress",
    "EnergyRule",
    "EnergyStep",
    "EquilibriumPropagation",
    "ExactBoltzmannLearning",
    "LayeredHopfield",
    "LayeredNetwork",
    "LayeredState",
    "LayeredWeights",
    "LogPartition",
    "PredictiveCoding",
    "PredictiveHierarchy",
    "Range",
    "Relaxed",
    "RestrictedBoltzmann",
    "RestrictedState",
    "RestrictedWeights",
    "check_rows",
    "contrast",
    "descend",
    "learn_energy",
    "squared_error",
]
