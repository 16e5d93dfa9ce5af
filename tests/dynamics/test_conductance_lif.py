"""The neuron with conductances against its steady state and an integration of its equation."""

import jax
import numpy as np
import pytest
from spiking_helpers import integrate, one_spike, simulate

from canns.dynamics import ConductanceLIF, ExcitatoryInhibitory
from canns.errors import ValidationError
from canns.models.brain_inspired import NeuronLayer

pytestmark = pytest.mark.usefixtures("x64")


def weights(excitatory, inhibitory):
    return ExcitatoryInhibitory(np.array([[excitatory]]), np.array([[inhibitory]]))


def test_constant_conductances_lead_to_the_mean_of_the_reversal_potentials():
    g_e, g_i = 0.1, 0.3
    lif = ConductanceLIF(tau_e=1e12, tau_i=1e12, E_i=-80.0, drive=2.0, inhibitory=1)
    _, potential, *_ = simulate(lif, weights(g_e, g_i), one_spike(300, 2))
    total = 1 + g_e + g_i
    steady = (-70 + 2 + g_i * -80) / total
    t = np.arange(1, 301)
    expected = steady + (-70 - steady) * np.exp(-t * total / 20)
    np.testing.assert_allclose(potential[:, 0], expected, rtol=0, atol=1e-7)
    assert potential[-1, 0] == pytest.approx(steady, abs=1e-7)


def slope(lif):
    def of(t, y):
        v, g_e, g_i = y
        dv = lif.E_L - v + g_e * (lif.E_e - v) + g_i * (lif.E_i - v) + lif.drive
        return dv / lif.tau_m, -g_e / lif.tau_e, -g_i / lif.tau_i

    return of


def test_a_step_is_of_second_order():
    errors = []
    for dt in (1.0, 0.5, 0.25, 0.125):
        lif = ConductanceLIF(tau_i=8.0, E_i=-85.0, V_th=100.0, dt=dt, inhibitory=1)
        _, potential, *_ = simulate(lif, weights(0.8, 0.5), one_spike(int(20 / dt), 2))
        times = np.arange(1, 21.0)
        exact, _ = integrate(slope(lif), (lif.E_L, 0.8, 0.5), times)
        errors.append(np.abs(potential[round(1 / dt) - 1 :: round(1 / dt), 0] - exact[0]).max())
    assert errors[-1] < 1e-2
    np.testing.assert_allclose(np.log2(np.divide(errors[:-1], errors[1:])), 2, atol=0.1)


def test_the_first_spike_is_in_the_step_in_which_the_equation_crosses():
    lif = ConductanceLIF(dt=0.02, inhibitory=1)
    spikes, *_ = simulate(lif, weights(2.5, 0.2), one_spike(2000, 2))
    crossing = integrate(slope(lif), (-70, 2.5, 0.2), [40.0], lambda t, y: y[0] - lif.V_th)[1]
    assert np.flatnonzero(spikes)[0] == int(crossing / lif.dt)


def test_shunting_inhibition_without_a_potential_of_its_own_delays_a_spike():
    first = []
    for g_i in (0.0, 0.5):
        lif = ConductanceLIF(E_i=-70.0, dt=0.1, drive=20.0, inhibitory=1)
        spikes, *_ = simulate(lif, weights(0.0, g_i), one_spike(1000, 2))
        first.append(np.flatnonzero(spikes)[0])
    assert first[0] < first[1]


def test_each_kind_of_synapse_has_an_activity_of_its_own():
    lif = ConductanceLIF(inhibitory=2)
    drawn = lif.draw(jax.random.key(0), 5, 3)
    assert (drawn.excitatory.shape, drawn.inhibitory.shape) == ((3, 3), (3, 2))
    assert [part.shape for part in lif.silence(drawn)] == [(5,), (3,)]
    x = np.arange(5.0)
    _, activity = lif.step(lif.init(drawn), drawn, x)
    excitatory, inhibitory = activity.parts
    assert (excitatory.pre.tolist(), inhibitory.pre.tolist()) == ([0, 1, 2], [3, 4])
    assert excitatory.post is inhibitory.post is activity.post
    assert excitatory.potential is activity.potential
    with pytest.raises(ValidationError, match=r"inhibitory .*at most input_size = 1"):
        lif.draw(jax.random.key(0), 1, 3)
    layer = NeuronLayer(5, 3, lif)
    layer.neuron = ConductanceLIF(tau_e=3.0, inhibitory=2)
    with pytest.raises(ValidationError, match="for whose weights and state there are boxes"):
        layer.neuron = ConductanceLIF(inhibitory=1)
    layer.forward(x)
