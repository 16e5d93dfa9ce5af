"""Models are ordinary objects: seeds, copies, pickles, threads, brainstate's transformations."""

import copy
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import brainstate
import jax.numpy as jnp
import numpy as np
import pytest

from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModelGroup,
    LinearLayer,
    SpikingLayer,
)

BUILDERS = {
    "hopfield": lambda: AmariHopfieldNetwork(4, True, 0.1, "tanh", 0.5),
    "stochastic": lambda: AmariHopfieldNetwork(4, stochastic=True, tie="plus", name="noisy"),
    "linear": lambda: LinearLayer(3, 2),
    "bcm": lambda: LinearLayer(3, 2, True, 50.0, name="selective"),
    "spiking": lambda: SpikingLayer(3, 2, 0.5, -0.1, 0.8, 0.7, 0.5),
    "group": lambda: BrainInspiredModelGroup(AmariHopfieldNetwork(3), LinearLayer(3, 2, True)),
}


@pytest.fixture(params=BUILDERS)
def model(request):
    """A model of each kind whose states are all different from those of a fresh one."""
    model, rng = BUILDERS[request.param](), np.random.default_rng(0)
    for member in (model, *model.submodels()):
        for box in member.boxes().values():
            box.value = rng.random(box.value.shape)
    return model


def _states(model):
    own = {name: np.asarray(box.value) for name, box in model.boxes().items()}
    for i, member in enumerate(model.submodels()):
        own |= {f"{i}.{name}": value for name, value in _states(member).items()}
    return own


def _assert_alike(a, b):
    assert type(a) is type(b)
    assert a.config() == b.config()
    assert a.name == b.name
    first, second = _states(a), _states(b)
    assert set(first) == set(second)
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name])


COPIES = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
}


@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
def test_a_copy_is_alike_and_independent(model, duplicate):
    other, before = duplicate(model), _states(model)
    _assert_alike(model, other)
    for member in (other, *other.submodels()):
        for box in member.boxes().values():
            box.value = jnp.full_like(box.value, 9.0)
    for name, value in _states(model).items():
        np.testing.assert_array_equal(value, before[name])


@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
def test_a_copy_works(duplicate):
    net, layer = duplicate(AmariHopfieldNetwork(3)), duplicate(SpikingLayer(3, 2))
    net.apply_hebbian_learning([[1.0, -1.0, 1.0]])
    assert net.predict([1.0, -1.0, -1.0]).tolist() == [1.0, -1.0, 1.0]
    assert layer.forward(np.ones(3)).shape == (2,)


@pytest.mark.parametrize("build", [lambda: LinearLayer(3, 2), lambda: SpikingLayer(3, 2)])
def test_two_layers_differ_and_a_seed_repeats_both(build):
    runs = []
    for _ in range(2):
        brainstate.random.seed(7)
        runs.append([np.asarray(build().W.value) for _ in range(2)])
    assert not np.array_equal(*runs[0])
    np.testing.assert_array_equal(runs[0], runs[1])


SCRIPT = """
import brainstate
from canns.models.brain_inspired import LinearLayer, SpikingLayer
brainstate.random.seed(1)
print(LinearLayer(3, 2).W.value.tolist(), SpikingLayer(3, 2).W.value.tolist())
"""


@pytest.mark.slow
def test_a_seeded_script_gives_the_same_weights_in_every_process():
    command = [sys.executable, "-c", SCRIPT]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [run.communicate(timeout=600)[0] for run in runs]
    assert outputs[0] == outputs[1]
    assert outputs[0].startswith("[[")


def _use(size):
    net, layer, spiking = (
        AmariHopfieldNetwork(size, asyn=True),
        LinearLayer(size, 2, True),
        SpikingLayer(size, 2),
    )
    xi = np.where(np.arange(size) % 2, 1.0, -1.0)
    net.apply_hebbian_learning([xi])
    layer.forward(xi)
    layer.update_threshold()
    spiking.forward(xi)
    net.update()
    return net.predict(xi), xi, float(net.energy)


def test_models_work_in_threads_of_their_own():
    sizes = [4, 5, 4]
    with ThreadPoolExecutor(2) as pool:
        for size, (found, xi, energy) in zip(sizes, pool.map(_use, sizes), strict=True):
            np.testing.assert_array_equal(found, xi)
            assert energy < 0, size


@pytest.mark.parametrize("asyn", [False, True])
@pytest.mark.parametrize("options", [{"stochastic": True}, {"activation": "tanh"}])
def test_networks_run_inside_for_loop(asyn, options):
    net = AmariHopfieldNetwork(4, asyn, **options)
    net.W.value = np.ones((4, 4)) - np.eye(4)

    def step(i):
        net.update()
        return net.energy

    energies = brainstate.transform.for_loop(step, jnp.arange(3))
    assert energies.shape == (3,)
    assert float(energies[-1]) == pytest.approx(float(net.energy), rel=1e-6)


def test_each_sweep_inside_for_loop_has_an_order_of_its_own():
    size = 12
    net = AmariHopfieldNetwork(size, asyn=True)
    net.W.value = np.roll(np.eye(size), 1, axis=0)
    start = jnp.where(jnp.arange(size) == 0, -1.0, 1.0)

    def step(i):
        net.s.value = start
        net.update()
        return net.s.value

    ends = brainstate.transform.for_loop(step, jnp.arange(5))
    assert len(np.unique(ends, axis=0)) > 1


def test_the_change_of_energy_inside_for_loop():
    net = AmariHopfieldNetwork(4)
    net.W.value = 1 - np.eye(4)
    net.s.value = [1.0, 1.0, 1.0, -1.0]
    changes = brainstate.transform.for_loop(lambda i: net.update(net.energy), jnp.arange(2))
    np.testing.assert_allclose(changes, [-6.0, 0.0])


@pytest.mark.parametrize("build", [lambda: LinearLayer(3, 2, True), lambda: SpikingLayer(3, 2)])
def test_layers_run_inside_for_loop_as_outside(build):
    layer = build()
    other, inputs = copy.deepcopy(layer), np.random.default_rng(0).random((5, 3))

    def step(x):
        return layer.forward(x)

    inside = brainstate.transform.for_loop(step, jnp.asarray(inputs))
    outside = np.stack([other.forward(x) for x in inputs])
    np.testing.assert_allclose(inside, outside, rtol=1e-6)
    for name, box in layer.boxes().items():
        np.testing.assert_allclose(box.value, getattr(other, name).value, rtol=1e-6)


def test_thresholds_slide_inside_for_loop():
    layer = LinearLayer(3, 2, True, 4.0)
    other = copy.deepcopy(layer)

    def step(x):
        layer.forward(x)
        layer.update_threshold()

    brainstate.transform.for_loop(step, jnp.ones((3, 3)))
    for _ in range(3):
        other.forward(np.ones(3))
        other.update_threshold()
    np.testing.assert_allclose(layer.theta.value, other.theta.value, rtol=1e-6)
