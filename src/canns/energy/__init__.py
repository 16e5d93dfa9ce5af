"""Learning by energy: networks with an energy, and rules that compare two phases of them."""

from canns.energy.learn import EnergyHistory, EnergyProgress, learn_energy
from canns.energy.loop import EnergyLearner
from canns.energy.network import EnergyNetwork, Range, contrast
from canns.energy.networks.restricted import (
    RestrictedBoltzmann,
    RestrictedState,
    RestrictedWeights,
)
from canns.energy.rule import EnergyRule, EnergyStep, descend
from canns.energy.rules.contrastive_divergence import ContrastiveDivergence
from canns.energy.samples import check_rows

__all__ = [
    "ContrastiveDivergence",
    "EnergyHistory",
    "EnergyLearner",
    "EnergyNetwork",
    "EnergyProgress",
    "EnergyRule",
    "EnergyStep",
    "Range",
    "RestrictedBoltzmann",
    "RestrictedState",
    "RestrictedWeights",
    "check_rows",
    "contrast",
    "descend",
    "learn_energy",
]
