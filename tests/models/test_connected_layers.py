"""Layers with some synapses: they run, learn, are saved and recorded as others are."""

import copy
import pickle

import brainstate
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse

from canns.dynamics import (
    LIF,
    Connections,
    CurrentLIF,
    SparseSynapses,
    WinnerTakeAll,
    connect_by_distance,
    connect_by_in_degree,
    connect_by_probability,
)
from canns.errors import CannsWarning, ValidationError
from canns.interop import to_nir
from canns.models.brain_inspired import (
    BrainInspiredModelGroup,
    FeedForwardLayer,
    LayerStack,
    LinearLayer,
    NeuronLayer,
    SpikingLayer,
)
from canns.parallel import make_mesh, shard
from canns.plasticity import Bounds, Hebbian, Monitor, Oja, PairSTDP, TripletSTDP, VogelsSTDP
from canns.trainer import Checkpoint, RuleTrainer, STDPTrainer, train_ensemble

IN, OUT, STEPS = 12, 8, 60
MADE = connect_by_probability(OUT, IN, 0.4, seed=0)
COUNT = MADE.num_synapses
DELAYS = np.arange(COUNT) % 4 * 1.0


def spikes(steps=STEPS, seed=0):
    return (np.random.default_rng(seed).random((steps, IN)) < 0.2).astype(np.float32)


def layer_of(connectivity=MADE, delays=None, weights=None, **options):
    layer = SpikingLayer(
        IN, OUT, threshold=0.6123, connectivity=connectivity, delays=delays, **options
    )
    given = np.random.default_rng(1).random(COUNT) * 0.5 if weights is None else weights
    layer.W.value = given.astype(np.float32)
    return layer


def dense_layer(layer):
    """The layer of all pairs with the same weights, and the largest weight of each pair."""
    dense = SpikingLayer(layer.input_size, layer.output_size, threshold=layer.threshold)
    dense.W.value = np.asarray(layer.W)
    there = np.zeros(dense.W.shape)
    there[layer.connectivity.post, layer.connectivity.pre] = 1.0
    return dense, there


def alike(a, b):
    # Each of the steps rounds a few sums of at most 12 terms of size 1.
    tolerance = STEPS * IN * np.finfo(np.float32).eps
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance / 10)


