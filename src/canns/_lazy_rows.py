"""Samples whose rows are made when they are needed: sparse matrices, spike trains, streams."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, TypeGuard

import numpy as np

from canns._arrays import is_sparse
from canns._validation import check_array, float_dtype
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = ["LazyRows", "flat_rows", "lazy_rows", "spans"]


class LazyRows(ABC):
    """A matrix, (T, N), of finite numbers, parts of which can be made dense.

    Attributes:
        shape: T and N, both at least 1.
        title: What it is called in error messages.
        remedy: How to make all of it dense.
        dt: Time from one row to the next in ms; None if it has none.
    """

    shape: tuple[int, int]
    title: str
    remedy: str
    dt: float | None = None

    def __len__(self) -> int:
        return self.shape[0]

    @abstractmethod
    def rows(self, part: slice | AnyArray) -> AnyArray:
        """Return some rows as a dense array of JAX's floating type, (rows, N).

        Args:
            part: A slice without a step, or the numbers of the rows.
        """


class _SparseRows(LazyRows):
    """The rows of a sparse matrix of SciPy, of any format."""

    title = "a sparse matrix"
    remedy = "Make it dense by its toarray()."

    def __init__(self, name: str, matrix: Any) -> None:
        if len(matrix.shape) != 2 or 0 in matrix.shape:
            shape = f"shape {matrix.shape}"
            raise ValidationError(name, "2-D and non-empty, (T, in)", shape)
        self.shape = matrix.shape
        # Equal places are added up here, as toarray does, so that each chunk has the final numbers.
        self._matrix = matrix.tocsr()
        if self._matrix.nnz:
            check_array(f"the entries of {name}", self._matrix.data)

    def rows(self, part: slice | AnyArray) -> AnyArray:
        """Return some rows as a dense array."""
        dense: AnyArray = self._matrix[part].toarray()
        return dense.astype(float_dtype(), copy=False)


def lazy_rows(name: str, data: object) -> LazyRows | None:
    """Return ``data`` as lazy rows, or None if it is an array, a sequence or a stream."""
    if isinstance(data, LazyRows):
        return data
    return _SparseRows(name, data) if is_sparse(data) else None


def spans(total: int, length: int) -> Iterator[slice]:
    """Yield slices of ``length`` that cover ``total`` rows; the last one has the rest."""
    for start in range(0, total, length):
        yield slice(start, min(start + length, total))


def flat_rows(stream: Iterable[Any]) -> Iterator[object]:
    """Yield the samples of a stream, whose items may be samples or chunks of any length."""
    for item in stream:
        if type(item) is np.ndarray and item.ndim == 1:
            yield item
        elif (lazy := lazy_rows("a chunk", item)) is not None:
            yield from lazy.rows(slice(None))
        elif _is_chunk(item):
            yield from item
        else:
            yield item


def _is_chunk(item: Any) -> TypeGuard[Iterable[object]]:
    """Whether an item of a stream is several samples: a matrix, or rows in a list."""
    if isinstance(item, list | tuple):
        return bool(item) and isinstance(item[0], list | tuple | np.ndarray)
    return getattr(item, "ndim", 1) == 2
