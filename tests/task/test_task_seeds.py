"""Every random function: one seed one result; without a seed, ``brainstate.random`` decides."""

import os
import subprocess
import sys

import brainstate
import numpy as np
import pytest

from canns import task

ONES = np.ones((3, 36))

RANDOM = {
    "random_patterns": lambda seed: task.random_patterns(3, 40, seed=seed),
    "sparse_patterns": lambda seed: task.sparse_patterns(3, 40, 0.3, seed=seed),
    "sparse_patterns exact": lambda seed: task.sparse_patterns(3, 40, 0.3, exact=True, seed=seed),
    "correlated_patterns": lambda seed: task.correlated_patterns(3, 40, 0.3, seed=seed),
    "hierarchical_patterns": lambda seed: task.hierarchical_patterns(2, 2, 40, 0.3, seed=seed)[0],
    "flip": lambda seed: task.flip(ONES, 0.5, seed=seed),
    "mask": lambda seed: task.mask(ONES, 0.5, seed=seed),
    "occlude": lambda seed: task.occlude(ONES, (6, 6), 0.1, seed=seed),
    "add_gaussian": lambda seed: task.add_gaussian(ONES, 1.0, seed=seed),
    "natural_patches": lambda seed: task.natural_patches(5, 8, whiten=False, seed=seed),
    "bars": lambda seed: task.bars(20, 8, seed=seed),
    "poisson_spikes": lambda seed: task.poisson_spikes([100.0] * 5, 100, seed=seed),
    "sequence_spikes": lambda seed: task.sequence_spikes(10, 100, jitter=5.0, seed=seed),
}


@pytest.fixture(params=RANDOM.values(), ids=RANDOM.keys())
def draw(request):
    return request.param


def test_one_seed_gives_one_result(draw):
    np.testing.assert_array_equal(draw(7), draw(7))
    np.testing.assert_array_equal(draw(7), draw(np.random.default_rng(7)))
    assert not np.array_equal(draw(7), draw(8))


def test_a_generator_runs_on(draw):
    rng = np.random.default_rng(0)
    assert not np.array_equal(draw(rng), draw(rng))


def test_brainstate_seed_makes_a_script_reproducible(draw):
    brainstate.random.seed(11)
    first, second = draw(None), draw(None)
    brainstate.random.seed(11)
    np.testing.assert_array_equal(draw(None), first)
    np.testing.assert_array_equal(draw(None), second)
    assert not np.array_equal(first, second)


def test_a_seed_leaves_brainstate_alone(draw):
    brainstate.random.seed(11)
    expected = task.random_patterns(2, 40)
    brainstate.random.seed(11)
    draw(5)
    np.testing.assert_array_equal(task.random_patterns(2, 40), expected)


def test_a_first_draw_leaves_double_precision_on():
    # brainstate switches it off when it is first imported, so this needs a fresh interpreter.
    code = "from canns.task import flip; print(flip([1, 1], 0.5).dtype, flip([1, 1], 0.5).dtype)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "JAX_ENABLE_X64": "1"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["float64", "float64"], done.stderr
