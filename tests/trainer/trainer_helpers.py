"""The trainers with a small model and data each, and what the tests ask of all of them."""

import copy
from collections.abc import Callable, Mapping
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer, SpikingLayer
from canns.plasticity import Hebbian, UnitRows
from canns.trainer import (
    AntiHebbianTrainer,
    BCMTrainer,
    HebbianTrainer,
    OjaTrainer,
    RuleTrainer,
    SangerTrainer,
    STDPTrainer,
    Trainer,
)

IN, OUT = 4, 3


class Rectified(LinearLayer):
    """A layer with a non-linear forward of its own."""

    def forward(self, x):
        self.y.value = jnp.maximum(super().forward(x), 0.0)
        return self.y.value


class Case(NamedTuple):
    """A trainer, what it trains, and the options under which two halves make a whole."""

    trainer: Callable[..., Trainer]
    model: Callable[[], Any]
    additive: Mapping[str, Any] = MappingProxyType({})
    forward: bool = True
    spiking: bool = False
    centred: bool = False

    def build(self, **options):
        """Return a trainer of a fresh model, whose initial weights are always the same."""
        model, rng = self.model(), np.random.default_rng(3)
        weights = rng.uniform(0.05, 0.3, model.W.value.shape)
        model.W.value = weights * (1 - np.eye(*weights.shape)) if not self.forward else weights
        return self.trainer(model, **options)

    def data(self, samples=6):
        """Return samples: spikes for a spiking layer, which answers now and then; or patterns."""
        drawn = np.random.default_rng(5).random((samples, IN), np.float32)
        if not self.forward:
            return np.sign(drawn - 0.5)
        if self.spiking:
            return (drawn < 0.6).astype(np.float32)
        return drawn - 0.5 if self.centred else drawn


_ADDITIVE = {"subtract_mean": False, "normalize_by_patterns": False}


def _network():
    return AmariHopfieldNetwork(IN)


def _layer():
    return LinearLayer(IN, OUT, True, 20.0)


def _rule(model, **options):
    rate = options.pop("learning_rate", 0.05)
    return RuleTrainer(model, Hebbian(rate), UnitRows(), **options)


CASES = {
    "hebbian": Case(HebbianTrainer, _network, _ADDITIVE, forward=False),
    "anti_hebbian": Case(AntiHebbianTrainer, _network, _ADDITIVE, forward=False),
    "hebbian layer": Case(HebbianTrainer, _layer),
    "anti_hebbian layer": Case(AntiHebbianTrainer, _layer),
    "oja": Case(OjaTrainer, _layer, centred=True),
    "sanger": Case(SangerTrainer, _layer, centred=True),
    "bcm": Case(BCMTrainer, _layer),
    "stdp": Case(STDPTrainer, lambda: SpikingLayer(IN, OUT, threshold=0.4), spiking=True),
    "rule": Case(_rule, _layer),
    "own forward": Case(OjaTrainer, lambda: Rectified(IN, OUT)),
}
RATED = [name for name in CASES if name != "rule"]
LAYERS = [name for name, case in CASES.items() if case.forward]


def boxes(model):
    """Return all ``.value`` boxes of any model."""
    return {name: box for name, box in vars(model).items() if hasattr(box, "value")}


def snapshot(model):
    """Return a copy of all that ``model`` holds."""
    states = {name: np.array(box.value) for name, box in boxes(model).items()}
    plain = {
        name: copy.deepcopy(value)
        for name, value in vars(model).items()
        if name not in states and not isinstance(value, ModuleType)
    }
    return states, plain


def assert_unchanged(model, before):
    """Check that every state is bit-identical and every attribute equal."""
    states, plain = before
    assert set(boxes(model)) == set(states)
    for name, value in states.items():
        now = np.asarray(getattr(model, name).value)
        assert now.dtype == value.dtype
        np.testing.assert_array_equal(now, value, err_msg=name)
    assert {name: vars(model)[name] for name in plain} == plain


def assert_alike(model, other, rtol=0.0, atol=0.0):
    """Check that two models hold the same states."""
    first, second = boxes(model), boxes(other)
    assert set(first) == set(second)
    for name, box in first.items():
        np.testing.assert_allclose(
            box.value, second[name].value, rtol=rtol, atol=atol, err_msg=name
        )
