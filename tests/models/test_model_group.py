"""Groups: members by position and name, trained together as each would be alone."""

import copy

import jax.numpy as jnp
import numpy as np
import pytest

from canns.errors import ValidationError
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModelGroup,
    LinearLayer,
    SpikingLayer,
)
from canns.plasticity import AntiHebbian, Bounds, Hebbian, Oja, UnitRows
from canns.trainer import (
    AntiHebbianTrainer,
    BCMTrainer,
    HebbianTrainer,
    OjaTrainer,
    RuleTrainer,
    SangerTrainer,
    STDPTrainer,
)

# The groups learn what single trainers learn, whatever the data.
pytestmark = pytest.mark.filterwarnings("ignore::canns.errors.CannsWarning")
RNG = np.random.default_rng(0)
PATTERNS = RNG.choice([-1.0, 1.0], (3, 4))
INPUTS = RNG.random((6, 4))
SPIKES = (INPUTS > 0.5).astype(float)


class Rectified(LinearLayer):
    """A layer with a forward of its own."""

    def forward(self, x):
        return jnp.maximum(super().forward(x), 0.0)


def _spiking():
    layer = SpikingLayer(4, 2, threshold=0.1)
    layer.W.value = np.full((2, 4), 0.3)  # drawn weights may be too small for a spike
    return layer


# A trainer, what it trains, and data that its models take.
BY_NAME = {
    "hebbian": (HebbianTrainer, lambda: AmariHopfieldNetwork(4), PATTERNS),
    "anti_hebbian": (AntiHebbianTrainer, lambda: AmariHopfieldNetwork(4), PATTERNS),
    "oja": (OjaTrainer, lambda: LinearLayer(4, 2), INPUTS),
    "sanger": (SangerTrainer, lambda: LinearLayer(4, 2), INPUTS),
    "bcm": (BCMTrainer, lambda: LinearLayer(4, 2, True, 20.0), INPUTS),
    "stdp": (STDPTrainer, _spiking, SPIKES),
    "oja, own forward": (OjaTrainer, lambda: Rectified(4, 2), INPUTS),
    "hebbian, layer": (HebbianTrainer, lambda: LinearLayer(4, 2), INPUTS),
}


def _assert_alike(group, models, *, rtol=1e-6):
    for member, model in zip(group, models, strict=True):
        for name, box in member.boxes().items():
            np.testing.assert_allclose(
                box.value, getattr(model, name).value, rtol=rtol, atol=1e-7, err_msg=name
            )


@pytest.mark.slow
@pytest.mark.parametrize("case", BY_NAME)
@pytest.mark.parametrize("shared", [True, False])
def test_training_by_name_equals_each_trainer_alone(case, shared):
    trainer, build, base = BY_NAME[case]
    models = [build() for _ in range(3)]
    alone = copy.deepcopy(models)
    others = [1 - base, base[:4]] if base is SPIKES else [base[::-1] * 0.5, base + 0.25]
    data = base if shared else [base, *others]
    group = BrainInspiredModelGroup(*models)
    assert group.train(data, rule=case.split(",")[0]) is None
    for i, model in enumerate(alone):
        trainer(model).train(data if shared else data[i])
    _assert_alike(group, alone)


def test_hebbian_is_the_default_rule():
    group = BrainInspiredModelGroup(AmariHopfieldNetwork(4))
    group.train(PATTERNS)
    alone = AmariHopfieldNetwork(4)
    HebbianTrainer(alone).train(PATTERNS)
    _assert_alike(group, [alone])


@pytest.mark.parametrize("project", [None, UnitRows(), Bounds(-0.5, 0.5)])
def test_training_by_a_rule_object(project):
    rule, models = Oja(0.05), [LinearLayer(4, 2), LinearLayer(4, 2), LinearLayer(4, 3)]
    alone = copy.deepcopy(models)
    group = BrainInspiredModelGroup(*models)
    group.train(INPUTS, rule, project=project)
    for model in alone:
        RuleTrainer(model, rule, project).train(INPUTS)
    _assert_alike(group, alone)


