"""A network of spiking populations: against a plain loop of NumPy, and what it refuses."""

import numpy as np
import pytest
import scipy.sparse
import scipy.stats

from canns.dynamics import (
    LIF,
    AdEx,
    ConductanceLIF,
    Connections,
    CurrentLIF,
    DualCurrentLIF,
    Linear,
    Poisson,
    SparseSynapses,
    connect_by_probability,
)
from canns.errors import DivergenceError, ValidationError
from canns.models.brain_inspired import SpikingNetwork
from canns.plasticity import Oja, PairSTDP, RewardModulated, TripletSTDP, VogelsSTDP

DT, STEPS = 0.5, 600
RNG = np.random.default_rng(0)
FROM = {name: np.where(RNG.random((6, 4)) < 0.6, RNG.random((6, 4)), 0) for name in "ab"}
INSIDE = np.where(RNG.random((6, 6)) < 0.5, 1.0, 0.0)


def _rotter(v, current, arriving, left, lif):
    """Advance CurrentLIF in float64, written out from its equations."""
    current = current + arriving
    slow, fast = np.exp(-DT / lif.tau_m), np.exp(-DT / lif.tau_syn)
    through = lif.tau_syn / (lif.tau_m - lif.tau_syn) * (slow - fast)
    moved = lif.E_L + lif.drive + (v - lif.E_L - lif.drive) * slow + current * through
    v = np.where(left > 0, v, moved)
    fires = (left == 0) & (v >= lif.V_th)
    left = np.where(fires, round(lif.t_ref / DT), np.maximum(left - 1, 0))
    return np.where(fires, lif.V_reset, v), current * fast, left, fires


def _plain(delay, rate, target, tau, most):
    """Run two populations, of which the second inhibits the first by synapses that learn."""
    first = CurrentLIF(drive=19.0, t_ref=2.0, dt=DT)
    second = CurrentLIF(drive=17.0, dt=DT)
    v = {"a": np.linspace(-70, -56, 6), "b": np.linspace(-70, -56, 4)}
    lag = np.broadcast_to(np.rint(np.asarray(delay) / DT).astype(int), (6, 4))
    current, left = ({name: np.zeros(len(v[name])) for name in v} for _ in range(2))
    spikes = {name: np.zeros((STEPS, len(v[name]))) for name in v}
    weights, there = FROM["a"].copy(), FROM["a"] > 0
    pre, post, kept = np.zeros((6, 4)), np.zeros(6), np.exp(-DT / tau)
    columns = np.arange(4)
    for t in range(STEPS):
        own = spikes["a"][t - 1] if t > 0 else np.zeros(6)
        late = np.where(t > lag, spikes["b"][t - 1 - lag, columns], 0.0)  # at each synapse
        arriving = {"a": INSIDE @ own - (weights * late).sum(1), "b": FROM["b"].T @ own}
        for name, lif in (("a", first), ("b", second)):
            state = v[name], current[name], arriving[name], left[name]
            v[name], current[name], left[name], fires = _rotter(*state, lif)
            spikes[name][t] = fires
        fired = spikes["a"][t]
        # Coincidences are half a step apart: the input comes first.
        earlier = (pre * kept + late) * np.sqrt(kept)
        later = post * kept / np.sqrt(kept)
        depression = 2 * target * tau / 1000
        change = fired[:, None] * earlier + (later - depression)[:, None] * late
        weights = np.where(there, np.clip(weights + rate * change, 0, most), 0)
        pre, post = pre * kept + late, post * kept + fired
    return spikes, weights


def _network(delay, rule, bounds):
    network = SpikingNetwork(seed=0)
    network.add("a", CurrentLIF(drive=19.0, t_ref=2.0, dt=DT), 6, potentials=(-70.0, -56.0))
    network.add("b", CurrentLIF(drive=17.0, dt=DT), 4, potentials=(-70.0, -56.0))
    network.connect("a", "a", INSIDE)
    network.connect("a", "b", scipy.sparse.csr_matrix(FROM["b"].T))
    network.connect(
        "b",
        "a",
        SparseSynapses.from_matrix(FROM["a"]),
        kind="inhibitory",
        delay=delay,
        rule=rule,
        bounds=bounds,
    )
    return network


