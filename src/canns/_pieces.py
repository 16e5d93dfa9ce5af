"""Long runs in pieces, so that Ctrl-C works: Python handles it only between compiled calls."""

from collections.abc import Iterator
from threading import Event
from time import perf_counter, sleep

import jax

from canns import _forks
from canns.typing import PyTree

__all__ = ["PIECE", "pieces", "wait"]

PIECE = 0.25  # seconds that each compiled call of a long run should take
_DOZE = 0.02  # longest sleep, in seconds, between two looks at a call that is running
_GROWTH = 8  # largest growth from one piece to the next; the first one may include compilation


def pieces(total: int, first: int, stop: Event | None = None) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each piece of ``total`` steps; the caller runs and awaits it.

    A piece should take about :data:`PIECE` seconds; the time of the piece before it decides how
    many steps that is. The caller's program should trace the start and the end, so that pieces of
    all lengths share one compilation.

    Args:
        total: Number of steps.
        first: Number of steps in the first piece.
        stop: Ends the pieces once it is set. Threads need it, because Ctrl-C reaches only the main
            thread.
    """
    if _forks.forked:
        _forks.refuse_fork()
    # Processes that compute together must make the same calls, so none may use its own clock.
    alone = jax.process_count() == 1
    start, length = 0, first
    while start < total and not (stop is not None and stop.is_set()):
        end = min(start + length, total)
        began = perf_counter()
        yield start, end
        if alone:
            fitting = PIECE * (end - start) / max(perf_counter() - began, 1e-9)
            length = max(1, min(int(fitting), _GROWTH * (end - start)))
        start = end


def wait(arrays: PyTree) -> None:
    """Wait until the arrays are computed, and let Ctrl-C end the wait.

    A large product or decomposition is one call that cannot be cut. JAX runs it in the background,
    but to read its result would block Python until the end. If Ctrl-C ends the wait, the call goes
    on, and nobody reads what it returns.

    Args:
        arrays: What a compiled call has returned; NumPy arrays are there already.
    """
    if _forks.forked:
        _forks.refuse_fork()
    began = perf_counter()
    for leaf in jax.tree.leaves(arrays):
        while isinstance(leaf, jax.Array) and not leaf.is_ready():  # type: ignore[attr-defined]
            sleep(min(_DOZE, (perf_counter() - began) / 16))  # which wastes a sixteenth at most
