"""Loops that a CPU runs as one function of machine code."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns._kernel import jit_wide, one_kernel

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


def sorting(matrix, x):
    return jnp.sort(matrix + x)


def within(matrix, x):
    return jax.lax.fori_loop(0, 3, lambda _, m: m + x, matrix)


def drawing(matrix, x):
    return matrix + jax.random.normal(jax.random.key(0), x.shape)


def program(function, *args):
    return jax.jit(one_kernel(function)).lower(*args).as_text()


MARK = 'xla_cpu_small_call = "true"'


@pytest.mark.parametrize("step", [hebbian, batched])
def test_arithmetic_and_products_of_a_vector_become_one_function(step):
    run = looped(step)
    assert MARK in program(run, MATRIX, ROWS, 40)
    found = jax.jit(one_kernel(run))(MATRIX, ROWS, 40)
    np.testing.assert_allclose(found, jax.jit(run)(MATRIX, ROWS, 40), rtol=1e-5, atol=1e-6)
    assert np.abs(found - MATRIX).max() > 0.1


@pytest.mark.parametrize("step", [of_matrices, sorting, within, drawing])
def test_what_xla_cannot_put_into_one_runs_as_it_is(step):
    run = looped(step)
    assert MARK not in program(run, MATRIX, ROWS, 3)
    found = jax.jit(one_kernel(run))(MATRIX, ROWS, 3)
    np.testing.assert_allclose(found, jax.jit(run)(MATRIX, ROWS, 3), rtol=1e-6)


def test_an_array_that_is_a_constant_of_the_program_does_not_go_in():
    rows = jnp.asarray(ROWS)

    def around(matrix):
        return one_kernel(looped(hebbian))(matrix, rows, 40)

    assert MARK not in jax.jit(around).lower(MATRIX).as_text()
    assert np.isfinite(jax.jit(around)(MATRIX)).all()  # where XLA would have aborted


def test_a_variable_turns_it_off(monkeypatch):
    monkeypatch.setenv("CANNS_ONE_KERNEL", "0")
    assert MARK not in program(looped(hebbian), MATRIX, ROWS, 40)


def test_uncompiled_code_is_the_function_itself():
    with jax.disable_jit():
        found = one_kernel(looped(hebbian))(MATRIX, ROWS, 4)
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
