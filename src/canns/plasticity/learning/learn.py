"""Learning: show samples to a setup, whose rule changes the weights."""

from collections.abc import Sequence
from contextlib import nullcontext

import jax
import jax.numpy as jnp
import numpy as np
from numpy import typing as npt

from canns._buckets import bucket
from canns._explain import explained
from canns._lazy_rows import LazyRows, lazy_rows, spans
from canns._placement import host, native
from canns._validation import check_vector, inside_trace
from canns.dynamics import Neuron, Synapses
from canns.errors import ValidationError
from canns.plasticity.learning.by_events import (
    LEAST,
    enter,
    enter_synapses,
    goes_by_events,
    laid_out,
    leave,
    leave_synapses,
)
from canns.plasticity.learning.continued import check_continued
from canns.plasticity.learning.estimates import (
    is_short,
    is_sound,
    parts_of_chunk,
    pieces_of,
    seconds_by_events,
    seconds_of_sample,
)
from canns.plasticity.learning.fit import check_width
from canns.plasticity.learning.fixed import Fixed
from canns.plasticity.learning.loop import Samples, active, nothing, output, scan
from canns.plasticity.learning.members import run_members
from canns.plasticity.learning.monitor import Recorder
from canns.plasticity.learning.observe import observe
from canns.plasticity.learning.passes import failed, run_epochs, run_one, run_traced
from canns.plasticity.learning.rounds import is_long_iteration, learn_in_rounds
from canns.plasticity.learning.samples import chunk_length, chunks, pad, run_length, to_samples
from canns.plasticity.learning.setup import Method, Setup
from canns.plasticity.learning.state import Learner, as_floats, dtype_of
from canns.typing import AnyArray, Array, PyTree

__all__ = ["learn", "learn_members", "respond", "show_epochs", "show_samples"]

_ROOM = 128  # epochs, enough for most runs, so that they share one compiled program


@explained
def learn(
    setup: Setup,
    learner: Learner | PyTree,
    inputs: npt.ArrayLike,
    *,
    rewards: npt.ArrayLike | None = None,
    compiled: bool = True,
    first_step: int = 0,
    recorder: Recorder | None = None,
) -> Learner:
    r"""Show ``inputs`` to a neuron once, in order, and let the rule change its weights.

    .. math:: W \leftarrow \mathrm{project}(W + \Delta W)

    It is pure, and works under :func:`jax.jit`, :func:`jax.vmap` and :func:`jax.grad`: the setup's
    hyperparameters, the weights and the inputs may all be traced. A traced run cannot be checked
    while it runs, so a divergence is not reported.

    Args:
        setup: The rule, the neuron and the constraint.
        learner: The learner to continue from, which has to come from a setup of the same shapes.
            Or weights, (out, in) or a tuple of parts: the neuron and the rule then start from
            their initial states.
        inputs: One sample per row, (T, in); also a sparse matrix of SciPy, or
            :class:`~canns.task.SpikeTrains`, of which a chunk at a time is made dense.
        rewards: The reward of each sample, (T,), for a rule that needs rewards.
        compiled: False runs the same code un-jitted.
        first_step: Number of samples shown before; error messages and records count from it.
        recorder: Records the run, without changing its result; None for no records.

    Returns:
        The learner after the last sample.

    Raises:
        ValidationError: If an argument is out of range, or the parts of the setup do not fit.
        DivergenceError: If weights or state leave the range of finite, meaningful numbers.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import Clamped, Linear
        >>> from canns.plasticity import Hebbian, Oja
        >>> patterns = jnp.array([[1.0, -1.0], [1.0, 1.0]])
        >>> learn(Setup(Hebbian(), Clamped()), jnp.zeros((2, 2)), patterns).weights.tolist()
        [[2.0, 0.0], [0.0, 2.0]]
        >>> def length(rate):
        ...     after = learn(Setup(Oja(rate), Linear()), jnp.array([[0.6, 0.0]]), patterns)
        ...     return jnp.linalg.norm(after.weights)
        >>> round(float(jax.grad(length)(0.1)), 2)  # a larger rate makes the weights longer
        0.73
    """
    lazy = None if isinstance(inputs, np.ndarray | jax.Array) else lazy_rows("inputs", inputs)
    if lazy is not None:
        return _learn_lazily(setup, learner, lazy, rewards, compiled, first_step, recorder)
    learner = native(learner)
    weights = as_floats(learner.weights if isinstance(learner, Learner) else learner)
    samples = to_samples(inputs, rewards, dtype_of(weights))
    shown = samples.x if isinstance(samples.x, np.ndarray) else None
    setup.check(weights, rewards, inputs=shown)
    if shown is None:  # JAX is tracing: there are shapes, but no values
        check_width(setup.neuron, weights, samples.x.shape[-1])
    if isinstance(learner, Learner):
        start = learner._replace(weights=weights)
        check_continued(setup, start)
    else:
        start = setup.start(weights)
    if inside_trace(setup, start, samples):
        if recorder is not None:
            expected = "None inside jax.jit, jax.vmap or jax.grad, whose arrays have no values yet"
            raise ValidationError("recorder", expected, "one")
        if setup.method != "events" and not isinstance(weights, Synapses):
            return run_traced(setup, start, samples)
        inside = enter_synapses(setup, start)
        after = run_traced(laid_out(setup, weights), inside, samples)
        return leave_synapses(setup, after, matrix=not isinstance(weights, Synapses))
    return show_samples(setup, start, samples, compiled, first_step, recorder)


