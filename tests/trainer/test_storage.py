"""The Hebbian trainer as a store of patterns: the formula, and every option of it."""

import itertools
from contextlib import nullcontext

import numpy as np
import pytest
from trainer_helpers import assert_alike, assert_unchanged, snapshot

from canns.errors import CannsWarning, ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer
from canns.trainer import AntiHebbianTrainer, HebbianTrainer

SIZE = 5
PATTERNS = np.array(
    [[1.0, 1.0, -1.0, 1.0, 1.0], [1.0, -1.0, 1.0, 1.0, -1.0], [0.5, 1.0, 1.0, -2.0, 0.0]]
)
FLAGS = ("subtract_mean", "zero_diagonal", "normalize_by_patterns")
ALL_FLAGS = [
    dict(zip(FLAGS, values, strict=True)) for values in itertools.product([True, False], repeat=3)
]


def _expected(start, patterns, sign=1, rate=1.0, **flags):
    if flags.get("subtract_mean", True):
        patterns = patterns - patterns.mean()
    change = patterns.T @ patterns
    if flags.get("normalize_by_patterns", True):
        change = change / len(patterns)
    weights = start + sign * rate * change
    if flags.get("zero_diagonal", True):
        np.fill_diagonal(weights, 0.0)
    return weights


def _net(size=SIZE, cls=AmariHopfieldNetwork):
    net = cls(size)
    net.W.value = np.random.default_rng(0).normal(size=(size, size))
    return net


@pytest.mark.parametrize("flags", ALL_FLAGS, ids=lambda flags: "-".join(map(str, flags.values())))
@pytest.mark.parametrize(("trainer", "sign"), [(HebbianTrainer, 1), (AntiHebbianTrainer, -1)])
def test_weights_in_closed_form(trainer, sign, flags):
    net = _net()
    start = np.asarray(net.W.value, float)
    trainer(net, **flags, learning_rate=0.5).train(PATTERNS)
    expected = _expected(start, PATTERNS, sign, 0.5, **flags)
    np.testing.assert_allclose(net.W.value, expected, rtol=1e-5, atol=1e-5)


def test_the_mean_is_one_number_over_all_entries():
    net = AmariHopfieldNetwork(2)
    HebbianTrainer(net, zero_diagonal=False).train([[1.0, 3.0], [1.0, 3.0]])
    np.testing.assert_allclose(net.W.value, [[1.0, -1.0], [-1.0, 1.0]])


@pytest.mark.parametrize("flag", FLAGS)
def test_options_set_later_take_effect(flag):
    given, later = _net(), _net()
    HebbianTrainer(given, **{flag: False}).train(PATTERNS)
    trainer = HebbianTrainer(later)
    setattr(trainer, flag, False)
    trainer.train(PATTERNS)
    assert_alike(given, later)


