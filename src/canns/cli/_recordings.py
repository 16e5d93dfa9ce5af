"""The data of ``canns infer``: recordings in a file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from canns._archives import read_npz
from canns._replacing import one_error
from canns._validation import AnyArray, did_you_mean
from canns.errors import ValidationError

if TYPE_CHECKING:
    from canns.inference import Experiment

__all__ = ["read_recordings"]

_OBSERVED = ("weights", "activity", "spikes", "choices")
_KNOWN = ("inputs", *_OBSERVED, "start_weights", "rewards", "lengths", "dt")


def read_recordings(path: Path) -> "list[Experiment]":
    """Return the recordings in an .npz file.

    Raises:
        ValidationError: If the file is none, or its arrays do not go together.
    """
    arrays = read_npz(path, "--data")
    for key, read in _KINDS.items():
        if key in arrays:
            with one_error("--data", "an .npz file of recordings", path):
                return read(arrays)
    listed = " or ".join(map(repr, _KINDS))
    got = ", ".join(arrays) or "nothing"
    raise ValidationError("--data", f"a file with {listed}", got, did_you_mean(got, _KINDS))


def _trajectories(arrays: Mapping[str, AnyArray]) -> "list[Experiment]":
    """Return an experiment for each trajectory."""
    from canns.inference import Experiment

    for name in arrays:
        if name not in _KNOWN:
            expected = f"of the arrays {', '.join(_KNOWN)}"
            raise ValidationError("--data", expected, name, did_you_mean(name, _KNOWN))
    inputs = arrays["inputs"]
    several = inputs.ndim == 3
    count = len(inputs) if several else 1
    lengths = np.broadcast_to(arrays.get("lengths", inputs.shape[-2]), (count,)).astype(int)
    if (lengths < 1).any() or (lengths > inputs.shape[-2]).any():
        expected = f"from 1 to {inputs.shape[-2]}"
        raise ValidationError("lengths", expected, f"{lengths.min()} to {lengths.max()}")
    dt = float(arrays["dt"]) if "dt" in arrays else None

    def part(name: str, e: int, *, timed: bool = True) -> AnyArray | None:
        if name not in arrays:
            return None
        whole = arrays[name]
        if not several:
            own = whole
        elif name == "start_weights" and (whole.ndim == 1 or len(whole) != count):
            own = whole  # the same for all
        elif len(whole) != count:
            raise ValidationError(name, f"for {count} recordings", f"{len(whole)}")
        else:
            own = whole[e]
        return own[: lengths[e]] if timed else own

    return [
        Experiment(
            (inputs[e] if several else inputs)[: lengths[e]],
            **{name: part(name, e) for name in (*_OBSERVED, "rewards")},
            start_weights=part("start_weights", e, timed=False),
            dt=dt,
            name=f"recording {e}",
        )
        for e in range(count)
    ]


#: Readers of each kind of data, by the array that tells the kind.
_KINDS: Mapping[str, Callable[[Mapping[str, AnyArray]], "list[Experiment]"]] = {
    "inputs": _trajectories,
}
