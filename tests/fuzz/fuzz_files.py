"""Good files of every kind that the library reads, and the functions that read them."""

import gzip
import io
import json
import struct
import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import h5py
import nir
import numpy as np
from PIL import Image

import canns
from canns import task
from canns.cli._pairings import read_pairings
from canns.cli._recordings import read_recordings
from canns.dynamics import LagrangianLayer
from canns.interop import from_nir, to_nir
from canns.lab.own_data import DataSession
from canns.models import brain_inspired as models
from canns.trainer import Checkpoint, HebbianTrainer, OjaTrainer, train_ensemble


class File(NamedTuple):
    """A good file: its kind, which says how it is damaged; its content; and what reads it."""

    kind: str
    name: str
    content: bytes
    read: Callable[[Path], object]


DATA = np.random.default_rng(0).normal(size=(300, 3)) / 9
_PIXELS = np.random.default_rng(1).integers(0, 256, (9, 12, 3), dtype=np.uint8)


def _layer() -> models.LinearLayer:
    layer = models.LinearLayer(3, 2)
    layer.W = np.full((2, 3), 0.1)
    return layer


def _resume(path: Path) -> object:
    return OjaTrainer(_layer(), 1e-3).train(DATA, checkpoint=Checkpoint(path, every=256))


def _upload(path: Path) -> object:
    return DataSession(side=8).add(path.name, path.read_bytes())


def _folder(path: Path) -> object:
    ending = ".gz" if path.suffix == ".gz" else ""
    path.rename(path.with_name(f"train-images-idx3-ubyte{ending}"))
    labels = struct.pack(">4BI2B", 0, 0, 8, 1, 2, 3, 7)
    path.with_name("train-labels-idx1-ubyte").write_bytes(labels)
    return task.load_mnist(path.parent)


def _models() -> dict[str, object]:
    patterns = task.random_patterns(3, 9, seed=0)
    stored = models.AmariHopfieldNetwork(9)
    HebbianTrainer(stored).train(patterns)
    dense = models.AmariHopfieldNetwork(9, method="dense", asynchronous=True)
    HebbianTrainer(dense).train(patterns)
    bcm = models.LinearLayer(3, 2, use_bcm_threshold=True)
    return {
        "stored": stored,
        "dense": dense,
        "layer": bcm,
        "spiking": models.SpikingLayer(3, 2),
        "neurons": models.NeuronLayer(3, 2, canns.dynamics.CurrentLIF()),
        "diluted": models.DilutedHopfieldNetwork(9, 4),
        "sparse": models.SparseHopfieldNetwork(9, 0.3),
        "willshaw": models.WillshawNetwork(9, winners=3),
        "modern": models.ModernHopfieldNetwork(9),
        "potts": models.PottsNetwork(4, 3),
        "sequence": models.SequenceNetwork(6),
        "continuous": models.ContinuousHopfieldNetwork(5),
        "pairs": models.BidirectionalAssociativeMemory(5, 4),
        "layers": models.HierarchicalAssociativeMemory([LagrangianLayer("v", 3)], [("v", "v")]),
        "stack": models.LayerStack(models.LinearLayer(3, 2), models.LinearLayer(2, 2)),
        "group": models.BrainInspiredModelGroup(_layer(), b=models.SpikingLayer(2, 2)),
    }


def _saved(folder: Path) -> dict[str, Path]:
    """Return files that the library saves, by name."""
    files = {}
    for name, model in _models().items():
        files[name] = folder / f"{name}.safetensors"
        model.save(files[name])
    record = OjaTrainer(_layer(), 1e-3).train(DATA, epochs=2)
    found = models.AmariHopfieldNetwork(9).recall(task.random_patterns(2, 9, seed=0))
    ensemble = train_ensemble(models.LinearLayer(3, 1), "oja", DATA[:40], seeds=range(2))
    for name, result in (("record", record), ("recall", found), ("ensemble", ensemble)):
        files[name] = folder / f"{name}.safetensors"
        result.save(files[name])
    files["run"] = folder / "run.safetensors"
    _resume(files["run"])
    return files


