"""What networks that keep their patterns share: storing, removing, resizing, files and copies."""

import copy
import pickle

import jax
import numpy as np
import pytest

from canns._tensors import read_tensors, write_tensors
from canns.errors import ValidationError
from canns.models.basic import BasicModel
from canns.models.brain_inspired import (
    BrainInspiredModelGroup,
    DenseAssociativeMemory,
    ModernHopfieldNetwork,
    PatternMemory,
    RecurrentNetwork,
)

SIZE = 6
KINDS = {
    "polynomial": lambda **o: DenseAssociativeMemory(SIZE, 4, asyn=True, tie="plus", **o),
    "exponential": lambda **o: DenseAssociativeMemory(SIZE, interaction="exponential", **o),
    "softmax": lambda **o: ModernHopfieldNetwork(SIZE, 3.0, **o),
    "sparsemax": lambda **o: ModernHopfieldNetwork(SIZE, retrieval="sparsemax", **o),
}
PATTERNS = np.random.default_rng(0).choice([-1.0, 1.0], (4, SIZE))


@pytest.fixture(params=KINDS)
def build(request):
    return KINDS[request.param]


def test_patterns_are_appended_by_either_hook(build):
    net = build()
    assert isinstance(net, PatternMemory)
    assert net.patterns.shape == (0, SIZE)
    net.store(PATTERNS[:2])
    net.apply_hebbian_learning(PATTERNS[2:].tolist())
    np.testing.assert_array_equal(net.patterns, PATTERNS)
    np.testing.assert_array_equal(net.W.value, PATTERNS)
    assert (net.weight_attr, net.predict_state_attr, net.num_neurons) == ("W", "s", SIZE)
    assert not net.stores_by_hebb
    assert RecurrentNetwork.stores_by_hebb


def test_what_is_returned_and_what_was_given_are_copies(build):
    net, given = build(), PATTERNS.copy()
    net.store(given)
    given[:] = 0
    net.patterns[:] = 0
    np.testing.assert_array_equal(net.patterns, PATTERNS)


def test_a_pattern_is_removed_once_and_at_its_first_place(build):
    net = build()
    net.store(PATTERNS[[0, 1, 2, 1]])
    net.remove(PATTERNS[1])
    np.testing.assert_array_equal(net.patterns, PATTERNS[[0, 2, 1]])
    net.remove(PATTERNS[1].tolist())
    np.testing.assert_array_equal(net.patterns, PATTERNS[[0, 2]])
    with pytest.raises(ValidationError, match=r"^pattern must be one of the 2 stored.*`patterns`"):
        net.remove(PATTERNS[1])
    np.testing.assert_array_equal(net.patterns, PATTERNS[[0, 2]])


def test_what_is_removed_might_never_have_been_stored(build):
    net, other = build(), build()
    net.store(PATTERNS)
    net.remove(PATTERNS[3])
    other.store(PATTERNS[:3])
    cues = PATTERNS[:, ::-1]
    np.testing.assert_array_equal(
        net.recall(cues, seed=0).states, other.recall(cues, seed=0).states
    )
    np.testing.assert_array_equal(net.energies(cues), other.energies(cues))


def test_a_pattern_that_is_stored_twice_counts_twice(build):
    single, double, both = build(), build(), build()
    single.store(PATTERNS[:1])
    double.store(PATTERNS[[0, 0]])
    both.store(PATTERNS[[0, 1]])
    x = PATTERNS[2:3]
    if isinstance(single, ModernHopfieldNetwork):
        # The energy has the number of patterns taken out; the share of a pattern has not.
        np.testing.assert_allclose(double.energies(x), single.energies(x), rtol=1e-6)
        both.store(PATTERNS[:1])
        both.beta = 0.01
        state = both.recall(np.zeros((1, SIZE)), num_iter=1).states
        np.testing.assert_allclose(state[0], (2 * PATTERNS[0] + PATTERNS[1]) / 3, atol=1e-6)
    elif single.interaction == "exponential":
        np.testing.assert_allclose(double.energies(x), single.energies(x) - np.log(2), rtol=1e-6)
    else:
        np.testing.assert_allclose(double.energies(x), 2 * single.energies(x), rtol=1e-6)


