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

PROGRAM = Path(__file__).with_name("run_graph.py")
STEPS, INPUTS, NEURONS = 2000, 50, 30
DT = 1e-4  # of snnTorch's importer, in seconds
CUBA = CurrentLIF(tau_m=2.0, tau_syn=0.5, E_L=0.0, V_th=1.0, V_reset=0.0, dt=0.1)


def run_in_snntorch(graph, inputs, folder):
    nir.write(folder / "graph.nir", graph)
    np.save(folder / "inputs.npy", inputs)
    files = [str(folder / name) for name in ("graph.nir", "inputs.npy", "outputs.npy")]
    program = [os.environ["SNNTORCH_PYTHON"], str(PROGRAM), *files]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return np.load(files[-1])


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


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", MADE)
def test_snntorch_gives_the_same_spikes(name, seed, tmp_path):
    model = MADE[name](seed)
    inputs = poisson(seed).astype(np.float32)
    graph = to_nir(model, dt=DT)
    theirs = run_in_snntorch(graph, inputs, tmp_path)
    ours = np.asarray(model.run(inputs))
    again = np.asarray(from_nir(tmp_path / "graph.nir").run(inputs))
    if name == "a stack":  # whose last layer is linear
        np.testing.assert_allclose(theirs, ours, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(again, ours, rtol=1e-5, atol=1e-5)
    else:
        assert 0.01 < ours.mean() < 0.9
        np.testing.assert_array_equal(theirs, ours)
        np.testing.assert_array_equal(again, ours)


def test_a_neuron_at_its_threshold_fires_in_both(tmp_path):
    """Weights and inputs of whole numbers reach the threshold exactly."""
    layer = SpikingLayer(4, 4, threshold=2.0, leak=0.5, dt=0.1)
    layer.W = np.eye(4) + np.eye(4, k=1)
    inputs = np.random.default_rng(0).integers(0, 2, (200, 4)).astype(np.float32)
    ours = np.asarray(layer.run(inputs))
    assert 0 < ours.mean() < 1
    np.testing.assert_array_equal(run_in_snntorch(to_nir(layer, dt=DT), inputs, tmp_path), ours)
