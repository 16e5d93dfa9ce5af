"""Build a network in snnTorch, run it, and export it to NIR; its own environment runs this file.

python export_graph.py FOLDER: reads inputs.npy, (T, in), in the folder, and writes graph.nir and
outputs.npy, (T, out), of two layers with biases: Leaky, then Synaptic neurons, reset to 0 at once.
"""

import sys
from pathlib import Path

import nir
import numpy as np
import snntorch as snn
import torch
from snntorch.export_nir import export_to_nir


def main(folder: Path) -> None:
    steps = torch.from_numpy(np.load(folder / "inputs.npy"))
    torch.manual_seed(0)
    reset = {"reset_mechanism": "zero", "reset_delay": False, "init_hidden": True}
    network = torch.nn.Sequential(
        torch.nn.Linear(steps.shape[1], 30),
        snn.Leaky(torch.full((30,), 0.9), torch.full((30,), 0.5), **reset),
        torch.nn.Linear(30, 20),
        snn.Synaptic(*(torch.full((20,), number) for number in (0.8, 0.9, 1.0)), **reset),
    )
    nir.write(folder / "graph.nir", export_to_nir(network, steps[:1], ignore_dims=[0]))
    for layer in network:
        if hasattr(layer, "reset_mem"):
            layer.reset_mem()
    with torch.no_grad():
        np.save(folder / "outputs.npy", np.stack([network(x).numpy() for x in steps]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
