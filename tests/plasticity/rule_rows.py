"""A row for every learning rule: how it learns stably, for tests of laws that all obey."""

from dataclasses import replace
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns.dynamics import (
    LIF,
    Clamped,
    Linear,
    Neuron,
    RankedWinners,
    SoftWinners,
    Successive,
    WinnerTakeAll,
)
from canns.plasticity import (
    BCM,
    STDP,
    TRIPLETS,
    AdaTron,
    AntiHebbian,
    BasisSTDP,
    Clopath,
    Competitive,
    Covariance,
    Decorrelation,
    DiederichOpper,
    Dreaming,
    Hebbian,
    HebbianDecay,
    Homeostasis,
    Instar,
    Kohonen,
    KrotovHopfield,
    LawCooperBCM,
    MinOver,
    MLPRule,
    MLPWeights,
    NonlinearHebbian,
    Oja,
    OjaSubspace,
    PairSTDP,
    PowerBCM,
    PseudoInverse,
    Reversed,
    RewardModulated,
    Rule,
    RunningCovariance,
    Sanger,
    Soft,
    SoftHebb,
    SplineSTDP,
    Storkey,
    SynapticScaling,
    TargetTraceSTDP,
    TaylorRule,
    TripletSTDP,
    Unlearning,
    VogelsSTDP,
    WeightedSubspace,
)

SIZE, SAMPLES = 5, 40
MANY = 16  # neurons, with 1 kB of weights


STILL = {"learning_rate": 0.0}
NO_AMPLITUDES = {"A_LTD": 0.0, "A_LTP": 0.0}
# For a potential that rests at 0 and reaches a threshold of 1.
AT_REST = Clopath(0.01, 0.02, theta_minus=0.1, theta_plus=0.5, u_rest=0.0, delay=0.0)


class Row(NamedTuple):
    """A rule that is stable on the inputs below, its neuron, and what the laws ask of it.

    ``refuses`` are values that it must refuse, ``still`` those under which it changes nothing;
    None if there are none. With ``any_scale`` the length of a sample makes no difference; a rule
    that ``saturates`` changes the weights by no more for a huge sample. ``sizes`` are numbers of
    the neuron that set the size of the memory.
    """

    rule: Rule
    neuron: Neuron
    refuses: dict[str, tuple] = {}  # noqa: RUF012
    still: dict[str, float] | None = STILL
    any_scale: bool = False
    sizes: tuple[str, ...] = ()
    saturates: bool = False


NETWORK = MLPWeights(
    *(np.asarray(part) for part in MLPRule.unknown(4, seed=1).network[:2]), np.ones(4)
)

