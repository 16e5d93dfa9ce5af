"""Many learners in few compiled calls: in blocks that fit a cache, spread over the cores."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import jax
import jax.numpy as jnp
import numpy as np

from canns._buckets import fill
from canns._kernel import jit_wide, on_one_cpu
from canns._pieces import wait
from canns._placement import host
from canns.plasticity.learning.estimates import is_short, parts_of_chunk
from canns.plasticity.learning.loop import Samples
from canns.plasticity.learning.passes import SHORT_STEP, run_one, run_pass, size_of
from canns.plasticity.learning.rounds import is_long_iteration, learn_in_rounds
from canns.plasticity.learning.samples import chunks, pad, run_length
from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner
from canns.typing import Array, BoolArray, PyTree

__all__ = ["run_blocks", "run_members"]

_CACHE = 32 * 1024  # bytes of weights in a block, which one core advances together
_A_PRODUCT = 1e-11  # seconds for one multiplication in a matrix product

Members = tuple[Setup, Learner]


def run_members(
    setups: Setup,
    learners: Learner,
    samples: Samples,
    *,
    shared: bool,
) -> tuple[Learner, BoolArray]:
    """Return the learners, as :func:`learn_members` does, and whether each of them is healthy.

    A short step is too little work to be split over the cores of a CPU, so each core runs members
    of its own.
    """
    members = setups, learners
    count = _count(learners)
    if not on_one_cpu():  # the arrays' placement spreads them
        return _run_all(members, samples, shared=shared, block=None)
    if size_of(learners) > SHORT_STEP * count:
        # One by one if a step is mostly matrix products, which use all cores by themselves.
        block = None if jax.tree.leaves(learners.state) else 1
        return _run_all(members, samples, shared=shared, block=block)
    cores = min(_cores(), count)
    blocks = -(-size_of(learners) // (cores * _CACHE))
    block = -(-count // (cores * blocks))
    each = blocks * block
    double = jax.dtypes.canonicalize_dtype(float) == np.float64  # may be set for this thread only
    on_host = jax.tree.map(np.asarray, (members, None if shared else samples))

    def group(start: int) -> tuple[Learner, BoolArray]:
        own, rows = jax.tree.map(lambda leaf: fill(leaf[start : start + each], each), on_host)
        with jax.enable_x64(double):
            run = own, samples if shared else rows
            after, sound = _run_all(*run, shared=shared, block=block, stop=stop)
            return jax.tree.map(host, after), sound

    stop = Event()
    with ThreadPoolExecutor(cores) as pool:
        try:
            groups = list(pool.map(group, range(0, count, each)))
        except BaseException:
            stop.set()  # only this thread receives Ctrl-C
            raise
    after, sound = jax.tree.map(lambda *parts: np.concatenate(parts)[:count], *groups)
    return jax.tree.map(jnp.asarray, after), sound


def _count(learners: Learner) -> int:
    return len(jax.tree.leaves(learners.weights)[0])


def _cores() -> int:
    own = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    return own or 1


def _run_all(
    members: Members,
    samples: Samples,
    *,
    shared: bool,
    block: int | None,
    stop: Event | None = None,
) -> tuple[Learner, BoolArray]:
    """Do as :func:`run_members`, with ``block`` members at a time, or all at once if None."""
    axis, (setups, learners), sound = 0 if shared else 1, members, np.asarray(True)
    several = _count(learners)
    if block is not None and several > 1 and _is_long(members, samples, shared):
        return _one_by_one(members, samples, shared, stop)
    for _, chunk in chunks(samples, run_length(setups, samples), axis):
        count = chunk.x.shape[axis]
        padded = pad(chunk, axis) if setups.can_pad else chunk
        for start, end in parts_of_chunk(setups, learners, count, members=several, stop=stop):
            run = setups, learners, padded, end, start
            learners, fine = run_blocks(*run, shared=shared, block=block)
            wait(fine)
            sound = sound & host(fine)
    return learners, sound


def _is_long(members: Members, samples: Samples, shared: bool) -> bool:
    """Whether members that learn all samples at once take too long for one common call."""
    setups, learners = members
    if not setups.at_once:
        return False
    setup, rows = _member((setups, samples), 0, shared)
    work = samples.x.size * (_count(learners) if shared else 1) * samples.x.shape[-1]
    return is_long_iteration(setup, rows) or not is_short(_A_PRODUCT * work)


def _member(parts: tuple[PyTree, Samples], m: int, shared: bool) -> tuple[PyTree, Samples]:
    """Return the parts of member ``m``, and the samples that it sees."""
    own, samples = parts
    one = jax.tree.map(lambda leaf: leaf[m], own)
    return one, samples if shared else jax.tree.map(lambda leaf: leaf[m], samples)


def _one_by_one(
    members: Members, samples: Samples, shared: bool, stop: Event | None
) -> tuple[Learner, BoolArray]:
    """Do as :func:`run_members`, with calls of its own for each member."""
    ends, sound = [], []
    for m in range(_count(members[1])):
        if stop is not None and stop.is_set():
            break
        (setup, learner), rows = _member((members, samples), m, shared)
        if is_long_iteration(setup, rows):
            learner, fine = learn_in_rounds(setup, learner, rows, stop)
        else:
            fine = jnp.asarray(True)
            for _, chunk in chunks(rows, run_length(setup, rows)):
                padded = pad(chunk) if setup.can_pad else chunk
                learner, healthy = run_one(setup, learner, padded, len(chunk.x))
                fine &= healthy
        ends.append(learner)
        sound.append(host(fine))
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *ends), np.stack(sound)


def _run_blocks(
    setups: Setup,
    learners: Learner,
    samples: Samples,
    count: int | Array,
    start: int | Array = 0,
    *,
    shared: bool,
    block: int | None,
) -> tuple[Learner, Array]:
    def one(member: tuple[Setup, Learner, PyTree]) -> tuple[Learner, Array]:
        setup, learner, own = member
        rows = samples if shared else own
        return run_pass(setup, learner, rows, count, start, block or 1)

    members = setups, learners, None if shared else samples
    after: tuple[Learner, Array]
    if block is None:
        after = jax.vmap(one)(members)
        return after

    # Not lax.map with a batch size, which fails for a part of the weights that is empty.
    def cut(leaf: Array) -> Array:
        return leaf.reshape(len(leaf) // block, block, *leaf.shape[1:])

    def join(leaf: Array) -> Array:
        return leaf.reshape(leaf.shape[0] * block, *leaf.shape[2:])

    after = jax.tree.map(join, jax.lax.map(jax.vmap(one), jax.tree.map(cut, members)))
    return after


run_blocks = jit_wide(_run_blocks, static_argnames=("shared", "block"))
