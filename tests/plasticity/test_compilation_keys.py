"""Two kinds of rule never share a compilation.

JAX looks up a compiled function by the tree structure of its arguments. It treats two dataclasses
that JAX registered, with the same number of fields, as equal structures. Only their hashes differ,
and if those collide in the lookup table, one rule silently runs the code of another.
"""

import itertools

import jax
import numpy as np
import pytest

from canns.dynamics import (
    LIF,
    Clamped,
    CurrentLIF,
    Delayed,
    DilutedHopfield,
    EventMatrix,
    FirstSpikeWins,
    HierarchicalMemory,
    Hopfield,
    LagrangianLayer,
    LateralInhibition,
    Linear,
    Potts,
    Stack,
    SynapticDelays,
)
from canns.energy import (
    Boltzmann,
    LayeredHopfield,
    LayeredNetwork,
    PredictiveHierarchy,
    RestrictedBoltzmann,
)
from canns.interop import Biased
from canns.models.training.own_forward import OwnForward
from canns.plasticity import (
    Background,
    BasisSTDP,
    Bounds,
    Chain,
    Circuit,
    DiederichOpper,
    Hebbian,
    Identity,
    MLPRule,
    PartProjections,
    Parts,
    Pathway,
    PoissonInputs,
    Population,
    Reversed,
    RewardModulated,
    Rule,
    Setup,
    SplineSTDP,
    Storkey,
    Sum,
    TaylorRule,
    UnitRows,
    ZeroDiagonal,
)
from canns.typing import Parameters


def kinds(base):
    """All classes of hyperparameters below ``base`` that the library defines."""
    below = [cls for sub in base.__subclasses__() for cls in (sub, *kinds(sub))]
    return sorted({cls for cls in below if cls.__module__.startswith("canns.")}, key=repr)


def concrete():
    abstract = {cls for cls in kinds(Parameters) if "__dataclass_fields__" not in vars(cls)}
    return [cls for cls in kinds(Parameters) if cls not in abstract]


# Of those that cannot be built from nothing.
GIVEN = {
    Chain: {"projections": ()},
    Reversed: {"rule": Hebbian()},
    RewardModulated: {"rule": Hebbian()},
    DilutedHopfield: {"connections": np.zeros((2, 1), np.int32)},
    Potts: {"num_states": 3},
    Circuit: {"populations": (), "pathways": ()},
    Population: {"neuron": LIF()},
    PoissonInputs: {"rate": 1.0},
    Background: {"cumulative": np.ones(1), "weight": 1.0},
    Pathway: {"synapses": EventMatrix(np.zeros((1, 1)))},
    Stack: {"neurons": (Linear(),)},
    Delayed: {"neuron": Linear()},
    SynapticDelays: {"neuron": Linear(), "sources": np.zeros(1, int), "steps": np.zeros(1, int)},
    Biased: {"neuron": Linear()},
    Boltzmann: {"num_visible": 2},
    RestrictedBoltzmann: {"num_visible": 2, "num_hidden": 2},
    LayeredNetwork: {"sizes": (2, 1)},
    LayeredHopfield: {"sizes": (2, 1)},
    PredictiveHierarchy: {"sizes": (2, 1)},
    TaylorRule: {"terms": ("x y",), "coefficients": (1.0,)},
    BasisSTDP: {"plus": (1.0,), "minus": (1.0,), "taus": (20.0,)},
    SplineSTDP: {"plus": (1.0, 0.5, 0.0), "minus": (1.0, 0.5, 0.0)},
    MLPRule: {"network": MLPRule.unknown().network},
    FirstSpikeWins: {"neuron": LIF()},
    LateralInhibition: {"neuron": CurrentLIF()},
    OwnForward: {"whose": "Own"},
    Sum: {"rules": (Hebbian(),)},
    Parts: {"rules": (Hebbian(),)},
    PartProjections: {"projections": (Identity(),)},
    Setup: {"rule": Hebbian(), "neuron": Linear()},
    LagrangianLayer: {"name": "v", "size": 2},
    HierarchicalMemory: {"layers": (LagrangianLayer("v", 2),), "synapses": ()},
}


def example(cls):
    return cls(**GIVEN.get(cls, {}))


def test_the_library_has_the_kinds_that_this_file_compares():
    assert {LIF, Linear, Clamped, Hopfield, Bounds, Identity, UnitRows} < set(concrete())
    assert ZeroDiagonal in concrete()
    assert len([cls for cls in concrete() if issubclass(cls, Rule)]) >= 16


@pytest.mark.parametrize("cls", concrete(), ids=lambda cls: cls.__name__)
def test_no_other_kind_has_an_equal_structure(cls):
    others = [other for other in concrete() if other is not cls]
    own = jax.tree.structure(example(cls))
    twins = [o.__name__ for o in others if jax.tree.structure(example(o)) == own]
    assert twins == []


@pytest.mark.parametrize("cls", concrete(), ids=lambda cls: cls.__name__)
def test_equal_hyperparameters_have_one_structure_with_one_hash(cls):
    first, second = (jax.tree.structure(example(cls)) for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)


def test_what_selects_code_is_part_of_the_structure():
    variants = [
        Hopfield(activation=activation, asynchronous=asynchronous, tie=tie)
        for activation, asynchronous, tie in itertools.product(
            ("sign", "tanh", "sigmoid"), (False, True), ("keep", "plus", "minus")
        )
    ]
    structures = [jax.tree.structure(variant) for variant in variants]
    assert len(set(structures)) == len(variants)
    rules = [Storkey(), Storkey(order=2), DiederichOpper("I"), DiederichOpper("II")]
    assert len({jax.tree.structure(rule) for rule in [*rules, *map(Reversed, rules)]}) == 8
    assert jax.tree.structure(Hopfield(threshold=1.0)) == jax.tree.structure(Hopfield())