def test_training_adds_to_what_is_stored():
    net = AmariHopfieldNetwork(SIZE)
    trainer = HebbianTrainer(net)
    trainer.train(PATTERNS[:1])
    trainer.train(PATTERNS[1:])
    first = _expected(np.zeros((SIZE, SIZE)), PATTERNS[:1])
    np.testing.assert_allclose(net.W.value, _expected(first, PATTERNS[1:]), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("flags", ALL_FLAGS[:2], ids=str)
def test_anti_hebbian_undoes(flags):
    net = AmariHopfieldNetwork(SIZE)
    HebbianTrainer(net, **flags).train(PATTERNS)
    AntiHebbianTrainer(net, **flags).train(PATTERNS)
    np.testing.assert_allclose(net.W.value, np.zeros((SIZE, SIZE)), atol=1e-6)


def test_one_pattern_can_be_taken_out_of_several():
    options = {"subtract_mean": False, "normalize_by_patterns": False}
    net, rest = AmariHopfieldNetwork(SIZE), AmariHopfieldNetwork(SIZE)
    HebbianTrainer(net, **options).train(PATTERNS)
    AntiHebbianTrainer(net, **options).train(PATTERNS[1:2])
    HebbianTrainer(rest, **options).train(PATTERNS[[0, 2]])
    assert_alike(net, rest, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("trainer", "sign"), [(HebbianTrainer, 1), (AntiHebbianTrainer, -1)])
def test_a_rectangular_layer_learns_the_plain_rule(trainer, sign):
    layer = LinearLayer(SIZE, 2)
    start = np.asarray(layer.W.value)
    trainer(layer, learning_rate=0.1).train(PATTERNS[:1])
    change = sign * 0.1 * np.outer(start @ PATTERNS[0], PATTERNS[0])
    np.testing.assert_allclose(layer.W.value, start + change, rtol=1e-5, atol=1e-6)


class Counting(AmariHopfieldNetwork):
    """A network that counts how often it is resized and stores by a rule of its own."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.resized, self.stored = [], []

    def resize(self, num_neurons, preserve_submatrix=True):
        self.resized = [*self.resized, (num_neurons, preserve_submatrix)]
        super().resize(num_neurons, preserve_submatrix)

    def apply_hebbian_learning(self, data):
        self.stored = [*self.stored, np.asarray(data)]
        self.W.value = np.full((self.num_neurons, self.num_neurons), 7.0)


@pytest.mark.parametrize("preserve", [True, False])
@pytest.mark.parametrize("size", [3, 8])
def test_patterns_of_another_length_resize_the_network(size, preserve):
    net = _net(size, Counting)
    start = np.zeros((SIZE, SIZE))
    kept = min(size, SIZE)
    if preserve:
        start[:kept, :kept] = np.asarray(net.W.value)[:kept, :kept]
        np.fill_diagonal(start, 0.0)
    shrinks = size > SIZE
    with pytest.warns(CannsWarning, match="shrinks") if shrinks else nullcontext():
        HebbianTrainer(net, preserve_on_resize=preserve).train(PATTERNS)
    assert net.resized == [(SIZE, preserve)]
    assert (net.num_neurons, net.s.value.shape) == (SIZE, (SIZE,))
    np.testing.assert_allclose(net.W.value, _expected(start, PATTERNS), rtol=1e-4, atol=1e-5)


def test_patterns_of_the_same_length_do_not():
    net = _net(SIZE, Counting)
    trainer = HebbianTrainer(net)
    for _ in range(2):
        trainer.train(PATTERNS)
    trainer.predict(PATTERNS[0])
    assert net.resized == []


def test_a_cue_of_another_length_resizes_with_a_warning():
    net = _net(SIZE, Counting)
    with pytest.warns(CannsWarning, match=f"of {SIZE} neurons is resized to {SIZE + 2}"):
        found = HebbianTrainer(net).predict(np.ones(SIZE + 2))
    assert net.resized == [(SIZE + 2, True)]
    assert found.shape == net.s.value.shape == (SIZE + 2,)


@pytest.mark.parametrize("size", [SIZE, SIZE + 2])
def test_a_bad_option_of_a_recall_resizes_nothing(size):
    net = _net(SIZE, Counting)
    before = snapshot(net)
    with pytest.raises(ValidationError, match=r"^num_iter must be"):
        HebbianTrainer(net).predict(np.ones(size), num_iter=-1)
    assert net.resized == []
    assert_unchanged(net, before)


def test_the_rule_of_the_model_is_used_when_asked_for():
    net = _net(SIZE, Counting)
    record = HebbianTrainer(net, prefer_generic=False).train(PATTERNS)
    np.testing.assert_array_equal(net.stored, [PATTERNS])
    np.testing.assert_array_equal(net.W.value, np.full((SIZE, SIZE), 7.0))
    assert "apply_hebbian_learning" in str(record)
    HebbianTrainer(net).train(PATTERNS)
    assert len(net.stored) == 1


def test_the_rule_of_the_model_gets_a_network_of_the_right_size():
    net = _net(3, Counting)
    HebbianTrainer(net, prefer_generic=False, preserve_on_resize=False).train(PATTERNS)
    assert net.resized == [(SIZE, False)]
    assert net.W.value.shape == (SIZE, SIZE)


@pytest.mark.parametrize("when", ["built", "later"])
def test_a_rule_of_the_model_cannot_be_undone(when):
    net = _net(SIZE, Counting)
    trainer = AntiHebbianTrainer(net, prefer_generic=when == "later")
    trainer.prefer_generic = False
    before = snapshot(net)
    with pytest.raises(ValidationError, match="prefer_generic"):
        trainer.train(PATTERNS)
    assert_unchanged(net, before)


def test_a_layer_without_a_rule_of_its_own_is_named():
    layer = LinearLayer(SIZE, 2)
    before = snapshot(layer)
    with pytest.raises(NotImplementedError, match=r"LinearLayer.*apply_hebbian_learning"):
        HebbianTrainer(layer, prefer_generic=False).train(PATTERNS)
    assert_unchanged(layer, before)


def test_weight_attr_names_the_box():
    net = _net()
    net.K = type(net.W)(np.zeros((SIZE, SIZE)))
    before = np.asarray(net.W.value)
    HebbianTrainer(net, weight_attr="K").train(PATTERNS)
    np.testing.assert_array_equal(net.W.value, before)
    expected = _expected(np.zeros((SIZE, SIZE)), PATTERNS)
    np.testing.assert_allclose(net.K.value, expected, rtol=1e-5, atol=1e-6)


def test_weight_attr_none_is_the_choice_of_the_model():
    net = _net()
    net.K = type(net.W)(np.zeros((SIZE, SIZE)))
    net.weight_attr = "K"
    HebbianTrainer(net, weight_attr=None).train(PATTERNS)
    expected = _expected(np.zeros((SIZE, SIZE)), PATTERNS)
    np.testing.assert_allclose(net.K.value, expected, rtol=1e-5, atol=1e-6)


def test_stored_patterns_are_recalled():
    rng = np.random.default_rng(1)
    patterns = rng.choice([-1.0, 1.0], (3, 60))
    cues = patterns * np.where(rng.random(patterns.shape) < 0.1, -1.0, 1.0)
    trainer = HebbianTrainer(AmariHopfieldNetwork(60))
    trainer.train(patterns)
    np.testing.assert_array_equal(trainer.predict_batch(cues), patterns)
