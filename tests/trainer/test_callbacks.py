"""Callbacks: told of every epoch and step, without an effect on the result unless they end it."""

import numpy as np
import pytest
from trainer_helpers import CASES, assert_alike

from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork, BrainInspiredModel, LinearLayer
from canns.plasticity import BCM, Hebbian
from canns.trainer import (
    Checkpoint,
    Every,
    HebbianTrainer,
    OjaTrainer,
    RuleTrainer,
    TrainingProgress,
)

RNG = np.random.default_rng(0)
SAMPLES = 0.5 * RNG.normal(size=(40, 3))
PATTERNS = np.where(RNG.random((3, 30)) < 0.5, 1.0, -1.0)


def _layer_trainer():
    layer = LinearLayer(3, 2)
    layer.W.value = np.eye(2, 3) / 2
    return OjaTrainer(layer, learning_rate=0.05)


def _stop_after(calls):
    """Return a callback that ends the run at its call of this number, and the calls it had."""
    seen = []

    def callback(progress):
        seen.append(progress)
        if len(seen) == calls:
            raise StopIteration

    return callback, seen


@pytest.mark.parametrize("name", CASES)
def test_callbacks_see_what_the_record_says_and_change_nothing(name):
    case = CASES[name]
    plain, watched, data = case.build(), case.build(), case.data(12)
    plain.train(data, epochs=3)
    seen = []
    record = watched.train(data, epochs=3, on_epoch=seen.append)
    assert_alike(plain.model, watched.model, rtol=1e-5, atol=1e-6)
    assert [progress.epoch for progress in seen] == [1, 2, 3]
    assert [progress.num_samples for progress in seen] == [12, 24, 36]
    np.testing.assert_array_equal([p.weight_change for p in seen], record.weight_change)
    np.testing.assert_array_equal([p.weight_norm for p in seen], record.weight_norm)
    assert record.stopped_at is None


@pytest.mark.parametrize("data", [SAMPLES, list(SAMPLES), (row for row in SAMPLES)])
def test_on_step_is_called_after_each_sample(data):
    plain, watched, seen = _layer_trainer(), _layer_trainer(), []
    plain.train(SAMPLES)
    watched.train(data, on_step=seen.append)
    np.testing.assert_array_equal(plain.model.W.value, watched.model.W.value)
    assert [progress.num_samples for progress in seen] == [*range(1, 41)]
    assert all(isinstance(progress, TrainingProgress) for progress in seen)
    np.testing.assert_array_equal(seen[-1].weights, plain.model.W.value)
    np.testing.assert_allclose(seen[9].weight_norm, np.linalg.norm(seen[9].weights), rtol=1e-6)


def test_every_counts_from_the_start_of_each_epoch():
    seen = []
    _layer_trainer().train(SAMPLES, epochs=2, shuffle=True, seed=0, on_step=Every(15, seen.append))
    assert [p.num_samples for p in seen] == [15, 30, 55, 70]
    assert [p.epoch for p in seen] == [1, 1, 2, 2]


def test_a_callback_ends_the_run_after_an_epoch_and_keeps_what_was_learnt():
    short, stopped = _layer_trainer(), _layer_trainer()
    short.train(SAMPLES, epochs=2)
    callback, seen = _stop_after(2)
    record = stopped.train(SAMPLES, epochs=100, on_epoch=callback)
    assert len(seen) == record.num_epochs == 2
    assert record.stopped_at == 80
    assert record.num_samples == 40
    np.testing.assert_array_equal(short.model.W.value, stopped.model.W.value)


def test_a_callback_ends_the_run_within_an_epoch():
    part, stopped = _layer_trainer(), _layer_trainer()
    part.train(np.concatenate([SAMPLES, SAMPLES[:5]]))
    callback, _ = _stop_after(45)
    epochs = []
    record = stopped.train(SAMPLES, epochs=9, on_step=callback, on_epoch=epochs.append)
    assert (record.stopped_at, record.num_epochs, record.num_samples) == (45, 2, 40)
    assert len(epochs) == 1  # the second was not finished
    assert "stopped: after 45 samples" in repr(record)
    np.testing.assert_array_equal(part.model.W.value, stopped.model.W.value)


def test_a_run_that_was_ended_goes_on_from_its_checkpoint(tmp_path):
    whole, resumed = _layer_trainer(), _layer_trainer()
    whole.train(SAMPLES, epochs=3)
    file = tmp_path / "run.safetensors"
    callback, _ = _stop_after(50)
    _layer_trainer().train(SAMPLES, epochs=3, checkpoint=Checkpoint(file), on_step=callback)
    record = resumed.train(SAMPLES, epochs=3, checkpoint=Checkpoint(file))
    assert record.num_epochs == 3
    np.testing.assert_array_equal(whole.model.W.value, resumed.model.W.value)


