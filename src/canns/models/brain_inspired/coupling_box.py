"""The box of a coupling matrix that is built only where somebody reads it."""

from typing import Any

import jax.numpy as jnp
from jax.sharding import Sharding
from numpy.typing import NDArray

from canns._memory import check_memory
from canns._placement import check_divides, host, placed
from canns._validation import float_dtype
from canns.dynamics import StoredPatterns, no_patterns
from canns.dynamics.couplings import WORD
from canns.models.boxes import Weights, fits
from canns.typing import Array

__all__ = ["CouplingBox"]


class CouplingBox(Weights):
    """Weights W, (N, N), held as a matrix, or as the patterns that they are made of.

    ``.value`` reads as the matrix, which is then built, and takes one; what a recall runs on is
    :attr:`stored`, while nothing but patterns made the weights.

    Args:
        value: The matrix, or the patterns.
    """

    def __init__(self, value: Any) -> None:
        kept = isinstance(value, StoredPatterns)
        super().__init__(0.0 if kept else value)
        self._stored: StoredPatterns | None = None
        if kept:
            self.stored = value

    @property
    def stored(self) -> StoredPatterns | None:
        """The couplings as patterns, or None where a matrix was written."""
        return self._stored

    @stored.setter
    def stored(self, stored: StoredPatterns) -> None:
        self._stored, self._value = stored, None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the matrix, without building it."""
        if self._stored is not None:
            return self._stored.shape
        return super().shape

    def _read_value(self) -> Array:
        if self._value is None and self._stored is not None:
            size = len(self._stored.diagonal)
            check_memory(
                "W",
                2 * float_dtype().itemsize * size**2,
                f"a matrix of {size} x {size}",
                "Recall without it: method='factored' or 'packed' keeps the patterns.",
            )
            built = self._stored.matrix()
            self._value = built if self.sharding is None else placed(built, self.sharding)
        value: Array = super()._read_value()
        return value

    def _write_value(self, v: Any) -> None:
        super()._write_value(v)
        self._stored = None

    def place(self, sharding: Sharding) -> None:
        """Put the matrix where ``sharding`` says; zeros are made there, part by part."""
        check_divides(self.shape, sharding)
        if self._stored is not None and len(self._stored.patterns) == 0:
            self.value = jnp.zeros(self.shape, float_dtype(), device=sharding)
        super().place(sharding)

    def snapshot(self) -> Any:
        """Return what :meth:`rewind` puts back."""
        return self._value, self._stored

    def rewind(self, snapshot: Any) -> None:
        """Put back what was here when the snapshot was taken."""
        self._value, self._stored = snapshot

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what a file holds of it, by what its name ends on."""
        if self._stored is None:
            return super().arrays()
        return {f".{k}": host(v) for k, v in self._stored._asdict().items()}

    def restore(self, arrays: dict[str, NDArray[Any]], shape: tuple[int | None, ...]) -> bool:
        """Take what :meth:`arrays` returned, if it is of ``shape``."""
        if "" in arrays:
            return super().restore(arrays, shape)
        names = [f".{name}" for name in StoredPatterns._fields]
        if sorted(arrays) != sorted(names):
            return False
        stored = StoredPatterns(*(jnp.asarray(arrays[name]) for name in names))
        if not fits(stored.shape, shape) or not _consistent(stored):
            return False
        self.stored = stored
        return True

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.arrays(), self.shape)


def _consistent(stored: StoredPatterns) -> bool:
    """Whether the arrays of a file belong together."""
    count, size = len(stored.patterns), stored.shape[0]
    width = -(-size // WORD) if stored.packed else size
    return (
        stored.patterns.shape == (count, width)
        and stored.centre.shape == (count,)
        and stored.strengths.shape in ((count,), (count, count))
        and stored.own.shape == stored.row_norms.shape == (size,)
    )


def _rebuilt(arrays: dict[str, NDArray[Any]], shape: tuple[int, ...]) -> CouplingBox:
    box = CouplingBox(no_patterns(shape[0], float_dtype()))
    box.restore(arrays, shape)
    return box
