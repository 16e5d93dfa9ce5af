"""Beside snnTorch: the graphs that we write, run by its own importer, give the same spikes."""

import os
import subprocess
from pathlib import Path

import nir
import numpy as np
import pytest

from canns import task
from canns.dynamics import LIF, CurrentLIF
from canns.interop import Biased, from_nir, to_nir
from canns.models.brain_inspired import LayerStack, LinearLayer, NeuronLayer, SpikingLayer

HERE = Path(__file__).parent
STEPS, INPUTS, NEURONS = 2000, 50, 30
DT = 1e-4  # of snnTorch's importer, in seconds
CUBA = CurrentLIF(tau_m=2.0, tau_syn=0.5, E_L=0.0, V_th=1.0, V_reset=0.0, dt=0.1)


def call(program, *folders):
    """Run a program of this folder by the interpreter that has snnTorch."""
    command = [os.environ["SNNTORCH_PYTHON"], str(HERE / program), *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def drawn(layer, scale, seed, offset=0.0):
    weights = np.random.default_rng(seed).normal(offset, scale, np.shape(layer.W))
    layer.W = weights.astype(np.float32)
    return layer


def poisson(seed):
    return task.poisson_spikes(np.full(INPUTS, 400.0), STEPS, dt=0.1, seed=seed)


MADE = {
    "LIF": lambda seed: drawn(SpikingLayer(INPUTS, NEURONS, leak=0.6, dt=0.1), 0.5, seed),
    "LIF of steps of 1 ms": lambda seed: drawn(SpikingLayer(INPUTS, NEURONS), 0.3, seed),
    "CubaLIF": lambda seed: drawn(NeuronLayer(INPUTS, NEURONS, CUBA), 2.0, seed),
    "CubaLIF of equal constants": lambda seed: drawn(
        NeuronLayer(INPUTS, NEURONS, CurrentLIF(1.0, 1.0, 0.0, 0.5, 0.0, dt=0.1)), 1.0, seed
    ),
    "biases": lambda seed: drawn(
        NeuronLayer(INPUTS, NEURONS, Biased(LIF(dt=0.1), np.linspace(0.0, 0.05, NEURONS))),
        0.3,
        seed,
    ),
    "a stack": lambda seed: LayerStack(
        drawn(SpikingLayer(INPUTS, NEURONS, dt=0.1), 0.3, seed, 0.05),
        drawn(NeuronLayer(NEURONS, 10, CUBA), 2.0, seed + 100, 1.0),
        drawn(LinearLayer(10, 4), 1.0, seed + 200),
    ),
}


def whole_numbers(seed):
    """Weights and inputs of whole numbers, which reach the threshold exactly."""
    layer = SpikingLayer(INPUTS, INPUTS, threshold=2.0, leak=0.5, dt=0.1)
    layer.W = np.eye(INPUTS) + np.eye(INPUTS, k=1)
    return layer


MADE["whole numbers"] = whole_numbers
CASES = [(name, seed) for name in MADE for seed in (0, 1, 2)]


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Each model with its inputs and a folder, where snnTorch has left its outputs."""
    made = {}
    for name, seed in CASES:
        model, inputs = MADE[name](seed), poisson(seed).astype(np.float32)
        folder = tmp_path_factory.mktemp("case")
        nir.write(folder / "graph.nir", to_nir(model, dt=DT))
        np.save(folder / "inputs.npy", inputs)
        made[name, seed] = model, inputs, folder
    call("run_graph.py", *(folder for _, _, folder in made.values()))
    return made


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}, seed {case[1]}")
def test_snntorch_gives_the_same_spikes(case, cases):
    model, inputs, folder = cases[case]
    theirs = np.load(folder / "outputs.npy")
    ours = np.asarray(model.run(inputs))
    again = np.asarray(from_nir(folder / "graph.nir").run(inputs))
    if case[0] == "a stack":  # whose last layer is linear
        assert np.abs(ours).mean() > 0.01
        np.testing.assert_allclose(theirs, ours, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(again, ours, rtol=1e-5, atol=1e-5)
    else:
        assert 0.01 < ours.mean() < 0.9
        np.testing.assert_array_equal(theirs, ours)
        np.testing.assert_array_equal(again, ours)


def test_a_network_that_snntorch_exports_gives_its_spikes_here(tmp_path):
    inputs = poisson(0).astype(np.float32)
    np.save(tmp_path / "inputs.npy", inputs)
    call("export_graph.py", tmp_path)
    theirs = np.load(tmp_path / "outputs.npy")
    assert 0.01 < theirs.mean() < 0.9
    model = from_nir(tmp_path / "graph.nir", dt=DT)
    assert [type(layer.neuron.neuron) for layer in model.members] == [LIF, CurrentLIF]
    np.testing.assert_array_equal(model.run(inputs), theirs)
