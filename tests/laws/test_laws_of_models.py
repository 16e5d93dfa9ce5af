"""Laws of every model: copies and files hold the same bits, and a resize keeps the block."""

import copy
import pickle

import jax
import numpy as np
import pytest
from deeds import BY_ENERGY, LESSONS, MODELS
from drawn import few, seeds
from holdings import holdings
from hypothesis import given
from hypothesis import strategies as st

from canns import trainer
from canns.dynamics import SparseSynapses, connect_by_probability
from canns.models import brain_inspired as models
from canns.models.brain_inspired import EnergyModel, FeedForwardLayer, RecurrentNetwork

pytestmark = pytest.mark.filterwarnings("ignore::canns.errors.CannsWarning")

EPS = float(np.finfo(np.float32).eps)


def _saved(model, folder):
    model.save(folder / "model.safetensors")
    return type(model).load(folder / "model.safetensors")


WAYS = {
    "deepcopy": lambda model, folder: copy.deepcopy(model),
    "pickle": lambda model, folder: pickle.loads(pickle.dumps(model)),
    "file": _saved,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("key", [key for key in MODELS if key != "SpikingNetwork"])
def test_a_copy_holds_the_same_bits(key, way, tmp_path):
    """After it has learnt or run, so that no box is as it was built."""
    build, data = MODELS[key]
    model = build()
    if isinstance(model, RecurrentNetwork):
        model.apply_hebbian_learning(data)
        model.predict(data[0])
    elif isinstance(model, models.NeuronLayer | models.LinearLayer | models.SpikingLayer):
        model.run(data)
    before = holdings(model)
    other = WAYS[way](model, tmp_path)
    assert other is not model
    assert holdings(other) == before == holdings(model)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("key", [key for key in LESSONS if key.startswith("rule ")])
def test_what_a_rule_adopts_is_copied_with_the_model(key, way, tmp_path):
    lesson = LESSONS[key]()
    lesson.made.train(*lesson.data, **lesson.options)
    model = lesson.made.model
    assert holdings(WAYS[way](model, tmp_path)) == holdings(model)


RESIZED = [
    key
    for key in models.__all__
    if key in MODELS
    and issubclass(getattr(models, key), RecurrentNetwork)
    and key
    not in (
        "BidirectionalAssociativeMemory",  # of two layers: N is the sum, which stays
        "DilutedHopfieldNetwork",  # its connections are drawn anew
        "HierarchicalAssociativeMemory",  # N is the sum over layers, which stays
    )
]
#: Networks whose weights are divided by N, so that a resize scales them.
SCALED = ("ContinuousHopfieldNetwork", "SequenceNetwork", "SparseHopfieldNetwork")


@pytest.mark.parametrize("key", RESIZED)
@few
@given(seed=seeds, size=st.integers(1, 6))
def test_a_resize_keeps_the_block(key, seed, size):
    build, data = MODELS[key]
    network = build()
    keeps_patterns = isinstance(network, models.PatternMemory)
    rows = data[np.random.default_rng(seed).permutation(len(data))]
    network.apply_hebbian_learning(rows)
    if size > 4 and not keeps_patterns:
        network.W.value = np.asarray(network.W.value)  # couplings, which new neurons can join
    before = np.asarray(network.W.value)
    network.s.value = rows[0]
    if keeps_patterns:
        size = min(size, 4)
    network.resize(size)
    after, kept = np.asarray(network.W.value), min(size, 4)
    assert network.num_neurons == len(network.s.value) == size
    np.testing.assert_array_equal(network.s.value[:kept], rows[0][:kept])
    if keeps_patterns:
        np.testing.assert_array_equal(after, before[:, :kept])
        return
    assert after.shape == (size, size)
    scale = 4 / size if key in SCALED else 1.0
    np.testing.assert_allclose(after[:kept, :kept], scale * before[:kept, :kept], rtol=4 * EPS)
    assert not after[kept:].any()
    assert not after[:, kept:].any()


LAYERS = [
    key
    for key in models.__all__
    if key in MODELS and issubclass(getattr(models, key), FeedForwardLayer)
]


@pytest.mark.parametrize("key", LAYERS)
@few
@given(inputs=st.integers(1, 6), outputs=st.integers(1, 4))
def test_a_layer_that_is_resized_keeps_the_block(key, inputs, outputs):
    layer = MODELS[key].build()
    before = np.asarray(layer.W.value)
    layer.resize(inputs, outputs)
    after = np.asarray(layer.W.value)
    assert after.shape == (outputs, inputs)
    block = slice(min(2, outputs)), slice(min(4, inputs))
    np.testing.assert_array_equal(after[block], before[block])


def _energies(model, rows):
    """Return an energy of each row, by the method that the model has for it."""
    if isinstance(model, models.BoltzmannMachine):
        return model.energies(np.concatenate([rows, 1 - rows[:, :2]], axis=1))
    if isinstance(model, models.RestrictedBoltzmannMachine):
        return model.free_energy(rows)
    return model.energies(model.relax(rows).state)


ENERGETIC = [
    key for key in models.__all__ if key in MODELS and issubclass(getattr(models, key), EnergyModel)
]


@pytest.mark.parametrize("key", ENERGETIC)
@few
@given(seed=seeds, count=st.integers(2, 5))
def test_energies_of_a_batch_are_those_of_its_rows(key, seed, count):
    model = MODELS[key].build()
    rows = np.random.default_rng(seed).integers(0, 2, (count, 4)).astype(float)
    together = np.asarray(_energies(model, rows))
    alone = np.concatenate([_energies(model, row[None]) for row in rows])
    # Relaxed layers are at rest to a part in a thousand; the others round a sum.
    np.testing.assert_allclose(alone, together, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("key", ["BoltzmannMachine", "RestrictedBoltzmannMachine"])
@few
@given(seed=seeds, order=st.permutations(range(4)).map(np.array))
def test_renaming_units_changes_no_energy(key, seed, order):
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 2, (3, 4)).astype(float)
    model, renamed = MODELS[key].build(), MODELS[key].build()
    hidden = np.roll(np.arange(2 if key == "BoltzmannMachine" else 3), 1)
    if key == "BoltzmannMachine":
        half = rng.normal(size=(6, 6))
        model.W, model.b = np.where(np.eye(6), 0, half + half.T), rng.normal(size=6)
        both = np.concatenate([order, 4 + hidden])
        renamed.W, renamed.b = model.W.value[both][:, both], model.b.value[both]
        rows = np.concatenate([rows, rng.integers(0, 2, (3, 2))], axis=1)
        found, other = model.energies(rows), renamed.energies(rows[:, both])
    else:
        model.W, model.b, model.c = (rng.normal(size=n) for n in ((3, 4), 4, 3))
        renamed.W = model.W.value[hidden][:, order]
        renamed.b, renamed.c = model.b.value[order], model.c.value[hidden]
        found, other = model.free_energy(rows), renamed.free_energy(rows[:, order])
    scale = max(1.0, float(np.abs(found).max()))
    np.testing.assert_allclose(other, found, rtol=0, atol=64 * EPS * scale)


@pytest.mark.slow
@pytest.mark.parametrize("key", BY_ENERGY)
def test_learning_by_energy_compiled_is_uncompiled(key):
    build, data = BY_ENERGY[key]
    ends = []
    for compiled in (True, False):
        made = getattr(trainer, key)(build(), compiled=compiled)
        made.train(*data, epochs=1, batch_size=2, seed=0)
        ends.append(made.model.weights)
    for a, b in zip(jax.tree.leaves(ends[0]), jax.tree.leaves(ends[1]), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-5)


@few
@given(seed=seeds, probability=st.sampled_from([0.0, 0.1, 0.5, 1.0]), active=st.booleans())
def test_sparse_synapses_are_their_matrix(seed, probability, active):
    rng = np.random.default_rng(seed)
    drawn = connect_by_probability(7, 5, probability, seed=seed % 1000)
    weights = rng.normal(size=len(np.asarray(drawn.pre)))
    if len(weights) == 0:
        return
    synapses = SparseSynapses.from_pairs(drawn.shape, drawn.pre, drawn.post, weights)
    matrix = np.zeros((7, 5), np.float32)
    matrix[np.asarray(drawn.post), np.asarray(drawn.pre)] = weights
    np.testing.assert_array_equal(synapses.to_matrix(synapses.values), matrix)
    x = np.where(rng.random(5) < (1.0 if active else 0.3), rng.normal(size=5), 0)
    scale = np.abs(matrix).sum() * max(1.0, np.abs(x).max())
    found = synapses @ np.float32(x)
    np.testing.assert_allclose(found, matrix @ np.float32(x), rtol=0, atol=5 * EPS * scale)
