"""The compiled calls for one learner: some samples, or many passes over a data set."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from canns._kernel import jit_wide, one_kernel
from canns._precision import full_precision
from canns.dynamics import Synapses
from canns.errors import DivergenceError
from canns.plasticity.learning.estimates import is_sound, pieces_of, seconds_of_sample
from canns.plasticity.learning.loop import (
    Samples,
    advance,
    first_failure,
    nothing,
    run,
    scan,
)
from canns.plasticity.learning.samples import pad
from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import (
    Learner,
    carried,
    divergence,
    dtype_of,
    healthy,
    norms_of_change,
    restored,
)
from canns.typing import Array

__all__ = [
    "SHORT_STEP",
    "failed",
    "run_epochs",
    "run_one",
    "run_pass",
    "run_traced",
    "size_of",
]

# Bytes of weights, from and to, at which a loop is compiled to one kernel, which one core runs. XLA
# makes one kernel of smaller loops by itself; on larger weights a step of Oja's rule was slower.
_SHORTEST_STEP, SHORT_STEP = 1024, 192 * 1024


def run_pass(
    setup: Setup,
    learner: Learner,
    samples: Samples,
    count: int | Array,
    start: int | Array = 0,
    together: int = 1,
) -> tuple[Learner, Array]:
    """Return the learner after the samples, and whether it is healthy.

    Args:
        setup: The setup that learns.
        learner: The learner to continue from.
        samples: The samples, padded.
        count: Number of samples, or the sample before which to stop.
        start: The first sample, if samples are learnt one by one.
        together: Number of learners that run in the same program.
    """
    if setup.at_once:
        after = _learn_at_once(setup, learner, samples.x, count)
    else:
        after = _loop_for(learner, together)(setup, learner, samples, count, start)
    return after, healthy(after)


def _loop_for(learner: Learner, together: int = 1) -> Callable[..., Learner]:
    """Return the loop over samples, marked as one kernel if its steps are short."""
    short = _SHORTEST_STEP <= together * size_of(learner) <= SHORT_STEP
    visited = isinstance(learner.weights, Synapses)  # a loop within the loop, which is no kernel
    return _run_short if short and not visited else run


def run_traced(setup: Setup, learner: Learner, samples: Samples) -> Learner:
    """Return the learner after all samples, inside a larger program that the user traces.

    All JAX transformations work, including reverse-mode differentiation.
    """
    learner, samples = jax.tree.map(jnp.asarray, (learner, samples))  # NumPy arrays take no tracers
    if setup.at_once:
        return _learn_at_once(setup, learner, samples.x, len(samples.x))
    return scan(setup, learner, samples, nothing)[0]


def size_of(learner: Learner) -> int:
    """Return the size of the weights in bytes."""
    return sum(leaf.nbytes for leaf in jax.tree.leaves(learner.weights))


@full_precision
def _learn_at_once(setup: Setup, learner: Learner, inputs: Array, count: int | Array) -> Learner:
    # The sum over samples is one matrix product: no array of (samples, N, N), and no loop.
    if setup.can_pad:
        shown = jnp.arange(len(inputs)) < count
        padding = jnp.asarray(setup.rule.padding_value, inputs.dtype)
        inputs = jnp.where(shown[:, None], inputs, padding)
    after = advance(setup, learner, Samples(inputs))
    pre, answer = after.activity
    return after._replace(activity=(pre[count - 1], answer[count - 1]))


def _run_epochs(
    setup: Setup,
    learner: Learner,
    samples: Samples,
    count: int | Array,
    epochs: int | Array,
    room: int,
) -> tuple[Learner, Array, Array]:
    def epoch(i: Array, carry: tuple[Learner, Array, Array]) -> tuple[Learner, Array, Array]:
        before, norms, fine = carry
        after, sound = run_pass(setup, before, samples, count)
        norms = norms.at[i].set(norms_of_change(before.weights, after.weights))
        return after, norms, fine & sound

    norms = jnp.zeros((room, 2), dtype_of(learner.weights))
    start = learner, norms, jnp.asarray(True)
    end, norms, fine = jax.lax.fori_loop(0, epochs, epoch, start)
    return carried(end), norms, fine


def _run_pass(
    setup: Setup, learner: Learner, samples: Samples, count: int | Array, start: int | Array = 0
) -> tuple[Learner, Array]:
    after, fine = run_pass(setup, learner, samples, count, start)
    return carried(after), fine


_run_short = one_kernel(run)
_pass_of_loop, _pass_of_product = jit_wide(_run_pass), jax.jit(_run_pass)
_epochs_of_loop = jit_wide(_run_epochs, static_argnames=("room",))
_epochs_of_product = jax.jit(_run_epochs, static_argnames=("room",))


def run_one(
    setup: Setup, learner: Learner, samples: Samples, count: int, start: int = 0
) -> tuple[Learner, Array]:
    """Run :func:`run_pass` in compiled code."""
    # The options that make loops fast on a CPU make sums over a matrix slow.
    product = setup.at_once and setup.rule.shown == "summed"
    run = _pass_of_product if product else _pass_of_loop
    after, fine = run(setup, learner, samples, count, start)
    sparse = isinstance(learner.weights, Synapses)
    return restored(after, learner) if sparse else after, fine


def run_epochs(
    setup: Setup, learner: Learner, samples: Samples, count: int, epochs: int, room: int
) -> tuple[Learner, Array, Array]:
    """Run ``epochs`` passes in compiled code; also return their norms, (room, 2), and if healthy.

    Args:
        setup: The setup that learns; its rule is not one that is shown whole data sets.
        learner: The learner to continue from.
        samples: The samples, padded.
        count: Number of samples.
        epochs: Number of passes.
        room: Length of the array of norms, at least ``epochs``; each value is compiled separately.
    """
    run = _epochs_of_product if setup.at_once else _epochs_of_loop
    after, norms, fine = run(setup, learner, samples, count, epochs, room=room)
    sparse = isinstance(learner.weights, Synapses)
    return restored(after, learner) if sparse else after, norms, fine


# Only a failed run is replayed to find the step, so other runs need not record it.
_first_failure = jax.jit(first_failure)


def failed(
    setup: Setup,
    learner: Learner,
    samples: Samples,
    first_step: int,
    whose: str = "",
    start: int = 0,
) -> DivergenceError:
    """Return the error of a failed run; a rule that is shown all data at once fails at its start.

    Args:
        setup: The setup that learnt.
        learner: The learner before sample ``start``.
        samples: The samples of the run.
        first_step: Number of samples shown before the run.
        whose: Words for the message that say whose weights diverged.
        start: A sample before which the learner was healthy.
    """
    step = 0
    if setup.rule.shown != "whole":
        padded, left = pad(samples), len(samples.x) - start
        for first, end in pieces_of(left, seconds_of_sample(learner)):
            run = setup, learner, padded, start + end, start + first
            found, learner, fine = _first_failure(*run)
            if not is_sound(fine):
                step = int(found)
                break
    return divergence(setup.rule, first_step + step, samples.x, whose)
