"""Sources of samples: memory, a memory-mapped file, or a stream that is read in chunks."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import chain, islice

import numpy as np

from canns._lazy_rows import LazyRows, flat_rows, lazy_rows, spans
from canns._validation import check_matrix, is_stream
from canns.plasticity.learning import chunk_length
from canns.typing import AnyArray, Rows

__all__ = ["Source", "open_source"]


class Source(ABC):
    """The samples of one data set.

    Args:
        head: The first chunk of samples, checked.

    Attributes:
        complete: Whether ``head`` holds all samples.
        num_samples: Number of samples; None if it is known only at the end.
        once: Whether the samples can be read only once.
        name: What the source is called in error messages.
        remedy: How to have all samples in an array.
        dt: Time from one sample to the next in ms; None if the samples have none.
    """

    complete = False
    num_samples: int | None = None
    once = False
    name = "a stream"
    remedy = "Read it into one by np.array or np.stack."
    dt: float | None = None

    def __init__(self, head: AnyArray) -> None:
        self.head = head

    @abstractmethod
    def chunks(self, length: int, order: AnyArray | None) -> Iterator[tuple[int, AnyArray]]:
        """Yield the position of the first sample and the checked samples of each chunk.

        Args:
            length: Number of samples in a chunk; the last chunk has the rest.
            order: The order of the samples; None for the order of the source.
        """


class Held(Source):
    """Samples in memory, (T, in), checked."""

    complete = True

    def __init__(self, rows: AnyArray) -> None:
        self.head = rows
        self.num_samples = len(rows)

    def chunks(self, length: int, order: AnyArray | None) -> Iterator[tuple[int, AnyArray]]:
        """Yield slices."""
        for start in range(0, len(self.head), length):
            part = slice(start, start + length)
            yield start, self.head[part if order is None else order[part]]


class Mapped(Source):
    """Samples in a memory-mapped file, (T, in); each chunk is checked when it is read."""

    name = "a memory-mapped array"

    def __init__(self, rows: AnyArray, length: int) -> None:
        super().__init__(check_matrix("data", np.array(rows[:length])))
        self.rows = rows
        self.num_samples = len(rows)

    def chunks(self, length: int, order: AnyArray | None) -> Iterator[tuple[int, AnyArray]]:
        """Yield copies of slices."""
        for start in range(0, len(self.rows), length):
            part = slice(start, start + length)
            rows = np.array(self.rows[part if order is None else order[part]])
            yield start, check_matrix(f"data[{start}:{start + len(rows)}]", rows)


class Lazy(Source):
    """Spike trains or a sparse matrix, (T, in); each chunk is made when it is read."""

    def __init__(self, rows: LazyRows, length: int) -> None:
        super().__init__(rows.rows(slice(length)))
        self.all_rows, self.name, self.remedy = rows, rows.title, rows.remedy
        self.num_samples, self.dt = len(rows), rows.dt

    def chunks(self, length: int, order: AnyArray | None) -> Iterator[tuple[int, AnyArray]]:
        """Yield chunks, dense."""
        for part in spans(len(self.all_rows), length):
            yield part.start, self.all_rows.rows(part if order is None else order[part])


class Streamed(Source):
    """Samples of an iterable, whose items are samples or chunks.

    Args:
        head: The first chunk, not yet checked.
        rest: The samples after it.
        data: The iterable.
    """

    def __init__(self, head: list[object], rest: Iterator[object], data: Iterable[object]) -> None:
        super().__init__(check_matrix("data", head))
        self.once = isinstance(data, Iterator)
        self._first: Iterator[object] | None = chain(head, rest)
        self._data = data

    def chunks(self, length: int, order: AnyArray | None) -> Iterator[tuple[int, AnyArray]]:
        """Yield chunks until the iterable ends."""
        samples = flat_rows(self._data) if self._first is None else self._first
        self._first = None
        start, width = 0, self.head.shape[1]
        while rows := list(islice(samples, length)):
            yield start, check_matrix(f"data[{start}:{start + len(rows)}]", rows, width)
            start += len(rows)


def open_source(data: Rows) -> Source:
    """Return the source of the samples in ``data``; a single chunk is read into memory."""
    if isinstance(data, np.memmap) and data.ndim == 2:
        length = chunk_length(max(1, data.shape[1]))
        if len(data) > length:
            return Mapped(data, length)
    lazy = None if type(data) is np.ndarray else lazy_rows("data", data)
    if lazy is not None:
        length = chunk_length(lazy.shape[1])
        if len(lazy) > length:
            return Lazy(lazy, length)
        source = Held(lazy.rows(slice(None)))
        source.dt = lazy.dt
        return source
    if not is_stream(data):
        return Held(check_matrix("data", data))
    samples = flat_rows(data)
    head = list(islice(samples, 1))
    length = chunk_length(check_matrix("data", head).shape[1])
    head += islice(samples, length - 1)
    beyond = list(islice(samples, 1))
    if not beyond:
        return Held(check_matrix("data", head))
    return Streamed(head, chain(beyond, samples), data)
