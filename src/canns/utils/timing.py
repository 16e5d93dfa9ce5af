"""How long a function takes."""

import statistics
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from canns._validation import check_size

__all__ = ["benchmark"]

P = ParamSpec("P")
R = TypeVar("R")


def benchmark(runs: int = 10) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function report how long it takes: ``@benchmark(runs=5)``.

    Each call of the function runs it once untimed, so that JAX compiles, then ``runs`` times, and
    prints the median, the least and the largest time. The timer waits for work on an accelerator.

    Args:
        runs: Number of timed runs per call.

    Returns:
        A decorator; the decorated function returns what its last run returned.

    Raises:
        ValidationError: If ``runs`` is not a positive integer.

    Example:
        >>> calls = []
        >>> @benchmark(runs=3)
        ... def count():
        ...     calls.append(1)
        ...     return len(calls)
        >>> count()  # doctest: +ELLIPSIS
        count: ... s (from ... to ... s, 3 runs)
        4
    """
    count = check_size("runs", runs)

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def timed(*args: P.args, **kwargs: P.kwargs) -> R:
            result = _wait(function(*args, **kwargs))
            times = []
            for _ in range(count):
                start = time.perf_counter()
                result = _wait(function(*args, **kwargs))
                times.append(time.perf_counter() - start)
            middle, spread = statistics.median(times), f"from {min(times):.3g} to {max(times):.3g}"
            print(f"{function.__name__}: {middle:.3g} s ({spread} s, {count} runs)")
            return result

        return timed

    return decorate


def _wait(result: R) -> R:
    """Return ``result`` once all its arrays are computed."""
    import jax  # not at the top: importing canns.utils is to stay light

    there: R = jax.block_until_ready(result)  # type: ignore[no-untyped-call]
    return there
