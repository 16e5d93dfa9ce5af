"""Loops that a CPU runs as one function of machine code."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns import _kernel
from canns._kernel import jit_wide, one_kernel
from canns.dynamics import Linear
from canns.models.brain_inspired import BrainInspiredModelGroup, LinearLayer
from canns.plasticity import Oja, Rule, Setup
from canns.plasticity.learning import members
from canns.plasticity.learning.loop import Samples
from canns.plasticity.learning.passes import run_one
from canns.trainer import RuleTrainer, train_ensemble
from canns.typing import param, pytree

listed = pytest.mark.skipif(
    _kernel._VERSION not in _kernel.SWEPT, reason="marked on versions of jaxlib that were swept"
)
MATRIX = np.random.default_rng(0).normal(size=(32, 32)).astype(np.float32) / 8
ROWS = np.random.default_rng(1).normal(size=(40, 32)).astype(np.float32)


def looped(step):
    """A loop of ``step`` over the first rows."""

    def run(matrix, rows, count):
        return jax.lax.fori_loop(0, count, lambda i, m: step(m, rows[i]), matrix)

    return run


def hebbian(matrix, x):
    return matrix + 0.01 * jnp.outer(jnp.tanh(matrix @ x), x)


def batched(matrix, x):
    return jax.vmap(hebbian)(matrix.reshape(4, 8, 32), jnp.stack([x] * 4)).reshape(32, 32)


def of_matrices(matrix, x):
    return jnp.tril(jnp.outer(x, x)) @ matrix / 100


def updating(matrix, x):
    """A change of one row, of another row in each of several matrices: then a scatter."""
    return jax.lax.dynamic_update_slice(matrix, x[None], (jnp.argmax(matrix[:, 0]), 0))


def sorting(matrix, x):
    return jnp.sort(matrix + x)


def within(matrix, x):
    return jax.lax.fori_loop(0, 3, lambda _, m: m + x, matrix)


def drawing(matrix, x):
    return matrix + jax.random.normal(jax.random.key(0), x.shape)


def program(function, *args):
    """The program that jit_wide compiles of a function in which it may mark."""
    return jax.jit(_kernel._tracing(function, marks=True)).lower(*args).as_text()


MARK = 'xla_cpu_small_call = "true"'


def users(function, *args):
    return jax.jit(function).lower(*args).as_text()


@pytest.mark.parametrize("step", [hebbian, batched])
def test_arithmetic_and_products_of_a_vector_become_one_function(step):
    run = looped(step)
    assert MARK in program(one_kernel(run), MATRIX, ROWS, 40)
    found = jit_wide(one_kernel(run))(MATRIX, ROWS, 40)
    np.testing.assert_allclose(found, jax.jit(run)(MATRIX, ROWS, 40), rtol=1e-5, atol=1e-6)
    assert np.abs(found - MATRIX).max() > 0.1


@pytest.mark.parametrize("step", [of_matrices, sorting, within, drawing])
def test_what_xla_cannot_put_into_one_runs_as_it_is(step):
    run = looped(step)
    assert MARK not in program(one_kernel(run), MATRIX, ROWS, 3)
    found = jax.jit(_kernel._tracing(one_kernel(run), marks=True))(MATRIX, ROWS, 3)
    np.testing.assert_allclose(found, jax.jit(run)(MATRIX, ROWS, 3), rtol=1e-6)


def test_an_array_that_is_a_constant_of_the_program_does_not_go_in():
    rows = jnp.asarray(ROWS)

    def around(matrix):
        return one_kernel(looped(hebbian))(matrix, rows, 40)

    assert MARK not in program(around, MATRIX)
    assert np.isfinite(jit_wide(around)(MATRIX)).all()  # where XLA would have aborted


MANY = np.stack([MATRIX, 2 * MATRIX, -MATRIX])


@pytest.mark.parametrize(("step", "marked"), [(hebbian, True), (updating, False)])
@pytest.mark.parametrize("block", [None, 2])
def test_the_batched_loop_decides(step, marked, block):
    run, one = looped(step), one_kernel(looped(step))
    assert MARK in program(one, MATRIX, ROWS, 9)  # alone, either

    def over(function):
        own = partial(jax.vmap, in_axes=(0, None, None)) if block is None else mapped
        return own(function)

    def mapped(function):
        return lambda many, *args: jax.lax.map(lambda m: function(m, *args), many, batch_size=block)

    assert (MARK in program(over(one), MANY, ROWS, 9)) is marked
    found = jit_wide(over(one))(MANY, ROWS, 9)
    np.testing.assert_allclose(found, jax.jit(over(run))(MANY, ROWS, 9), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("block", [None, 2])
def test_the_loop_of_an_ensemble_is_marked(block):
    """Its members have hyperparameters of their own, in pytrees of the library."""
    each = [Setup(Oja(rate), Linear()) for rate in (0.01, 0.02, 0.03, 0.04)]
    learners = [setup.start(MATRIX) for setup in each]
    stacked = [jax.tree.map(lambda *x: np.stack(x), *parts) for parts in (each, learners)]
    run = partial(members._run_blocks, shared=True, block=block)
    assert MARK in program(run, *stacked, Samples(ROWS), 40, 0)


@pytree
class Least(Rule):
    """A rule of a user's own: its change of one row is a scatter if there are several learners."""

    eta: float = param(default=0.001, low=0)

    def step(self, memory, weights, activity):
        least = jnp.argmin(activity.post)
        zeros, one = jnp.zeros_like(activity.post), jnp.ones(1, activity.post.dtype)
        chosen = jax.lax.dynamic_update_slice(zeros, one, (least,))
        return memory, self.eta * chosen[:, None] * (activity.pre - weights)


