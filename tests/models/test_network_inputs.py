"""Inputs of a spiking network: rates that vary over time, and spikes that are given."""

import numpy as np
import pytest
import scipy.sparse

from canns.dynamics import CurrentLIF
from canns.errors import ValidationError
from canns.models.brain_inspired import SpikingNetwork
from canns.task import SpikeTrains

DT = 0.5
EACH = 1000 / DT  # Hz: a spike in each step


def _network(seed=0):
    network = SpikingNetwork(seed=seed)
    network.add("E", CurrentLIF(dt=DT), 3)
    return network


def _shown(run, name="in"):
    """Return the step and the input of each spike of a run, counted from its start."""
    times, neurons = run.spikes[name]
    steps = np.rint((times - run.start) / DT).astype(int) - 1
    return list(zip(steps.tolist(), neurons.tolist(), strict=True))


def test_rates_hold_for_their_time_and_the_last_ones_stay():
    network = _network()
    rates = EACH * np.array([[1, 0], [0, 0], [0, 1], [0, 0], [1, 0]])  # padded to 6 rows
    network.add_inputs("in", 2, rates, rate_dt=1.0)
    first, second = network.run(3.5), network.run(3.0)
    assert _shown(first) == [(0, 0), (1, 0), (4, 1), (5, 1)]
    assert _shown(second) == [(1, 0), (2, 0), (3, 0), (4, 0), (5, 0)]


def test_one_rate_over_time_is_that_of_all_inputs():
    network = _network()
    network.add_inputs("in", 2, [0.0, EACH], rate_dt=0.5)
    assert _shown(network.run(1.0)) == [(1, 0), (1, 1)]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_varying_rates_are_those_that_were_given(seed):
    from scipy.stats import poisson

    network = _network(seed)
    network.add_inputs("in", 100, [10.0, 60.0], rate_dt=500.0)
    times = network.run(1000.0).spikes["in"].times
    for part, rate in ((times <= 500, 10.0), (times > 500, 60.0)):
        low, high = poisson.interval(0.9999, 100 * rate * 0.5)
        assert low <= part.sum() <= high


def test_a_rate_set_between_runs_holds_from_then_on_and_is_compiled_once(count_compilations):
    network = _network()
    network.add_inputs("in", 2, [[EACH, 0.0]], rate_dt=1.0)
    assert _shown(network.run(1.0)) == [(0, 0), (1, 0)]
    network.set_rate("in", [[0.0, EACH]], rate_dt=1.0)
    runs = []
    assert count_compilations(lambda: runs.append(network.run(1.0))) == 0
    assert _shown(runs[0]) == [(0, 1), (1, 1)]
    network.set_rate("in", EACH * np.array([[0, 0], [1, 0], [0, 0]]), rate_dt=0.5)
    network.run(0.5)
    assert _shown(network.run(1.0)) == [(0, 0)]
    network.set_rate("in", EACH * np.array([[1, 0], [0, 0], [1, 0], [0, 1]]), rate_dt=0.5)
    assert count_compilations(lambda: runs.append(network.run(2.0))) == 0
    assert _shown(runs[1]) == [(0, 0), (2, 0), (3, 1)]
    network.reset()
    assert _shown(network.run(2.0)) == [(0, 0), (2, 0), (3, 1)]


RASTER = np.array([[0, 1, 1], [0, 0, 0], [1, 0, 0], [0, 0, 0]])
SPIKES = [(0, 1), (0, 2), (2, 0)]


@pytest.mark.parametrize(
    "given",
    [
        SpikeTrains([[1.0], [0.0], [0.2]], duration=2.0, dt=DT),
        RASTER,
        scipy.sparse.csr_array(RASTER),
    ],
    ids=["times", "array", "sparse"],
)
def test_given_spikes_are_shown_in_their_steps(given):
    network = _network()
    network.add_spikes("in", given)
    assert _shown(network.run(5.0)) == SPIKES
    assert _shown(network.run(5.0)) == []
    network.set_spikes("in", given)
    network.run(0.5)
    assert _shown(network.run(5.0)) == [(1, 0)]
    network.reset()
    assert _shown(network.run(5.0)) == SPIKES


def test_given_spikes_reach_the_neurons():
    network = _network()
    network.add_spikes("in", SpikeTrains([[1.0]], duration=2.0, dt=DT))
    network.connect("in", "E", np.full((3, 1), 10.0), delay=1.0)
    run = network.run(5.0, record_states={"E": {"current": [0]}})
    current = run.samples.states["E"]["current"][:, 0]
    # Shown in step 2, which ends at 1.5 ms; it acts 1 ms later, in the step that ends at 3 ms.
    assert np.flatnonzero(current)[0] == 5
    assert run.samples.times[5] == 3.0


def test_no_spikes_at_all():
    network = _network()
    network.add_spikes("in", np.zeros((4, 2)))
    assert _shown(network.run(5.0)) == []


TRAINS = SpikeTrains([[1.0], [0.0]], duration=2.0, dt=DT)


def _with_inputs():
    network = _network()
    network.add_inputs("in", 2, 10.0)
    return network


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda n: n.add_inputs("x", 2, [[1.0, 2.0]]), "rate_dt="),
        (lambda n: n.add_inputs("x", 2, [[1.0]], rate_dt=1.0), r"\(times, 2\)"),
        (lambda n: n.add_inputs("x", 2, 1.0, rate_dt=1.0), r"\(times,\)"),
        (lambda n: n.add_inputs("x", 2, [1.0], rate_dt=0.0), "rate_dt"),
        (lambda n: n.add_inputs("x", 2, [-1.0], rate_dt=1.0), "at least 0 Hz"),
        (lambda n: (n.add_inputs("x", 2, [1.0], rate_dt=0.7), n.run(1.0)), "multiple of the time"),
        (lambda n: (n.add_inputs("x", 2, [2001.0], rate_dt=1.0), n.run(1.0)), "one spike in each"),
        (lambda n: n.set_rate("E", 1.0), "a population of inputs"),
        (lambda n: n.set_rate("x", 1.0), "name must be one of"),
        (lambda n: n.set_rate("in", [1.0, 2.0, 3.0]), "one for each input"),
        (lambda n: (n.run(1.0), n.set_rate("in", 2001.0)), "one spike in each"),
        (lambda n: (n.run(1.0), n.set_rate("in", [1.0], rate_dt=0.7)), "multiple of the time"),
        (lambda n: n.set_spikes("in", np.zeros((4, 3))), "2, one for each input"),
        (lambda n: n.set_spikes("E", TRAINS), "a population of inputs"),
        (lambda n: n.add_spikes("x", [[0.0, 2.0]]), "of 0 and 1"),
        (lambda n: n.add_spikes("in", TRAINS), "a new name"),
        (
            lambda n: (n.add_spikes("x", SpikeTrains([[1.0]], duration=2.0)), n.run(1.0)),
            r"SpikeTrains\(..., dt=0.5\)",
        ),
    ],
)
def test_refuses_with_the_remedy(call, words):
    with pytest.raises(ValidationError, match=words):
        call(_with_inputs())


def test_a_refused_rate_changes_nothing():
    network = _with_inputs()
    network.run(1.0)
    before = network._added["in"]
    with pytest.raises(ValidationError):
        network.set_rate("in", 2001.0)
    assert network._added["in"] is before
