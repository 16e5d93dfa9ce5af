"""Inputs arrive at synapses after the delays of the synapses, and nothing else changes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import (
    LIF,
    Clamped,
    Linear,
    Recorded,
    Stack,
    SynapticDelays,
)
from canns.errors import ValidationError
from canns.plasticity import respond

IN, OUT, STEPS = 4, 3, 30


def drawn(seed, longest=5, copies=9):
    rng = np.random.default_rng(seed)
    sources, steps = rng.integers(0, IN, copies), rng.integers(0, longest + 1, copies)
    weights = rng.normal(size=(OUT, copies)).astype(np.float32)
    return sources, steps, weights, rng.normal(size=(STEPS, IN)).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_outputs_are_those_of_a_loop_over_the_past(seed):
    sources, steps, weights, inputs = drawn(seed)
    neuron = SynapticDelays(Linear(), sources, steps, IN, 5)
    neuron.validate()
    _, outputs = respond(neuron, jnp.asarray(weights), inputs)
    expected = np.zeros((STEPS, OUT))
    for t in range(STEPS):
        for c, (j, d) in enumerate(zip(sources, steps, strict=True)):
            if t >= d:
                expected[t] += weights[:, c] * inputs[t - d, j]
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-5)


def test_without_delays_the_neuron_is_itself():
    rng = np.random.default_rng(0)
    weights, inputs = rng.random((OUT, IN)), (rng.random((STEPS, IN)) < 0.3).astype(np.float32)
    plain = LIF(threshold=0.5)
    late = SynapticDelays(plain, np.arange(IN), np.zeros(IN, int), IN, 0)
    one, other = (respond(n, jnp.asarray(weights), inputs)[1] for n in (plain, late))
    assert one.any()
    np.testing.assert_array_equal(one, other)


def test_a_run_in_parts_is_the_whole_and_vmaps():
    sources, steps, weights, inputs = drawn(0)
    neuron = SynapticDelays(LIF(threshold=0.5), sources, steps, IN, 5)
    whole, outputs = respond(neuron, jnp.asarray(weights), inputs)
    half, first = respond(neuron, jnp.asarray(weights), inputs[:7])
    rest, second = respond(neuron, half, inputs[7:])
    np.testing.assert_array_equal(jnp.concatenate([first, second]), outputs)
    for a, b in zip(jax.tree.leaves(whole), jax.tree.leaves(rest), strict=True):
        np.testing.assert_array_equal(a, b)

    def last(delays):
        own = SynapticDelays(LIF(threshold=0.5), sources, delays, IN, 5)
        return respond(own, jnp.asarray(weights), jnp.asarray(inputs))[1]

    both = jax.jit(jax.vmap(last))(jnp.stack([jnp.asarray(steps), jnp.zeros_like(steps)]))
    np.testing.assert_array_equal(both[0], outputs)
    assert not np.array_equal(both[0], both[1])


@pytest.mark.parametrize(
    ("neuron", "sources", "steps", "word"),
    [
        (Linear(), [0, 4], [0, 0], "sources"),
        (Linear(), [0, 1], [0, 6], "steps"),
        (Linear(), [0, 1], [0, -1], "steps"),
        (Linear(), [0, 1], [0, 0.5], "steps"),
        (Linear(), [0, 1], [0], "steps"),
        (Clamped(), [0], [0], "Clamped"),
        (Recorded(), [0], [0], "Recorded"),
        (Stack((Linear(),)), [0], [0], "Stack"),
    ],
)
def test_what_cannot_be_delayed_is_refused(neuron, sources, steps, word):
    with pytest.raises(ValidationError, match=word):
        SynapticDelays(neuron, np.array(sources), np.array(steps), IN, 5).validate()


def test_there_must_be_a_column_for_each_copy():
    neuron = SynapticDelays(Linear(), np.array([0, 1]), np.array([0, 1]), IN, 5)
    with pytest.raises(ValidationError, match="2 columns"):
        respond(neuron, jnp.ones((1, IN)), np.zeros((3, IN)))
    with pytest.raises(ValidationError, match=f"{IN} columns"):
        respond(neuron, jnp.ones((1, 2)), np.zeros((3, 2)))
