"""The row of a workload, how it is timed, and the limits of the machine."""

import time
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["Limits", "Row", "best", "limits", "measure"]


@dataclass(frozen=True)
class Limits:
    """The limits of this machine, measured in this run.

    Args:
        flops: Operations a second of a float32 product of 2048 x 2048 matrices by XLA.
        bandwidth: Bytes a second that XLA reads and writes when it adds one to 256 MB.
    """

    flops: float
    bandwidth: float


@dataclass(frozen=True)
class Row:
    """One workload beside its reference.

    Args:
        name: The workload.
        reference: What it is compared with.
        seconds: The library's time.
        reference_seconds: The reference's time, or the figure asked for.
        asked: The largest ratio that was asked for, or None.
        flops: Operations that it needs, or None if arithmetic does not limit it.
        moved: Bytes that it has to read or write, or None.
    """

    name: str
    reference: str
    seconds: float
    reference_seconds: float
    asked: float | None = None
    flops: float | None = None
    moved: float | None = None

    @property
    def ratio(self):
        """The library's time over the reference's."""
        return self.seconds / self.reference_seconds

    def share(self, limits):
        """Return the share of the machine's limit that it reached, or None."""
        if self.flops is None:
            return None
        least = max(self.flops / limits.flops, (self.moved or 0) / limits.bandwidth)
        return least / self.seconds


def best(call, repeats=7, patience=3.0):
    """Return the shortest of several times of ``call``, in seconds, after one warm-up."""
    jax.block_until_ready(call())
    times, begun = [], time.perf_counter()
    while len(times) < repeats and (not times or time.perf_counter() - begun < patience):
        start = time.perf_counter()
        jax.block_until_ready(call())
        times.append(time.perf_counter() - start)
    return min(times)


def measure(name, reference, ours, theirs, repeats=7, **facts):
    """Return the row of a workload. Both are timed in turn, so a busy moment slows both."""
    pairs = [(best(ours, repeats, 1.5), best(theirs, repeats, 1.5)) for _ in range(2)]
    return Row(name, reference, *(min(times) for times in zip(*pairs, strict=True)), **facts)


def limits():
    """Return the limits of this machine, as measured now."""
    square = jnp.asarray(np.random.default_rng(0).normal(size=(2048, 2048)), jnp.float32)
    product = jax.jit(lambda a: a @ a)
    long = jnp.zeros(1 << 26, jnp.float32)
    # In place, because new memory takes longer to get than to fill.
    passes = jax.jit(lambda a: jax.lax.fori_loop(0, 8, lambda _, b: b + 1, a), donate_argnums=0)
    held = [long]

    def copy():
        held[0] = passes(held[0])
        return held[0]

    return Limits(
        flops=2 * 2048**3 / best(lambda: product(square), 15),
        bandwidth=8 * 2 * long.nbytes / best(copy, 15),
    )
