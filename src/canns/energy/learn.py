"""Learning by energy: show mini-batches to a rule, which changes the weights of a network."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns._buckets import bucket
from canns._callbacks import wants_stop
from canns._explain import explained
from canns._keys import as_key
from canns._pieces import pieces, wait
from canns._placement import host
from canns._validation import check_flag, check_size, inside_trace
from canns.energy.loop import EnergyLearner, Job, Run, advance, begin, num_batches
from canns.energy.network import EnergyNetwork
from canns.energy.rule import EnergyRule
from canns.energy.samples import check_samples
from canns.errors import DivergenceError, ValidationError
from canns.plasticity.learning import as_floats, dtype_of
from canns.typing import AnyArray, Array, PyTree, Rows

__all__ = ["EnergyHistory", "EnergyProgress", "learn_energy"]

_FIRST = 8  # mini-batches in the first piece
_ROOM = 128  # epochs, enough for most runs, so that they share one compiled program


class EnergyHistory(NamedTuple):
    """What a run of learning by energy recorded.

    Args:
        loss: Mean over the mini-batches of what the rule watches, (epochs,).
        weight_change: Frobenius norm, over all weights, of their change in each epoch, (epochs,).
        weight_norm: Frobenius norm of the weights after each epoch, (epochs,).
    """

    loss: AnyArray
    weight_change: AnyArray
    weight_norm: AnyArray


class EnergyProgress(NamedTuple):
    """The argument of the callback of :func:`learn_energy`.

    Args:
        epoch: Number of epochs so far.
        loss: Mean loss of the last epoch.
        weight_change: Frobenius norm of the change of the weights in it.
        weight_norm: Frobenius norm of the weights.
        learner: What has been learnt so far.

    Example:
        >>> import jax
        >>> from canns.energy import Boltzmann, ExactBoltzmannLearning
        >>> network = Boltzmann(num_visible=2)
        >>> def show(progress):
        ...     print(progress.epoch, round(progress.loss, 2))
        >>> rule, weights = ExactBoltzmannLearning(1.0), network.draw(jax.random.key(0))
        >>> _ = learn_energy(
        ...     network, rule, weights, [[0, 0], [1, 1]], epochs=2, seed=0, on_epoch=show
        ... )
        1 1.34
        2 1.3
    """

    epoch: int
    loss: float
    weight_change: float
    weight_norm: float
    learner: EnergyLearner


@explained
def learn_energy(
    network: EnergyNetwork,
    rule: EnergyRule,
    learner: EnergyLearner | PyTree,
    data: Rows,
    targets: Rows | None = None,
    *,
    epochs: int = 1,
    batch_size: int = 10,
    shuffle: bool = True,
    seed: int | Array | None = None,
    compiled: bool = True,
    on_epoch: Callable[[EnergyProgress], object] | None = None,
) -> tuple[EnergyLearner, EnergyHistory]:
    r"""Show data to a network in mini-batches, and let the rule change its weights.

    .. math:: W \leftarrow W - \eta \Big( \Big\langle \frac{\partial E}{\partial W} \Big\rangle_{+}
        - \Big\langle \frac{\partial E}{\partial W} \Big\rangle_{-} \Big)

    It is pure, and works under :func:`jax.jit` and :func:`jax.vmap`. A traced run cannot be checked
    while it runs, so neither values of data nor a divergence are reported there.

    Args:
        network: The network.
        rule: The rule, which finds the states of the two phases.
        learner: The weights to start from; or a learner, to continue with the rule's memory.
        data: One sample per row, (P, in).
        targets: The target of each sample, (P, out), for a rule that needs targets.
        epochs: Passes over the data.
        batch_size: Samples in a mini-batch; at most all samples. If it does not divide their
            number, the last mini-batch of an epoch is filled up with the first samples of it.
        shuffle: Visit the samples in a fresh random order in each epoch.
        seed: Seed of the orders and of the rule, an int or a JAX key; None draws one from
            ``brainstate.random``.
        compiled: False runs the same code un-jitted.
        on_epoch: Called with an :class:`EnergyProgress` after each epoch. If it raises
            :class:`StopIteration`, the run ends there.

    Returns:
        The learner after the last epoch, and the history.

    Raises:
        ValidationError: If an argument is out of range, or the parts do not fit each other.
        DivergenceError: If the weights leave the range of finite, meaningful numbers.

    Example:
        >>> import jax
        >>> from canns.energy import ContrastiveDivergence, RestrictedBoltzmann
        >>> network = RestrictedBoltzmann(num_visible=4, num_hidden=2)
        >>> weights = network.draw(jax.random.key(0))
        >>> rule = ContrastiveDivergence(learning_rate=0.5)
        >>> data = [[1, 1, 0, 0], [0, 0, 1, 1]] * 10
        >>> learner, history = learn_energy(network, rule, weights, data, epochs=5, seed=0)
        >>> learner.weights.W.shape, history.loss.shape
        ((2, 4), (5,))
        >>> learner, _ = learn_energy(network, rule, learner, data, seed=1)  # go on
    """
    rule.check(network)
    network.validate()
    epochs, key = check_size("epochs", epochs), as_key(seed)
    batch_size = check_size("batch_size", batch_size)
    shuffle = check_flag("shuffle", shuffle)
    traced = inside_trace(network, rule, learner, data, targets, key)
    rows, goals = (data, targets) if traced else check_samples(network, rule, data, targets)
    weights = as_floats(learner.weights if isinstance(learner, EnergyLearner) else learner)
    network.check_weights(weights)
    dtype = dtype_of(weights)
    x = jnp.asarray(rows, dtype)
    batch_size = min(batch_size, len(x))
    with nullcontext() if check_flag("compiled", compiled) else jax.disable_jit():
        if isinstance(learner, EnergyLearner):
            start = EnergyLearner(weights, learner.memory)
        else:
            key, first = jax.random.split(key)
            start = EnergyLearner(weights, rule.init(network, weights, batch_size, first))
        job = Job(x, None if goals is None else jnp.asarray(goals, dtype), key, shuffle)
        run = begin(start, len(x), epochs if traced else bucket(epochs, _ROOM))
        if traced:
            if on_epoch is not None:
                raise ValidationError("on_epoch", "None inside jax.jit or jax.vmap", "a function")
            run = advance(
                network, rule, job, run, 0, epochs * num_batches(len(x), batch_size), batch_size
            )
            return run.learner, EnergyHistory(*run.records.T)
        done, run = _in_pieces(network, rule, job, run, epochs, batch_size, on_epoch)
    rule.review(network, *run.learner)
    return run.learner, EnergyHistory(*host(run.records)[:done].T)


_advance = jax.jit(advance, static_argnames=("batch_size",))


def _in_pieces(
    network: EnergyNetwork,
    rule: EnergyRule,
    job: Job,
    run: Run,
    epochs: int,
    batch_size: int,
    on_epoch: Callable[[EnergyProgress], object] | None,
) -> tuple[int, Run]:
    """Return the number of epochs that were run, and the run after them."""
    batches = num_batches(len(job.data), batch_size)
    told = 1 if on_epoch is not None else epochs  # epochs between two stops
    for epoch in range(0, epochs, told):
        for start, end in pieces(told * batches, _FIRST):
            bounds = epoch * batches + start, epoch * batches + end
            run = _advance(network, rule, job, run, *bounds, batch_size=batch_size)
            _raise_if_failed(rule, run, batch_size)
        if on_epoch is not None:
            loss, change, norm = map(float, host(run.records)[epoch])
            if wants_stop(on_epoch, EnergyProgress(epoch + 1, loss, change, norm, run.learner)):
                return epoch + 1, run
    return epochs, run


def _raise_if_failed(rule: EnergyRule, run: Run, batch_size: int) -> None:
    wait(run.failed)
    failed = int(run.failed)
    if failed >= 0:
        what = f"{type(rule).__name__}: the weights or the rule's memory grew out of range"
        bound = f"Lower the learning rate, {rule.learning_rate:g}."
        raise DivergenceError(what, failed * batch_size, bound)
