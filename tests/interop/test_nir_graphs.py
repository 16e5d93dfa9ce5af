"""Graphs of NIR: what is written follows NIR's equations, and comes back as it was."""

import math

import nir
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns import task
from canns.dynamics import LIF, AdaptiveLIF, AdEx, CurrentLIF, Delayed, Linear, Poisson
from canns.errors import ValidationError
from canns.interop import Biased, from_nir, to_nir
from canns.interop.time_steps import next_above, transfer
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModelGroup,
    LayerStack,
    LinearLayer,
    NeuronLayer,
    SpikingLayer,
)

RNG = np.random.default_rng(0)
CUBA = CurrentLIF(tau_m=12.0, tau_syn=3.0, E_L=-65.0, V_th=-50.0, V_reset=-63.0, drive=4.0, dt=0.2)


def drawn(layer):
    layer.W = RNG.normal(size=np.shape(layer.W)).astype(np.float32)
    return layer


def layers():
    return {
        "linear": drawn(LinearLayer(4, 3)),
        "LIF": drawn(SpikingLayer(4, 3, 0.7, -0.1, 0.8, 0.9, 0.5)),
        "LIF of two traces": drawn(NeuronLayer(4, 3, LIF(trace_pre_decay=0.5))),
        "LIF that keeps all": drawn(SpikingLayer(4, 3, leak=1.0)),
        "LIF that keeps nothing": drawn(SpikingLayer(4, 3, leak=0.0)),
        "CurrentLIF": drawn(NeuronLayer(4, 3, CUBA)),
        "biased": drawn(NeuronLayer(4, 3, Biased(CUBA, np.float32([1.5, -2.0, 0.25])))),
        "biased linear": drawn(NeuronLayer(4, 3, Biased(Linear(), 0.5))),
    }


def numbers_of(neuron):
    if isinstance(neuron, Biased):
        return {"bias": np.mean(neuron.bias), **numbers_of(neuron.neuron)}
    return vars(neuron)