LATE = DT * RNG.integers(0, 4, (6, 4))


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.0, 1.5, LATE], ids=["0", "1.5", "each its own"])
@pytest.mark.parametrize("rate", [0.05, 0.0], ids=["learning", "fixed"])
def test_same_spikes_and_weights_as_a_plain_loop(delay, rate, monkeypatch):
    monkeypatch.setattr(
        "jax.random.uniform",
        lambda key, shape, dtype, low, high: np.linspace(low, high, shape[0]).astype(dtype),
    )
    there = np.nonzero(FROM["a"].T)  # source by source
    given = delay if np.ndim(delay) == 0 else delay.T[there]
    rule = VogelsSTDP(0.05, rho_0=8.0, tau=15.0)
    network = _network(given, *((rule, (0.0, 1.2)) if rate else (None, None)))
    run = network.run(STEPS * DT)
    spikes, weights = _plain(delay, rate, 8.0, 15.0, 1.2)
    for name in "ab":
        steps, neurons = np.nonzero(spikes[name])
        assert len(steps) > 20
        np.testing.assert_allclose(run.spikes[name].times, (steps + 1) * DT)
        np.testing.assert_array_equal(run.spikes[name].neurons, neurons)
    learnt = network.synapses("b", "a")
    found = np.asarray(learnt.to_matrix(learnt.values))
    assert (np.abs(found - FROM["a"]).max() > 0.1) == bool(rate)
    np.testing.assert_allclose(network.delays("b", "a"), np.broadcast_to(delay, (6, 4)).T[there])
    # Float32, and a few hundred changes of size 0.05.
    np.testing.assert_allclose(found, weights, atol=600 * 0.05 * np.finfo(np.float32).eps)


@pytest.mark.slow
@pytest.mark.parametrize(
    "rule",
    [
        PairSTDP(),
        PairSTDP(pairing="pre_centred"),
        PairSTDP(pairing="reduced"),
        TripletSTDP(),
        VogelsSTDP(),
    ],
    ids=str,
)
def test_a_run_in_two_parts_is_one_run(rule):
    whole, halves = (_network(1.0, rule, (0.0, 2.0)) for _ in range(2))
    run = whole.run(300.0)
    first, second = halves.run(120.5), halves.run(179.5)
    assert second.start == 120.5
    assert halves.time == whole.time == 300.0
    for name in "ab":
        times = [one.spikes[name].times for one in (first, second)]
        np.testing.assert_array_equal(np.concatenate(times), run.spikes[name].times)
    ends = [np.asarray(one.synapses("b", "a").values) for one in (whole, halves)]
    np.testing.assert_array_equal(*ends)
    assert (ends[0] != np.asarray(_network(1.0, rule, (0.0, 2.0)).synapses("b", "a").values)).any()


def test_ctrl_c_leaves_the_network_as_it_was(monkeypatch):
    rule = VogelsSTDP(0.05)
    stopped, plain = (_network(1.0, rule, (0.0, 2.0)) for _ in range(2))
    for network in (stopped, plain):
        network.run(50.0)
    waits = []

    def wait(arrays):
        waits.append(arrays)
        if len(waits) == 3:  # in the second piece
            raise KeyboardInterrupt

    monkeypatch.setattr("canns.plasticity.circuits.run.wait", wait)
    with pytest.raises(KeyboardInterrupt):
        stopped.run(1e6)
    monkeypatch.undo()
    assert stopped.time == 50.0
    runs = [network.run(50.0) for network in (stopped, plain)]
    np.testing.assert_array_equal(*[run.spikes["a"].times for run in runs])
    np.testing.assert_array_equal(*[n.synapses("b", "a").values for n in (stopped, plain)])


def test_a_divergence_is_found_and_leaves_the_network_as_it_was():
    network = SpikingNetwork(seed=0)
    network.add("E", CurrentLIF(dt=0.5), 2)
    network.add_inputs("in", 2, 2000.0)
    for kind in ("excitatory", "inhibitory"):  # both sums are infinite
        strengths = np.full((2, 2), 3e38)
        network.connect("in", "E", strengths, delay=5.0, kind=kind, name=kind)
    network.run(2.0)
    with pytest.raises(DivergenceError, match="NaN"):
        network.run(20.0)
    assert network.time == 2.0


