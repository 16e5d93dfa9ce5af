"""Where samples come from: memory, a file mapped into it, or a stream that is read in chunks."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

import numpy as np

from canns._validation import check_matrix, is_stream
from canns.errors import ValidationError
from canns.plasticity.learning import chunk_length
from canns.typing import AnyArray

__all__ = ["Source", "open_source"]


class Source(ABC):
    """The samples of one data set.

    Args:
        head: The first chunk of them, checked.

    Attributes:
        complete: Whether ``head`` is all there is.
        num_samples: How many there are; None if only the end will tell.
        once: Whether they can be read only once.
        name: What it is, for messages.
    """

    complete = False
    num_samples: int | None = None
    once = False
    name = "a stream"

    def __init__(self, head: AnyArray) -> None:
        self.head = head

    @abstractmethod
    def chunks(
        self, length: int, skip: int, order: AnyArray | None
    ) -> Iterator[tuple[int, AnyArray]]:
        """Yield the number of the first sample and the samples of each chunk, checked.

        Args:
            length: How many samples make a chunk; the last has what is left.
            skip: How many to leave out.
            order: In which to take them; None for as they come.
        """


class Held(Source):
    """Samples in memory, (T, in), checked."""

    complete = True

    def __init__(self, rows: AnyArray) -> None:
        self.head = rows
        self.num_samples = len(rows)

    def chunks(
        self, length: int, skip: int, order: AnyArray | None
    ) -> Iterator[tuple[int, AnyArray]]:
        """Yield slices."""
        for start in range(skip, len(self.head), length):
            part = slice(start, start + length)
            yield start, self.head[part if order is None else order[part]]


class Mapped(Source):
    """Samples in a file that is mapped into memory, (T, in); a chunk is checked when it is read."""

    name = "a memory-mapped array"

    def __init__(self, rows: AnyArray, length: int) -> None:
        super().__init__(check_matrix("data", np.array(rows[:length])))
        self.rows = rows
        self.num_samples = len(rows)

    def chunks(
        self, length: int, skip: int, order: AnyArray | None
    ) -> Iterator[tuple[int, AnyArray]]:
        """Yield copies of slices."""
        for start in range(skip, len(self.rows), length):
            part = slice(start, start + length)
            rows = np.array(self.rows[part if order is None else order[part]])
            yield start, check_matrix(f"data[{start}:{start + len(rows)}]", rows)


class Streamed(Source):
    """Samples that an iterable gives one by one.

    Args:
        head: The first chunk, as it came.
        rest: What comes behind it.
        data: The iterable.
    """

    def __init__(self, head: list[Any], rest: Iterator[Any], data: Iterable[Any]) -> None:
        super().__init__(check_matrix("data", head))
        self.once = isinstance(data, Iterator)
        self._first: Iterator[Any] | None = chain(head, rest)
        self._data = data

    def chunks(
        self, length: int, skip: int, order: AnyArray | None
    ) -> Iterator[tuple[int, AnyArray]]:
        """Yield what comes next, until there is no more."""
        samples = iter(self._data) if self._first is None else self._first
        self._first = None
        skipped = sum(1 for _ in islice(samples, skip))
        if skipped < skip:
            expected = f"{skip} samples or more, for so many are learnt already"
            raise ValidationError("data", expected, f"{skipped}")
        start, width = skip, self.head.shape[1]
        while rows := list(islice(samples, length)):
            yield start, check_matrix(f"data[{start}:{start + len(rows)}]", rows, width)
            start += len(rows)


def open_source(data: Any) -> Source:
    """Return the samples in ``data``; what fits one chunk is read into memory."""
    if isinstance(data, np.memmap) and data.ndim == 2:
        length = chunk_length(max(1, data.shape[1]))
        if len(data) > length:
            return Mapped(data, length)
    if not is_stream(data):
        return Held(check_matrix("data", data))
    samples = iter(data)
    head = list(islice(samples, 1))
    length = chunk_length(check_matrix("data", head).shape[1])
    head += islice(samples, length - 1)
    beyond = list(islice(samples, 1))
    if not beyond:
        return Held(check_matrix("data", head))
    return Streamed(head, chain(beyond, samples), data)
