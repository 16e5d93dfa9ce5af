"""A learner goes on under the setup that it came from, and is refused by one of other shapes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import AdEx, ClopathAdEx, CurrentLIF, Linear
from canns.errors import ValidationError
from canns.plasticity import BCM, Clopath, Oja, PairSTDP, Setup, TripletSTDP, learn, respond

SPIKES = (np.random.default_rng(0).random((12, 4)) < 0.3).astype(np.float32)


def learnt(setup, samples=SPIKES):
    return learn(setup, jnp.full((2, 4), 0.1), samples)


@pytest.mark.parametrize(
    "setup",
    [Setup(Clopath(), ClopathAdEx()), Setup(PairSTDP(), AdEx()), Setup(BCM(0.001), Linear())],
    ids=lambda setup: type(setup.rule).__name__,
)
def test_two_halves_are_the_whole(setup):
    halves = learn(setup, learnt(setup, SPIKES[:5]), SPIKES[5:])
    np.testing.assert_allclose(halves.weights, learnt(setup).weights, rtol=1e-6)


@pytest.mark.parametrize(
    ("before", "after", "part"),
    [
        (Setup(Clopath(), ClopathAdEx()), Setup(Clopath(delay=5.0), ClopathAdEx()), "memory"),
        (Setup(PairSTDP(), CurrentLIF()), Setup(TripletSTDP(), CurrentLIF()), "memory"),
        (Setup(Oja(), Linear()), Setup(BCM(0.001), Linear()), "memory"),
        (Setup(PairSTDP(), AdEx()), Setup(PairSTDP(), CurrentLIF()), "state"),
    ],
    ids=["delay", "rule", "threshold", "neuron"],
)
def test_a_learner_of_another_setup_is_refused(before, after, part):
    learner = learnt(before)
    expected = rf"learner must be one whose {part} fits this .* start anew from its weights"
    with pytest.raises(ValidationError, match=expected):
        learn(after, learner, SPIKES)
    with pytest.raises(ValidationError, match=expected):
        jax.jit(lambda x: learn(after, learner, x).weights)(SPIKES)
    learn(after, learner.weights, SPIKES)  # the remedy


def test_answers_need_the_state_of_their_neuron_alone():
    learner = learnt(Setup(PairSTDP(), AdEx()))
    after, _ = respond(AdEx(), learner, SPIKES)
    np.testing.assert_array_equal(after.memory[0], learner.memory[0])
    with pytest.raises(ValidationError, match="one whose state fits this Linear"):
        respond(Linear(), learner, SPIKES)