def test_same_seed_same_run_and_reset_returns_to_the_beginning():
    def make(seed):
        network = SpikingNetwork(seed=seed)
        network.add_inputs("in", 50, 40.0)
        network.add("E", CurrentLIF(dt=0.1, drive=10.0), 20, potentials=(-70.0, -55.0))
        network.connect("in", "E", 8.0, in_degree=10)
        network.connect("E", "E", 1.0, probability=0.3, delay=1.0)
        network.add_background("E", 200.0, 2.0)
        return network

    one, same, other = make(3), make(3), make(4)
    first, second, third = (network.run(200.0) for network in (one, same, other))
    for name in ("in", "E"):
        np.testing.assert_array_equal(first.spikes[name].times, second.spikes[name].times)
        assert len(first.spikes[name].times) > 10
    assert not np.array_equal(first.spikes["in"].neurons, third.spikes["in"].neurons)
    one.reset()
    again = one.run(200.0)
    np.testing.assert_array_equal(first.spikes["E"].times, again.spikes["E"].times)
    assert one.synapses("E", "E").count == same.synapses("E", "E").count


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_random_inputs_and_backgrounds_have_their_rates(seed):
    from scipy.stats import poisson

    network = SpikingNetwork(seed=seed)
    network.add_inputs("in", 100, 30.0)
    # Without a leak, each spike of the background adds 1 to the potential.
    network.add("E", LIF(threshold=1e9, leak=1.0, dt=0.1), 100)
    network.add_background("E", 25_000.0, 1.0)
    run = network.run(500.0)
    low, high = poisson.interval(0.999, 100 * 30.0 * 0.5)
    assert low <= len(run.spikes["in"].times) <= high
    state = network._state.neurons[1]
    low, high = poisson.interval(0.999, 100 * 25_000 * 0.5)
    assert low <= float(np.asarray(state.v, float).sum()) <= high


@pytest.mark.parametrize("neuron", [ConductanceLIF(dt=0.5), DualCurrentLIF(dt=0.5)], ids=str)
def test_neurons_with_two_kinds_take_them_apart(neuron):
    network = SpikingNetwork(seed=0)
    network.add("E", neuron, 2, potentials=(-60.0, -60.0))
    network.add_background("E", 2000.0, 0.25, kind="inhibitory")
    network.add_background("E", 4000.0, 0.5)
    network.run(50.0)
    state = network._state.neurons[0]._asdict()
    excitatory, inhibitory = [value for name, value in state.items() if name[:2] in ("g_", "i_")]
    # Means: rate, weight and time constant of each.
    assert (np.asarray(excitatory) > np.asarray(inhibitory)).all()
    assert (np.asarray(inhibitory) > 0).all()


def test_other_neurons_run():
    network = SpikingNetwork(seed=0)
    network.add("a", AdEx(dt=0.1), 3)
    network.add("p", Poisson(dt=0.1), 3)
    network.connect("p", "a", 20.0, probability=1.0)
    network.connect("a", "p", 20.0, probability=1.0)
    network.add_background("p", 5000.0, 1000.0)
    run = network.run(100.0, record=["p"])
    assert list(run.spikes) == ["p"]
    assert len(run.spikes["p"].times) > 0


def _built():
    network = SpikingNetwork(seed=0)
    network.add("E", CurrentLIF(dt=0.1), 4)
    network.add_inputs("in", 3, 10.0)
    return network


