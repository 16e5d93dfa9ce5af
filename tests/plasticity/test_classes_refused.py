"""A class in place of an object is refused by name, wherever an object goes in."""

import re

import numpy as np
import pytest

from canns.analyzer.metrics import capacity
from canns.dynamics import Linear
from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork, BrainInspiredModelGroup, LinearLayer
from canns.plasticity import Oja, Setup, UnitRows, learn, respond
from canns.trainer import OjaTrainer, RuleTrainer, train_ensemble

X, W = np.ones((4, 3)), np.ones((2, 3))


@pytest.mark.parametrize(
    ("kind", "call"),
    [
        (Oja, lambda: learn(Setup(Oja, Linear()), W, X)),
        (Linear, lambda: learn(Setup(Oja(), Linear), W, X)),
        (UnitRows, lambda: learn(Setup(Oja(), Linear(), UnitRows), W, X)),
        (Linear, lambda: respond(Linear, W, X)),
        (Oja, lambda: RuleTrainer(LinearLayer(3, 2), Oja).train(X)),
        (UnitRows, lambda: RuleTrainer(LinearLayer(3, 2), Oja(), project=UnitRows).train(X)),
        (Linear, lambda: RuleTrainer(AmariHopfieldNetwork(3), Oja(), neuron=Linear).train(X)),
        (LinearLayer, lambda: OjaTrainer(LinearLayer)),
        (LinearLayer, lambda: train_ensemble(LinearLayer, Oja(), X, seeds=range(2))),
        (LinearLayer, lambda: BrainInspiredModelGroup(LinearLayer)),
        (Oja, lambda: capacity(100, rule=Oja)),
    ],
)
def test_a_class_is_refused_with_the_way_to_make_an_object(kind, call):
    expected = re.escape(f"got the class {kind.__name__}. Make one: {kind.__name__}(...).")
    with pytest.raises(ValidationError, match=expected):
        call()
