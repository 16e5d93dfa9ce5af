"""The dense associative memory as a model: what it recalls, takes and refuses."""

import brainstate
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import DenseExponential, DensePolynomial, network_energies
from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork, DenseAssociativeMemory

SIZE, COUNT = 60, 40
RNG = np.random.default_rng(0)
PATTERNS = RNG.choice([-1.0, 1.0], (COUNT, SIZE))
CUES = np.where(np.arange(SIZE) < 6, -PATTERNS, PATTERNS)  # a tenth wrong


def _net(*args, **options):
    net = DenseAssociativeMemory(SIZE, *args, **options)
    net.store(PATTERNS)
    return net


OPTIONS = {
    "order-3": {},
    "order-4": {"order": 4},
    "exponential": {"interaction": "exponential"},
    "swept": {"asyn": True},
    "swept-exponential": {"interaction": "exponential", "asyn": True, "update_order": "cyclic"},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_damaged_patterns_come_back_at_loads_too_high_for_the_classical_network(options):
    result = _net(**options).recall(CUES, seed=0)
    np.testing.assert_array_equal(result.states, PATTERNS)
    assert set(result.outcome) == {"converged"}
    assert (np.diff(result.energies, axis=1) <= 0).all()
    classical = AmariHopfieldNetwork(SIZE)
    classical.apply_hebbian_learning(PATTERNS)
    assert (np.asarray(classical.recall(CUES).states) == PATTERNS).all(axis=1).mean() < 0.1


def test_masked_cues_are_completed():
    cues = np.where(np.arange(SIZE) < 20, 0.0, PATTERNS)
    for options in ({"order": 4}, {"interaction": "exponential"}):
        np.testing.assert_array_equal(_net(**options).recall(cues).states, PATTERNS)


def test_clamped_neurons_keep_their_cue():
    held = np.arange(SIZE) < 6
    for asyn in (False, True):
        result = _net(4, asyn=asyn).recall(CUES, clamped=held, seed=0)
        np.testing.assert_array_equal(result.states, CUES)


def test_the_model_runs_its_dynamics():
    net = _net(5)
    assert net.dynamics == DensePolynomial(order=5)
    pure = network_energies(net.dynamics, jnp.asarray(PATTERNS), jnp.asarray(CUES))
    np.testing.assert_array_equal(net.energies(CUES), pure)
    net.s.value = CUES[3]
    assert float(net.energy) == pytest.approx(float(pure[3]), rel=1e-6)
    change = net.update(net.energy)
    np.testing.assert_array_equal(net.s.value, PATTERNS[3])
    assert float(change) < 0
    path = net.trajectory(CUES, num_iter=3)
    np.testing.assert_array_equal(path[0], CUES)
    np.testing.assert_array_equal(path[-1], PATTERNS)
    sweeping = _net(interaction="exponential", asyn=True, tie="minus").dynamics
    assert sweeping == DenseExponential(asynchronous=True, tie="minus")


def test_seeds_fix_the_order_of_sweeps():
    net, cues = _net(asyn=True), RNG.choice([-1.0, 1.0], (5, SIZE))
    ends = [np.asarray(net.recall(cues, num_iter=1, seed=s).states) for s in (3, 3, 4)]
    np.testing.assert_array_equal(ends[0], ends[1])
    assert not np.array_equal(ends[0], ends[2])
    keyed = net.recall(cues, num_iter=1, seed=jax.random.key(3)).states
    np.testing.assert_array_equal(ends[0], keyed)
    runs = []
    for _ in range(2):
        brainstate.random.seed(5)
        runs.append(np.asarray(net.recall(cues, num_iter=1).states))
    np.testing.assert_array_equal(*runs)


def test_other_hyperparameters_compile_nothing_but_what_selects_code(count_compilations):
    net = _net()
    net.recall(CUES)
    assert count_compilations(lambda: net.recall(CUES[::-1]).states) == 0
    net.order = 7
    assert count_compilations(lambda: net.recall(CUES).states) > 0


@pytest.mark.parametrize("value", [0.0, 0.5, 2.0])
def test_patterns_of_other_values_are_refused(value):
    net = DenseAssociativeMemory(SIZE)
    with pytest.raises(ValidationError, match=r"^patterns must be -1 or 1.*\(1, 2\).*2 \* x - 1"):
        net.store(np.where(np.arange(2 * SIZE).reshape(2, SIZE) == SIZE + 2, value, PATTERNS[:2]))
    assert net.patterns.shape == (0, SIZE)


@pytest.mark.parametrize("call", ["recall", "trajectory", "energies"])
def test_states_of_other_values_are_refused(call):
    with pytest.raises(ValidationError, match=r"^(cues|states) must be -1 or 1, or 0"):
        getattr(_net(), call)(0.5 * CUES)


@pytest.mark.parametrize(
    ("argument", "build"),
    [
        ("num_neurons", lambda: DenseAssociativeMemory(0)),
        ("num_neurons", lambda: DenseAssociativeMemory(2.0)),
        ("order", lambda: DenseAssociativeMemory(4, 1)),
        ("order", lambda: DenseAssociativeMemory(4, 17)),
        ("order", lambda: DenseAssociativeMemory(4, 2.5)),
        ("order", lambda: DenseAssociativeMemory(4, 3, interaction="exponential")),
        ("interaction", lambda: DenseAssociativeMemory(4, interaction="log")),
        ("asyn|asynchronous", lambda: DenseAssociativeMemory(4, asyn="no")),
        ("tie", lambda: DenseAssociativeMemory(4, tie="zero")),
        ("update_order", lambda: DenseAssociativeMemory(4, update_order="forward")),
        ("temperatures", lambda: _net().recall(CUES, temperatures=[1.0])),
    ],
)
def test_invalid_arguments_are_refused_by_name(argument, build):
    with pytest.raises(ValidationError, match=f"^({argument}) must be"):
        build()


def test_an_order_set_for_the_exponential_is_refused_when_used():
    net = _net(interaction="exponential")
    net.order = 4
    with pytest.raises(ValidationError, match=r"^order must be None for the exponential"):
        net.recall(CUES)


def test_config():
    assert _net().config() == {
        "num_neurons": SIZE,
        "order": 3,
        "interaction": "polynomial",
        "asynchronous": False,
        "tie": "keep",
        "update_order": "random",
    }
    assert _net(interaction="exponential").config()["order"] is None


def test_many_patterns_need_no_couplings():
    # 3000 patterns of 1000 neurons: an array of batch by patterns by neurons would take 7 GB.
    size, count = 1000, 3000
    patterns = np.random.default_rng(1).choice([-1.0, 1.0], (count, size))
    net = DenseAssociativeMemory(size)
    net.store(patterns)
    cues = np.where(np.arange(size) < 100, -patterns, patterns)[:600]
    np.testing.assert_array_equal(net.recall(cues, num_iter=2).states, patterns[:600])