STDP = {"rule": PairSTDP(), "bounds": (0.0, 1.0)}
STDP_2 = {"rule": PairSTDP(), "bounds": (0.0, 2.0)}
MADE = Connections((4, 3), np.array([0, 1, 2]), np.array([3, 0, 0]))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda n: n.connect("e", "E", 1.0, probability=0.1), "source must be one of 'E', 'in'"),
        (lambda n: n.connect("E", "X", 1.0, probability=0.1), "target must be one of"),
        (lambda n: n.connect("E", "in", 1.0, probability=0.1), "other way round"),
        (lambda n: n.connect("E", "E", 1.0), "Say how: by probability="),
        (lambda n: n.connect("E", "E", 1.0, probability=0.1, in_degree=2), "in_degree"),
        (lambda n: n.connect("E", "E", 1.0, probability=1.1), "probability"),
        (lambda n: n.connect("E", "E", 1.0, in_degree=4), "in_degree"),
        (lambda n: n.connect("E", "E", -1.0, probability=0.1), "weights"),
        (lambda n: n.connect("in", "E", np.ones((3, 4))), "Transpose it"),
        (lambda n: n.connect("in", "E", -np.ones((4, 3))), 'kind="inhibitory"'),
        (lambda n: n.connect("in", "E", np.full((4, 3), np.nan)), "finite"),
        (lambda n: n.connect("in", "E", np.ones((4, 3)), delay=-1.0), "at least 0 ms"),
        (lambda n: n.connect("in", "E", np.ones((4, 3)), delay=0.25), "multiples of the time step"),
        (lambda n: n.connect("in", "E", np.ones((4, 3)), delay=(1.0, 0.5)), "delay"),
        (lambda n: n.connect("in", "E", np.ones((4, 3)), delay=(0.0, 0.25)), "multiples"),
        (lambda n: n.connect("in", "E", np.ones((4, 3)), delay=[1.0, 2.0]), "one for each synapse"),
        (lambda n: n.connect("in", "E", np.ones((4, 3)), delay=1e12), "smaller|shorter|below"),
        (lambda n: n.connect("in", "E", 1.0, connections=MADE, probability=0.5), "connections"),
        (lambda n: n.connect("in", "E", 1.0, connections=np.ones((4, 3))), "connect_by_distance"),
        (lambda n: n.connect("E", "E", 1.0, connections=MADE), r"of shape \(4, 4\)"),
        (lambda n: n.connect("in", "E", [1.0, 2.0], connections=MADE), "one for each synapse"),
        (lambda n: n.connect("in", "E", -1.0, connections=MADE), "weights"),
        (lambda n: n.connect("in", "E", 1.0, connections=MADE, name=3), "a word"),
        (lambda n: n.connect("in", "E", np.ones((4, 3)), kind="both"), "excitatory"),
        (lambda n: n.connect("in", "E", np.ones((4, 3)), rule=PairSTDP()), "bounds="),
        (lambda n: n.connect("in", "E", np.ones((4, 3)), bounds=(0, 1)), "without a rule"),
        (lambda n: n.connect("in", "E", np.ones((4, 3)), **{**STDP, "rule": Oja()}), "VogelsSTDP"),
        (
            lambda n: n.connect(
                "in", "E", np.ones((4, 3)), **{**STDP, "rule": RewardModulated(PairSTDP())}
            ),
            "VogelsSTDP",
        ),
        (
            lambda n: n.connect("in", "E", np.ones((4, 3)), **{**STDP, "rule": PairSTDP(dt=1.0)}),
            "rule's dt",
        ),
        (
            lambda n: n.connect("in", "E", np.ones((4, 3)), rule=PairSTDP(), bounds=(1.0, 0.0)),
            "bounds",
        ),
        (lambda n: n.add("E", CurrentLIF(dt=0.1), 2), "new name"),
        (lambda n: n.add("F", CurrentLIF(dt=0.2), 2), "one time step"),
        (lambda n: n.add("F", CurrentLIF, 2), r"CurrentLIF\(...\)"),
        (lambda n: n.add("F", Linear(), 2), "Take CurrentLIF"),
        (lambda n: n.add("F", CurrentLIF(dt=0.1), 0), "size"),
        (lambda n: n.add("F", CurrentLIF(dt=0.1), 2, potentials=(1.0, 0.0)), "potentials"),
        (lambda n: n.add("F", CurrentLIF(dt=0.1), 2, potentials=3.0), "lowest, highest"),
        (lambda n: n.connect("in", "E", [[1.0], [1.0, 2.0]], connections=MADE), "weights"),
        (lambda n: n.run(1.0, record=3), "Give a list"),
        (lambda n: n.connect("in", "E", np.ones((4, 3)), **{**STDP, "bounds": [1.0]}), "lowest"),
        (lambda n: n.add("F", Poisson(dt=0.1), 2, potentials=(0.0, 1.0)), "no potential"),
        (lambda n: n.add_inputs("F", 2, -1.0), "at least 0 Hz"),
        (lambda n: n.add_inputs("F", 2, [1.0, 2.0, 3.0]), "one for each input"),
        (lambda n: (n.add_inputs("F", 2, 10_001.0), n.run(1.0)), "one spike in each step"),
        (lambda n: n.add_background("in", 1.0, 1.0), "inputs"),
        (lambda n: n.add_background("E", 2e6, 1.0), "100 spikes in each step"),
        (lambda n: n.run(0.05), "multiples of the time step"),
        (lambda n: n.run(0.0), "at least one step"),
        (lambda n: n.run(1.0, record="E"), "Give a list"),
        (lambda n: n.run(1.0, record=["X"]), "record must be one of"),
        (lambda n: (n.run(1.0), n.add_inputs("F", 2, 1.0)), r"reset\(\)"),
        (lambda n: n.synapses("in", "E"), "a pathway that there is"),
        (lambda n: n.run(1.0).rates("X"), "name must be one of"),
        (lambda n: n.run(1.0).rates("E", since=1.0), "Run for longer"),
        (lambda n: n.run(1.0).population_rate("E", 2.0), "bin_ms"),
        (lambda n: SpikingNetwork().run(1.0), "add"),
    ],
)
def test_refuses_with_the_remedy(call, words):
    with pytest.raises(ValidationError, match=words):
        call(_built())