def _learn_lazily(
    setup: Setup,
    learner: Learner | PyTree,
    lazy: LazyRows,
    rewards: npt.ArrayLike | None,
    compiled: bool,
    first_step: int,
    recorder: Recorder | None,
) -> Learner:
    """Run :func:`learn` on chunks that are made when they are needed.

    Chunks end where :func:`run_length` would end them, so the result is that of the array.
    """
    if lazy.dt is not None:
        setup.check_step_of_data("inputs", lazy.dt)
    length = chunk_length(lazy.shape[1])
    if setup.needs_all and len(lazy) > length:
        expected = f"an array for {type(setup.rule).__name__}, which needs all samples at once"
        raise ValidationError("inputs", expected, lazy.title, lazy.remedy)
    given = None if rewards is None else check_vector("rewards", rewards, len(lazy))
    for part in spans(len(lazy), length):
        learner = learn(
            setup,
            learner,
            lazy.rows(part),
            rewards=None if given is None else given[part],
            compiled=compiled,
            first_step=first_step + part.start,
            recorder=recorder,
        )
    assert isinstance(learner, Learner), "there is a row"
    return learner


def show_samples(
    setup: Setup,
    learner: Learner,
    samples: Samples,
    compiled: bool = True,
    first_step: int = 0,
    recorder: Recorder | None = None,
) -> Learner:
    """Run :func:`learn` chunk by chunk on a setup and samples that are already checked.

    Runs of all lengths share a few compiled programs. A chunk is one compiled call, or several
    calls if it takes long.
    """
    with nullcontext() if compiled else jax.disable_jit():
        if goes_by_events(setup, learner.weights, samples.x):
            inside = enter(setup, learner)
            laid = laid_out(setup, learner.weights)
            after = _show(laid, inside, samples, compiled, first_step, recorder)
            return leave(setup, after, learner.weights)
        return _show(setup, learner, samples, compiled, first_step, recorder)


def _show(
    setup: Setup,
    learner: Learner,
    samples: Samples,
    compiled: bool,
    first_step: int,
    recorder: Recorder | None,
) -> Learner:
    """Run :func:`show_samples` on a learner as it is in a run, with a matrix or with synapses."""
    if recorder is not None:
        return _recorded(setup, learner, samples, recorder, first_step)
    if compiled and is_long_iteration(setup, samples):
        return _checked(learn_in_rounds(setup, learner, samples), setup, samples, first_step)
    length = run_length(setup, samples, by_events=isinstance(learner.weights, Synapses))
    for at, chunk in chunks(samples, length):
        padded = pad(chunk) if setup.can_pad else chunk
        for start, stop in parts_of_chunk(setup, learner, len(chunk.x)):
            after, fine = run_one(setup, learner, padded, stop, start)
            if not is_sound(fine):
                raise failed(setup, learner, chunk, first_step + at, start=start)
            learner = after
    return learner


def show_epochs(
    setup: Setup, learner: Learner, samples: Samples, epochs: int, compiled: bool = True
) -> tuple[Learner, AnyArray] | None:
    """Show checked samples ``epochs`` times, in one compiled call, or several if they take long.

    Returns:
        The learner, and for each epoch the norms of the change and of the weights after it,
        (epochs, 2). None if the learner diverged, if one epoch takes so long that its samples need
        several calls, or if the rule, shown the whole data set, decides itself how long it takes.
    """
    count, all_norms, before = len(samples.x), [], learner.weights
    # A call of Python less for the many runs that are too small to ask.
    small = getattr(before, "size", 0) < LEAST and not isinstance(before, Synapses)
    events = (setup.method == "events" or not small) and goes_by_events(setup, before, samples.x)
    each = count * (seconds_by_events(before) if events else seconds_of_sample(learner))
    in_one = count <= run_length(setup, samples) and is_short(each)
    if not in_one or setup.rule.shown == "whole":
        return None
    with nullcontext() if compiled else jax.disable_jit():
        if events:
            learner, setup = enter(setup, learner), laid_out(setup, before)
        padded, room = pad(samples) if setup.can_pad else samples, bucket(epochs, _ROOM)
        for start, stop in pieces_of(epochs, each):
            run = setup, learner, padded, count, stop - start
            learner, norms, fine = run_epochs(*run, room=room)
            if not host(fine):
                return None
            all_norms.append(host(norms)[: stop - start])
        learner = leave(setup, learner, before) if events else learner
    return learner, np.concatenate(all_norms)


def _checked(
    run: tuple[Learner, Array], setup: Setup, samples: Samples, first_step: int
) -> Learner:
    learner, fine = run
    if not is_sound(fine):
        raise failed(setup, learner, samples, first_step)
    return learner


