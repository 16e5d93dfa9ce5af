"""DeltaLIF: the solution of its equation between inputs, and its spikes in closed form."""

import jax.numpy as jnp
import numpy as np
import pytest
from spiking_helpers import one_spike, silence, simulate

from canns.dynamics import DeltaLIF
from canns.errors import ValidationError

pytestmark = pytest.mark.usefixtures("x64")


@pytest.mark.parametrize("dt", [2.0, 0.1])
def test_one_input_spike_moves_the_potential_by_its_weight_and_decays(dt):
    lif, steps = DeltaLIF(E_L=-70.0, V_th=-50.0, V_reset=-60.0, dt=dt), 40
    _, potential, *_ = simulate(lif, [[3.0]], one_spike(steps))
    t = dt * np.arange(1, steps + 1)
    np.testing.assert_allclose(potential[:, 0] + 70.0, 3.0 * np.exp(-t / 20.0), atol=1e-12)


@pytest.mark.parametrize(("dt", "t_ref"), [(1.0, 0.0), (0.5, 2.0), (0.1, 3.0)])
def test_the_interval_between_spikes_is_the_closed_form_on_the_grid(dt, t_ref):
    drives = np.array([19.9, 20.5, 25.0, 100.0])
    lif = DeltaLIF(drive=jnp.asarray(drives), t_ref=t_ref, dt=dt)
    spikes, *_ = simulate(lif, np.zeros((len(drives), 1)), silence(int(400 / dt)))
    assert spikes[:, 0].sum() == 0, "the drive ends below the threshold"
    for i, drive in enumerate(drives[1:], 1):
        rising = 20.0 * np.log((drive - 10) / (drive - 20))  # from 10 to 20 mV
        intervals = np.diff(np.flatnonzero(spikes[:, i]))
        assert len(intervals) >= 3
        assert set(intervals) == {round(t_ref / dt) + int(np.ceil(rising / dt))}


def test_input_during_the_refractory_period_is_lost():
    lif = DeltaLIF(t_ref=2.0, dt=1.0)
    inputs = np.array([[1.0], [1.0], [1.0], [0.0]])
    spikes, potential, *_ = simulate(lif, [[25.0]], inputs)
    # Fires in the first step, is held at V_reset for two, and decays from there.
    assert spikes[:, 0].tolist() == [1.0, 0.0, 0.0, 0.0]
    left = np.exp(-1 / 20)
    np.testing.assert_allclose(potential[:, 0], [25 * left, 10, 10, 10 * left], atol=1e-12)


def test_refuses_a_reset_above_the_threshold():
    with pytest.raises(ValidationError, match="V_reset"):
        DeltaLIF(V_reset=25.0).validate()
