"""The repr of a model: short, without building W, compiling or failing."""

import brainstate
import jax.numpy as jnp
import numpy as np
import pytest
from test_model_attributes import BUILDERS

from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModel,
    BrainInspiredModelGroup,
    LinearLayer,
    ModernHopfieldNetwork,
)
from canns.task import random_patterns


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_a_model_is_described_in_a_few_lines(build, count_compilations):
    model, texts = build(), []
    assert count_compilations(lambda: texts.append(repr(model))) == 0
    lines = texts[0].split("\n")
    assert 1 < len(lines) <= 12
    assert max(map(len, lines)) <= 88
    assert lines[0] == type(model).__name__
    assert "Array" not in texts[0]
    assert model._repr_html_().startswith(f"<pre>{type(model).__name__}\n")


def test_a_network_says_what_it_holds():
    net = AmariHopfieldNetwork(2000, threshold=0.25, tie="plus", name="A & B")
    net.apply_hebbian_learning(random_patterns(3, 2000, seed=0))
    assert repr(net).split("\n") == [
        "AmariHopfieldNetwork 'A & B'",
        "  neurons: 2000",
        "  stored: 3 patterns, as bits",
        "  weights: 2000 x 2000, not built",
        "  updates: synchronous",
        "  settings: threshold=0.25, tie='plus'",
    ]
    assert not net.W.is_built
    assert "A &amp; B" in net._repr_html_()


def test_weights_are_told_by_their_range():
    net = AmariHopfieldNetwork(4)
    net.W.value = np.eye(4) * 3
    assert "  weights: 4 x 4, 0 to 3\n" in repr(net)
    layer = LinearLayer(3, 2, True, 50.0)
    layer.W.value = np.full((2, 3), 0.5)
    assert repr(layer).split("\n") == [
        "LinearLayer",
        "  size: 3 inputs, 2 neurons",
        "  W: 2 x 3, all 0.5",
        "  neuron: Linear",
        "  remembers: theta",
        "  settings: use_bcm_threshold=True, threshold_tau=50",
    ]


def test_stored_patterns_are_counted():
    net = ModernHopfieldNetwork(3)
    net.store(np.eye(3)[:2])
    assert "  stored: 2 patterns\n  weights: 2 x 3, 0 to 1\n" in repr(net)


def test_a_large_group_is_cut():
    group = BrainInspiredModelGroup(*(AmariHopfieldNetwork(3) for _ in range(30)))
    lines = repr(group).split("\n")
    assert lines[1:3] == [
        "  members: 30",
        "  AmariHopfieldNetwork_0: AmariHopfieldNetwork (neurons: 3)",
    ]
    assert lines[-1] == "  ... and 21 more"


def test_a_model_that_is_being_built_has_a_repr():
    seen = []

    class Watched(AmariHopfieldNetwork):
        def __init__(self):
            seen.append(repr(self))
            super().__init__(3)

        def valid_dynamics(self):
            seen.append(repr(self))
            return super().valid_dynamics()

    Watched()
    assert seen == ["Watched", "Watched"]


def test_a_repr_inside_a_transformation_reads_no_state():
    net, seen = AmariHopfieldNetwork(3), []
    net.W.value = np.eye(3)

    def step(x):
        net.W.value = net.W.value * x
        seen.append(repr(net))
        return x

    brainstate.transform.for_loop(step, jnp.ones(2))
    assert all("  neurons: 3" in text and "  weights: 3 x 3, traced" in text for text in seen)


def test_a_model_of_the_users_own_lists_its_states():
    class Own(BrainInspiredModel):
        def __init__(self, gain=1.0):
            super().__init__()
            self.gain = gain
            self.r = LinearLayer(2, 2).x

    assert repr(Own(2.5)) == "Own\n  states: r\n  settings: gain=2.5"
