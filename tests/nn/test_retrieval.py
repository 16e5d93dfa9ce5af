"""Retrieval as a pure function: attention in one step, the modern Hopfield network in several."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from canns import task
from canns.dynamics import ModernHopfield, recall
from canns.errors import ValidationError
from canns.nn import hopfield_retrieval

RNG = np.random.default_rng(0)
# float32: a softmax of S terms and a product of D rounds to a few of these.
ROUNDING = 1e-6


def rows(*shape):
    return RNG.normal(size=shape).astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize(("heads", "masked"), [*itertools.product((1, 2, 4), (False, True))])
def test_one_step_is_attention(heads, masked):
    q, k, v = rows(3, 5, 8), rows(3, 7, 8), rows(3, 7, 8)
    mask = RNG.random((3, 5, 7)) < 0.6
    mask[..., 0] = True
    split = (heads, 8 // heads)
    expected = jax.nn.dot_product_attention(
        q.reshape(3, 5, *split),
        k.reshape(3, 7, *split),
        v.reshape(3, 7, *split),
        mask=mask[:, None] if masked else None,
    ).reshape(3, 5, 8)
    found = hopfield_retrieval(q, k, v, mask=mask if masked else None, num_heads=heads)
    np.testing.assert_allclose(found, expected, atol=ROUNDING)


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_steps_are_updates_of_the_modern_network(steps):
    keys, queries = rows(6, 10), rows(4, 10)
    states = recall(
        ModernHopfield(beta=1.5), keys, queries, key=jax.random.key(0), num_iter=steps
    ).states
    found = hopfield_retrieval(queries, keys, beta=1.5, num_steps=steps)
    np.testing.assert_allclose(found, states, atol=1e-5)  # the network stops once it has settled


def test_many_steps_find_the_stored_key():
    keys = np.where(RNG.random((20, 64)) < 0.5, 1.0, -1.0).astype(np.float32)
    cues = task.flip(keys, 0.2, seed=0)  # 12 of 64 pixels: an overlap of 40 with its own key
    labels = np.eye(20, dtype=np.float32)
    found = hopfield_retrieval(cues, keys, labels, beta=1.0, num_steps=3)
    assert np.asarray(found.argmax(axis=1)).tolist() == [*range(20)]
    assert float(found.max(axis=1).min()) > 0.99


def test_each_head_has_its_own_beta_and_features():
    q, k, v = rows(5, 6), rows(7, 6), rows(7, 4)
    found = hopfield_retrieval(q, k, v, beta=[0.5, 3.0], num_heads=2, num_steps=2)
    for head, beta in enumerate((0.5, 3.0)):
        part, out = slice(3 * head, 3 * head + 3), slice(2 * head, 2 * head + 2)
        alone = hopfield_retrieval(q[:, part], k[:, part], v[:, out], beta=beta, num_steps=2)
        np.testing.assert_allclose(found[:, out], alone, atol=ROUNDING)


def test_a_query_that_sees_nothing_retrieves_zero_and_has_a_derivative():
    q, k = rows(2, 4), rows(3, 4)
    mask = np.array([[True, False, True], [False] * 3])
    found = hopfield_retrieval(q, k, mask=mask, num_steps=2)
    assert not np.asarray(found)[1].any()
    slope = jax.grad(lambda k: hopfield_retrieval(q, k, mask=mask, num_steps=2).sum())(k)
    assert np.isfinite(slope).all()
    assert not np.asarray(slope)[1].any()  # a key that nobody sees


@pytest.mark.slow
@pytest.mark.parametrize("steps", [1, 3])
def test_gradients_are_those_of_finite_differences(steps):
    q, k, v = rows(3, 4), rows(5, 4), rows(5, 4)

    def loss(q, k, v, beta):
        return (hopfield_retrieval(q, k, v, beta, num_heads=2, num_steps=steps) ** 2).sum()

    check_grads(loss, (q, k, v, jnp.array([0.7, 1.2])), order=1, atol=2e-2, rtol=2e-2)


def test_transformations_change_nothing():
    q, k, v = rows(2, 3, 4), rows(2, 5, 4), rows(2, 5, 4)

    def retrieve(q, k, v):
        return hopfield_retrieval(q, k, v, num_steps=3)

    plain = retrieve(q, k, v)
    np.testing.assert_allclose(jax.jit(retrieve)(q, k, v), plain, atol=ROUNDING)
    np.testing.assert_allclose(jax.vmap(retrieve)(q, k, v), plain, atol=ROUNDING)


def test_queries_are_shared_by_the_leading_axes():
    q, k = rows(3, 4), rows(2, 5, 4)
    for steps in (1, 3):
        found = hopfield_retrieval(q, k, num_steps=steps)
        assert found.shape == (2, 3, 4)
        each = hopfield_retrieval(q, k[1], num_steps=steps)
        np.testing.assert_allclose(found[1], each, atol=ROUNDING)


def test_dropout_keeps_the_mean():
    q, k, v = rows(2, 4), rows(6, 4), rows(6, 4)
    whole = np.asarray(hopfield_retrieval(q, k, v))
    keys = jax.random.split(jax.random.key(0), 4000)
    draws = np.asarray(
        jax.vmap(lambda key: hopfield_retrieval(q, k, v, dropout=0.3, seed=key))(keys)
    )
    error = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
    assert (np.abs(draws.mean(axis=0) - whole) < 5 * error).all()  # 1 in 200,000 for 8 numbers
    assert (error > 0).all()


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"queries": np.ones(4)}, "queries"),
        ({"queries": np.full((2, 4), np.nan)}, "queries"),
        ({"keys": np.ones((3, 5))}, "keys"),
        ({"keys": np.ones((0, 4)), "values": np.ones((0, 4))}, "keys"),
        ({"values": np.ones((2, 4))}, "values"),
        ({"num_heads": 3}, "num_heads"),
        ({"num_heads": 0}, "num_heads"),
        ({"num_steps": 0}, "num_steps"),
        ({"beta": -1.0}, "beta"),
        ({"beta": [1.0, 2.0, 3.0]}, "beta"),
        ({"mask": np.ones((2, 3))}, "mask"),
        ({"mask": np.ones((3, 2), bool)}, "mask"),
        ({"dropout": 1.0}, "dropout"),
        ({"dropout": 0.5}, "seed"),
        ({"queries": np.ones((3, 2, 4)), "keys": np.ones((2, 3, 4))}, "keys"),
    ],
)
def test_bad_arguments_are_refused(change, argument):
    good = {"queries": np.ones((2, 4)), "keys": np.ones((3, 4)), "values": np.ones((3, 4))}
    if "keys" in change and "values" not in change:
        good.pop("values")
    with pytest.raises(ValidationError, match=rf"^{argument} must be"):
        hopfield_retrieval(**good | change)
