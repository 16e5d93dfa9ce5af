"""Sizes and numbers beyond the machine are refused, and nothing is written."""

import numpy as np
import pytest

from canns.errors import DivergenceError, ValidationError
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    ContinuousHopfieldNetwork,
    DilutedHopfieldNetwork,
    LinearLayer,
    SequenceNetwork,
    SparseHopfieldNetwork,
    WillshawNetwork,
)
from canns.trainer import HebbianTrainer

HUGE = 10**12
BUILDS = {
    "dense": lambda: AmariHopfieldNetwork(HUGE, method="dense"),
    "continuous": lambda: ContinuousHopfieldNetwork(HUGE),
    "sequence": lambda: SequenceNetwork(HUGE),
    "sparse": lambda: SparseHopfieldNetwork(HUGE, 0.1),
    "willshaw": lambda: WillshawNetwork(HUGE, winners=3),
    "diluted": lambda: DilutedHopfieldNetwork(HUGE, 3),
    "layer": lambda: LinearLayer(HUGE, 3),
}


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
def test_a_model_that_does_not_fit_the_memory_is_refused(build):
    with pytest.raises(ValidationError, match="must be small enough that"):
        build()


@pytest.mark.parametrize("method", ["dense", "factored", "packed"])
def test_patterns_whose_products_overflow_are_not_stored(method):
    net = AmariHopfieldNetwork(12, method=method)
    patterns = np.where(np.random.default_rng(0).random((4, 12)) < 0.5, -1e30, 1e30)
    with pytest.raises(DivergenceError):
        HebbianTrainer(net, subtract_mean=False).train(patterns)
    np.testing.assert_array_equal(net.W.value, np.zeros((12, 12)))