def same(a, b):
    np.testing.assert_array_equal(a.W, b.W)
    ours, theirs = numbers_of(a.neuron), numbers_of(b.neuron)
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        np.testing.assert_allclose(theirs[name], value, rtol=1e-12, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("scheme", ["euler", "exact"])
@pytest.mark.parametrize("dt", [None, 1e-4])
@pytest.mark.parametrize("name", layers())
def test_weights_and_parameters_come_back(name, dt, scheme, tmp_path):
    layer = layers()[name]
    if name == "LIF that keeps nothing" and scheme == "exact":
        with pytest.raises(ValidationError, match=r"leak > 0 .* take scheme='euler'"):
            to_nir(layer, scheme=scheme)
        return
    graph = to_nir(layer, dt=dt, scheme=scheme)
    same(layer, from_nir(graph))
    nir.write(tmp_path / "graph.nir", graph)
    same(layer, from_nir(tmp_path / "graph.nir"))
    same(layer, from_nir(str(tmp_path / "graph.nir")))
    assert type(from_nir(graph)) is type(layer)


def test_a_stack_comes_back_and_spikes_alike():
    stack = LayerStack(
        drawn(SpikingLayer(20, 15, leak=0.8, dt=0.2)),
        drawn(NeuronLayer(15, 9, Biased(CUBA, 20.0))),
        drawn(LinearLayer(9, 2)),
    )
    again = from_nir(to_nir(stack))
    for ours, theirs in zip(stack.members, again.members, strict=True):
        same(ours, theirs)
    inputs = task.poisson_spikes(np.full(20, 100.0), 300, dt=0.2, seed=0)
    outputs = np.asarray(stack.run(inputs))
    assert np.abs(outputs).max() > 0
    np.testing.assert_allclose(again.run(inputs), outputs, rtol=1e-6, atol=1e-6)


numbers = st.floats(0.05, 0.99)


@settings(max_examples=20)
@given(
    leak=numbers,
    threshold=st.floats(-5, 5, width=32, allow_subnormal=False),
    dt=st.floats(0.01, 5),
    scale=numbers,
)
def test_any_lif_comes_back(leak, threshold, dt, scale):
    layer = SpikingLayer(2, 2, threshold, threshold - 1, leak, dt=dt)
    for scheme in ("euler", "exact"):
        again = from_nir(to_nir(layer, dt=scale * 1e-3, scheme=scheme))
        np.testing.assert_array_equal(again.W, layer.W)
        assert np.float32(again.threshold) == np.float32(threshold)
        assert (again.v_reset, again.dt) == (threshold - 1, dt)
        assert again.leak == pytest.approx(leak, rel=1e-12)


@given(st.floats(-1e6, 1e6, width=32))
def test_the_next_number_is_next(value):
    above = np.float32(next_above(value))
    assert above > value or (value == 0 and above > 0)
    tiny = np.finfo(np.float32).tiny
    if abs(value) >= tiny or value == 0:
        assert np.float32(-next_above(-next_above(value))) == value
    if abs(value) > 2 * tiny:
        assert above == np.nextafter(np.float32(value), np.float32(np.inf))


def step_of_euler(graph, inputs, dt):
    """Integrate a chain of NIR in double precision by forward steps, current before potential."""
    nodes = graph.nodes
    weights = nodes["linear"].weight.astype(float)
    neuron = nodes["lif"] if "lif" in nodes else nodes["cubalif"]
    v, current = neuron.v_leak.copy(), np.zeros(len(weights))
    for x in inputs:
        drive = weights @ x
        if hasattr(neuron, "tau_syn"):
            current = current + dt / neuron.tau_syn * (-current + neuron.w_in * drive)
            tau, drive = neuron.tau_mem, current
        else:
            tau = neuron.tau
        v = v + dt / tau * (neuron.v_leak - v + neuron.r * drive)
        fires = v > neuron.v_threshold
        v = np.where(fires, neuron.v_reset, v)
        yield fires


@pytest.mark.parametrize(
    "neuron",
    [LIF(0.6, -0.2, 0.8, dt=0.3), CurrentLIF(8.0, 2.0, -65.0, -60.0, -66.0, dt=0.3)],
    ids=["LIF", "CubaLIF"],
)
def test_steps_of_euler_by_the_equations_of_nir_give_our_spikes(neuron):
    layer = drawn(NeuronLayer(10, 8, neuron))
    layer.W = 12 * np.asarray(layer.W) if isinstance(neuron, CurrentLIF) else layer.W
    inputs = task.poisson_spikes(np.full(10, 300.0), 500, dt=0.3, seed=1)
    ours = np.asarray(layer.run(inputs))
    assert 0.02 < ours.mean() < 0.9
    theirs = [*step_of_euler(to_nir(layer), inputs, 0.3e-3)]
    np.testing.assert_array_equal(theirs, ours)


@pytest.mark.parametrize("neuron", [LIF(9.0, leak=0.8, dt=0.3), CUBA], ids=["LIF", "CubaLIF"])
def test_exact_constants_solve_the_equations_of_nir(neuron):
    """The answer to one pulse of area 1, after ten steps, below the threshold."""
    layer = NeuronLayer(1, 1, neuron)
    layer.W = [[0.7]]
    node = [*to_nir(layer, scheme="exact").nodes.values()][2]
    dt = neuron.dt * 1e-3
    if isinstance(neuron, LIF):  # the pulse comes at the end of a step
        expected = node.r / node.tau * 0.7 * math.exp(-9 * dt / node.tau[0])
    else:  # at its beginning
        a, b, t = 1 / node.tau_mem[0], 1 / node.tau_syn[0], 10 * dt
        kernel = a * b / (b - a) * (math.exp(-a * t) - math.exp(-b * t))
        start = (neuron.E_L - node.v_leak) * math.exp(-a * t)
        expected = node.v_leak + start + node.r * node.w_in * 0.7 * kernel
    layer.run(np.eye(10, 1))
    np.testing.assert_allclose(layer.v, expected, rtol=1e-5)
    if isinstance(neuron, CurrentLIF):
        assert node.tau_mem[0] == pytest.approx(0.012)
        assert node.tau_syn[0] == pytest.approx(0.003)


def test_the_factor_from_current_to_potential_is_the_neurons():
    for tau_m, tau_s in ((20.0, 5.0), (5.0, 5.0), (5.0, 5.0 + 1e-9), (1.0, 30.0)):
        layer = NeuronLayer(1, 1, CurrentLIF(tau_m, tau_s, 0.0, 1e6, -1.0, dt=0.7))
        layer.W = [[1.0]]
        layer.forward([1.0])
        np.testing.assert_allclose(layer.v, transfer(0.7, tau_m, tau_s), rtol=1e-5)


def node(kind=nir.LIF, **changed):
    ones = np.ones(2)
    values = {"tau": 0.01, "r": 10.0, "v_leak": 0.0, "v_threshold": 1.0, "v_reset": 0.0}
    if kind is nir.CubaLIF:
        values |= {"tau_mem": 0.01, "tau_syn": 0.005, "w_in": 2.0}
        del values["tau"]
    if kind is nir.IF:
        del values["tau"], values["v_leak"]
    return kind(**{name: value * ones for name, value in (values | changed).items()})


def graph_of(*nodes):
    return nir.NIRGraph.from_list(*nodes)


def test_other_graphs_are_read_by_their_equations():
    """Differing r scale the weights; a resting potential is the zero of ours; neurons alone."""
    lif = node(r=np.array([10.0, 20.0]), v_leak=0.5, v_threshold=2.0, v_reset=0.25)
    layer = from_nir(graph_of(nir.Linear(np.ones((2, 3))), lif), dt=1e-3)
    np.testing.assert_allclose(layer.W, [[1.0] * 3, [2.0] * 3])
    assert (layer.v_reset, layer.dt) == (-0.25, 1.0)
    assert layer.threshold == next_above(1.5)
    assert layer.leak == pytest.approx(0.9)
    alone = from_nir(graph_of(lif), dt=1e-3)
    np.testing.assert_allclose(alone.W, np.diag([1.0, 2.0]))
    exact = from_nir(graph_of(lif), dt=1e-3, scheme="exact")
    assert exact.leak == pytest.approx(math.exp(-0.1))
    np.testing.assert_allclose(exact.W, np.diag([1000.0, 2000.0]))
    two = from_nir(graph_of(nir.Linear(np.ones((2, 3))), nir.Linear(np.eye(2))))
    assert [type(member) for member in two.members] == [LinearLayer, LinearLayer]


def recurrent():
    nodes = {
        "input": nir.Input({"input": np.array([2])}),
        "lif": node(),
        "back": nir.Linear(np.eye(2)),
        "output": nir.Output({"output": np.array([2])}),
    }
    edges = [("input", "lif"), ("lif", "back"), ("back", "lif"), ("lif", "output")]
    return nir.NIRGraph(nodes, edges, type_check=False)


def unjoined():
    graph = graph_of(nir.Linear(np.eye(2)), node())
    graph.nodes["far"] = nir.Linear(np.eye(2))
    return graph


def edited(edges, *nodes):
    graph = graph_of(*(nodes or (nir.Linear(np.eye(2)), node())))
    graph.edges = edges(graph.edges)
    return graph


def labelled(**metadata):
    graph = graph_of(nir.Linear(np.eye(2)), node())
    graph.metadata = {"dt": 1e-3, "model_dt": 1.0, "scheme": "euler"} | metadata
    return graph


LINEAR = nir.Linear(np.eye(2))
CONV = nir.Conv2d((4, 4), np.ones((1, 1, 2, 2)), 1, 0, 1, 1, np.zeros(1))
WRONG = {
    "a recurrent edge": (recurrent, r"node '(lif|back)', with edges .* Recurrent"),
    "a loop": (lambda: edited(lambda e: [*e, ("lif", "lif")]), "node 'lif', with edges .* 'lif'"),
    "a node aside": (unjoined, "node 'far', which is not on it"),
    "an end": (lambda: edited(lambda e: e[:-1]), "node 'lif', which leads nowhere"),
    "an edge to nothing": (lambda: edited(lambda e: [*e, ("lif", "x")]), "edge .*'lif', 'x'"),
    "half an edge": (lambda: edited(lambda e: [*e, ("lif",)]), "the edge"),
    "a convolution": (
        lambda: nir.NIRGraph.from_list(CONV, type_check=False),
        "node 'conv2d', a Conv2d",
    ),
    "a delay": (lambda: graph_of(LINEAR, nir.Delay(np.ones(2))), "node 'delay', a Delay"),
    "nothing": (lambda: graph_of(nir.Input({"input": np.array([2])})), "one layer or more"),
    "a short tau": (lambda: graph_of(node(tau=1e-4)), r"nodes\['lif'\].tau .*\[0.001"),
    "a tau of one step": (
        lambda: graph_of(node(nir.CubaLIF, tau_syn=1e-4)),
        r"nodes\['cubalif'\].tau_syn",
    ),
    "two thresholds": (
        lambda: graph_of(node(v_threshold=np.array([1.0, 2.0]))),
        r"nodes\['lif'\].v_threshold must be one number .* got 2, from 1 to 2",
    ),
    "nan": (lambda: graph_of(node(r=np.nan)), r"nodes\['lif'\].r must be finite"),
    "nan in the weights": (
        lambda: graph_of(nir.Linear(np.full((2, 2), np.nan))),
        r"nodes\['linear'\].weight must be finite",
    ),
    "a reset above the threshold": (
        lambda: graph_of(node(nir.CubaLIF, v_reset=2.0)),
        r"V_reset of graph.nodes\['cubalif'\]",
    ),
    "weights of three axes": (
        lambda: nir.NIRGraph.from_list(nir.Linear(np.ones((2, 2, 2))), type_check=False),
        r"nodes\['linear'\].weight must be 2-D",
    ),
    "other sizes": (
        lambda: nir.NIRGraph.from_list(nir.Linear(np.ones((3, 2))), node(), type_check=False),
        r"nodes\['lif'\].* of shape \(3,\)",
    ),
    "sizes of two layers": (
        lambda: nir.NIRGraph.from_list(
            nir.Linear(np.ones((3, 2))), nir.Linear(np.eye(2)), type_check=False
        ),
        "input_size 3",
    ),
    "a negative dt": (lambda: labelled(dt=-1.0), r"graph.metadata\['dt'\]"),
    "no dt of the model": (lambda: labelled(model_dt=None), r"graph.metadata\['model_dt'\]"),
    "a scheme": (lambda: labelled(scheme="midpoint"), r"graph.metadata\['scheme'\]"),
}


@pytest.mark.parametrize("name", WRONG)
def test_graphs_that_no_layer_stands_for_are_refused_by_the_nodes_name(name):
    make, message = WRONG[name]
    graph = make()
    with pytest.raises(ValidationError, match=message):
        from_nir(graph, dt=None if "dt" in graph.metadata else 1e-3)


def test_a_graph_of_others_needs_a_time_step():
    with pytest.raises(ValidationError, match="dt must be given: NIR is in continuous time"):
        from_nir(graph_of(node()))
    for wrong in (0.0, -1e-3, "1", np.nan):
        with pytest.raises(ValidationError, match="dt"):
            from_nir(graph_of(node()), dt=wrong)
        with pytest.raises(ValidationError, match="dt"):
            to_nir(SpikingLayer(1, 1), dt=wrong)
    for call in (
        lambda s: to_nir(SpikingLayer(1, 1), scheme=s),
        lambda s: from_nir(labelled(), scheme=s),
    ):
        with pytest.raises(ValidationError, match="scheme must be one of 'euler', 'exact'"):
            call("Euler")


class Own(LinearLayer):
    def forward(self, x):
        return super().forward(x) + 1


MODELS = {
    "a network": (lambda: AmariHopfieldNetwork(4), "a AmariHopfieldNetwork"),
    "a group": (lambda: BrainInspiredModelGroup(LinearLayer(2, 2)), "BrainInspiredModelGroup"),
    "a forward of its own": (lambda: Own(2, 2), "forward of its own"),
    "no model": (lambda: np.eye(2), "ndarray"),
    "a refractory period": (lambda: NeuronLayer(2, 2, CurrentLIF(t_ref=2.0)), "refractory period"),
    "adaptation": (lambda: NeuronLayer(2, 2, AdaptiveLIF()), "no adaptive threshold"),
    "AdEx": (lambda: NeuronLayer(2, 2, AdEx()), "exponential"),
    "delays": (lambda: NeuronLayer(2, 2, Delayed(LIF(), 1)), "delays are not written"),
    "chance": (lambda: NeuronLayer(2, 2, Poisson()), "at random"),
    "the second layer": (
        lambda: LayerStack(LinearLayer(2, 2), NeuronLayer(2, 2, AdaptiveLIF())),
        "layer 1 of the stack",
    ),
    "two time steps": (
        lambda: LayerStack(SpikingLayer(2, 2), SpikingLayer(2, 2, dt=0.5)),
        "of layers with one dt",
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_models_without_a_counterpart_are_refused_by_name(name):
    make, message = MODELS[name]
    with pytest.raises(ValidationError, match=message):
        to_nir(make())
