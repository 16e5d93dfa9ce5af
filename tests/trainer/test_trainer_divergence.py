"""Divergence is an error that names the step and the bound, and undoes the training."""

import re

import numpy as np
import pytest
from trainer_helpers import CASES, IN, OUT, Rectified, assert_unchanged, snapshot

from canns.errors import CannsError, DivergenceError
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer
from canns.plasticity import Hebbian
from canns.trainer import (
    AntiHebbianTrainer,
    BCMTrainer,
    HebbianTrainer,
    OjaTrainer,
    RuleTrainer,
    SangerTrainer,
)

INPUTS = np.random.default_rng(0).random((7, IN)) + 0.5
FREE = {"normalize_weights": False}


# The rules with a bound of stability start far from their fixed point: a rate beyond the bound
# would be refused, and below it they diverge from there only.
pytestmark = pytest.mark.filterwarnings("ignore::canns.errors.CannsWarning")


def _layer(cls=LinearLayer, weight=0.3):
    layer = cls(IN, OUT, True)
    layer.W.value = np.full((OUT, IN), weight)
    return layer


DIVERGING = {
    "oja": lambda: OjaTrainer(_layer(weight=1.6), 0.15, **FREE),
    "sanger": lambda: SangerTrainer(_layer(weight=1.6), 0.15, **FREE),
    "bcm": lambda: BCMTrainer(_layer(weight=300.0), 0.002),
    "hebbian layer": lambda: HebbianTrainer(_layer(), learning_rate=0.2),
    "rule": lambda: RuleTrainer(_layer(), Hebbian(0.2)),
    "own forward": lambda: HebbianTrainer(_layer(Rectified), learning_rate=0.2),
}


@pytest.fixture(params=DIVERGING)
def trainer(request):
    return DIVERGING[request.param]()


def _diverge(trainer, data, **options):
    before = snapshot(trainer.model)
    with pytest.raises(DivergenceError) as caught:
        trainer.train(data, **options)
    assert_unchanged(trainer.model, before)
    return caught.value


def test_the_error_names_the_step_and_the_bound(trainer):
    error = _diverge(trainer, INPUTS, epochs=60)
    assert isinstance(error, CannsError)
    assert isinstance(error, ArithmeticError)
    assert f"at step {error.step}." in str(error)
    assert error.bound in str(error)
    assert re.search(r"\d|Oja|unit rows", error.bound)
    assert "The model is unchanged." in str(error)


def test_the_step_counts_over_all_epochs(trainer):
    everything = np.tile(INPUTS[:2], (60, 1))
    step = _diverge(trainer, everything).step
    assert step >= 2, "the case must diverge after the first epoch"
    assert _diverge(trainer, INPUTS[:2], epochs=60).step == step
    assert _diverge(trainer, everything[: step + 1]).step == step
    trainer.train(everything[:step])


@pytest.mark.parametrize("options", [{"show_progress": True}, {"show_progress": False}])
def test_a_bar_does_not_change_the_step(trainer, options):
    expected = _diverge(trainer, np.tile(INPUTS, (60, 1))).step
    assert _diverge(trainer, INPUTS, epochs=60, **options).step == expected


@pytest.mark.slow
def test_uncompiled_training_names_the_same_step(trainer):
    compiled = _diverge(trainer, INPUTS[:4], epochs=60)
    trainer.compiled = False
    plain = _diverge(trainer, INPUTS[:4], epochs=60)
    assert abs(plain.step - compiled.step) <= 1
    assert plain.bound == compiled.bound


@pytest.mark.parametrize("build", [HebbianTrainer, AntiHebbianTrainer])
def test_storage_beyond_meaningful_numbers_is_refused(build):
    trainer = build(AmariHopfieldNetwork(IN))
    trainer.model.W.value = 1 - np.eye(IN)
    error = _diverge(trainer, [[1e6, -1e6, 1e6, -1e6]])
    assert error.step == 0


def test_a_resize_is_undone_as_well():
    trainer = HebbianTrainer(AmariHopfieldNetwork(3))
    _diverge(trainer, [[1e6, -1e6, 1e6, -1e6]])
    assert trainer.model.num_neurons == 3


def test_weights_that_are_nan_already_are_reported():
    trainer = CASES["oja"].build()
    trainer.model.W.value = np.full((OUT, IN), np.nan)
    assert _diverge(trainer, INPUTS).step == 0


def test_an_interrupted_training_is_undone():
    class Stopping(Rectified):
        calls = 0

        def forward(self, x):
            Stopping.calls += 1
            if Stopping.calls == 4:
                raise KeyboardInterrupt
            return super().forward(x)

    trainer = OjaTrainer(Stopping(IN, OUT))
    before = snapshot(trainer.model)
    with pytest.raises(KeyboardInterrupt):
        trainer.train(INPUTS)
    assert_unchanged(trainer.model, before)