def _arrays() -> dict[str, bytes]:
    """Return files of arrays and tables by name."""
    several, one, recorded = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.save(one, DATA[:7])
    np.savez(several, a=np.eye(3), b=np.ones((3, 3)))
    np.savez_compressed(recorded, inputs=DATA[:9], activity=DATA[:9, :1], dt=0.5)
    images = struct.pack(">4B3I", 0, 0, 8, 3, 2, 3, 4) + bytes(range(24))
    return {
        "a.npy": one.getvalue(),
        "b.npz": several.getvalue(),
        "rec.npz": recorded.getvalue(),
        "c.csv": b"left,right,up\n1,-1,0.5\n-1,1,2e-3\n0,0,1\n",
        "d.tsv": b"1\t-1\n-1\t1\n",
        "e.txt": b"1 2 3\n4 5 6\n",
        "pairs.csv": b"lag,change,error,frequency,repeats\n10,0.5,.1,1,60\n-10,-0.3,.1,1,60\n",
        "blocks.csv": b"pre,post,change\n0 10,5 15,0.4\n0,-5,-0.2\n",
        "f.idx": images,
        "g.idx.gz": gzip.compress(images),
    }


def _pictures() -> dict[str, bytes]:
    grey, colour = Image.fromarray(_PIXELS[..., 0]), Image.fromarray(_PIXELS)
    clear = colour.convert("RGBA")
    clear.putalpha(grey)
    deep = Image.fromarray(_PIXELS[..., 0].astype(np.uint16) * 257)
    turned = Image.Exif()
    turned[0x0112] = 6
    made = {
        "grey.png": (grey, {}),
        "colour.png": (colour, {}),
        "clear.png": (clear, {}),
        "deep.png": (deep, {}),
        "palette.png": (colour.quantize(8), {"transparency": 3}),
        "bits.png": (grey.convert("1"), {}),
        "turned.jpg": (colour, {"exif": turned}),
        "steps.jpg": (grey, {"progressive": True}),
        "a.gif": (colour, {"save_all": True, "append_images": [colour.rotate(180)]}),
        "a.bmp": (colour, {}),
        "b.bmp": (grey.convert("1"), {}),
        "a.tif": (colour, {}),
        "b.tif": (grey, {"compression": "tiff_deflate"}),
        "c.tif": (grey.convert("1"), {"compression": "group4"}),
        "d.tif": (deep, {"compression": "tiff_lzw"}),
        "a.ppm": (colour, {}),
        "a.pgm": (grey, {}),
        "a.webp": (colour, {"lossless": True}),
        "b.webp": (clear, {}),
    }
    files = {}
    for name, (picture, options) in made.items():
        file = io.BytesIO()
        format_ = Image.registered_extensions()[Path(name).suffix]
        picture.save(file, format_, **options)
        files[name] = file.getvalue()
    files["plain.pgm"] = b"P2 3 2 255\n0 1 2\n3 4 255\n"
    return files


def _graphs(folder: Path) -> dict[str, bytes]:
    stack = models.LayerStack(models.SpikingLayer(3, 2), models.LinearLayer(2, 2))
    files = {}
    for name, model in (("stack", stack), ("layer", models.SpikingLayer(3, 2))):
        nir.write(folder / name, to_nir(model))
        files[f"{name}.nir"] = (folder / name).read_bytes()
    return files


@cache
def good_files() -> tuple[File, ...]:
    """Return the good files; all are read without an error."""
    files = []
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as name:
        warnings.simplefilter("ignore")
        Image.init()
        for stem, path in _saved(Path(name)).items():
            files.append(File("saved", f"{stem}.safetensors", path.read_bytes(), canns.load))
            if stem == "run":
                files.append(files[-1]._replace(read=_resume))
        for stem, content in _arrays().items():
            kind = Path(stem).suffix.strip(".")
            kind = {"tsv": "csv", "txt": "csv"}.get(kind, kind)
            if stem in ("pairs.csv", "blocks.csv"):
                files.append(File(kind, stem, content, read_pairings))
            elif stem == "rec.npz":
                files.append(File(kind, stem, content, read_recordings))
            elif "idx" in stem:
                files.append(File(kind, stem, content, task.read_idx))
                files.append(File(kind, stem, content, _folder))
            else:
                files.append(File(kind, stem, content, task.load_data))
                if kind == "csv":
                    files.append(File(kind, stem, content, _upload))
        for stem, content in _pictures().items():
            files.append(File("picture", stem, content, task.load_image))
            files.append(File("picture", stem, content, _upload))
        for stem, content in _graphs(Path(name)).items():
            files.append(File("nir", stem, content, from_nir))
    return tuple(files)


def tensors_in(content: bytes) -> tuple[dict, bytes]:
    """Return the header of a safetensors file, and what comes after it."""
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def opened(content: bytes) -> tuple[io.BytesIO, h5py.File]:
    """Return an HDF5 file in memory, which can be changed."""
    file = io.BytesIO(content)
    return file, h5py.File(file, "r+")
