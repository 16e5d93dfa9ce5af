"""The surface of the trainers: arguments, defaults, submodules, settings."""

import importlib
import inspect

import numpy as np
import pytest
from trainer_helpers import CASES

import canns.trainer as package
from canns.errors import ValidationError
from canns.models.brain_inspired import LinearLayer
from canns.trainer import (
    AntiHebbianTrainer,
    BCMTrainer,
    HebbianTrainer,
    OjaTrainer,
    SangerTrainer,
    STDPTrainer,
    Trainer,
)

REQUIRED = inspect.Parameter.empty
POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD
KEYWORD = inspect.Parameter.KEYWORD_ONLY

COMPONENT = [
    ("model", REQUIRED),
    ("learning_rate", 0.01),
    ("normalize_weights", True),
    ("weight_attr", "W"),
    ("compiled", True),
]
CONSTRUCTORS = {
    Trainer: ([("model", None)], {"show_iteration_progress": False, "compiled_prediction": True}),
    HebbianTrainer: (
        [("model", REQUIRED), ("show_iteration_progress", False), ("compiled_prediction", True)],
        {
            "weight_attr": "W",
            "subtract_mean": True,
            "zero_diagonal": True,
            "normalize_by_patterns": True,
            "prefer_generic": True,
            "state_attr": None,
            "prefer_generic_predict": True,
            "preserve_on_resize": True,
            "learning_rate": 1.0,
        },
    ),
    OjaTrainer: (COMPONENT, {}),
    SangerTrainer: (COMPONENT, {}),
    BCMTrainer: (
        [("model", REQUIRED), ("learning_rate", 0.01), ("weight_attr", "W"), ("compiled", True)],
        {"w_bound": None},
    ),
    STDPTrainer: (
        [
            ("model", REQUIRED),
            ("learning_rate", 0.01),
            ("A_plus", 0.005),
            ("A_minus", 0.00525),
            ("weight_attr", "W"),
            ("w_min", 0.0),
            ("w_max", 1.0),
            ("compiled", True),
        ],
        {"coincidence": "mid"},
    ),
}
METHODS = {
    "configure_progress": (
        [],
        {"show_iteration_progress": None, "compiled_prediction": None},
    ),
    "predict": (
        [
            ("pattern", REQUIRED),
            ("num_iter", 20),
            ("compiled", None),
            ("show_progress", None),
            ("convergence_threshold", 1e-10),
            ("progress_callback", None),
        ],
        {},
    ),
    "predict_batch": (
        [
            ("patterns", REQUIRED),
            ("num_iter", 20),
            ("compiled", None),
            ("show_sample_progress", True),
            ("show_iteration_progress", None),
            ("convergence_threshold", 1e-10),
        ],
        {},
    ),
    "train": (
        [("train_data", REQUIRED)],
        {"epochs": None, "shuffle": False, "seed": None, "show_progress": None},
    ),
}


def _of_kind(function, kind):
    parameters = inspect.signature(function).parameters.values()
    return [(p.name, p.default) for p in parameters if p.kind is kind and p.name != "self"]


def _check(function, positional, keywords):
    assert _of_kind(function, POSITIONAL) == positional
    assert keywords.items() <= dict(_of_kind(function, KEYWORD)).items()


@pytest.mark.parametrize("trainer", CONSTRUCTORS, ids=lambda c: c.__name__)
def test_constructor_arguments_and_defaults(trainer):
    _check(trainer, *CONSTRUCTORS[trainer])


@pytest.mark.parametrize("method", METHODS)
def test_method_arguments_and_defaults(method):
    _check(getattr(HebbianTrainer, method), *METHODS[method])


def test_anti_hebbian_takes_what_hebbian_takes():
    assert inspect.signature(AntiHebbianTrainer) == inspect.signature(HebbianTrainer)
    assert issubclass(AntiHebbianTrainer, HebbianTrainer)


@pytest.mark.parametrize("module", ["_base", "hebbian", "oja", "sanger", "bcm", "stdp", "utils"])
def test_submodules_are_importable(module):
    assert importlib.import_module(f"canns.trainer.{module}").__all__


def test_all_lists_what_is_there():
    assert all(hasattr(package, name) for name in package.__all__)
    assert all(issubclass(trainer, Trainer) for trainer in CONSTRUCTORS)


@pytest.mark.parametrize("case", CASES)
def test_common_options_reach_every_trainer(case):
    trainer = CASES[case].build(
        show_iteration_progress=True, compiled_prediction=False, state_attr="s", weight_attr="W"
    )
    assert (trainer.show_iteration_progress, trainer.compiled_prediction) == (True, False)
    assert (trainer.state_attr, trainer.weight_attr) == ("s", "W")
    trainer.configure_progress(show_iteration_progress=False)
    assert (trainer.show_iteration_progress, trainer.compiled_prediction) == (False, False)
    trainer.configure_progress(compiled_prediction=True)
    assert (trainer.show_iteration_progress, trainer.compiled_prediction) == (False, True)


def test_arguments_become_attributes():
    model = LinearLayer(2, 2, True)
    oja = OjaTrainer(model, 0.5, False, None, False)
    assert (oja.model, oja.learning_rate, oja.normalize_weights) == (model, 0.5, False)
    assert (oja.weight_attr, oja.compiled) == (None, False)
    stdp = STDPTrainer(model, 0.5, 0.1, 0.2, "W", -1.0, 2.0, False)
    assert (stdp.A_plus, stdp.A_minus, stdp.w_min, stdp.w_max) == (0.1, 0.2, -1.0, 2.0)


FLAGS = [
    (OjaTrainer, "normalize_weights"),
    (OjaTrainer, "compiled"),
    (SangerTrainer, "show_iteration_progress"),
    (BCMTrainer, "compiled_prediction"),
    *((HebbianTrainer, name) for name in CONSTRUCTORS[HebbianTrainer][1] if "attr" not in name),
]


@pytest.mark.parametrize(("trainer", "flag"), FLAGS)
def test_a_flag_must_be_a_flag(trainer, flag):
    with pytest.raises(ValidationError, match=f"^{flag} must be"):
        trainer(LinearLayer(2, 2, True), **{flag: "no"})


def test_settings_of_progress_are_checked():
    trainer = OjaTrainer(LinearLayer(2, 2))
    with pytest.raises(ValidationError, match="show_iteration_progress"):
        trainer.configure_progress(show_iteration_progress="yes")
    with pytest.raises(TypeError):
        trainer.configure_progress(True)


def test_the_base_is_abstract():
    with pytest.raises(TypeError, match=r"abstract.*(predict|train)"):
        Trainer()


class Minimal(Trainer):
    """A trainer of the user's own that defines no more than it must."""

    def train(self, data):
        self.model = np.mean(data, axis=0)

    def predict(self, pattern, scale=1.0):
        return scale * (pattern - self.model)


def test_a_trainer_of_the_users_own_needs_only_train_and_predict():
    trainer = Minimal()
    assert (trainer.model, trainer.compiled_prediction) == (None, True)
    assert trainer.train(np.array([[1.0], [3.0]])) is None
    found = trainer.predict_batch(iter([np.array([2.0]), np.array([4.0])]), scale=2.0)
    assert [float(y[0]) for y in found] == [0.0, 4.0]
    assert [float(y[0]) for y in trainer.predict_batch([np.array([4.0])], 3.0)] == [6.0]
