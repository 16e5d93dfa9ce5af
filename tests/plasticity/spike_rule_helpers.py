"""What the tests of spike-timing rules share: given trains, and sums over their spikes."""

from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from canns.dynamics import Recorded, Signals
from canns.plasticity import Setup, learn
from canns.typing import pytree


@pytree
class Expected(Recorded):
    """Recorded activity that may be an expected number of spikes: it does not say that it fires."""

    emits: ClassVar[None] = None

    def signals(self, weights):
        return Signals(None, None, role=None)


def trained(rule, pre, post, *, weights=0.0, **options):
    """The learner after the trains (T, n) and (T, m), from weights all the same."""
    if isinstance(weights, float):
        weights = jnp.full((post.shape[1], pre.shape[1]), weights, jnp.result_type(float))
    return learn(Setup(rule, Expected()), weights, np.concatenate([pre, post], axis=1), **options)


def change(rule, pre, post, *, weights=0.0, **options):
    """What those trains change, (m, n), in float64."""
    after = trained(rule, pre, post, weights=weights, **options)
    return np.asarray(after.weights, np.float64) - weights


def random_trains(steps=120, num_pre=4, num_post=3, seed=0):
    """Dense trains, in which every kind of neighbour and coincidence occurs."""
    rng = np.random.default_rng(seed)
    draw = [rng.random((steps, n)) < p for n, p in ((num_pre, 0.2), (num_post, 0.3))]
    return tuple(train.astype(float) for train in draw)


def by_pair(pre, post, value):
    """``value`` of each two trains' spike times, in steps, (m, n)."""
    total = np.zeros((post.shape[1], pre.shape[1]))
    for i, j in np.ndindex(*total.shape):
        total[i, j] = value(np.flatnonzero(pre[:, j]), np.flatnonzero(post[:, i]))
    return total


def between(times, low, high, *, at_low=False, at_high=False):
    """Whether any of ``times`` lies between two others, or on an end that counts."""
    above = times >= low if at_low else times > low
    below = times <= high if at_high else times < high
    return bool((above & below).any())


def steady(rule, rates, steps=2000, *, weights=0.0, settle=2000):
    """The change by a step, at constant activity (p, q), once all traces have settled.

    A rule of products of spikes at different times, or of different trains, changes in the mean
    under independent trains as it does under their constant means: exactly, without sampling.
    """
    pre, post = (np.full((settle, 1), rate) for rate in rates)
    before = trained(rule, pre, post, weights=weights)
    after = trained(rule, pre[:steps], post[:steps], weights=before)
    return float(after.weights[0, 0] - before.weights[0, 0]) / steps