def test_refuses_what_does_not_fit_the_memory(monkeypatch):
    network = _built()
    monkeypatch.setattr("canns._memory.available_memory", lambda: 1 << 23)
    with pytest.raises(ValidationError, match="Take shorter delays"):
        network.connect("in", "E", np.ones((4, 3)), delay=1e5)  # 3 inputs, 10^6 steps, 4 bytes


def test_two_pathways_between_the_same_two_have_names():
    network = _built()
    network.connect("in", "E", 1.0, probability=1.0)
    with pytest.raises(ValidationError, match="name='slow'"):
        network.connect("in", "E", 1.0, probability=0.5)
    network.connect("in", "E", 2.0, probability=1.0, name="slow", delay=3.0, **STDP_2)
    with pytest.raises(ValidationError, match="'in to E', 'slow'"):
        network.synapses("in", "E")
    for name, strength in (("in to E", 1.0), ("slow", 2.0)):
        synapses = network.synapses("in", "E", name=name)
        np.testing.assert_array_equal(synapses.pairs()[2], strength)
    assert network.delays("in", "E", name="slow").tolist() == [3.0] * 12


def test_a_probability_may_be_so_small_that_no_pair_is_drawn():
    assert connect_by_probability(4000, 4000, 1e-30, seed=0).num_synapses == 0


def test_two_pathways_add_up_to_one():
    made = connect_by_probability(20, 20, 0.5, loops=False, seed=0)
    late = made.pre % 3 > 0
    runs = []
    for split in (False, True):
        network = SpikingNetwork(seed=0)
        network.add("E", CurrentLIF(dt=0.5, drive=18.0), 20, potentials=(-70.0, -54.0))
        if split:
            for name, some in (("soon", ~late), ("late", late)):
                part = Connections(made.shape, made.pre[some], made.post[some])
                delay = 2.0 if name == "late" else 0.5
                network.connect("E", "E", 0.5, connections=part, delay=delay, name=name)
        else:
            delay = np.where(late, 2.0, 0.5)
            network.connect("E", "E", 0.5, connections=made, delay=delay)
        runs.append(network.run(200.0))
    assert len(runs[0].spikes["E"].times) > 100
    for one, other in zip(*(run.spikes["E"] for run in runs), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("learning", [{}, {"rule": PairSTDP(), "bounds": (0.0, 1.0)}], ids=len)
def test_connections_take_strengths_and_delays_in_their_own_order(learning):
    order = np.random.default_rng(1).permutation(6)
    pre, post = np.array([0, 0, 1, 1, 2, 2])[order], np.array([0, 3, 1, 2, 0, 1])[order]
    made = Connections((4, 3), pre, post)
    strengths, delays = np.linspace(0.25, 0.75, 6), 0.5 * np.arange(6)
    network = _built()
    network.connect("in", "E", strengths, connections=made, delay=delays, **learning)
    found = network.synapses("in", "E").pairs()
    row = [np.flatnonzero((pre == a) & (post == b))[0] for a, b in zip(*found[:2], strict=True)]
    np.testing.assert_array_equal(found[2], strengths[row].astype(np.float32))
    np.testing.assert_allclose(network.delays("in", "E"), delays[row])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_drawn_delays_are_uniform_over_the_steps(seed):
    network = SpikingNetwork(seed=seed)
    network.add("E", CurrentLIF(dt=0.5), 100)
    network.connect("E", "E", 1.0, probability=0.5, delay=(1.0, 3.0))
    found, counts = np.unique(network.delays("E", "E"), return_counts=True)
    np.testing.assert_allclose(found, [1.0, 1.5, 2.0, 2.5, 3.0])
    assert scipy.stats.chisquare(counts).pvalue > 1e-4


def test_rates_irregularity_and_histogram():
    network = SpikingNetwork(seed=0)
    network.add_inputs("in", 200, 100.0)
    network.add("E", CurrentLIF(dt=0.1, drive=20.0), 1)
    network.connect("in", "E", np.full((1, 200), 0.25), **STDP)
    run = network.run(2000.0)
    steps, counts = run.population_rate("in", 50.0)
    assert len(steps) == 40
    assert counts.mean() == pytest.approx(run.rates("in").mean())
    # Intervals between spikes of steps are geometric: their CV is sqrt(1 - p), here 0.995.
    assert np.nanmean(run.cv("in")) == pytest.approx(np.sqrt(1 - 0.01), abs=0.03)
    late = run.rates("in", since=1000.0)
    assert 0 < late.mean() < 200
    counts, edges = network.weight_histogram("in", "E", bins=10)
    assert counts.sum() == 200
    assert len(edges) == 11