def test_members_of_different_shapes_and_classes():
    models = [
        AmariHopfieldNetwork(4),
        LinearLayer(3, 2),
        AmariHopfieldNetwork(5),
        AmariHopfieldNetwork(4, asyn=True, threshold=0.5),
        SpikingLayer(3, 2, threshold=0.1),
        Rectified(3, 2),
    ]
    alone = copy.deepcopy(models)
    data = [RNG.choice([-1.0, 1.0], (5, n)) for n in (4, 3, 5, 4)]
    data += [RNG.random((5, 3)) for _ in range(2)]
    BrainInspiredModelGroup(*models).train(data, rule=Hebbian(0.1))
    for model, rows in zip(alone, data, strict=True):
        RuleTrainer(model, Hebbian(0.1)).train(rows)
    _assert_alike(models, alone)


FORMS = {
    "array": lambda data: np.stack(data),
    "jax array": lambda data: jnp.stack([jnp.asarray(rows) for rows in data]),
    "list": list,
    "tuple": tuple,
    "generator": lambda data: (rows for rows in data),
    "lists of lists": lambda data: [rows.tolist() for rows in data],
    "lists of jax rows": lambda data: [[jnp.asarray(row) for row in rows] for rows in data],
    "lists of generators": lambda data: [(row for row in rows) for rows in data],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_one_data_set_a_member_in_any_form(form):
    data = [PATTERNS, -PATTERNS[:, ::-1]]
    group, expected = (
        BrainInspiredModelGroup(*(AmariHopfieldNetwork(4) for _ in data)) for _ in "ab"
    )
    expected.train(data)
    group.train(form(data))
    _assert_alike(group, list(expected))


SHARED = {
    "generator": lambda rows: (row for row in rows),
    "list": list,
    "list of lists": lambda rows: rows.tolist(),
    "jax": jnp.asarray,
    "list of jax": lambda rows: [jnp.asarray(row) for row in rows],
}


@pytest.mark.parametrize("form", SHARED.values(), ids=SHARED)
def test_one_data_set_for_all_in_any_form(form):
    group, expected = (
        BrainInspiredModelGroup(*(AmariHopfieldNetwork(4) for _ in range(2))) for _ in "ab"
    )
    expected.train(PATTERNS)
    group.train(form(PATTERNS))
    _assert_alike(group, list(expected))


def test_positions_and_names():
    named = AmariHopfieldNetwork(3, name="memory")
    layer = LinearLayer(3, 2)
    group = BrainInspiredModelGroup(named, layer, name="both")
    assert (len(group), group.name) == (2, "both")
    assert list(group) == [named, layer] == list(group.members)
    assert group.names == ("memory", "LinearLayer_1")
    assert group[0] is group["memory"] is group[-2] is named
    assert group[1] is group["LinearLayer_1"] is layer
    with pytest.raises(KeyError, match=r"other.*memory"):
        group["other"]
    with pytest.raises(IndexError):
        group[2]


def test_an_empty_group_does_nothing():
    group = BrainInspiredModelGroup()
    assert (len(group), list(group), group.names, float(group.energy)) == (0, [], (), 0.0)
    group.train(PATTERNS)
    group.update()
    assert group.recall(PATTERNS) == []


def test_second_training_of_one_shape_compiles_nothing(count_compilations):
    group = BrainInspiredModelGroup(*(AmariHopfieldNetwork(4) for _ in range(3)))
    group.train(PATTERNS)
    assert count_compilations(lambda: group.train(-PATTERNS)) == 0
    assert count_compilations(lambda: group.train(PATTERNS, AntiHebbian(0.5))) > 0


@pytest.mark.parametrize("trainer", [OjaTrainer, HebbianTrainer])
def test_a_trainer_says_how_a_group_is_trained(trainer):
    group = BrainInspiredModelGroup(LinearLayer(3, 2), LinearLayer(3, 2))
    with pytest.raises(ValidationError, match=r"got a group of 2. A group trains by its own train"):
        trainer(group).train(np.ones((2, 3)))