def _recorded(
    setup: Setup, learner: Learner, samples: Samples, recorder: Recorder, first_step: int
) -> Learner:
    if setup.at_once:
        name = type(setup.rule).__name__
        expected = f"None for {name}, which learns all samples in one step"
        raise ValidationError("monitor", expected, "one")
    emit = active if recorder.monitor.spikes else nothing
    on_device = jax.tree.map(jnp.asarray, samples)
    after, _, fine = observe(setup, learner, on_device, recorder, emit, first_step)
    if not fine:
        raise failed(setup, learner, samples, first_step)
    return after


@explained
def respond(
    neuron: Neuron,
    learner: Learner | PyTree,
    inputs: npt.ArrayLike,
    recorder: Recorder | None = None,
    *,
    first_step: int = 0,
    method: Method = "auto",
) -> tuple[Learner, Array]:
    """Show ``inputs`` without learning; return the learner after them, and the outputs.

    Pure, like :func:`learn`.

    Args:
        neuron: The neuron model.
        learner: The learner to continue from, or weights to start with.
        inputs: See :func:`learn`.
        recorder: See :func:`learn`.
        first_step: See :func:`learn`.
        method: See :class:`Setup`.

    Returns:
        The learner, and the outputs, (T, out).

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Linear
        >>> _, outputs = respond(Linear(), jnp.array([[1.0, 2.0]]), jnp.eye(2))
        >>> outputs.tolist()
        [[1.0], [2.0]]
    """
    setup = Setup(Fixed(), neuron, method=method)
    setup.validate()
    lazy = None if isinstance(inputs, np.ndarray | jax.Array) else lazy_rows("inputs", inputs)
    if lazy is not None:
        if lazy.dt is not None:
            setup.check_step_of_data("inputs", lazy.dt)
        shown = []
        for part in spans(len(lazy), chunk_length(lazy.shape[1])):
            at = first_step + part.start
            learner, some = respond(
                neuron, learner, lazy.rows(part), recorder, first_step=at, method=method
            )
            shown.append(some)
        return learner, jnp.concatenate(shown)
    learner = native(learner)
    given = isinstance(learner, Learner)
    learner = learner if given else setup.start(as_floats(learner))
    samples = to_samples(inputs, None, dtype_of(learner.weights))
    neuron.check_weights(learner.weights)
    setup.check_method(learner.weights)
    check_width(neuron, learner.weights, samples.x.shape[-1])
    idle = learner._replace(memory=setup.rule.init(learner.weights))  # another rule's rests
    if given:
        check_continued(setup, idle)
    on_device = jax.tree.map(jnp.asarray, samples)
    if inside_trace(setup, learner, samples):
        after, traced = scan(setup, idle, on_device, output)
        return after._replace(memory=learner.memory), traced
    events = goes_by_events(setup, learner.weights, samples.x)
    inside = enter(setup, idle) if events else idle
    after, outputs, _ = observe(setup, inside, on_device, recorder, output, first_step)
    # Without learning the weights are those from before.
    after = after._replace(weights=learner.weights, memory=learner.memory)
    return after, jnp.concatenate(outputs)


@explained
def learn_members(
    setups: Setup,
    learners: Learner,
    inputs: Array | AnyArray,
    *,
    shared: bool,
    rewards: npt.ArrayLike | None = None,
    names: Sequence[str] | None = None,
    first_step: int = 0,
) -> Learner:
    """Run :func:`learn` for many learners of the same shape in one compiled call.

    Args:
        setups: The setups of all members, already checked, and stacked: each hyperparameter has a
            leading axis.
        learners: The learners of all members, stacked.
        inputs: The samples, (members, T, in), or (T, in) if ``shared``.
        shared: Whether all members see the same inputs and rewards.
        rewards: The reward of each sample, (members, T), or (T,) if ``shared``.
        names: The members' names in error messages; None for their positions.
        first_step: See :func:`learn`.

    Returns:
        The learners, stacked.
    """
    if setups.method == "events":
        expected = "'dense' or 'auto' for several learners at once"
        raise ValidationError("method", expected, "'events'", "Learn them one by one.")
    samples = Samples(inputs, rewards)
    one = jax.eval_shape(lambda: jax.tree.map(lambda leaf: leaf[0], learners.weights))
    check_width(setups.neuron, one, jnp.shape(inputs)[-1])
    after: Learner
    if inside_trace(setups, learners, samples):
        after = jax.vmap(run_traced, in_axes=(0, 0, None if shared else 0))(
            setups, learners, samples
        )
        return after
    samples = jax.tree.map(np.asarray, samples)
    after, fine = run_members(setups, learners, samples, shared=shared)
    if not fine.all():
        member = int(np.argmin(fine))
        setup, learner = jax.tree.map(lambda leaf: leaf[member], (setups, learners))
        if not shared:
            samples = jax.tree.map(lambda leaf: leaf[member], samples)
        whose = f" of member {member if names is None else names[member]}"
        raise failed(setup, learner, samples, first_step, whose)
    return after