def test_a_callback_that_fails_leaves_the_model_as_it_was():
    trainer = _layer_trainer()
    before = np.asarray(trainer.model.W.value)

    def fails(progress):
        raise RuntimeError("of the user's own")

    for name in ("on_epoch", "on_step"):
        with pytest.raises(RuntimeError, match="of the user's own"):
            trainer.train(SAMPLES, **{name: fails})
        np.testing.assert_array_equal(trainer.model.W.value, before)


@pytest.mark.parametrize(
    ("trainer", "data"),
    [
        (HebbianTrainer(AmariHopfieldNetwork(30)), PATTERNS),
        (RuleTrainer(AmariHopfieldNetwork(30), Hebbian()), PATTERNS),
        (RuleTrainer(AmariHopfieldNetwork(30), "pseudo_inverse"), PATTERNS),
    ],
)
def test_a_rule_that_takes_all_samples_at_once_has_no_steps(trainer, data):
    with pytest.raises(ValidationError, match=r"on_step must be None for .* Use on_epoch"):
        trainer.train(data, on_step=print)
    assert not np.asarray(trainer.model.W.value).any()
    seen = []
    trainer.train(data, on_epoch=seen.append)
    assert len(seen) == 1


def test_a_layer_that_answers_by_itself_has_epochs_and_no_steps():
    class Own(LinearLayer):
        def forward(self, x):
            self.y.value = 0.5 * (self.W.value @ x)
            return self.y.value

    trainer = RuleTrainer(Own(3, 2, use_bcm_threshold=True), BCM(0.01))
    with pytest.raises(ValidationError, match="on_step must be None for Own"):
        trainer.train(SAMPLES, on_step=print)
    seen = []
    trainer.train(SAMPLES, epochs=2, on_epoch=seen.append)
    assert len(seen) == 2


@pytest.mark.parametrize("name", ["on_epoch", "on_step"])
@pytest.mark.parametrize("wrong", [3, "print", [print], np.ones(2)])
def test_what_is_no_function_is_refused(name, wrong):
    trainer = _layer_trainer()
    with pytest.raises(ValidationError, match=f"{name} must be a function"):
        trainer.train(SAMPLES, **{name: wrong})


def test_every_refuses_what_it_cannot_count_or_call():
    for samples in (0, -1, 1.5, "2"):
        with pytest.raises(ValidationError, match="samples"):
            Every(samples, print)
    for callback in (None, 3):
        with pytest.raises(ValidationError, match="callback"):
            Every(10, callback)


class Own(BrainInspiredModel):
    """A network whose update is the user's own: it moves one neuron after the other to 1."""

    def __init__(self):
        super().__init__()
        self.s = AmariHopfieldNetwork(4).s
        self.W = AmariHopfieldNetwork(4).W

    @property
    def energy(self):
        return -np.sum(self.s.value)

    def update(self, prev_energy):
        state = np.array(self.s.value)
        state[np.argmin(state)] = 1.0
        self.s.value = state


def test_a_callback_ends_a_recall():
    network = AmariHopfieldNetwork(30, asynchronous=True)
    trainer = HebbianTrainer(network)
    trainer.train(PATTERNS)
    cues = np.where(RNG.random(PATTERNS.shape) < 0.3, -PATTERNS, PATTERNS)
    whole = trainer.recall(cues, seed=0)
    assert whole.steps.max() > 1
    callback, seen = _stop_after(1)
    stopped = trainer.recall(cues, seed=0, on_step=callback)
    np.testing.assert_array_equal(stopped.states, network.recall(cues, num_iter=1, seed=0).states)
    np.testing.assert_array_equal(seen[0].states, stopped.states)
    assert len(seen) == 1
    again = network.recall(cues, seed=0, on_step=_stop_after(1)[0])
    np.testing.assert_array_equal(stopped.states, again.states)


def test_a_callback_ends_a_recall_by_an_update_of_ones_own():
    callback, seen = _stop_after(2)
    cues = -np.ones((2, 4))
    result = HebbianTrainer(Own()).recall(cues, on_step=callback)
    assert result.steps.tolist() == [2, 0]
    assert result.states.sum(axis=1).tolist() == [0.0, -4.0]
    assert [progress.states.sum() for progress in seen] == [-2.0, 0.0]


def test_the_callback_of_predict_ends_its_recall():
    trainer = HebbianTrainer(Own())
    seen = []

    def callback(iteration, energy, converged, change):
        seen.append((iteration, energy, converged, change))
        raise StopIteration

    assert trainer.predict(-np.ones(4), progress_callback=callback).sum() == -2
    assert seen == [(1, 2.0, False, -2.0)]
    for recall in (trainer.recall, AmariHopfieldNetwork(4).recall):
        with pytest.raises(ValidationError, match="on_step must be a function"):
            recall(-np.ones((1, 4)), on_step=3)
    with pytest.raises(ValidationError, match="progress_callback must be a function"):
        trainer.predict(-np.ones(4), progress_callback=3)
