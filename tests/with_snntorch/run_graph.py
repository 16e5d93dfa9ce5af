"""Run graphs of NIR in snnTorch; the interpreter of its own environment runs this file.

python run_graph.py FOLDER...: reads graph.nir and inputs.npy, (T, in), in each folder, and writes
outputs.npy, (T, out).
"""

import sys
from pathlib import Path

import nir
import numpy as np
import torch
from snntorch.import_nir import import_from_nir


def run(folder: Path) -> None:
    network = import_from_nir(nir.read(folder / "graph.nir"))
    with torch.no_grad():
        steps = torch.from_numpy(np.load(folder / "inputs.npy"))
        answers = [network(x)[0].numpy() for x in steps]
    np.save(folder / "outputs.npy", np.stack(answers))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        run(Path(name))
