"""Trainers: one for each learning rule, and one for any."""

from canns.trainer import utils
from canns.trainer._base import Trainer
from canns.trainer.bcm import BCMTrainer
from canns.trainer.boltzmann import BoltzmannTrainer
from canns.trainer.callbacks import Every, TrainingCallback, TrainingProgress
from canns.trainer.checkpoint import Checkpoint
from canns.trainer.contrastive_divergence import ContrastiveDivergenceTrainer
from canns.trainer.contrastive_hebbian import ContrastiveHebbianTrainer
from canns.trainer.energy import EnergyTrainer
from canns.trainer.ensemble import Ensemble
from canns.trainer.equilibrium import EquilibriumPropagationTrainer
from canns.trainer.hebbian import AntiHebbianTrainer, HebbianTrainer
from canns.trainer.oja import OjaTrainer
from canns.trainer.predictive_coding import PredictiveCodingTrainer
from canns.trainer.record import TrainingRecord
from canns.trainer.rule import RuleTrainer
from canns.trainer.sanger import SangerTrainer
from canns.trainer.stdp import STDPTrainer
from canns.trainer.train_members import train_ensemble

__all__ = [
    "AntiHebbianTrainer",
    "BCMTrainer",
    "BoltzmannTrainer",
    "Checkpoint",
    "ContrastiveDivergenceTrainer",
    "ContrastiveHebbianTrainer",
    "EnergyTrainer",
    "Ensemble",
    "EquilibriumPropagationTrainer",
    "Every",
    "HebbianTrainer",
    "OjaTrainer",
    "PredictiveCodingTrainer",
    "RuleTrainer",
    "STDPTrainer",
    "SangerTrainer",
    "Trainer",
    "TrainingCallback",
    "TrainingProgress",
    "TrainingRecord",
    "train_ensemble",
    "utils",
]
