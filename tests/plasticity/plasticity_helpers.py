"""What several tests of learning rules share."""

import jax
import jax.numpy as jnp

from canns.dynamics import Linear
from canns.plasticity import Identity, Learner, learn_members
from canns.plasticity._learn import start


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
        self.learner: Learner = repeat(start(rule, Linear(), weights), members)

    def learn(self, inputs):
        self.learner = learn_members(*self.parts, self.learner, inputs, shared=False)
        return self.learner


def gaussian(seed, members, samples, variances):
    """Centred Gaussian samples with a diagonal covariance, (members, samples, len(variances))."""
    scale = jnp.sqrt(jnp.asarray(variances, jnp.float32))
    return scale * jax.random.normal(jax.random.key(seed), (members, samples, len(variances)))


def mean_and_error(snapshots):
    """Mean over (time, members) and its standard error, from members that are independent."""
    by_member = snapshots.mean(axis=0)
    return by_member.mean(axis=0), by_member.std(axis=0, ddof=1) / len(by_member) ** 0.5
