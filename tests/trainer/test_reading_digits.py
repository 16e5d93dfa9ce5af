"""Networks that learn from input to target read digits that they have not seen."""

import numpy as np
import pytest
from scipy.stats import beta

from canns import task
from canns.models.brain_inspired import LayeredHopfieldNetwork, PredictiveCodingNetwork
from canns.trainer import EquilibriumPropagationTrainer, PredictiveCodingTrainer
from seeds import SEEDS

pytest.importorskip("sklearn")


def split(seed):
    """Return digits and their shifts by a pixel each way, and a quarter of each class held out."""
    from sklearn.model_selection import train_test_split

    images, labels = task.digits()
    seen, held_out, known, asked = train_test_split(
        images, labels, test_size=0.25, stratify=labels, random_state=seed
    )
    pictures = np.pad(seen.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    places = (1, 1), (0, 1), (2, 1), (1, 0), (1, 2)
    shifted = [pictures[:, y : y + 8, x : x + 8].reshape(-1, 64) for y, x in places]
    return np.concatenate(shifted), np.eye(10)[np.tile(known, 5)], held_out, asked


def made(kind, seed):
    if kind == "equilibrium propagation":
        network = LayeredHopfieldNetwork((64, 256, 10), num_steps=20, seed=seed)
        return network, EquilibriumPropagationTrainer(network, nudging="one-sided"), 0.2
    network = PredictiveCodingNetwork((64, 256, 10), "relu", seed=seed)
    return network, PredictiveCodingTrainer(network), 0.05


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ["equilibrium propagation", "predictive coding"])
def test_at_least_97_percent_of_digits_held_out_are_read(kind, seed):
    seen, targets, held_out, labels = split(seed)
    network, trainer, rate = made(kind, seed)
    for part, epochs in ((1.0, 18), (0.2, 6), (0.05, 3)):
        trainer.learning_rate = part * rate
        record = trainer.train(seen, targets, epochs=epochs, batch_size=20, seed=seed)
        assert not record.warnings
    hits, trials = int((network.forward(held_out).argmax(axis=1) == labels).sum()), len(labels)
    low, high = beta.ppf([0.0005, 0.9995], [hits, hits + 1], [trials - hits + 1, trials - hits])
    assert high >= 0.97, f"{hits} of {trials}; 99.9 % interval from {low:.3f} to {high:.3f}"
    assert hits / trials >= 0.97, f"{hits} of {trials}"
