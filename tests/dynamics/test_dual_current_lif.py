"""DualCurrentLIF: the solution of its equations, and CurrentLIF as its special case."""

import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import CurrentLIF, DualCurrentLIF, ExcitatoryInhibitory
from canns.errors import ValidationError

NUMBERS = {"E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 2.0, "dt": 0.5}


def _run(lif, weights, trains):
    state, seen = lif.init(weights), []
    for x in trains:
        state, activity = lif.step(state, weights, jnp.asarray(x, jnp.float32))
        seen.append((float(activity.potential[0]), float(activity.post[0])))
    return np.array(seen).T


def test_a_spike_of_each_kind_has_the_closed_form():
    lif = DualCurrentLIF(tau_e=5.0, tau_i=10.0, inhibitory=1, **NUMBERS)
    weights = ExcitatoryInhibitory(jnp.full((1, 1), 3.0), jnp.full((1, 1), 2.0))
    trains = np.zeros((80, 2))
    trains[0] = 1
    potential, spikes = _run(lif, weights, trains)
    t = 0.5 * np.arange(1, 81)

    def kernel(weight, tau):
        return weight * tau / (20.0 - tau) * (np.exp(-t / 20.0) - np.exp(-t / tau))

    # Rounding of potentials of 60 mV, in float32, once a step.
    tolerance = 80 * 60 * np.finfo(np.float32).eps
    expected = -60.0 + kernel(3.0, 5.0) - kernel(2.0, 10.0)
    np.testing.assert_allclose(potential, expected, atol=tolerance)
    assert not spikes.any()


def test_with_one_time_constant_it_is_current_lif():
    rng = np.random.default_rng(0)
    drawn = rng.uniform(2, 4, (1, 8))
    trains = rng.random((400, 8)) < 0.2
    dual = DualCurrentLIF(tau_e=5.0, tau_i=5.0, drive=14.0, inhibitory=3, **NUMBERS)
    single = CurrentLIF(tau_syn=5.0, drive=14.0, **NUMBERS)
    parts = ExcitatoryInhibitory(jnp.asarray(drawn[:, :5]), jnp.asarray(drawn[:, 5:]))
    signed = jnp.asarray(np.where(np.arange(8) < 5, drawn, -drawn))
    ours, theirs = _run(dual, parts, trains), _run(single, signed, trains)
    assert ours[1].sum() > 5
    np.testing.assert_array_equal(ours[1], theirs[1])
    np.testing.assert_allclose(ours[0], theirs[0], atol=400 * 60 * np.finfo(np.float32).eps)


def test_refuses_more_inhibitory_inputs_than_inputs():
    with pytest.raises(ValidationError, match="inhibitory"):
        DualCurrentLIF(inhibitory=3).draw(None, 2, 1)
    with pytest.raises(ValidationError, match="V_reset"):
        DualCurrentLIF(V_reset=-40.0).validate()
