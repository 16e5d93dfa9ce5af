"""Groups that recall and update together, as each member would alone."""

import copy

import brainstate
import jax.numpy as jnp
import numpy as np
import pytest

from canns.errors import ValidationError
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModel,
    BrainInspiredModelGroup,
    LinearLayer,
    PottsNetwork,
)

RNG = np.random.default_rng(2)
PATTERNS = RNG.choice([-1.0, 1.0], (2, 8))
CUES = RNG.choice([-1.0, 1.0], (4, 8))


class Inverting(AmariHopfieldNetwork):
    """A network with an update of its own."""

    def update(self, prev_energy=None):
        self.s.value = -self.s.value


def _group(*options, size=8):
    group = BrainInspiredModelGroup(*(AmariHopfieldNetwork(size, **o) for o in options))
    group.train([PATTERNS[:, :size] * (1 + i) for i in range(len(options))])
    return group


MEMBERS = [{}, {"threshold": 0.3}, {"activation": "tanh", "temperature": 0.7}, {"tie": "plus"}]


@pytest.mark.slow
def test_recall_equals_recall_alone():
    group = _group(*MEMBERS)
    results = group.recall(CUES, num_iter=7)
    for model, result in zip(group, results, strict=True):
        alone = copy.deepcopy(model).recall(CUES, num_iter=7)
        np.testing.assert_allclose(result.states, alone.states, rtol=1e-6)
        np.testing.assert_allclose(result.energies, alone.energies, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(result.steps, alone.steps)
        np.testing.assert_array_equal(result.outcome, alone.outcome)
        np.testing.assert_array_equal(model.s.value, result.states[-1])


@pytest.mark.parametrize("form", [np.stack, list, tuple, iter], ids=lambda f: f.__name__)
def test_each_member_may_have_cues_of_its_own(form):
    group = _group({}, {})
    results = group.recall(form([CUES, -CUES[::-1]]))
    for model, result, cues in zip(group, results, [CUES, -CUES[::-1]], strict=True):
        np.testing.assert_array_equal(result.states, model.recall(cues).states)


def test_members_of_different_sizes_and_of_own_update():
    group = BrainInspiredModelGroup(AmariHopfieldNetwork(3), Inverting(8), AmariHopfieldNetwork(8))
    group.train([PATTERNS[:, :3], PATTERNS, PATTERNS])
    results = group.recall([CUES[:, :3], CUES, CUES[:2]], num_iter=3)
    assert [r.states.shape for r in results] == [(4, 3), (4, 8), (2, 8)]
    assert set(results[1].outcome) == {"cycle"}
    np.testing.assert_array_equal(results[2].states, group[2].recall(CUES[:2]).states)


@pytest.mark.parametrize("options", [{"asyn": True}, {"stochastic": True, "temperature": 30.0}])
def test_a_seed_fixes_a_recall_and_members_draw_their_own(options):
    group = BrainInspiredModelGroup(*(AmariHopfieldNetwork(8, **options) for _ in range(2)))
    for model in group:
        model.W.value = np.roll(np.eye(8), 1, axis=0)
    runs = [[np.asarray(r.states) for r in group.recall(CUES, num_iter=1, seed=3)] for _ in "ab"]
    np.testing.assert_array_equal(*runs)
    assert not np.array_equal(*runs[0])


def test_update_advances_every_member_once():
    group = BrainInspiredModelGroup(
        AmariHopfieldNetwork(8), Inverting(8), AmariHopfieldNetwork(3), AmariHopfieldNetwork(8)
    )
    group.train([PATTERNS, PATTERNS, PATTERNS[:, :3], -PATTERNS])
    for model in group:
        model.s.value = CUES[0, : model.num_neurons]
    alone = copy.deepcopy(list(group))
    assert group.update() is None
    for member, model in zip(group, alone, strict=True):
        model.update()
        np.testing.assert_array_equal(member.s.value, model.s.value)


def test_update_of_a_random_group_follows_the_global_seed():
    group = BrainInspiredModelGroup(*(AmariHopfieldNetwork(8, stochastic=True) for _ in range(2)))
    ends = []
    for _ in range(2):
        brainstate.random.seed(4)
        group.update()
        ends.append([np.asarray(model.s.value) for model in group])
    np.testing.assert_array_equal(*ends)
    assert not np.array_equal(*ends[0])


def test_update_takes_any_names_that_the_group_took():
    group = BrainInspiredModelGroup(
        Inverting(8),
        AmariHopfieldNetwork(8, name="AmariHopfieldNetwork_1"),
        AmariHopfieldNetwork(8),
    )
    group.update()
    assert group[0].s.value.tolist() == [-1.0] * 8


def test_energy_is_the_sum_of_the_members():
    group = _group({}, {"threshold": 0.5})
    group.recall(CUES)
    total = sum(float(model.energy) for model in group)
    assert group.energy.shape == ()
    assert float(group.energy) == pytest.approx(total, rel=1e-6)


def test_a_member_without_energy_is_named():
    with pytest.raises(NotImplementedError, match=r"BrainInspiredModel.*energy"):
        _ = BrainInspiredModelGroup(BrainInspiredModel()).energy
    assert float(BrainInspiredModelGroup(LinearLayer(2, 2)).energy) == 0.0


@pytest.mark.parametrize("where", [0, 1])
def test_networks_inside_for_loop(where):
    group = _group({}, {})
    for model in group:
        model.s.value = CUES[where]

    def step(i):
        for model in group:
            model.update()
        return group.energy

    energies = brainstate.transform.for_loop(step, jnp.arange(2))
    assert float(energies[-1]) == pytest.approx(float(group.energy), rel=1e-6)


def test_second_recall_of_one_shape_compiles_nothing(count_compilations):
    group = _group({}, {"threshold": 0.1})
    group.recall(CUES)
    assert count_compilations(lambda: group.recall(-CUES)) == 0


def test_a_state_that_a_member_lacks_is_refused():
    group = BrainInspiredModelGroup(AmariHopfieldNetwork(3), PottsNetwork(3, 4))
    with pytest.raises(ValidationError, match="whole numbers from 0 to 3") as caught:
        group.recall([[[1.0, -1.0, 1.0]], [[0.0, 2.5, 1.0]]])
    assert caught.value.argument == "cues"
    np.testing.assert_array_equal(group[0].s.value, np.ones(3))


WRONG = {
    "cues": [
        np.ones((2, 9)),
        np.ones(8),
        [],
        [CUES] * 3,
        [CUES, np.ones((2, 3))],
        [CUES, CUES * np.nan],
    ],
    "num_iter": [-1, 1.5, 2**40],
    "convergence_threshold": [-1.0, np.nan],
    "seed": [-1, "x"],
}


@pytest.mark.parametrize(
    ("argument", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
@pytest.mark.parametrize("first", [AmariHopfieldNetwork, Inverting])
def test_an_invalid_argument_is_named_and_moves_nothing(argument, value, first):
    group = BrainInspiredModelGroup(first(8), AmariHopfieldNetwork(8))
    cues = {"cues": value} if argument == "cues" else {"cues": CUES, argument: value}
    with pytest.raises(ValidationError) as caught:
        group.recall(**cues)
    assert caught.value.argument == argument
    for model in group:
        np.testing.assert_array_equal(model.s.value, np.ones(8))