def test_a_rule_of_ones_own_learns_alone_in_groups_and_in_ensembles():
    data = np.random.default_rng(0).normal(size=(50, 64)).astype(np.float32)
    layers = [LinearLayer(64, 16) for _ in range(3)]
    members = [LinearLayer(64, 16) for _ in range(3)]
    for layer, member in zip(layers, members, strict=True):
        member.W.value = layer.W.value
    BrainInspiredModelGroup(*members).train(data, Least())
    for layer, member in zip(layers, members, strict=True):
        before = np.asarray(layer.W.value)
        RuleTrainer(layer, Least()).train(data)
        assert np.abs(layer.W.value - before).max() > 1e-4
        np.testing.assert_allclose(layer.W.value, member.W.value, rtol=1e-5, atol=1e-6)
    ensemble = train_ensemble(LinearLayer(64, 16), Least(), data, seeds=range(3))
    assert np.isfinite(ensemble.weights.values).all()


def summed(matrix, rows):
    """The sum of what a loop of a fixed number of steps makes, which has a gradient."""

    def run(matrix, rows):
        return jax.lax.scan(lambda m, x: (hebbian(m, x), None), matrix, rows)[0]

    return jit_wide(one_kernel(run))(matrix, rows).sum()


def plain(matrix, rows):
    return jax.lax.scan(lambda m, x: (hebbian(m, x), None), matrix, rows)[0].sum()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("transform", "matrix"),
    [
        (jax.jit, MATRIX),
        (jax.grad, MATRIX),
        (jax.jacfwd, MATRIX),
        (lambda f: jax.grad(jax.jit(f)), MATRIX),
        (lambda f: lambda m, x: jax.jvp(partial(f, rows=x), (m,), (m,))[1], MATRIX),
        (lambda f: jax.vmap(f, (0, None)), MANY),
        (lambda f: jax.jit(jax.vmap(jax.grad(f), (0, None))), MANY),
        (lambda f: jax.jit(lambda m, x: f(MATRIX, ROWS) + m.sum()), MATRIX),
        (lambda f: jax.vmap(lambda m, x: f(MATRIX, ROWS) + m.sum(), (0, None)), MANY),
    ],
)
def test_what_a_user_transforms_has_no_mark(transform, matrix):
    found, expected = transform(summed)(matrix, ROWS), transform(plain)(matrix, ROWS)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert MARK not in users(transform(summed), matrix, ROWS)


def test_a_run_of_a_layer_within_a_users_program_has_no_mark():
    samples = Samples(ROWS)

    def run(weights):
        setup = Setup(Oja(0.01), Linear())
        return run_one(setup, setup.start(weights), samples, len(ROWS))[0].weights

    assert MARK not in users(run, MATRIX)
    np.testing.assert_allclose(jax.jit(run)(MATRIX), run(jnp.asarray(MATRIX)), rtol=1e-4, atol=1e-6)
    tangent = jax.jvp(run, (MATRIX,), (np.ones_like(MATRIX),))[1]
    assert np.isfinite(tangent).all()


def marks_of(function, *args, monkeypatch):
    """How many marks are set if ``function`` is compiled and called, and what it returns."""
    count, mark = [], _kernel.set_xla_metadata
    monkeypatch.setattr(
        _kernel, "set_xla_metadata", lambda *a, **k: count.append(1) or mark(*a, **k)
    )
    return jit_wide(one_kernel(function))(*args), len(count)


@listed
def test_it_is_marked_on_versions_that_were_swept(monkeypatch):
    assert marks_of(looped(hebbian), MATRIX, ROWS, 40, monkeypatch=monkeypatch)[1] > 0


def test_on_another_version_nothing_is(monkeypatch):
    monkeypatch.setattr(_kernel, "_VERSION", "0.0.1")
    assert marks_of(looped(hebbian), MATRIX, ROWS, 40, monkeypatch=monkeypatch)[1] == 0


def test_a_variable_turns_it_off(monkeypatch):
    monkeypatch.setenv("CANNS_ONE_KERNEL", "0")
    assert marks_of(looped(hebbian), MATRIX, ROWS, 40, monkeypatch=monkeypatch)[1] == 0


@listed
def test_what_does_not_compile_marked_runs_unmarked(monkeypatch):
    monkeypatch.setattr(_kernel, "_fits", lambda jaxpr: True)  # also of a sort, which XLA refuses
    run = looped(sorting)
    for _ in range(2):
        found, marks = marks_of(run, MATRIX, ROWS, 9, monkeypatch=monkeypatch)
        assert marks > 0
        np.testing.assert_allclose(found, jax.jit(run)(MATRIX, ROWS, 9), rtol=1e-6)


def test_an_error_of_the_function_itself_is_raised():
    def wrong(matrix):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        jit_wide(one_kernel(wrong))(MATRIX)


def test_uncompiled_code_is_the_function_itself():
    with jax.disable_jit():
        found = jit_wide(one_kernel(looped(hebbian)))(MATRIX, ROWS, 4)
    np.testing.assert_allclose(found, jax.jit(looped(hebbian))(MATRIX, ROWS, 4), rtol=1e-5)


def test_a_wide_program_is_compiled_once_and_says_the_same():
    calls = []

    def total(rows, *, twice):
        calls.append(twice)
        return rows.sum() * (2 if twice else 1)

    wide = jit_wide(total, static_argnames=("twice",))
    for twice in (False, True, False, True):
        found = wide(ROWS, twice=twice)
        assert found == pytest.approx(ROWS.sum() * (2 if twice else 1), rel=1e-4)
    assert calls == [False, True]