FORMS = {
    "connections": lambda matrix: MADE,
    "array": lambda matrix: matrix,
    "csr": scipy.sparse.csr_matrix,
    "coo": scipy.sparse.coo_array,
    "synapses": SparseSynapses.from_matrix,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_connectivity_makes_the_same_layer(form):
    matrix = np.zeros((OUT, IN), np.float32)
    matrix[MADE.post, MADE.pre] = np.random.default_rng(0).uniform(0.1, 0.5, COUNT)
    layer = SpikingLayer(IN, OUT, connectivity=FORMS[form](matrix))
    assert layer.W.shape == (OUT, IN)
    assert layer.connectivity.num_synapses == COUNT
    there = np.zeros((OUT, IN), bool)
    there[layer.connectivity.post, layer.connectivity.pre] = True
    np.testing.assert_array_equal(there, matrix > 0)
    if form != "connections":  # whose weights are drawn, as a spiking layer draws them
        np.testing.assert_array_equal(layer.W, matrix)
    else:
        assert 0 <= layer.W.listed.min() < layer.W.listed.max() < 0.1


@pytest.mark.parametrize(
    "made",
    [
        connect_by_in_degree(OUT, IN, 3, seed=0),
        connect_by_distance(np.arange(OUT)[:, None], np.arange(IN)[:, None], lambda r: r < 2),
        connect_by_probability(OUT, IN, 0.0),
        connect_by_probability(OUT, IN, 1.0),
    ],
    ids=["in-degree", "distance", "none", "all"],
)
def test_makers_make_layers(made):
    layer = LinearLayer(IN, OUT, connectivity=made)
    x = np.random.default_rng(0).normal(size=IN).astype(np.float32)
    alike(layer.forward(x), np.asarray(layer.W) @ x)  # activity that is not sparse is right, too
    assert layer.connectivity.num_synapses == made.num_synapses


def test_training_is_that_of_all_pairs_whose_others_are_bound_to_zero():
    layer = layer_of()
    dense, there = dense_layer(layer)
    record = STDPTrainer(layer, learning_rate=1.0, A_minus=0.004).train(spikes(), epochs=2)
    other = STDPTrainer(dense, learning_rate=1.0, A_minus=0.004, w_max=there)
    expected = other.train(spikes(), epochs=2)
    assert record.weight_change[-1] > 0.01
    alike(layer.W, dense.W)
    alike(record.weight_change, expected.weight_change)
    alike(record.weight_norm, expected.weight_norm)
    for box in ("v", "spike", "trace_pre", "trace_post", "x"):
        alike(getattr(layer, box), getattr(dense, box))


@pytest.mark.parametrize(
    "rule",
    [PairSTDP(pairing="pre_centred"), TripletSTDP(), VogelsSTDP(0.01)],
    ids=lambda r: type(r).__name__,
)
def test_local_rules_train_and_remember(rule):
    layer = layer_of()
    dense, there = dense_layer(layer)
    for part in (spikes()[:25], spikes()[25:]):
        RuleTrainer(layer, rule, Bounds()).train(part)
        RuleTrainer(dense, rule, Bounds(0.0, there)).train(part)
    alike(layer.W, dense.W)
    layer.reset_state()
    assert not layer.adopted()


def test_delayed_synapses_learn_from_spikes_as_they_arrive():
    layer = layer_of(delays=DELAYS)
    copies = layer.W.value.shape[1]
    column, _, _ = layer.W.value.pairs()
    late = np.zeros((STEPS, copies), np.float32)  # the input of each column, a step at a time
    for c, j, d in zip(column, layer.connectivity.pre, layer.delays.astype(int), strict=True):
        late[d:, c] = spikes()[: STEPS - d, j]
    plain = SpikingLayer(copies, OUT, threshold=0.6123, connectivity=layer.W.value)
    outputs = layer.run(spikes())
    np.testing.assert_array_equal(outputs, plain.run(late))
    assert outputs.any()
    layer.reset_state(), plain.reset_state()
    STDPTrainer(layer, 1.0, A_minus=0.004).train(spikes())
    STDPTrainer(plain, 1.0, A_minus=0.004).train(late)
    np.testing.assert_array_equal(layer.W.listed, plain.W.listed)
    np.testing.assert_array_equal(layer.x, late[-1])


def test_delays_are_those_of_a_loop_over_synapses():
    layer, x = layer_of(delays=DELAYS), spikes()
    potential, expected = np.zeros(OUT), []
    for t in range(STEPS):
        drive = np.zeros(OUT)
        for (j, i), w, d in zip(
            zip(*layer.connectivity[1:], strict=True), layer.W.listed, layer.delays, strict=True
        ):
            drive[i] += w * x[t - int(d), j] if t >= d else 0.0
        potential = layer.leak * potential + drive
        expected.append(potential >= layer.threshold)
        potential[expected[-1]] = 0.0
    outputs = layer.run(x)
    assert 0 < outputs.sum() < outputs.size
    np.testing.assert_array_equal(outputs, expected)


def test_one_step_at_a_time_is_a_run_and_a_run_in_parts_is_the_whole():
    whole, steps, parts = (layer_of(delays=DELAYS) for _ in range(3))
    outputs = whole.run(spikes())
    np.testing.assert_array_equal(outputs, [steps.forward(x) for x in spikes()])
    np.testing.assert_array_equal(outputs[:9], parts.run(spikes()[:9]))
    np.testing.assert_array_equal(outputs[9:], parts.run(spikes()[9:]))
    for name, box in whole.boxes().items():
        if name != "W":
            np.testing.assert_array_equal(box.value, vars(parts)[name].value)
    whole.reset_state()  # which forgets spikes that are on their way
    np.testing.assert_array_equal(whole.run(spikes()), outputs)


@pytest.mark.parametrize(
    "given",
    [2.0, np.full(COUNT, 2.0), 2.0 * (np.asarray(layer_of().W) > 0)],
    ids=["number", "list", "matrix"],
)
def test_delays_may_be_given_in_three_ways(given):
    layer = layer_of(delays=given)
    assert layer.delays.tolist() == [2.0] * COUNT
    plain = layer_of()
    np.testing.assert_array_equal(layer.run(spikes())[2:], plain.run(spikes()[:-2]))


def test_delays_go_with_the_synapses_that_they_are_given_for():
    order = np.random.default_rng(0).permutation(COUNT)
    made = Connections((OUT, IN), MADE.pre[order], MADE.post[order])
    layer = SpikingLayer(IN, OUT, connectivity=made, delays=DELAYS[order])
    wanted = dict(zip(zip(MADE.pre, MADE.post, strict=True), DELAYS, strict=True))
    found = zip(layer.connectivity.pre, layer.connectivity.post, strict=True)
    assert [wanted[pair] for pair in found] == layer.delays.tolist()
    matrix = scipy.sparse.coo_array((DELAYS, (MADE.post, MADE.pre)), shape=(OUT, IN))
    same = SpikingLayer(IN, OUT, connectivity=made, delays=matrix)
    assert same.delays.tolist() == layer.delays.tolist()


def test_delays_are_multiples_of_the_step_of_the_neuron():
    neuron = CurrentLIF(dt=0.5)
    layer = NeuronLayer(IN, OUT, neuron, connectivity=MADE, delays=1.5)
    assert layer.inputs_on_way.shape == (4, IN)
    with pytest.raises(ValidationError, match=r"multiples of the time step, 0\.5"):
        NeuronLayer(IN, OUT, neuron, connectivity=MADE, delays=1.25)
    late = SpikingLayer(IN, OUT, connectivity=MADE, delays=2.0)
    late.dt = 0.5
    with pytest.raises(ValidationError, match="dt must be 1 ms"):
        late.run(spikes())


@pytest.mark.parametrize("delays", [None, DELAYS], ids=["at once", "late"])
def test_copies_and_files_are_the_same_layer(delays, tmp_path):
    layer = layer_of(delays=delays)
    RuleTrainer(layer, PairSTDP(pairing="reduced"), Bounds()).train(spikes())
    layer.save(tmp_path / "layer.safetensors")
    others = [
        copy.deepcopy(layer),
        pickle.loads(pickle.dumps(layer)),
        SpikingLayer.load(tmp_path / "layer.safetensors"),
        FeedForwardLayer.load(tmp_path / "layer.safetensors"),
    ]
    ahead = [layer.run(spikes(seed=1)), *(other.run(spikes(seed=1)) for other in others)]
    RuleTrainer(layer, PairSTDP(pairing="reduced"), Bounds()).train(spikes(seed=2))
    for other, outputs in zip(others, ahead[1:], strict=True):
        np.testing.assert_array_equal(outputs, ahead[0])
        assert repr(other.connectivity) == repr(layer.connectivity)
        RuleTrainer(other, PairSTDP(pairing="reduced"), Bounds()).train(spikes(seed=2))
        np.testing.assert_array_equal(other.W.listed, layer.W.listed)


def test_a_config_builds_a_layer_like_this_one():
    layer = layer_of(delays=DELAYS)
    made = SpikingLayer.from_config(layer.config())
    assert made.config() == layer.config()
    assert made.delays.tolist() == layer.delays.tolist()


def test_a_layer_says_how_many_synapses_it_has():
    assert f"{COUNT} synapses of {OUT} x {IN}" in repr(layer_of())
    assert "delays: 0 to 3 ms" in repr(layer_of(delays=DELAYS))


def test_weights_are_read_and_written_as_lists_and_matrices():
    layer = layer_of()
    matrix = np.asarray(layer.W)
    assert matrix.shape == layer.W.shape == (OUT, IN)
    np.testing.assert_array_equal(matrix[MADE.post, MADE.pre].sum(), matrix.sum())
    np.testing.assert_array_equal(2 * layer.W, 2 * matrix)
    alike(layer.W @ np.ones(IN, np.float32), matrix.sum(axis=1))
    layer.W = np.zeros(COUNT)
    assert not layer.W.listed.any()
    layer.W.value = scipy.sparse.csr_array(matrix)
    np.testing.assert_array_equal(layer.W, matrix)
    layer.W.value = layer.W.value
    layer.W[MADE.post[0], MADE.pre[0]] = 0.25
    layer.W.value = jnp.asarray(layer.W.listed)
    assert 0.25 in layer.W.listed
    for wrong in (np.ones((OUT, IN)), np.ones(COUNT + 1), np.ones((IN, OUT)), "word"):
        with pytest.raises(ValidationError, match="W"):
            layer.W.value = wrong
    with pytest.raises(ValidationError, match="same neurons"):
        layer.W.value = SparseSynapses.from_pairs((OUT, IN), [0], [0], 1.0)


def test_a_monitor_records_lists():
    layer = layer_of()
    record = STDPTrainer(layer, 1.0).train(
        spikes(), monitor=Monitor(("W", "v", "spikes"), every=20)
    )
    assert record.history["W"].shape == (3, COUNT)
    np.testing.assert_array_equal(record.history["W"][-1], layer.W.listed)
    assert record.changed[0] == "W"


def test_a_resumed_run_is_an_uninterrupted_one(tmp_path):
    whole, halfway = layer_of(delays=DELAYS), layer_of(delays=DELAYS)
    data = spikes(600)
    STDPTrainer(whole, 1.0).train(data)
    point = Checkpoint(tmp_path / "run.safetensors", every=256)
    first = layer_of(delays=DELAYS)
    STDPTrainer(first, 1.0).train(iter(data[:300]), checkpoint=point)
    STDPTrainer(halfway, 1.0).train(iter(data), checkpoint=point)
    np.testing.assert_array_equal(halfway.W.listed, whole.W.listed)
    np.testing.assert_array_equal(halfway.inputs_on_way, whole.inputs_on_way)
    with pytest.raises(ValidationError, match="checkpoint"):
        STDPTrainer(layer_of(delays=DELAYS + 1), 1.0).train(iter(data), checkpoint=point)


def test_a_group_trains_its_members():
    layers = [layer_of(), layer_of(weights=np.full(COUNT, 0.3)), layer_of()]
    alone = layer_of()
    RuleTrainer(alone, PairSTDP(), Bounds()).train(spikes())
    BrainInspiredModelGroup(*layers).train(spikes(), rule=PairSTDP(), project=Bounds())
    np.testing.assert_array_equal(layers[0].W.listed, alone.W.listed)
    np.testing.assert_array_equal(layers[2].W.listed, alone.W.listed)
    assert not np.array_equal(layers[1].W.listed, alone.W.listed)


def held(layer):
    return {name: np.array(box) for name, box in layer.boxes().items()}


@pytest.mark.parametrize(
    ("attempt", "word"),
    [
        (lambda layer: RuleTrainer(layer, Oja()).train(spikes()), "Oja.*local rule"),
        (lambda layer: RuleTrainer(layer, Hebbian()).train(spikes()), "Hebbian.*local rule"),
        (lambda layer: RuleTrainer(layer, "bcm").train(spikes()), "local rule"),
        (lambda layer: STDPTrainer(layer, method="dense").train(spikes()), "method"),
        (lambda layer: layer.run(spikes(), method="dense"), "method"),
        (lambda layer: layer.resize(IN + 1), "input_size.*connectivity"),
        (lambda layer: shard(layer, make_mesh(jax.devices()[:1])), "without connectivity"),
        (lambda layer: LayerStack(layer), "without connectivity"),
        (
            lambda layer: train_ensemble(layer, PairSTDP(), spikes(), seeds=range(2)),
            "without connectivity",
        ),
        (
            lambda layer: to_nir(layer_of(delays=1.0)),
            "delays",
        ),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
@pytest.mark.filterwarnings("ignore::canns.errors.CannsWarning")
def test_what_does_not_work_is_refused_before_anything_is_written(attempt, word):
    layer = layer_of()
    before = held(layer)
    with pytest.raises(ValidationError, match=word):
        attempt(layer)
    for name, value in held(layer).items():
        np.testing.assert_array_equal(value, before[name])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"connectivity": connect_by_probability(IN, OUT, 0.5)}, "connectivity.*shape"),
        ({"connectivity": Connections((OUT, IN), np.array([IN]), np.array([0]))}, "pre"),
        ({"connectivity": Connections((OUT, IN), np.array([0]), np.array([-1]))}, "post"),
        ({"connectivity": Connections((OUT, IN), np.zeros(2, int), np.zeros(2, int))}, "pair"),
        ({"connectivity": np.ones((IN, OUT))}, "connectivity.*shape"),
        ({"connectivity": "all"}, "connectivity"),
        ({"connectivity": 0.1}, "connectivity.*connect_by_probability"),
        ({"delays": 1.0}, "without connectivity"),
        ({"connectivity": MADE, "delays": -1.0}, "delays.*at least 0"),
        ({"connectivity": MADE, "delays": 0.5}, "delays.*multiples"),
        ({"connectivity": MADE, "delays": np.ones(COUNT + 1)}, "delays.*shape"),
        ({"connectivity": MADE, "delays": np.ones((IN, OUT))}, "delays.*shape"),
        ({"connectivity": MADE, "delays": np.ones((OUT, IN))}, "delays.*no synapse"),
        ({"connectivity": MADE, "delays": "late"}, "delays"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_meaningless_connectivity_is_refused(arguments, word):
    with pytest.raises(ValidationError, match=word):
        SpikingLayer(IN, OUT, **arguments)


def test_neurons_that_read_their_weights_take_no_connectivity():
    with pytest.raises(ValidationError, match="WinnerTakeAll"):
        NeuronLayer(IN, OUT, WinnerTakeAll(), connectivity=MADE)


class Own(SpikingLayer):
    """A layer with a step of a user's own."""

    def forward(self, x):
        return super().forward(x)


def test_a_forward_of_ones_own_runs_but_does_not_learn():
    layer = Own(IN, OUT, threshold=0.1, connectivity=MADE)
    assert layer.forward(np.ones(IN)).shape == (OUT,)
    with pytest.raises(ValidationError, match="Own learns by its own forward"):
        STDPTrainer(layer).train(spikes())


def test_neurons_are_replaced_by_others_of_their_kind():
    layer = NeuronLayer(IN, OUT, CurrentLIF(), connectivity=MADE, delays=2.0)
    layer.neuron = CurrentLIF(drive=30.0)
    assert layer.run(spikes()).any()
    with pytest.raises(ValidationError, match="CurrentLIF"):
        layer.neuron = LIF()
    layer.neuron = CurrentLIF(drive=30.0, dt=0.5)
    with pytest.raises(ValidationError, match="dt must be 1 ms"):
        layer.run(spikes())


def test_a_layer_steps_inside_of_transformations():
    layer, other = layer_of(delays=DELAYS), layer_of(delays=DELAYS)
    step = brainstate.transform.jit(layer.forward)
    for x in jnp.asarray(spikes()[:5]):
        np.testing.assert_array_equal(step(x), other.forward(x))


def test_a_silent_run_is_reported():
    layer = layer_of(weights=np.zeros(COUNT))
    with pytest.warns(CannsWarning, match="learnt nothing"):
        STDPTrainer(layer).train(np.zeros((5, IN)))


def test_nothing_is_of_the_size_of_all_pairs():
    size, degree = 10_000, 10
    made = connect_by_in_degree(size, size, degree, seed=0)
    layer = SpikingLayer(size, size, threshold=0.01, connectivity=made, delays=1.0)
    STDPTrainer(layer).train(np.eye(3, size, dtype=np.float32))
    assert layer.v.shape == (size,)
    largest = max(array.nbytes for array in jax.live_arrays())
    # The longest fan of an input is a few times the mean; all pairs would take 400 MB.
    assert largest < 16 * made.num_synapses * 4
    assert layer.W.value.values.nbytes < 4 * made.num_synapses * 4
    neuron = LIF()
    synapses = layer.W.value
    arriving = np.ones(synapses.shape[1], np.float32)
    program = jax.make_jaxpr(neuron.step)(neuron.init(synapses), synapses, arriving)
    sizes = [v.aval.size for e in program.eqns for v in e.outvars]
    assert max(sizes) <= synapses.values.size
