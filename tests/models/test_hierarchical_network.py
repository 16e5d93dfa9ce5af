"""The hierarchical associative memory as a model: layers by name, memories, files."""

import numpy as np
import pytest

import canns
from canns.dynamics import LagrangianLayer, LogCosh, LogSumExp
from canns.errors import CannsWarning, ValidationError
from canns.models.brain_inspired import HierarchicalAssociativeMemory, ModernHopfieldNetwork
from canns.trainer import HebbianTrainer

RNG = np.random.default_rng(0)
PATTERNS = RNG.choice([-1.0, 1.0], size=(4, 30))


def memory(beta=2.0):
    layers = LagrangianLayer("v", 30), LagrangianLayer("h", 0, LogSumExp(beta), tau=None)
    return HierarchicalAssociativeMemory(layers, [("h", "v")])


def deep(dt=0.5):
    layers = [LagrangianLayer(name, n, LogCosh()) for name, n in (("a", 4), ("b", 5), ("c", 3))]
    return HierarchicalAssociativeMemory(layers, [("a", "b"), ("b", "c")], dt)


def test_it_recalls_what_it_stores_as_the_modern_network_does():
    net, known = memory(), ModernHopfieldNetwork(30, beta=2.0)
    net.store(PATTERNS[:1])
    net.store(PATTERNS[1:])
    known.store(PATTERNS)
    cues = PATTERNS * np.where(RNG.random(PATTERNS.shape) < 0.2, -1, 1)
    found = net.recall(cues, num_iter=60, convergence_threshold=1e-5)
    wanted = known.recall(cues, num_iter=60)
    np.testing.assert_allclose(found.states, wanted.states, atol=1e-3)
    assert set(found.outcome) == {"converged"}
    assert net.layers[1].size == 4
    winners = net.activities(found.states)["h"].argmax(axis=1)
    np.testing.assert_array_equal(winners, [0, 1, 2, 3])


def test_half_a_pattern_that_is_clamped_recalls_the_other_half():
    net = memory()
    net.store(PATTERNS)
    known = np.arange(30) < 15
    found = net.recall(np.where(known, PATTERNS, 0.0), num_iter=60, clamped=known)
    np.testing.assert_array_equal(np.sign(found.states), PATTERNS)
    np.testing.assert_array_equal(np.asarray(found.states)[:, known], PATTERNS[:, known])


def test_layers_are_named():
    net = deep()
    rows = RNG.normal(size=(2, 5))
    states = net.join(b=rows)
    assert states.shape == (2, 12)
    parts = net.split(states)
    np.testing.assert_allclose(parts["b"], rows, rtol=1e-6)
    assert not parts["a"].any()
    assert not parts["c"].any()
    np.testing.assert_array_equal(net.mask("a", "c"), [True] * 4 + [False] * 5 + [True] * 3)
    with pytest.raises(ValidationError, match="equally many rows"):
        net.join(a=np.ones((1, 4)), b=np.ones((2, 5)))
    with pytest.raises(ValidationError, match=r"layer.*'a', 'b', 'c'"):
        net.join(d=rows)
    with pytest.raises(ValidationError, match="layer"):
        net.mask("d")
    with pytest.raises(ValidationError, match="potentials"):
        net.join()


def test_random_weights_make_the_energy_fall_and_a_seed_repeats_them():
    first, second = deep(), deep()
    first.draw(seed=3)
    second.draw(seed=3)
    for a, b in zip(first.couplings, second.couplings, strict=True):
        np.testing.assert_array_equal(a, b)
    assert first.W.value.std() > 0
    found = first.recall(RNG.normal(size=(5, 12)), num_iter=80)
    assert np.diff(found.energies, axis=1).max() < 1e-5
    before = first.energy
    first.update()
    assert first.energy <= before + 1e-6


def test_files_copies_and_config_hold_all(tmp_path):
    net = memory()
    net.store(PATTERNS)
    net.save(tmp_path / "net.safetensors")
    again = canns.load(tmp_path / "net.safetensors")
    assert again.layers == net.layers
    np.testing.assert_array_equal(again.W.value, net.W.value)
    again.store(PATTERNS[:2] * -1)  # it can go on
    assert again.layers[1].size == 6
    assert net.layers[1].size == 4
    other = deep(0.25)
    other.draw(seed=1)
    other.save(tmp_path / "deep.safetensors")
    back = canns.load(tmp_path / "deep.safetensors")
    assert (back.dt, back.synapses) == (0.25, other.synapses)
    cue = RNG.normal(size=12)
    np.testing.assert_array_equal(back.predict(cue), other.predict(cue))


def test_trainers_store_by_its_own_method():
    net = memory()
    HebbianTrainer(net).train(PATTERNS)
    np.testing.assert_array_equal(net.W.value, PATTERNS)


def test_too_large_a_dt_is_said():
    net = deep(dt=50.0)
    net.W_a_b.value = -4 * np.ones((4, 5))
    with pytest.warns(CannsWarning, match=r"dt = 50 may raise the energy.*at most"):
        net.recall(np.ones((1, 12)))
    net.dt = net.dynamics.largest_dt(net.couplings)
    net.recall(np.ones((1, 12)), num_iter=200)


def test_an_empty_memory_is_said():
    with pytest.warns(CannsWarning, match=r"all its weights are 0.*store"):
        deep().recall(np.ones((1, 12)))


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda net: net.store(np.ones((2, 7))), r"\(rows, 30\)"),
        (lambda net: net.store([[np.nan] * 30]), "patterns"),
        (lambda net: net.store(PATTERNS, "v"), "layer must be one of 'h'"),
        (lambda net: net.recall(np.full((1, 30), np.nan)), "cues"),
        (lambda net: net.recall(np.ones((1, 3))), r"\(rows, 30\)"),
        (lambda net: net.resize(7), "num_neurons"),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(call, match):
    net = memory()
    net.store(PATTERNS)
    before = np.asarray(net.W.value)
    with pytest.raises(ValidationError, match=match):
        call(net)
    np.testing.assert_array_equal(net.W.value, before)
    assert net.layers[1].size == 4


def test_where_memories_go_must_be_known():
    with pytest.raises(ValidationError, match="no such layer"):
        deep().store(np.ones((1, 4)))
    layers = LagrangianLayer("v", 3), LagrangianLayer("h", 2, LogSumExp(), tau=None)
    with pytest.raises(ValidationError, match="size of 0"):
        HierarchicalAssociativeMemory(layers, [("h", "v")]).store(np.ones((1, 3)))
    for wrong in (None, 3, "vh", [3]):
        with pytest.raises(ValidationError, match="layers"):
            HierarchicalAssociativeMemory(wrong, [("h", "v")])
    with pytest.raises(ValidationError, match="synapses"):
        HierarchicalAssociativeMemory(layers, None)
