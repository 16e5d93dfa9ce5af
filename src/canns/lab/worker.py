"""A thread that computes for one page, so that the server goes on answering the others."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["Worker"]

T = TypeVar("T")


class Worker:
    """One thread: what it is given runs in turn, so a session needs no locks."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "canns-lab")

    async def do(self, work: Callable[[], T]) -> T:
        """Run ``work`` in the thread, and wait for what it returns or raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        """Drop what has not begun, and let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)
