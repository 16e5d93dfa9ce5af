"""What several tests of learning rules share."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import nnls

from canns.dynamics import Clamped, Hopfield, Linear, relax
from canns.plasticity import Identity, Learner, Setup, ZeroDiagonal, learn, learn_members
from canns.plasticity.learning import show_samples, to_samples


def stack(*trees):
    """Stack hyperparameters or learners, as ``learn_members`` wants them."""
    return jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(leaf) for leaf in leaves]), *trees)


def repeat(tree, members):
    """``members`` copies of one set of hyperparameters, or of one learner."""
    return jax.tree.map(
        lambda leaf: jnp.broadcast_to(jnp.asarray(leaf), (members, *jnp.shape(leaf))), tree
    )


class LinearMembers:
    """Independent copies of one linear layer, each learning from samples of its own."""

    def __init__(self, rule, weights, members):
        self.parts = [repeat(part, members) for part in (rule, Linear(), Identity())]
        self.learner: Learner = repeat(Setup(rule, Linear()).start(weights), members)

    def learn(self, inputs):
        self.learner = learn_members(Setup(*self.parts), self.learner, inputs, shared=False)
        return self.learner


def gaussian(seed, members, samples, variances):
    """Centred Gaussian samples with a diagonal covariance, (members, samples, len(variances))."""
    scale = jnp.sqrt(jnp.asarray(variances, jnp.float32))
    return scale * jax.random.normal(jax.random.key(seed), (members, samples, len(variances)))


def mean_and_error(snapshots):
    """Mean over (time, members) and its standard error, from members that are independent."""
    by_member = snapshots.mean(axis=0)
    return by_member.mean(axis=0), by_member.std(axis=0, ddof=1) / len(by_member) ** 0.5


def random_patterns(num_patterns, size, seed=0):
    """Unbiased patterns of -1 and 1, (num_patterns, size), in the float type of JAX."""
    drawn = np.random.default_rng(seed).choice([-1.0, 1.0], (num_patterns, size))
    return drawn.astype(jnp.result_type(float))


def store(rule, patterns, *, project=ZeroDiagonal(), weights=None, neuron=Clamped(), epochs=1):  # noqa: B008
    """Weights, (N, N), after ``epochs`` passes over ``patterns``, as a NumPy array."""
    size = patterns.shape[1]
    learner = jnp.zeros((size, size), patterns.dtype) if weights is None else jnp.asarray(weights)
    for _ in range(epochs):
        learner = learn(Setup(rule, neuron, project), learner, patterns)
    return np.asarray(learner.weights)


def stable_share(weights, patterns):
    """Share of ``patterns`` that are exact fixed points."""
    return np.mean(((patterns @ weights.T) * patterns > 0).all(axis=1))


def overlaps(weights, patterns, flipped=0.0, *, seed=0):
    """Overlap of each pattern with where asynchronous updates end from a cue.

    A share ``flipped`` of the neurons of each cue, exactly, is flipped.
    """
    num_flips = round(flipped * patterns.shape[1])
    order = np.random.default_rng(seed).random(patterns.shape).argsort(axis=1)
    cues = jnp.asarray(np.where(order < num_flips, -patterns, patterns))
    network = Hopfield(asynchronous=True)
    ends = relax(network, jnp.asarray(weights), cues, jax.random.key(seed), 100)
    return np.mean(np.asarray(ends) * patterns, axis=1)


def largest_stability(patterns, i):
    """The weights of largest stability of neuron ``i``, (N,), or None if there are none.

    The shortest w with G w >= 1 is what Lawson & Hanson's least distance programming finds
    exactly, in finitely many steps, by non-negative least squares.
    """
    patterns = patterns.astype(np.float64)
    inequalities = patterns[:, i, None] * np.delete(patterns, i, axis=1)
    columns = np.vstack([inequalities.T, np.ones(len(patterns))])
    wanted = np.zeros(len(columns))
    wanted[-1] = 1
    found, distance = nnls(columns, wanted)
    if distance < 1e-8:
        return None
    residual = columns @ found - wanted
    return np.insert(-residual[:-1] / residual[-1], i, 0.0)


def learn_unchecked(setup, learner, inputs, first_step=0, rewards=None, recorder=None):
    """Learn, from weights or a learner, at a rate that the check of the data would refuse."""
    start = learner if isinstance(learner, Learner) else setup.start(learner)
    samples = to_samples(inputs, rewards, start.weights.dtype)
    return show_samples(setup, start, samples, True, first_step, recorder)