CALLS = {
    "recall": lambda net: net.recall(PATTERNS),
    "predict": lambda net: net.predict(PATTERNS[0]),
    "update": lambda net: net.update(),
    "energy": lambda net: net.energy,
    "energies": lambda net: net.energies(PATTERNS),
    "trajectory": lambda net: net.trajectory(PATTERNS),
    "group": lambda net: BrainInspiredModelGroup(net).recall(PATTERNS),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_empty_memory_says_to_store_first(build, call):
    net = build()
    with pytest.raises(ValidationError, match=r"^patterns must be stored.*store\(patterns\)"):
        call(net)
    net.store(PATTERNS)
    call(net)
    for x in PATTERNS:
        net.remove(x)
    with pytest.raises(ValidationError, match="store"):
        call(net)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("patterns", lambda net: net.store(PATTERNS[:, 1:])),
        ("patterns", lambda net: net.store(PATTERNS[0])),
        ("patterns", lambda net: net.store([])),
        ("patterns", lambda net: net.store(np.full((1, SIZE), np.nan))),
        ("train_data", lambda net: net.apply_hebbian_learning(PATTERNS[:, 1:])),
        ("pattern", lambda net: net.remove(PATTERNS[:1])),
        ("pattern", lambda net: net.remove(PATTERNS[0, 1:])),
        ("num_neurons", lambda net: net.resize(0)),
        ("num_neurons", lambda net: net.resize(SIZE + 1)),
        ("preserve_submatrix", lambda net: net.resize(SIZE, "yes")),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(build, argument, call):
    net = build()
    net.store(PATTERNS)
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        call(net)
    np.testing.assert_array_equal(net.patterns, PATTERNS)
    assert net.s.value.shape == (SIZE,)


def test_resizing(build):
    net, rest = build(), build().rest
    net.resize(SIZE + 2)  # nothing to keep
    assert (net.num_neurons, net.patterns.shape) == (SIZE + 2, (0, SIZE + 2))
    assert net.s.value.tolist() == [rest] * (SIZE + 2)
    net.resize(SIZE)
    net.store(PATTERNS)
    net.s.value = PATTERNS[0]
    net.resize(4)
    np.testing.assert_array_equal(net.patterns, PATTERNS[:, :4])
    np.testing.assert_array_equal(net.s.value, PATTERNS[0, :4])
    net.resize(5, preserve_submatrix=False)
    assert net.patterns.shape == (0, 5)
    np.testing.assert_array_equal(net.s.value, [*PATTERNS[0, :4], rest])
    net.store(PATTERNS[:, :5])
    assert net.predict(PATTERNS[0, :5]).shape == (5,)


@pytest.mark.parametrize("count", [0, 1, len(PATTERNS), SIZE])
def test_a_file_brings_back_any_number_of_patterns(build, count, tmp_path):
    net = build(name="mine")
    if count > 0:
        net.store(np.resize(PATTERNS, (count, SIZE)))
    net.s.value = PATTERNS[1]
    net.save(tmp_path / "a")
    for loaded in (type(net).load(tmp_path / "a"), BasicModel.load(tmp_path / "a")):
        _assert_alike(net, loaded)
    if count == len(PATTERNS):
        found = loaded.recall(PATTERNS, seed=1).states
        np.testing.assert_array_equal(found, net.recall(PATTERNS, seed=1).states)


def test_a_group_of_memories_comes_back(tmp_path):
    nets = [build() for build in KINDS.values()]
    for i, net in enumerate(nets):
        net.store(PATTERNS[: i + 1])
    BrainInspiredModelGroup(*nets).save(tmp_path / "a")
    for net, loaded in zip(nets, BrainInspiredModelGroup.load(tmp_path / "a"), strict=True):
        _assert_alike(net, loaded)


@pytest.mark.parametrize("shape", [(4, SIZE + 1), (SIZE,), (2, 2, SIZE)])
def test_a_file_whose_patterns_have_another_length_is_refused(build, shape, tmp_path):
    net = build()
    net.save(tmp_path / "a")
    header, tensors = read_tensors(tmp_path / "a")
    write_tensors(tmp_path / "a", tensors | {"W": np.ones(shape, np.float32)}, header)
    with pytest.raises(ValidationError, match=rf"saved W must be shape \(any, {SIZE}\)"):
        type(net).load(tmp_path / "a")


COPIES = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
}


@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
def test_a_copy_is_alike_and_independent(build, duplicate):
    net = build(name="mine")
    net.store(PATTERNS)
    other = duplicate(net)
    _assert_alike(net, other)
    other.remove(PATTERNS[0])
    np.testing.assert_array_equal(net.patterns, PATTERNS)
    assert other.recall(PATTERNS).states.shape == PATTERNS.shape


def test_networks_of_one_shape_share_their_code(build, count_compilations):
    net, other = build(), build()
    net.store(PATTERNS)
    other.store(-PATTERNS[::-1])
    net.recall(PATTERNS, seed=0)
    assert count_compilations(lambda: other.recall(PATTERNS, seed=1).states) == 0


def test_unjitted_and_jitted_recall_agree(build):
    net = build()
    net.store(PATTERNS)
    runs = [net.recall(PATTERNS[:, ::-1], seed=2, compiled=c, num_iter=3) for c in (True, False)]
    np.testing.assert_allclose(runs[0].states, runs[1].states, atol=1e-6)
    np.testing.assert_array_equal(runs[0].outcome, runs[1].outcome)


def _assert_alike(a, b):
    assert (type(a), a.config(), a.name) == (type(b), b.config(), b.name)
    for first, second in zip(*(jax.tree.leaves(_values(m)) for m in (a, b)), strict=True):
        np.testing.assert_array_equal(first, second)


def _values(model):
    return {name: np.asarray(box.value) for name, box in model.boxes().items()}
