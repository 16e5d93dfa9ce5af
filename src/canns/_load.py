"""``canns.load``: the one function that reads whatever the library has saved."""

from importlib import import_module
from typing import Any, NamedTuple

from canns._describe import shown
from canns._results import RESULT, read_result
from canns._saved_runs import read_run
from canns._tensors import PathLike, read_tensors
from canns.errors import ValidationError
from canns.typing import JSON, AnyArray

__all__ = ["SavedRun", "load"]

_MODEL, _CHECKPOINT = "canns-model-1", "canns-checkpoint-1"


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
