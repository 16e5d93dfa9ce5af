"""Trainers: one for each learning rule, and one for any."""

from canns.trainer import utils
from canns.trainer._base import Trainer
from canns.trainer._checkpoint import Checkpoint
from canns.trainer._ensemble import Ensemble, train_ensemble
from canns.trainer._labelled import Labelled
from canns.trainer._record import TrainingRecord
from canns.trainer._rule import RuleTrainer
from canns.trainer.bcm import BCMTrainer
from canns.trainer.hebbian import AntiHebbianTrainer, HebbianTrainer
from canns.trainer.oja import OjaTrainer
from canns.trainer.sanger import SangerTrainer
from canns.trainer.stdp import STDPTrainer

__all__ = [
    "AntiHebbianTrainer",
    "BCMTrainer",
    "Checkpoint",
    "Ensemble",
    "HebbianTrainer",
    "Labelled",
    "OjaTrainer",
    "RuleTrainer",
    "STDPTrainer",
    "SangerTrainer",
    "Trainer",
    "TrainingRecord",
    "train_ensemble",
    "utils",
]
