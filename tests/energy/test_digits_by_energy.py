"""A restricted Boltzmann machine on digits: what its features say, and scikit-learn's beside it."""

import numpy as np
import pytest
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import BernoulliRBM
from sklearn.pipeline import make_pipeline

from canns import task
from canns.models.brain_inspired import RestrictedBoltzmannMachine
from canns.trainer import ContrastiveDivergenceTrainer
from seeds import SEEDS

IMAGES, LABELS = task.digits()


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_linear_classifier_reads_held_out_digits_from_the_features(seed):
    split = {"test_size": 0.2, "stratify": LABELS, "random_state": seed}
    train, test, of_train, of_test = train_test_split(IMAGES, LABELS, **split)
    machine = RestrictedBoltzmannMachine(64, 600, seed=seed)
    trainer = ContrastiveDivergenceTrainer(machine, learning_rate=0.05)
    trainer.train(train, epochs=20, batch_size=20, seed=seed)
    # Features vary together, so their components are scaled before the classifier sees them.
    reader = make_pipeline(PCA(200, whiten=True), LogisticRegression(C=0.1, max_iter=1000))
    reader.fit(np.asarray(machine.transform(train), float), of_train)
    share = reader.score(np.asarray(machine.transform(test), float), of_test)
    assert share >= 0.97


@pytest.mark.slow
def test_it_learns_as_well_as_scikit_learn_with_the_same_settings():
    gains = []
    for seed in range(4):
        machine = RestrictedBoltzmannMachine(64, 50, seed=seed)
        trainer = ContrastiveDivergenceTrainer(machine, persistent=True, learning_rate=0.06)
        trainer.train(IMAGES, epochs=5, batch_size=10, seed=seed)
        options = {"learning_rate": 0.06, "batch_size": 10, "n_iter": 5, "random_state": seed}
        other = BernoulliRBM(50, **options).fit(IMAGES)
        ours = machine.pseudo_likelihood(IMAGES).mean()
        parts = other.components_, other.intercept_visible_, other.intercept_hidden_
        machine.W, machine.b, machine.c = parts
        gains.append(float(ours - machine.pseudo_likelihood(IMAGES).mean()))
    # Not worse: the upper end of the one-sided t interval of four pairs is not below zero.
    assert np.mean(gains) + stats.t.isf(0.001, 3) * stats.sem(gains) >= 0
