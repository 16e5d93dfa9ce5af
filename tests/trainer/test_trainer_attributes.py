"""Trainers: mistyped settings are refused, dir() and repr() are short; records say what changed."""

import copy
import inspect
import pickle

import numpy as np
import pytest
from trainer_helpers import CASES

from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer
from canns.plasticity import Monitor
from canns.trainer import (
    HebbianTrainer,
    OjaTrainer,
    RuleTrainer,
    Trainer,
    TrainingRecord,
)

DATA = np.random.default_rng(0).normal(size=(20, 3))


class Mine(Trainer):
    """A trainer of the user's own that keeps what it likes."""

    def __init__(self, model=None, momentum=0.5):
        self.momenta = []
        super().__init__(model)
        self.momentum = momentum

    def train(self, data):
        self.history = [np.mean(data)]

    def predict(self, pattern):
        return pattern


@pytest.mark.parametrize("case", CASES)
def test_a_mistyped_setting_is_refused(case):
    trainer = CASES[case].build()
    with pytest.raises(AttributeError, match=r"weigth_attr.*Did you mean 'weight_attr'\?$"):
        trainer.weigth_attr = "V"
    with pytest.raises(AttributeError, match=r"Did you mean 'predict_batch'\?$"):
        trainer.predict_bach  # noqa: B018
    assert "weigth_attr" not in vars(trainer)


def test_the_rate_that_was_meant_is_named():
    with pytest.raises(AttributeError, match=r"'learnin_rate'\. Did you mean 'learning_rate'\?$"):
        HebbianTrainer(AmariHopfieldNetwork(3)).learnin_rate = 3.0


@pytest.mark.parametrize(
    "duplicate", [lambda t: t, copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))]
)
def test_a_trainer_of_the_users_own_keeps_its_names(duplicate):
    trainer = duplicate(Mine())
    trainer.train([1.0, 3.0])
    trainer.momenta, trainer.momentum, trainer._hidden = [1], 0.9, 3
    assert (trainer.history, trainer.momentum) == ([2.0], 0.9)
    with pytest.raises(AttributeError, match="Did you mean 'momentum'"):
        trainer.momentun = 0.9


def test_the_signature_of_a_trainer_is_that_of_its_constructor():
    assert [*inspect.signature(Mine).parameters] == ["model", "momentum"]
    assert "learning_rate" in inspect.signature(OjaTrainer).parameters


@pytest.mark.parametrize("case", CASES)
def test_dir_lists_what_users_need(case):
    names = dir(CASES[case].build())
    assert {"train", "predict", "model", "weight_attr"} <= set(names)
    assert len(names) <= 40
    assert not [name for name in names if name.startswith("_")]


@pytest.mark.parametrize("case", CASES)
def test_a_trainer_is_described_in_a_few_lines(case):
    trainer = CASES[case].build()
    lines = repr(trainer).split("\n")
    assert lines[0] == type(trainer).__name__
    assert lines[1].startswith("  model: ")
    assert len(lines) <= 12
    assert max(map(len, lines)) <= 88
    assert trainer._repr_html_().startswith("<pre>")


def test_a_trainer_says_what_is_not_the_default():
    trainer = OjaTrainer(LinearLayer(3, 2), 0.5, normalize_weights=False, state_attr="y")
    assert repr(trainer).split("\n") == [
        "OjaTrainer",
        "  model: LinearLayer (size: 3 inputs, 2 neurons)",
        "  learning rate: 0.5",
        "  normalize weights: False",
        "  state attr: y",
    ]
    assert repr(Mine(object())) == "Mine\n  model: object\n  momentum: 0.5"
    assert repr(Mine.__new__(Mine)) == "Mine\n  momentum: 0.5"


def test_a_mistyped_rule_says_what_was_meant():
    with pytest.raises(ValueError, match=r"got 'sangre'\. Did you mean 'sanger'\?"):
        RuleTrainer(LinearLayer(3, 2), "sangre")
    trainer = RuleTrainer(LinearLayer(3, 2), "sanger")
    trainer.rule = "sangre"
    with pytest.raises(ValueError, match=r"got 'sangre'\. Did you mean 'sanger'\?"):
        trainer.train(DATA)


def test_a_record_says_what_changed():
    layer = LinearLayer(3, 2)
    record = OjaTrainer(layer, 0.01).train(DATA, epochs=3, monitor=Monitor(("W",), every=10))
    lines = repr(record).split("\n")
    first, last = record.weight_change[0], record.weight_change[-1]
    assert lines[:3] == [
        "TrainingRecord of Oja",
        "  shown: 20 samples x 3 epochs",
        f"  last |dW|: {last:.3g}, from {first:.3g} in the first epoch",
    ]
    assert f"  |W|: {np.linalg.norm(layer.W.value):.4g}" in lines
    assert "  written: W" in lines
    assert any(line.startswith("  recorded: W (6 x 2 x 3, ") for line in lines)
    assert record._repr_html_().startswith("<pre>TrainingRecord")


def test_a_record_of_measures_and_one_put_together_by_hand():
    patterns = np.sign(np.random.default_rng(1).normal(size=(2, 8)))
    record = RuleTrainer(AmariHopfieldNetwork(8), "adatron").train(patterns)
    assert "  kappa: 8 numbers, " in repr(record)
    assert repr(TrainingRecord("Own", 0, None, None, ())) == "TrainingRecord of Own"
