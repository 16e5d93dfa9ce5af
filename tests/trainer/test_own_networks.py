"""Networks of the user's own, which inherit nothing, store and recall through the trainers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from duck_models import (
    Box,
    ByList,
    InPlace,
    Memory,
    NumpyBox,
    OwnRule,
    Resizable,
    TellsChange,
)
from trainer_helpers import assert_unchanged, snapshot

from canns.errors import DivergenceError, MissingStateError, ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.plasticity import Hebbian
from canns.trainer import AntiHebbianTrainer, HebbianTrainer, RuleTrainer

SIZE = 12
PATTERNS = np.stack([np.tile([1.0, -1.0], SIZE // 2), np.tile([1.0, 1.0, -1.0, -1.0], SIZE // 4)])
CUES = PATTERNS * np.where(np.arange(SIZE) == 2, -1.0, 1.0)
NETWORKS = {
    "numpy": lambda: Memory(SIZE),
    "jax": lambda: Memory(SIZE, jnp),
    "numpy box": lambda: Memory(SIZE, box=NumpyBox),
    "tells change": lambda: TellsChange(SIZE),
    "tells change, jax": lambda: TellsChange(SIZE, jnp),
    "resizable": lambda: Resizable(SIZE),
    "in place": lambda: InPlace(SIZE),
}


@pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("weight_attr", ["W", None, "J"])
def test_a_network_stores_as_the_library_does(build, weight_attr):
    mine, ours = build(), AmariHopfieldNetwork(SIZE)
    for model, name in ((mine, weight_attr), (ours, "W")):
        HebbianTrainer(model, weight_attr=name).train(PATTERNS)
    np.testing.assert_allclose(mine.J.value, ours.W.value, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS)
def test_a_network_recalls_by_its_own_update(build):
    model = build()
    trainer = HebbianTrainer(model)
    trainer.train(PATTERNS)
    found = trainer.predict(CUES[1])
    assert isinstance(found, jax.Array)
    np.testing.assert_array_equal(found, PATTERNS[1])
    np.testing.assert_array_equal(model.spins.value, PATTERNS[1])
    np.testing.assert_array_equal(trainer.predict_batch(CUES), PATTERNS)
    result = trainer.recall(CUES)
    assert result.outcome.tolist() == ["converged", "converged"]
    assert result.steps.tolist() == [2, 2]
    assert (np.diff(result.energies, axis=1) <= 0).all()


def test_a_sweep_in_place_is_not_taken_for_rest():
    class Front(InPlace):
        """One neuron flips in each update."""

        def update(self):
            self.spins.value[int(np.argmax(self.spins.value))] = -1.0

    model = Front(5)
    result = HebbianTrainer(model).recall([np.ones(5)], 4)
    assert result.outcome.tolist() == ["budget"]
    assert result.steps.tolist() == [4]
    np.testing.assert_array_equal(result.states, [[-1.0, -1.0, -1.0, -1.0, 1.0]])


def test_update_is_told_the_energy_before():
    model = TellsChange(SIZE)
    trainer = HebbianTrainer(model)
    trainer.train(PATTERNS)
    seen = []
    trainer.predict(CUES[0], progress_callback=lambda *args: seen.append(args))
    assert model.told[1:] == pytest.approx([call[1] for call in seen[:-1]])
    assert model.told[0] == pytest.approx(seen[0][1] - seen[0][3])


def test_num_iter_bounds_an_update_of_the_users_own():
    model = Memory(SIZE)
    trainer = HebbianTrainer(model)
    trainer.train(PATTERNS)
    trainer.predict(CUES[0], 1)
    assert model.updates == 1
    trainer.predict(CUES[0], 500)
    assert model.updates == 3


def test_names_may_be_given_to_the_trainer_alone():
    class Nameless:
        def __init__(self):
            self.M, self.z = Box(np.zeros((SIZE, SIZE))), Box(np.ones(SIZE))
            self.energy = 0.0

        def update(self):
            self.z.value = np.sign(np.asarray(self.M.value) @ np.asarray(self.z.value))

    trainer = HebbianTrainer(Nameless(), weight_attr="M", state_attr="z")
    trainer.train(PATTERNS)
    np.testing.assert_array_equal(trainer.predict(CUES[0]), PATTERNS[0])


@pytest.mark.parametrize("preserve", [True, False])
def test_a_network_that_can_grows(preserve):
    model = Resizable(3)
    model.J.value = np.ones((3, 3), np.float32)
    HebbianTrainer(model, preserve_on_resize=preserve).train(PATTERNS)
    assert model.J.value.shape == (SIZE, SIZE)
    fresh = Resizable(SIZE)
    HebbianTrainer(fresh).train(PATTERNS)
    old = float(preserve)
    assert model.J.value[0, 1] == pytest.approx(float(fresh.J.value[0, 1]) + old, abs=1e-6)


def test_a_network_that_cannot_says_so():
    model = Memory(3)
    before = snapshot(model)
    with pytest.raises(ValidationError, match=r"data.*length 12.*Memory has no resize"):
        HebbianTrainer(model).train(PATTERNS)
    assert_unchanged(model, before)


@pytest.mark.parametrize("generic", [True, False])
def test_a_rule_of_the_users_own(generic):
    model = OwnRule(SIZE)
    record = HebbianTrainer(model, prefer_generic=generic).train(PATTERNS)
    expected = PATTERNS.T @ PATTERNS
    if generic:
        centred = PATTERNS - PATTERNS.mean()
        expected = centred.T @ centred / 2 * (1 - np.eye(SIZE))
    np.testing.assert_allclose(model.J.value, expected, rtol=1e-6, atol=1e-6)
    assert record.weight_change[0] == pytest.approx(np.linalg.norm(expected), rel=1e-5)
    assert record.weight_norm[0] == pytest.approx(np.linalg.norm(expected), rel=1e-5)


def test_the_change_by_a_rule_in_place_is_measured():
    # Large: the case in which JAX would share the memory of the weights before and after.
    model = OwnRule(1024)
    record = HebbianTrainer(model, prefer_generic=False).train(np.ones((1, 1024)))
    assert record.weight_change.tolist() == record.weight_norm.tolist() == [1024.0]


@pytest.mark.parametrize("box", [Box, NumpyBox])
@pytest.mark.parametrize("xp", [np, jnp])
def test_weights_of_whole_numbers_become_floats(xp, box):
    whole, network = Memory(2, xp, box), Memory(2, xp, box)
    whole.J.value = xp.zeros((2, 2), dtype=int)
    for model in (whole, network):
        RuleTrainer(model, Hebbian(0.5)).train([[0.9, 0.6]])
    np.testing.assert_allclose(whole.J.value, network.J.value, rtol=1e-6)
    assert whole.J.value[0, 1] == pytest.approx(0.27)


def test_a_rule_of_the_users_own_that_diverges_in_place_is_undone():
    model = OwnRule(SIZE)
    before = snapshot(model)
    with pytest.raises(DivergenceError):
        HebbianTrainer(model, prefer_generic=False).train(PATTERNS * 1e6)
    assert_unchanged(model, before)


def test_a_memory_without_weights():
    model = ByList(SIZE)
    trainer = HebbianTrainer(model, prefer_generic_predict=False)
    record = trainer.train(PATTERNS)
    np.testing.assert_array_equal(model.stored, PATTERNS)
    assert record.num_samples == 2
    np.testing.assert_array_equal(trainer.predict(CUES[1]), PATTERNS[1])
    np.testing.assert_array_equal(trainer.predict_batch(CUES), PATTERNS)


def test_a_memory_without_weights_cannot_be_undone():
    with pytest.raises((ValidationError, MissingStateError), match="ByList"):
        AntiHebbianTrainer(ByList(SIZE)).train(PATTERNS)
