"""The one loop of learning by energy: mini-batches of fresh random order, for every rule."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns._precision import full_precision
from canns.energy.network import EnergyNetwork
from canns.energy.rule import EnergyRule
from canns.plasticity.learning import dtype_of, norms_of_change, sound
from canns.typing import Array, PyTree

__all__ = ["EnergyLearner", "Job", "Run", "advance", "begin", "num_batches"]


class EnergyLearner(NamedTuple):
    """All that learning by energy changes.

    Args:
        weights: The network's weights.
        memory: The rule's memory, such as its persistent chains.
    """

    weights: PyTree
    memory: PyTree


class Job(NamedTuple):
    """What a run works on.

    Args:
        data: The samples, (P, in).
        targets: Their targets, (P, out), or None.
        key: Random key of the run.
        shuffle: Whether each epoch has a random order of its own.
    """

    data: Array
    targets: Array | None
    key: Array
    shuffle: bool | Array


class Run(NamedTuple):
    """Where a run is.

    Args:
        learner: What has been learnt.
        before: The weights at the start of the epoch.
        order: The order of the samples in this epoch, (P,).
        records: Mean loss, norm of the change and norm of the weights of each epoch, (room, 3).
        failed: The first mini-batch after which the weights were out of range; -1 for none.
    """

    learner: EnergyLearner
    before: PyTree
    order: Array
    records: Array
    failed: Array


def num_batches(num_samples: int, batch_size: int) -> int:
    """Return the number of mini-batches in an epoch."""
    return -(-num_samples // batch_size)


def begin(learner: EnergyLearner, num_samples: int, room: int) -> Run:
    """Return the start of a run, with room for the records of so many epochs."""
    records = jnp.zeros((room, 3), dtype_of(learner.weights))
    return Run(learner, learner.weights, jnp.arange(num_samples), records, jnp.int32(-1))


@full_precision
def advance(
    network: EnergyNetwork,
    rule: EnergyRule,
    job: Job,
    run: Run,
    start: int | Array,
    end: int | Array,
    batch_size: int,
) -> Run:
    """Return the run after the mini-batches from ``start`` to ``end``, counted over all epochs.

    An epoch is made of whole mini-batches. The last one is filled up with the first samples of the
    epoch's order, so that every sample has the same chance to be shown twice.
    """
    count = len(job.data)
    batches = num_batches(count, batch_size)
    orders, steps = jax.random.split(job.key)

    def fresh(epoch: Array, order: Array) -> Array:
        return jax.random.permutation(jax.random.fold_in(orders, epoch), count)

    def kept(epoch: Array, order: Array) -> Array:
        return order

    def closed(before: PyTree, weights: PyTree) -> tuple[PyTree, Array]:
        return weights, norms_of_change(before, weights)

    def open_(before: PyTree, weights: PyTree) -> tuple[PyTree, Array]:
        return before, jnp.zeros(2, run.records.dtype)

    def batch(i: Array, run: Run) -> Run:
        epoch, place = i // batches, i % batches
        order = jax.lax.cond((place == 0) & job.shuffle, fresh, kept, epoch, run.order)
        rows = order[(place * batch_size + jnp.arange(batch_size)) % count]
        target = None if job.targets is None else job.targets[rows]
        weights, memory = run.learner
        key = jax.random.fold_in(steps, i)
        step = rule.step(network, memory, weights, job.data[rows], target, key)
        weights = jax.tree.map(jnp.add, weights, step.change)
        last = place == batches - 1
        before, norms = jax.lax.cond(last, closed, open_, run.before, weights)
        numbers = jnp.concatenate([step.loss[None] / batches, norms])
        fails = (run.failed < 0) & ~sound(weights, (step.memory, step.loss))
        failed = jnp.where(fails, i, run.failed).astype(run.failed.dtype)
        learner = EnergyLearner(weights, step.memory)
        return Run(learner, before, order, run.records.at[epoch].add(numbers), failed)

    done: Run = jax.lax.fori_loop(start, end, batch, run)
    return done
