"""Calls that scripts of the older toolkit make."""

import jax
import numpy as np
import pytest

import canns
from canns.errors import CannsWarning, MissingStateError
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer, WillshawNetwork
from canns.trainer import HebbianTrainer, OjaTrainer

CUE = np.array([1.0, -1.0, 1.0])


def test_the_version_is_above_that_of_the_older_toolkit():
    assert canns.version_info > (1, 5, 0)
    assert canns.__version__ == ".".join(map(str, canns.version_info))


@pytest.mark.parametrize("compiled", [True, False])
def test_no_updates_write_the_cue_and_return_it(compiled):
    trainer = HebbianTrainer(AmariHopfieldNetwork(3))
    trainer.train([CUE])
    other = -np.ones(3)
    np.testing.assert_array_equal(trainer.predict(other, num_iter=0, compiled=compiled), other)
    np.testing.assert_array_equal(trainer.model.s.value, other)
    result = trainer.recall([other, CUE], num_iter=0)
    assert result.outcome.tolist() == ["budget", "budget"]
    assert result.steps.tolist() == [0, 0]
    assert result.energies.shape == (2, 1)


def test_no_updates_with_a_callback_call_it_never():
    seen = []
    trainer = HebbianTrainer(AmariHopfieldNetwork(3))
    trainer.train([CUE])
    trainer.predict(CUE, num_iter=0, progress_callback=lambda *args: seen.append(args))
    assert seen == []


def test_predictions_are_arrays_of_jax():
    network, layer = HebbianTrainer(AmariHopfieldNetwork(3)), OjaTrainer(LinearLayer(3, 2))
    network.train([CUE])
    for trainer in (network, layer):
        found = trainer.predict(CUE)
        assert found.at[0].set(5.0).block_until_ready()[0] == 5.0
        assert isinstance(trainer.predict_batch([CUE], show_sample_progress=False)[0], jax.Array)


def test_a_prediction_outlasts_the_next_one():
    trainer = HebbianTrainer(AmariHopfieldNetwork(3))
    trainer.train([CUE])
    first = trainer.predict(CUE)
    trainer.predict(-CUE)
    np.testing.assert_array_equal(first, CUE)


class Box:
    """The smallest box."""

    def __init__(self, value):
        self.value = value


class Plain:
    """A network that names neither its state nor its weights."""

    def __init__(self, state="s"):
        self.W = Box(np.zeros((3, 3), np.float32))
        setattr(self, state, Box(np.ones(3, np.float32)))
        self.energy = 0.0

    def update(self):
        self.s.value = np.sign(np.asarray(self.W.value) @ self.s.value)


def test_the_state_of_an_object_that_names_none_is_s():
    trainer = HebbianTrainer(Plain())
    trainer.train([CUE], epochs=1)
    np.testing.assert_array_equal(trainer.predict(CUE), CUE)


def test_an_object_without_it_says_how_to_name_another():
    with pytest.raises(MissingStateError, match=r"`s`.*Plain has W, spins.*predict_state_attr"):
        HebbianTrainer(Plain("spins")).predict(CUE)


@pytest.mark.parametrize(
    "ask",
    [
        lambda trainer: trainer.predict(np.ones(5)),
        lambda trainer: trainer.predict_batch(np.ones((2, 5)))[1],
        lambda trainer: trainer.recall(np.ones((2, 5))).states[1],
    ],
)
def test_cues_of_another_length_resize_the_network(ask):
    trainer = HebbianTrainer(AmariHopfieldNetwork(3, method="dense"))
    trainer.train([CUE])
    weights = np.asarray(trainer.model.W.value)
    with pytest.warns(CannsWarning, match="of 3 neurons is resized to 5"):
        assert ask(trainer).shape == (5,)
    np.testing.assert_array_equal(trainer.model.W.value[:3, :3], weights)
    assert trainer.model.num_neurons == 5


def test_only_the_trainer_that_resizes_for_training_resizes_for_cues():
    trainer = OjaTrainer(AmariHopfieldNetwork(3))
    with pytest.raises(ValueError, match=r"pattern must be 1-D of shape \(3,\); got shape \(5,\)"):
        trainer.predict(np.ones(5))
    with pytest.raises(ValueError, match=r"patterns must be 2-D of shape \(rows, 3\); got .*2, 5"):
        trainer.predict_batch(np.ones((2, 5)))


def test_a_layer_without_a_threshold_leaves_it_with_a_warning():
    layer = LinearLayer(3, 2, threshold_tau=0.5)
    before = {name: np.asarray(box.value) for name, box in layer.boxes().items()}
    with pytest.warns(CannsWarning, match="no threshold `theta`"):
        layer.update_threshold()
    for name, box in layer.boxes().items():
        np.testing.assert_array_equal(box.value, before[name])


def test_a_failed_recall_after_a_resize_leaves_the_network():
    network = WillshawNetwork(6, winners=2)
    with pytest.warns(CannsWarning), pytest.raises(ValueError, match="0 or 1"):
        HebbianTrainer(network).predict(np.full(8, 0.5))
    assert network.s.value.shape == (6,)
