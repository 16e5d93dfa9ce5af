"""Run a graph of NIR in snnTorch; the interpreter of its own environment runs this file.

python run_graph.py GRAPH.nir INPUTS.npy OUTPUTS.npy: steps of input, (T, in), and of output.
"""

import sys

import nir
import numpy as np
import torch
from snntorch.import_nir import import_from_nir


def main(graph: str, inputs: str, outputs: str) -> None:
    network = import_from_nir(nir.read(graph))
    with torch.no_grad():
        answers = [network(torch.from_numpy(x))[0].numpy() for x in np.load(inputs)]
    np.save(outputs, np.stack(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