ROWS = [
    Row(Hebbian(0.1), Clamped()),
    Row(Hebbian(0.001), Linear()),
    Row(AntiHebbian(0.1), Clamped()),
    Row(AntiHebbian(0.01), Linear()),
    Row(Oja(0.02), Linear()),
    Row(Sanger(0.02), Linear()),
    Row(OjaSubspace(0.02), Linear()),
    Row(WeightedSubspace(0.02), Linear(), {"theta_step": (0, -1)}),
    Row(NonlinearHebbian(0.02), Linear(), {"contrast": ("tanh", 1), "sources": ("any", None)}),
    Row(NonlinearHebbian(0.001, "cube"), Linear()),
    Row(SynapticScaling(0.01), Linear(), {"rate_tau": (0.99,), "target_rate": (0, -1)}),
    Row(RunningCovariance(0.001, 5.0), Linear(), {"mean_tau": (0.99, 0)}),
    Row(BCM(0.002, 5.0), Linear(), {"threshold_tau": (0.99, 0, -1)}),
    Row(LawCooperBCM(0.002, 5.0), Linear(), {"threshold_tau": (0.99, 0, -1)}),
    Row(
        PowerBCM(0.002, 5.0),
        Linear(),
        {"response_tau": (0.99, 0), "power": (0, -1), "response_scale": (0, -1)},
    ),
    Row(STDP(0.5), LIF(), {"A_plus": (-1,), "A_minus": (-1,), "coincidence": ("all", None)}),
    Row(STDP(0.5, coincidence="both"), LIF()),
    Row(STDP(0.5, coincidence="none"), LIF()),
    Row(Instar(0.1), WinnerTakeAll()),
    Row(Decorrelation(0.01), Clamped(), {"p": (1.1, -0.1)}),
    Row(Competitive(0.1), WinnerTakeAll(2), {"learning_rate": (1.1,)}, any_scale=True),
    Row(KrotovHopfield(0.05), RankedWinners()),
    Row(SoftHebb(0.05), SoftWinners()),
    Row(
        Kohonen(0.1, 1.0, 0.01, 0.01),
        WinnerTakeAll(match="distance"),
        {"learning_rate": (1.1,), "width": (-1,), "shape": ((), (0,), (2.5,), (4,), [5], "5", 5)},
    ),
    Row(PairSTDP(0.5), LIF(), {"tau_plus": (0,), "pairing": ("none",), "dependence": (None, 1.0)}),
    Row(PairSTDP(0.5, pairing="nearest", coincidence="both"), LIF(), {"coincidence": ("all",)}),
    Row(PairSTDP(0.5, pairing="pre_centred", dependence=Soft()), LIF(), {"dt": (0,)}),
    Row(PairSTDP(0.5, pairing="reduced", coincidence="none"), LIF()),
    Row(TargetTraceSTDP(0.5), LIF(), {"w_max": (0,), "mu": (-1,), "pairing": ("reduced",)}),
    Row(TargetTraceSTDP(0.02, 0.0, 0.1, pairing="all"), LIF(), {"A_pre": (-1,), "dt": (0,)}),
    Row(TRIPLETS["hippocampus"], LIF(), {"tau_y": (0,), "A3_minus": (-1,)}),
    Row(TripletSTDP(pairing="nearest"), LIF(), {"pairing": ("reduced",), "coincidence": (None,)}),
    Row(VogelsSTDP(0.05), LIF(), {"rho_0": (-1,), "tau": (0,), "coincidence": ("both", None)}),
    Row(AT_REST, LIF(), {"theta_minus": (0.9,), "homeostasis": (60.0,)}, NO_AMPLITUDES),
    Row(
        replace(AT_REST, homeostasis=Homeostasis(0.2), delay=3.0),
        LIF(),
        {"tau_x": (0,), "delay": (-1.0, float("nan"), "3", None, 2.5)},
        NO_AMPLITUDES,
        sizes=("dt",),
    ),
    Row(RewardModulated(PairSTDP(0.5), 20.0), LIF(), {"tau_e": (0,)}, None),
    Row(
        TaylorRule(("x y", "y^2 w", "x <y>", "w"), (1.0, -1.0, -0.5, 0.1), 0.02, 5.0),
        Linear(),
        {"tau": (0.99,), "terms": ((), ("q",), ("x", "x"), "x", ("<w>", "x", "y", "1"))},
    ),
    Row(
        BasisSTDP((0.5, 0.2), (-0.2, 0.1), (5.0, 20.0), 0.5),
        LIF(),
        {"dt": (0,), "taus": ((0.0, 1.0),), "minus": ((1.0,),), "coincidence": ("all",)},
    ),
    Row(
        SplineSTDP((0.5, 0.2, 0.1), (-0.2, 0.1, 0.0), 20, 0.5),
        LIF(),
        {"num_steps": (1,), "plus": ((0.5, 0.2),), "minus": ((1.0,),), "coincidence": ("all",)},
    ),
    Row(
        MLPRule(NETWORK, 0.02),
        Linear(),
        {"variables": ("", "xx", "xyq"), "network": (NETWORK._replace(bias=np.ones(3)),)},
        saturates=True,
    ),
    Row(Hebbian(0.1), Successive()),
    Row(Covariance(0.1, 0.3), Clamped()),
    Row(Reversed(Hebbian(0.1)), Clamped(), still=None),
    Row(HebbianDecay(0.1, 0.05), Clamped(), {"decay": (1.1, -0.1)}, {**STILL, "decay": 0.0}),
    Row(Storkey(0.1), Clamped(), {"order": (0, 3, "1", None)}),
    Row(Storkey(0.1, order=2), Clamped()),
    Row(DiederichOpper("I", 0.3), Clamped(), {"variant": ("III", 1, None)}),
    Row(DiederichOpper("I", 0.3), Successive()),
    Row(DiederichOpper("II", 0.3), Clamped()),
    Row(PseudoInverse(), Clamped(), still=None, any_scale=True),
    Row(MinOver(0.1, 50), Clamped(), {"max_steps": (-1, 2.5)}),
    Row(MinOver(0.1, 50), Successive()),
    Row(AdaTron(0.1, 3), Clamped(), {"learning_rate": (2.0,), "max_sweeps": (-1, 2.5)}, None),
    Row(Dreaming(2.0), Clamped(), {"dream_time": (-1,)}, None),
    Row(
        Unlearning(0.2, 2, 3),
        Clamped(),
        {"num_dreams": (-1, 2.5), "seed": (-1, 2**24, 0.5, None)},
        None,
    ),
]


def name(row):
    names = [type(part).__name__ for part in (row.rule, row.neuron)]
    fields = ("pairing", "coincidence", "order", "variant", "contrast")
    kinds = (str(getattr(row.rule, field, "")) for field in fields)
    return "-".join(filter(None, [*names, *kinds]))


def inputs_for(row, dtype=np.float32, seed=0, size=SIZE):
    """Spikes for a spiking neuron, Gaussian samples of one length at any size for any other."""
    rng = np.random.default_rng(seed)
    spiking = rng.random((SAMPLES, size)) < 0.3
    if isinstance(row.neuron, LIF):
        return spiking.astype(dtype)
    return (rng.normal(size=(SAMPLES, size)) * np.sqrt(SIZE / size)).astype(dtype)


def rewards_for(rule, inputs):
    """A reward for each sample, which depends on it, if ``rule`` needs one."""
    return np.where(inputs[..., 0] > 0, 1.0, 0.5) if "reward" in rule.needs else None


def weights_for(dtype=np.float32, size=SIZE):
    # About 0.3, so that LIF neurons fire now and then and no row is an eigenvector already.
    drawn = np.random.default_rng(1).uniform(0.1, 0.5, (size, size)) * SIZE / size
    return jnp.asarray(drawn.astype(dtype))


def assert_close(a, b, tolerance=1e-6):
    """Same structure, and every leaf the same to ``tolerance`` of its largest entry."""
    assert jax.tree.structure(a) == jax.tree.structure(b)
    for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        scale = max(1.0, float(jnp.max(jnp.abs(right))))
        np.testing.assert_allclose(left, right, rtol=0, atol=tolerance * scale)
