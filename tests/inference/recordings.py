"""Simulated experiments, as the tests of inference share them."""

import numpy as np

from canns.dynamics import Linear
from canns.inference import simulate


def recordings(
    rule, *, count=20, length=60, size=20, noise=0.0, seed=0, rewarded=False, spread=1.0, **options
):
    """Activity of a linear neuron on Gaussian inputs, whose weights start at random."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(count, length, size))
    start = spread * rng.normal(size=(count, 1, size)) / np.sqrt(size)
    rewards = rng.normal(size=(count, length)) if rewarded else None
    made = {"noise": noise, "rewards": rewards, "seed": seed, **options}
    return simulate(rule, Linear(), inputs, start, **made)


def true_values(labels, **terms):
    """The coefficients of terms by name, 0 for all others; "x y" may be written x_y."""
    wanted = {name.replace("_", " "): value for name, value in terms.items()}
    return np.array([wanted.get(label, 0.0) for label in labels])
