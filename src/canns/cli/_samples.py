"""The data of ``canns train``: read, put into the form that a rule needs, and mixed once."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from canns._memory import check_memory
from canns._validation import AnyArray
from canns.cli._rules import Suit
from canns.errors import ValidationError

if TYPE_CHECKING:
    from canns.task import LoadedData

__all__ = ["Samples", "samples_for", "signs_of"]

_STEPS, _RATE = 20, 100.0  # time steps of 1 ms that a sample is shown, and Hz at its largest value


class Samples(NamedTuple):
    """Samples in the form that a rule needs, in a random order that is the same in every pass.

    In one order the weights settle; in a fresh one for each pass they would move for ever by as
    much as the learning rate allows.

    Args:
        rows: The samples, (T, in).
        shape: Height and width of a sample as a picture, or None.
        basis: What the inputs stand for in the space of the pictures, (in, H * W); None if each
            input is a pixel.
        said: What was done to the data, in a few words.
    """

    rows: AnyArray
    shape: tuple[int, int] | None
    basis: AnyArray | None
    said: str

    @property
    def digest(self) -> str:
        """A number that tells these samples from others."""
        return hashlib.sha256(np.ascontiguousarray(self.rows).tobytes()).hexdigest()[:16]


def samples_for(
    suit: Suit, path: Path | None, size: int | None, outputs: int, seed: int
) -> Samples:
    """Return the samples of a file or, without one, digits, in the form that a rule needs.

    Args:
        suit: What the rule is trained with.
        path: The file or folder; None for digits.
        size: Side of pictures in pixels; None for their own.
        outputs: Number of neurons, to which white data are reduced.
        seed: Seed of the order and of spikes.
    """
    from canns import task

    data = _digits(suit) if path is None else task.load_data(path, size)
    values, count = data.values, len(data.values)
    said = f"{count} samples of {path}"
    if path is None:
        said = f"{count} prototypes of digits" if suit.stores else f"{count} handwritten digits"
    shape = data.shape or _square(values.shape[1])
    rng = np.random.default_rng(seed)
    basis = None
    if suit.form == "of -1 and 1":
        values = signs_of("--data", data, path)
        said += ", as patterns of -1 and 1"
        return Samples(values, shape, basis, said)  # patterns stay in their order
    if suit.form == "spikes":
        rows, how = _spikes(values, rng, str(path))
        return Samples(rows, shape, basis, f"{said}, {how}")
    values = values[rng.permutation(count)]
    if suit.form == "centred":
        values = values - values.mean(axis=0)
    elif suit.form == "standardized":
        values = task.standardize(values).apply(values)
    elif suit.form == "scaled to a sum of 1":
        sums = np.abs(values).sum(axis=1, keepdims=True)
        values = values / np.where(sums == 0, 1, sums)
    elif suit.form == "white":
        most = min(values.shape)
        if outputs > most:
            expected = f"at most {most} for data of {count} samples of {values.shape[1]} numbers"
            raise ValidationError("--outputs", expected, f"{outputs}")
        whitening = task.whiten(values, outputs)
        values = whitening.apply(values)
        basis = np.asarray(whitening.components) * np.asarray(whitening.scale)[:, None]
    if not values.any():
        found = f"{count} samples that are all 0 once they are {suit.form}"
        raise ValidationError("--data", "of samples that differ", found)
    if suit.form != "as they are":
        said += f", {suit.form}"
    return Samples(values, shape, basis, said)


def _digits(suit: Suit) -> "LoadedData":
    from canns import task

    values, labels = task.digit_prototypes() if suit.stores else task.digits()
    return task.LoadedData(values, tuple(map(str, labels)), (8, 8))


def _square(width: int) -> tuple[int, int] | None:
    side = round(width**0.5)
    return (side, side) if side * side == width and side > 1 else None


def signs_of(name: str, data: "LoadedData", path: Path | None) -> AnyArray:
    """Return patterns of ±1, each cut at its own Otsu's threshold.

    Args:
        name: The option or argument that the data came by.
        data: The patterns; one of a single value is refused.
        path: Their file, for errors.
    """
    from canns import task

    for pattern, row in zip(data.names, data.values, strict=True):
        if np.ptp(row) == 0:
            expected = f"of at least two values in pattern {pattern!r} of {str(path)!r}"
            raise ValidationError(name, expected, f"{row[0]:g} everywhere")
    return task.image_patterns(data.values[:, None, :])


def _spikes(values: AnyArray, rng: np.random.Generator, path: str) -> tuple[AnyArray, str]:
    """Return spikes, (time steps, in): the data if they are spikes, else Poisson trains."""
    from canns import task

    if not values.any():
        raise ValidationError("--data", "of more than zeros", f"zeros in {path!r}")
    if np.isin(values, (0, 1)).all():
        return values, "as spikes, a time step a row"
    if values.min() < 0:
        expected = f"of numbers of 0 and above in {path!r}, to stand for rates"
        raise ValidationError("--data", expected, f"{values.min():g}")
    count, width = values.shape
    what = f"{_STEPS} time steps for each sample"
    check_memory("--data", 16 * _STEPS * count * width, what, "Give fewer samples.")
    rates = (_RATE * values / values.max())[rng.permutation(count)]
    trains = [task.poisson_spikes(rate, _STEPS, seed=rng) for rate in rates]
    return np.concatenate(trains), f"as Poisson spikes, {_STEPS} ms each at up to {_RATE:g} Hz"
