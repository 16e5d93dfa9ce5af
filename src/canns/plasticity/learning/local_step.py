"""A step of a local rule by events: only synapses of active inputs and neurons are visited.

Each quantity is advanced by the rule's own step, on the part of the weights that is visited.
"""

from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from canns._kernel import barrier
from canns.dynamics import Activity, Fan, Synapses, active, each_active
from canns.plasticity.learning.locality import sides_of
from canns.plasticity.projections import Projection
from canns.plasticity.rule import Memory, Rule, Side
from canns.typing import Array

__all__ = [
    "Since",
    "forget_silence",
    "local_memory",
    "local_step",
    "remember_silence",
]

_OF_PRE = "pre", "trace_pre", "decay_pre"
_OF_POST = "post", "trace_post", "decay_post", "potential", "output"

#: Which entries of an array of the inputs, or of the neurons, belong to a part of the weights.
Part: TypeAlias = Callable[[Array], Array]


class Since(NamedTuple):
    """The memory of a rule that remembers something of each synapse, during a run by events.

    A synapse is visited if its input or its neuron is active, and what is remembered of it is
    advanced then; in between it decays. So the shorter of two silences is the time since then.

    Args:
        memory: The memory of the rule; that of a synapse as it was when it was visited last.
        pre: For how many steps each input has been silent, (in,).
        post: For how many steps each neuron has been silent, (out,).
    """

    memory: Memory
    pre: Array
    post: Array


def local_memory(rule: Rule, synapses: Synapses) -> Memory:
    """Return the initial memory of a local rule; that of synapses is stored as their weights are.

    Args:
        rule: The rule, with its time step.
        synapses: The synapses.

    Example:
        >>> from canns.dynamics import SparseSynapses
        >>> from canns.plasticity import PairSTDP
        >>> synapses = SparseSynapses.from_pairs((2, 3), [0, 2], [1, 1], 0.5)
        >>> [part.shape for part in local_memory(PairSTDP(), synapses)]
        [(3,), (2,)]
    """
    (out, in_), dtype = synapses.shape, synapses.dtype
    starts = {
        side: rule.init(jnp.zeros(shape, dtype))
        for side, shape in (("pre", (1, in_)), ("post", (out, 1)), ("pair", (1, 1)))
    }
    layout = synapses.values.shape
    return tuple(
        jnp.broadcast_to(starts[side][k].reshape(()), layout) if side == "pair" else starts[side][k]
        for k, side in enumerate(_sides(rule))
    )


def remember_silence(rule: Rule, synapses: Synapses, memory: Memory) -> Memory | Since:
    """Return the memory for a run by events: what is remembered of silent synapses may wait."""
    if "pair" not in _sides(rule):
        return memory
    out, in_ = synapses.shape
    never = jnp.zeros(in_, jnp.int32), jnp.zeros(out, jnp.int32)
    return Since(memory, *never)


def forget_silence(rule: Rule, synapses: Synapses, memory: Memory | Since) -> Memory:
    """Return the memory after a run by events: all of it is advanced to the present."""
    if not isinstance(memory, Since):
        return memory
    steps = synapses.to_pairs(memory.pre, memory.post, jnp.minimum)
    each = zip(memory.memory, _decays(rule, synapses.dtype), _sides(rule), strict=True)
    return tuple([m * factor**steps if side == "pair" else m for m, factor, side in each])


