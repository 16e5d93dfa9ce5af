"""Progress bars: there when asked for, and only then; and no effect on the result."""

import numpy as np
import pytest
from trainer_helpers import CASES, LAYERS, assert_alike

from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer

PATTERNS = np.array([[1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]])


def _shown(capsys):
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


@pytest.mark.parametrize("name", CASES)
def test_training_shows_a_bar_when_asked(name, capsys):
    case = CASES[name]
    quiet, loud, data = case.build(), case.build(), case.data(60)
    data = data if case.spiking else 0.2 * data
    quiet.train(data, epochs=2)
    assert _shown(capsys) == ""
    loud.train(data, epochs=2, show_progress=True)
    assert "120/120" in _shown(capsys)
    assert_alike(quiet.model, loud.model, rtol=1e-5, atol=1e-6)
    quiet.predict(data[0])
    assert _shown(capsys) == ""


@pytest.mark.parametrize("name", CASES)
def test_the_setting_of_the_trainer_holds_unless_overruled(name, capsys):
    case = CASES[name]
    trainer = case.build(show_iteration_progress=True)
    trainer.train(case.data(3))
    assert "3/3" in _shown(capsys)
    trainer.train(case.data(3), show_progress=False)
    assert _shown(capsys) == ""
    trainer.configure_progress(show_iteration_progress=False)
    trainer.train(case.data(3))
    assert _shown(capsys) == ""


@pytest.fixture
def trainer():
    trainer = HebbianTrainer(AmariHopfieldNetwork(4))
    trainer.train(PATTERNS)
    return trainer


@pytest.mark.parametrize("compiled", [True, False])
def test_recall_shows_a_bar_when_asked(trainer, capsys, compiled):
    quiet = trainer.predict(PATTERNS[0], compiled=compiled)
    assert _shown(capsys) == ""
    loud = trainer.predict(PATTERNS[0], compiled=compiled, show_progress=True)
    assert "Recalling" in _shown(capsys)
    np.testing.assert_array_equal(quiet, loud)


def test_recall_follows_the_setting_of_the_trainer(trainer, capsys):
    trainer.configure_progress(show_iteration_progress=True)
    trainer.predict(PATTERNS[0])
    assert "Recalling" in _shown(capsys)
    trainer.predict_batch(PATTERNS)
    assert "Recalling" in _shown(capsys)
    trainer.predict(PATTERNS[0], show_progress=False)
    trainer.predict_batch(PATTERNS, show_iteration_progress=False)
    assert "Recalling" not in _shown(capsys)


def test_a_batch_of_a_network_can_show_its_updates(trainer, capsys):
    trainer.predict_batch(PATTERNS, show_iteration_progress=True, show_sample_progress=False)
    assert "Recalling" in _shown(capsys)
    trainer.predict_batch(PATTERNS, show_sample_progress=False)
    assert _shown(capsys) == ""


@pytest.mark.parametrize("name", LAYERS)
def test_a_batch_of_a_layer_shows_its_samples_unless_told_not_to(name, capsys):
    case = CASES[name]
    trainer = case.build()
    trainer.predict_batch(case.data(4))
    assert "4/4" in _shown(capsys)
    trainer.predict_batch(case.data(4), show_sample_progress=False)
    assert _shown(capsys) == ""


def test_a_failed_training_leaves_no_open_bar(capsys):
    trainer = CASES["hebbian layer"].build()
    with pytest.raises(ArithmeticError):
        trainer.train(np.full((50, 4), 1e5), show_progress=True)
    assert _shown(capsys).endswith("\n")
