"""Neurons with recorded activity show it to the rule unchanged."""

import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import NoState, Recorded
from canns.errors import ValidationError
from canns.plasticity import Hebbian, Oja, Setup, learn

WEIGHTS = jnp.zeros((3, 2))
ROWS = np.arange(40.0, dtype=np.float32).reshape(5, 8)


def test_the_input_is_split_into_what_it_records():
    state, activity = Recorded().step(NoState(), WEIGHTS, ROWS[0, :5])
    assert state == NoState()
    assert (activity.pre.tolist(), activity.post.tolist()) == ([0, 1], [2, 3, 4])
    assert activity.potential is None
    neuron = Recorded(potential=True)
    _, activity = neuron.step(NoState(), WEIGHTS, ROWS)
    np.testing.assert_array_equal(activity.pre, ROWS[:, :2])
    np.testing.assert_array_equal(activity.post, ROWS[:, 2:5])
    np.testing.assert_array_equal(activity.potential, ROWS[:, 5:])
    assert (Recorded().provides, neuron.provides) == ((), ("potential",))


def test_an_additive_rule_learns_a_recording_in_one_product_and_another_step_by_step():
    rows = ROWS[:, :5] / 40
    pre, post = rows[:, :2], rows[:, 2:]
    after = learn(Setup(Hebbian(0.5), Recorded()), WEIGHTS, rows)
    np.testing.assert_allclose(after.weights, 0.5 * post.T @ pre, rtol=1e-6)
    np.testing.assert_array_equal(after.activity[1], post[-1])
    expected = np.zeros((3, 2))
    for x, y in zip(pre, post, strict=True):
        expected += 0.5 * (np.outer(y, x) - (y**2)[:, None] * expected)
    found = learn(Setup(Oja(0.5), Recorded()), WEIGHTS, rows).weights
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize(("potential", "width"), [(False, 8), (False, 3), (True, 5)])
def test_inputs_of_another_width_are_refused(potential, width):
    wanted = 8 if potential else 5
    with pytest.raises(ValidationError, match=rf"^inputs must be of {wanted} columns.*got {width}"):
        learn(Setup(Hebbian(), Recorded(potential)), WEIGHTS, ROWS[:, :width])