def local_step(
    rule: Rule,
    project: Projection,
    memory: Memory | Since,
    synapses: Synapses,
    activity: Activity,
) -> tuple[Memory | Since, Synapses]:
    r"""Return the memory and the synapses after a step in which the neurons showed ``activity``.

    .. math:: w_{ij} \leftarrow \mathrm{project}(w_{ij} + \Delta w_{ij}) \quad
        \text{if } x_j \neq 0 \text{ or } s_i \neq 0

    The synapses of an active input are changed with its fan, those of an active neuron with the
    fan onto it, and a synapse between two active ones once. The result is that of the rule's own
    step on the matrix, up to rounding, if the weights satisfied the constraint before.

    Args:
        rule: The rule, with its time step; it must be local.
        project: The constraint; it must map each weight by itself, and hold what it has for each
            weight in the layout of the synapses.
        memory: What the rule remembers: of :func:`local_memory`, and for rules that remember
            something of each synapse, of :func:`remember_silence`.
        synapses: The synapses.
        activity: What the neurons showed in the step.
    """
    step = _Step(rule, project, memory, synapses, activity)
    pre, post = active(activity.pre), active(activity.post)
    carry = step.start()
    whole = jnp.asarray(False)
    if synapses.complete:  # all synapses at once, in a loop of one or no turn, which needs no copy
        whole = synapses.many(pre.count, post.count)
        carry = jax.lax.fori_loop(0, whole.astype(jnp.int32), step.change_all, carry)
    carry = each_active(pre.unless(whole), step.change_fan_out, carry)
    carry = each_active(post.unless(whole), step.change_fan_in, carry)
    return step.finish(carry, whole)


