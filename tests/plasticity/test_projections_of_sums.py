"""A data set that is learnt as one product is the same however long it is."""

import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Clamped
from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.plasticity import Bounds, Chain, Clipped, Hebbian, Identity, Setup, ZeroDiagonal, learn
from canns.plasticity.learning.samples import chunk_length
from canns.trainer import RuleTrainer

N = 3
COUNT = 2 * chunk_length(N) + 5
PATTERNS = np.random.default_rng(0).choice([-1.0, 1.0], (COUNT, N)).astype(np.float32)


@pytest.mark.parametrize(
    "project", [Clipped(0.5), Chain((Clipped(0.5), ZeroDiagonal())), ZeroDiagonal()]
)
def test_a_projection_is_put_on_the_sum(project):
    total = jnp.asarray(PATTERNS.T @ PATTERNS)
    weights = learn(Setup(Hebbian(), Clamped(), project), jnp.zeros((N, N)), PATTERNS).weights
    np.testing.assert_array_equal(weights, project(total))
    network = AmariHopfieldNetwork(N)
    RuleTrainer(network, Hebbian(), project, show_iteration_progress=True).train(PATTERNS)
    np.testing.assert_array_equal(network.W.value, project(total))


def test_which_may_be_put_on_parts():
    assert Chain((Identity(), ZeroDiagonal())).distributes
    assert not Chain((Identity(), Clipped())).distributes
    assert not Bounds().distributes


def test_a_stream_too_long_for_one_sum_is_refused():
    network = AmariHopfieldNetwork(N)
    with pytest.raises(ValidationError, match="all samples at once"):
        RuleTrainer(network, Hebbian(), Clipped()).train(iter(PATTERNS))
    np.testing.assert_array_equal(network.W.value, 0)
