"""``canns.load``: the one function that reads whatever the library has saved."""

from importlib import import_module
from typing import Any, NamedTuple

from canns._describe import shown
from canns._json import Schema, read_json
from canns._results import RESULT, read_result
from canns._tensors import PathLike, check_header, read_tensors
from canns.errors import ValidationError
from canns.typing import JSON, AnyArray

__all__ = ["SavedRun", "load", "read_run"]

_MODEL, _CHECKPOINT = "canns-model-1", "canns-checkpoint-1"
_MOST = 2**63
_RUN: Schema = {str: object}
_PLACE: Schema = {"position": range(_MOST), "seen": range(_MOST), "digest?": str, "whole?": str}


@shown
class SavedRun(NamedTuple):
    """What a checkpoint holds. ``train(..., checkpoint=Checkpoint(path))`` resumes the run.

    Args:
        run: The description of the run: its model, rule and data.
        position: Number of samples learnt in this epoch.
        seen: Number of samples learnt in all epochs.
        arrays: The arrays of what was learnt by name, such as "learner.weights".
    """

    run: dict[str, JSON]
    position: int
    seen: int
    arrays: dict[str, AnyArray]


def load(path: PathLike) -> Any:
    """Return what was saved to ``path``: a model, a result, an ensemble, or a checkpoint.

    A model of your own can be loaded if its class has been imported.

    Args:
        path: The file that a ``save`` or a :class:`~canns.trainer.Checkpoint` wrote.

    Returns:
        The model or result; for a checkpoint, what it holds.

    Raises:
        ValidationError: If the file is missing, or the library did not write it.

    Example:
        >>> import tempfile
        >>> from canns.models.brain_inspired import LinearLayer
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     LinearLayer(3, 2).save(f"{folder}/layer.safetensors")
        ...     layer = load(f"{folder}/layer.safetensors")
        >>> layer.W.value.shape
        (2, 3)
    """
    header, tensors = read_tensors(path)
    kind = header.get("format")
    # The classes that the file may name are known only once their modules are imported.
    if kind == _MODEL:
        import_module("canns.models.brain_inspired")
        return import_module("canns.models.basic").BasicModel.load(path)
    if kind == RESULT:
        for module in ("dynamics", "trainer", "analyzer.metrics", "inference"):
            import_module(f"canns.{module}")
        return read_result(str(path), header, tensors)
    if kind == _CHECKPOINT:
        run, place = read_run(path, header)
        return SavedRun(run, place["position"], place["seen"], tensors)
    remedy = "Read other safetensors files by safetensors.numpy.load_file."
    raise ValidationError("path", "a file that canns saved", str(path), remedy)


def read_run(path: PathLike, header: dict[str, str]) -> tuple[dict[str, JSON], dict[str, Any]]:
    """Return the description of a run, and its place, from the header of a checkpoint."""
    check_header(path, header, ("format", "run", "place"))
    run = read_json(f"the run in {path}", header["run"], _RUN)
    place = read_json(f"the place in {path}", header["place"], _PLACE)
    if place["position"] > place["seen"]:
        expected = f"at most {place['seen']}, the samples learnt"
        raise ValidationError(f"the position in {path}", expected, f"{place['position']}")
    return run, place
