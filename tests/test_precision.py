"""No product is left to the precision that an accelerator takes by default.

With a default that a CPU lacks, JAX raises at the first product that is left to it.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns import task
from canns.dynamics import (
    AdaptiveSigmoid,
    HierarchicalLinear,
    LateralThreshold,
    RankedWinners,
    SoftWinners,
    WinnerTakeAll,
)
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BidirectionalAssociativeMemory,
    ContinuousHopfieldNetwork,
    DenseAssociativeMemory,
    DilutedHopfieldNetwork,
    LinearLayer,
    ModernHopfieldNetwork,
    NeuronLayer,
    PottsNetwork,
    SequenceNetwork,
    SparseHopfieldNetwork,
    SpikingLayer,
    WillshawNetwork,
)
from canns.plasticity import LAYER_RULES, STORAGE_RULES
from canns.trainer import HebbianTrainer, RuleTrainer

N = 32
SIGNS = task.random_patterns(3, N, seed=0)
BITS = (SIGNS > 0).astype(np.float32)
# At their default rates these are stable for weak inputs only: eta |x|^2 = 0.16 eta.
WEAK = ("anti_hebbian", "bcm", "bcm_law_cooper", "bcm_power")
LACKING = "TF32_TF32_F32"
NETWORKS = {
    **{
        f"{method}, asynchronous {asyn}": (
            lambda method=method, asyn=asyn: AmariHopfieldNetwork(N, asyn, method=method),
            SIGNS,
        )
        for method in ("dense", "factored", "packed")
        for asyn in (False, True)
    },
    "bidirectional": (lambda: BidirectionalAssociativeMemory(N // 2, N // 2), SIGNS),
    "continuous": (lambda: ContinuousHopfieldNetwork(N), SIGNS),
    "dense memory": (lambda: DenseAssociativeMemory(N), SIGNS),
    "diluted": (lambda: DilutedHopfieldNetwork(N, 8, seed=0), SIGNS),
    "modern": (lambda: ModernHopfieldNetwork(N, 1.0), SIGNS),
    "Potts": (lambda: PottsNetwork(N, 2), BITS),
    "sequence": (lambda: SequenceNetwork(N), SIGNS),
    "sparse": (lambda: SparseHopfieldNetwork(N, 0.5), BITS),
    "Willshaw": (lambda: WillshawNetwork(N), BITS),
}

NEURONS = {
    "apex": HierarchicalLinear(),
    "intrinsic_plasticity": AdaptiveSigmoid(),
    "competitive": WinnerTakeAll(),
    "kohonen": WinnerTakeAll(match="distance"),
    "krotov_hopfield": RankedWinners(),
    "soft_hebb": SoftWinners(),
    "foldiak": LateralThreshold(),
}


@pytest.fixture(autouse=True)
def a_default_that_no_cpu_has():
    jax.clear_caches()  # of products that were compiled with another
    with jax.default_matmul_precision(LACKING):
        yield
    jax.clear_caches()


def test_a_product_that_is_left_to_the_default_raises():
    with pytest.raises(ValueError, match=LACKING):
        jnp.ones((2, 2)) @ jnp.ones((2, 2))


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_networks_store_and_recall(name):
    build, patterns = NETWORKS[name]
    network = build()
    HebbianTrainer(network).train(patterns)
    network.update()
    network.predict(patterns[0])
    network.trajectory(patterns, num_iter=2)
    assert np.isfinite(network.energies(patterns)).all()


@pytest.mark.parametrize("name", STORAGE_RULES)
def test_storage_rules_learn(name):
    RuleTrainer(AmariHopfieldNetwork(N), name).train(SIGNS)


def layer_for(name):
    if name in NEURONS:
        return NeuronLayer(N, 4, NEURONS[name])
    if name in ("stdp", "pair_stdp", "triplet", "vogels"):
        return SpikingLayer(N, 4)
    return LinearLayer(N, 4, use_bcm_threshold=name == "bcm")


@pytest.mark.parametrize("name", LAYER_RULES)
def test_layer_rules_learn(name):
    layer = layer_for(name)
    RuleTrainer(layer, name).train(0.1 * BITS if name in WEAK else BITS)
    layer.forward(BITS[0])
