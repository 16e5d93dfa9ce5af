"""Hierarchical linear neurons and sigmoid neurons with a gain, against their equations."""

import jax
import jax.numpy as jnp
import numpy as np

from canns.dynamics import (
    AdaptiveSigmoid,
    HierarchicalLinear,
    HierarchicalWeights,
    NoState,
    SigmoidWeights,
)


def drawn(*shape):
    return jnp.asarray(np.random.default_rng(len(shape)).normal(size=shape), jnp.float32)


def test_lateral_answers_solve_their_equation_and_read_the_lower_triangle_only():
    weights = HierarchicalWeights(drawn(4, 3), drawn(4, 4))
    x = drawn(3)
    _, activity = HierarchicalLinear().step(NoState(), weights, x)
    lower = np.tril(np.asarray(weights.lateral, np.float64), -1)
    expected = np.linalg.solve(np.eye(4) + lower, np.asarray(weights.W, np.float64) @ x)
    np.testing.assert_allclose(activity.post, expected, rtol=1e-5)
    (fore, lateral), y = activity.parts, activity.post
    assert (fore.pre is x, fore.post is y, lateral.pre is y, lateral.post is y) == (True,) * 4


def test_half_precision_is_kept():
    for neuron in (HierarchicalLinear(), AdaptiveSigmoid()):
        weights = neuron.draw(jax.random.key(0), 3, 2)
        half = jax.tree.map(lambda part: part.astype(jnp.bfloat16), weights)
        _, activity = neuron.step(NoState(), half, jnp.ones(3, jnp.bfloat16))
        assert {leaf.dtype.name for leaf in jax.tree.leaves(activity)} == {"bfloat16"}


def test_sigmoid_answers_are_those_of_the_logistic_function():
    weights = SigmoidWeights(drawn(4, 3), drawn(4), drawn(4) / 2)
    _, activity = AdaptiveSigmoid().step(NoState(), weights, drawn(3))
    W, a, b = (np.asarray(part, np.float64) for part in weights)
    h = W @ np.asarray(drawn(3), np.float64)
    np.testing.assert_allclose(activity.post, 1 / (1 + np.exp(-(a * h + b))), rtol=1e-5)
    before = [part.pre for part in activity.parts]
    for found, expected in zip(before, [drawn(3), h, np.ones(4)], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_neurons_at_first_are_as_their_simple_kin():
    key = jax.random.key(1)
    lateral, sigmoid = HierarchicalLinear().draw(key, 5, 2), AdaptiveSigmoid().draw(key, 5, 2)
    assert (lateral.W.shape, lateral.lateral.tolist()) == ((2, 5), [[0, 0], [0, 0]])
    assert (sigmoid.gain.tolist(), sigmoid.bias.tolist()) == ([1, 1], [0, 0])
    for neuron, weights in ((HierarchicalLinear(), lateral), (AdaptiveSigmoid(), sigmoid)):
        pre, post = neuron.silence(weights)
        assert (pre.tolist(), post.tolist()) == ([0] * 5, [0] * 2)
        assert neuron.init(weights) == NoState()