class _Step:
    """One step of a rule on parts of the weights."""

    def __init__(
        self,
        rule: Rule,
        project: Projection,
        memory: Memory | Since,
        synapses: Synapses,
        activity: Activity,
    ) -> None:
        self.rule, self.project, self.synapses, self.activity = rule, project, synapses, activity
        self.sides = _sides(rule)
        self.since = memory if isinstance(memory, Since) else None
        self.memory: Memory = memory.memory if isinstance(memory, Since) else memory
        self.decays = _decays(rule, synapses.dtype) if self.since is not None else ()

    def start(self) -> tuple[Array, ...]:
        """Return what the loops change: the weights, and what is remembered of each synapse."""
        return (self.synapses.values, *self._pairs(self.memory))

    def finish(self, carry: tuple[Array, ...], whole: Array) -> tuple[Memory | Since, Synapses]:
        """Return the memory and the synapses after the step."""
        found = iter(carry[1:])
        each = zip(self._neurons(), self.sides, strict=True)
        memory: Memory = tuple([next(found) if side == "pair" else m for m, side in each])
        synapses = self.synapses.with_values(carry[0])
        if self.since is None:
            return memory, synapses
        silences = (self.since.pre, self.activity.pre), (self.since.post, self.activity.post)
        pre, post = (jnp.where(whole | (x != 0), 0, steps + 1) for steps, x in silences)
        return Since(memory, pre, post), synapses

    def change_all(self, turn: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        """Change all synapses at once, as the fans of all inputs side by side."""
        # XLA would compute before the loop what does not depend on it, even if the loop has no
        # turn. The barrier makes everything depend on the turn.
        carry, activity, turn = barrier((carry, self.activity, turn))
        step = copy(self)
        step.activity = activity

        def fan_out(j: Array, blocks: tuple[Array, ...]) -> tuple[Array, ...]:
            after = step._after([block[:, None] for block in blocks], _only(j), _whole)
            return tuple(block[:, 0] for block in after)

        every = jnp.arange(len(activity.pre)), (*carry, *self.project.each)
        changed: tuple[Array, ...] = jax.vmap(fan_out)(*every)
        return changed

    def change_fan_out(self, j: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        """Change the synapses that input ``j`` makes."""
        fan = self.synapses.fan_out((*carry, *self.project.each), j)
        blocks = [block[:, None] for block in fan.blocks]
        after = self._after(blocks, _only(j), _part_of(fan))
        return self.synapses.put_out(carry, j, _kept(fan, fan.valid, after))

    def change_fan_in(self, i: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        """Change the synapses onto neuron ``i``, save those from inputs that are active, too."""
        fan = self.synapses.fan_in((*carry, *self.project.each), i)
        blocks = [block[None] for block in fan.blocks]
        silent = self.activity.pre[fan.others] == 0
        after = self._after(blocks, _part_of(fan), _only(i))
        return self.synapses.put_in(carry, i, _kept(fan, fan.valid & silent, after))

    def _after(self, blocks: list[Array], of_pre: Part, of_post: Part) -> list[Array]:
        """Return the weights of a part, and what is remembered of them, after the rule's step.

        Args:
            blocks: The weights, what is remembered, and what the constraint holds for each weight.
            of_pre: Which inputs belong to the part.
            of_post: Which neurons do.
        """
        weights, pairs = blocks[0], iter(blocks[1:])
        memory = self._of(self.memory, of_pre, of_post, lambda: next(pairs))
        if self.since is not None:
            silence = jnp.minimum(of_pre(self.since.pre), of_post(self.since.post)[:, None])
            memory = tuple(
                m * factor**silence if side == "pair" else m
                for m, factor, side in zip(memory, self.decays, self.sides, strict=True)
            )
        shown = _shown(self.activity, of_pre, of_post)
        after, delta = self.rule.step(memory, weights, shown)
        project = self.project.with_each([*pairs]) if self.project.each else self.project
        return [project(weights + delta), *self._pairs(after)]

    def _neurons(self) -> Memory:
        """Return the memory of inputs and of neurons after the step.

        It is that of a rule which sees all inputs and one neuron, and that of one which sees one
        input and all neurons: nothing of the size of the weights is computed.
        """
        memory = self.memory
        for side, of_pre, of_post in (("pre", _whole, _first), ("post", _first, _whole)):
            if side not in self.sides:
                continue
            shown = _shown(self.activity, of_pre, of_post)
            blank = jnp.zeros((len(shown.post), len(shown.pre)), self.synapses.dtype)
            own = self._of(self.memory, of_pre, of_post, partial(_same, blank))
            after, _ = self.rule.step(own, blank, shown)
            each = zip(self.sides, after, memory, strict=True)
            memory = tuple([new if whose == side else old for whose, new, old in each])
        return memory

    def _of(self, memory: Memory, of_pre: Part, of_post: Part, pair: Callable[[], Array]) -> Memory:
        """Return the memory of a part of the weights."""
        parts = {"pre": of_pre, "post": of_post}
        each = zip(memory, self.sides, strict=True)
        return tuple([pair() if side == "pair" else parts[side](m) for m, side in each])

    def _pairs(self, memory: Memory) -> list[Array]:
        return [m for m, side in zip(memory, self.sides, strict=True) if side == "pair"]


def _same(value: Array) -> Array:
    return value


def _sides(rule: Rule) -> tuple[Side, ...]:
    sides = sides_of(rule)
    assert sides is not None, "see Setup.obstacle_to_events"
    return sides


def _decays(rule: Rule, dtype: np.dtype[Any]) -> Memory:
    """Return the factor by which each array of the memory decays in a step without spikes."""
    one, none = jnp.ones((1, 1), dtype), jnp.zeros(1, dtype)
    memory = tuple(one if side == "pair" else one[0] for side in _sides(rule))
    silent = Activity(none, none, none, none, none, decay_pre=one[0, 0], decay_post=one[0, 0])
    after, _ = rule.step(memory, one, silent)
    return tuple(m.reshape(()) for m in after)


def _shown(activity: Activity, of_pre: Part, of_post: Part) -> Activity:
    """Return the activity of some inputs and some neurons."""
    parts = dict.fromkeys(_OF_PRE, of_pre) | dict.fromkeys(_OF_POST, of_post)
    values = {name: getattr(activity, name) for name in parts}
    each: dict[str, Any] = {
        name: parts[name](value) for name, value in values.items() if np.ndim(value)
    }
    return activity._replace(**each)


def _kept(fan: Fan, changed: Array | bool, after: list[Array]) -> tuple[Array, ...]:
    """Return the blocks of a fan with new values for the synapses that changed."""
    flat = [block.reshape(-1) for block in after]
    if changed is True:
        return tuple(flat)
    old = fan.blocks[: len(flat)]  # what the constraint holds comes after them
    return tuple(jnp.where(changed, new, block) for new, block in zip(flat, old, strict=True))


def _part_of(fan: Fan) -> Part:
    return lambda values: values[fan.others]


def _only(index: Array) -> Part:
    def of(values: Array) -> Array:
        own: Array = jax.lax.dynamic_slice_in_dim(values, index, 1, allow_negative_indices=False)
        return own

    return of


def _whole(values: Array) -> Array:
    return values


def _first(values: Array) -> Array:
    return values[:1]
