"""Binding of a rule to a model: which neuron runs, where its states are read and written.

Three kinds of model can learn. The library's own hand out a pure neuron, and run in one
compiled scan. A model of the user's own that defines ``forward`` is driven through it, sample by
sample. One that has only weights is a recurrent network, whose neurons are held at the sample,
where its weights are square, and else a linear layer.
"""

from contextlib import nullcontext
from typing import Any

import jax
import jax.numpy as jnp
from numpy.typing import NDArray

from canns.dynamics import Activity, Clamped, Linear, Neuron, NoState
from canns.errors import MissingStateError, ValidationError
from canns.models.brain_inspired._duck import (
    StoresPatterns,
    SupportsForward,
    box_of,
    find_box,
    put,
    runs_as_built,
    weight_name,
)
from canns.models.brain_inspired._layer import FeedForwardLayer
from canns.models.brain_inspired._recurrent import RecurrentNetwork
from canns.plasticity import Learner, Projection, Rule, learn
from canns.plasticity._learn import apply_rule, learns_at_once
from canns.plasticity._learner import check_held, divergence, healthy
from canns.typing import Array, StateBox

__all__ = ["Binding", "HookBinding"]


class Binding:
    """One rule bound to one model.

    Args:
        model: The model.
        rule: The rule.
        weight_attr: Name of the model's weight box.
        needed_by: Who asks, for messages.
        neuron: What a recurrent network learns with, from rest; None for neurons held at the
            samples.
    """

    def __init__(
        self,
        model: Any,
        rule: Rule,
        weight_attr: str,
        needed_by: str,
        neuron: Neuron | None = None,
    ) -> None:
        rule.validate()
        self.model = model
        self.weights = box_of(model, weight_attr, needed_by)
        self.memory = [box_of(model, name, needed_by, rule.remedy) for name in rule.memory_attrs]
        shape = jnp.shape(self.weights.value)
        if len(shape) != 2:
            raise ValidationError(weight_attr, "2-D, (out, in)", f"shape {shape}")
        self.output_size, self.input_size = shape
        self._check_couplings()
        self.neuron, self.states, self.outputs = self._drive(rule, needed_by, neuron)
        check_held(rule, self.neuron)
        own = self.neuron.State._fields if self.states else ()
        self.names = (weight_attr, *rule.memory_attrs, *own)

    def _check_couplings(self) -> None:
        model = self.model
        if not isinstance(model, RecurrentNetwork):
            return
        size = len(model.s.value)
        if not model.couples or (self.output_size, self.input_size) != (size, size):
            raise ValidationError(
                "model",
                "a network whose weights lead from neuron to neuron",
                f"{type(model).__name__} with weights {(self.output_size, self.input_size)}",
                "Store with its own apply_hebbian_learning, or by HebbianTrainer.",
            )

    def _drive(
        self, rule: Rule, needed_by: str, chosen: Neuron | None
    ) -> tuple[Neuron, list[StateBox], list[StateBox]]:
        model = self.model
        recurrent = self.output_size == self.input_size and not isinstance(model, SupportsForward)
        if chosen is not None and not recurrent:
            raise ValidationError(
                "neuron",
                f"None for {type(model).__name__}",
                type(chosen).__name__,
                "A layer has neurons of its own; only a recurrent network takes others.",
            )
        if runs_as_built(model, FeedForwardLayer, "forward"):
            neuron: Neuron = model.neuron
            states = [box_of(model, name, needed_by) for name in neuron.State._fields]
            outputs = [box_of(model, name, needed_by) for name in ("x", model.predict_state_attr)]
        else:
            neuron, states, outputs = chosen or (Clamped() if recurrent else Linear()), [], []
        for name in rule.needs:
            if name not in neuron.provides:  # then a forward of the user's own must keep it
                box_of(model, name, needed_by, rule.remedy)
        return neuron, states, outputs

    def at_once(self, rule: Rule, project: Projection) -> bool:
        """Whether all samples are learnt in one product."""
        return not self.own_forward and learns_at_once(rule, self.neuron, project)

    @property
    def own_forward(self) -> bool:
        """Whether the model is driven through a ``forward`` of the user's own."""
        as_built = runs_as_built(self.model, FeedForwardLayer, "forward")
        return isinstance(self.model, SupportsForward) and not as_built

    def read(self) -> Learner:
        """Return the model's present states."""
        weights = jnp.asarray(self.weights.value)
        post, pre = (jnp.zeros(size, weights.dtype) for size in weights.shape)
        if self.outputs:
            pre, post = (box.value for box in self.outputs)
        state = (
            self.neuron.State(*(box.value for box in self.states))
            if self.states
            else self.neuron.init(weights)
        )
        memory = tuple(jnp.asarray(box.value) for box in self.memory)
        return Learner(weights, memory, state, (pre, post))

    def write(self, learner: Learner) -> None:
        """Put all that was learnt into the model."""
        pairs = [(self.weights, learner.weights), *zip(self.memory, learner.memory, strict=True)]
        if self.states:
            pairs += zip(self.states, learner.state, strict=True)
        if self.outputs:
            pairs += zip(self.outputs, learner.activity, strict=True)
        for box, value in pairs:
            put(box, value)

    def learn(
        self,
        rule: Rule,
        project: Projection,
        learner: Learner,
        inputs: NDArray[Any],
        *,
        compiled: bool = True,
        first_step: int = 0,
    ) -> Learner:
        """Return the learner after one pass over ``inputs``, (T, in)."""
        if not self.own_forward:
            return learn(
                rule,
                self.neuron,
                learner,
                inputs,
                project=project,
                compiled=compiled,
                first_step=first_step,
            )
        rule.validate()
        project.validate()
        with nullcontext() if compiled else jax.disable_jit():
            for step, x in enumerate(inputs, first_step):
                activity = self._forward(rule, x)
                learner, fine = _answer(rule, project, learner, activity)
                if not fine:
                    raise divergence(rule, step, inputs)
                put(self.weights, learner.weights)
        return learner

    def measures(
        self, rule: Rule, learner: Learner, inputs: NDArray[Any]
    ) -> dict[str, NDArray[Any]]:
        """Return what a whole rule has to say of what it learnt of ``inputs``, (T, in)."""
        if not rule.whole:
            return {}
        rest = self.neuron.init(learner.weights)
        _, activity = self.neuron.step(rest, learner.weights, jnp.asarray(inputs))
        return rule.measures(learner.weights, activity)

    def _forward(self, rule: Rule, x: NDArray[Any]) -> Activity:
        pre, post = jnp.asarray(x), jnp.asarray(self.model.forward(x))
        traces = {name: jnp.asarray(getattr(self.model, name).value) for name in rule.needs}
        # The boxes hold the traces after this step; the rule wants what earlier steps left.
        own = {"trace_pre": pre, "trace_post": post}
        return Activity(pre, post, **{name: trace - own[name] for name, trace in traces.items()})


class HookBinding:
    """A model that stores patterns by its own ``apply_hebbian_learning``.

    Args:
        model: The model.
        needed_by: Who asks, for messages.
    """

    input_size = None
    names = ("by apply_hebbian_learning",)

    def __init__(self, model: Any, needed_by: str) -> None:
        if not isinstance(model, StoresPatterns):
            raise MissingStateError(
                f"{needed_by} needs square weights or apply_hebbian_learning(train_data); "
                f"{type(model).__name__} has neither."
            )
        self.model = model
        self.weights = find_box(model, weight_name(model, None))

    def at_once(self, rule: Rule, project: Projection) -> bool:
        """The model takes all patterns at once."""
        return True

    def read(self) -> Learner:
        """Return the present weights, or a zero where the model has no box for them."""
        box = self.weights
        weights = jnp.zeros((1, 1)) if box is None else jnp.array(box.value)
        return Learner(weights, (), NoState(), (weights[:0], weights[:0]))

    def learn(
        self,
        rule: Rule,
        project: Projection,
        learner: Learner,
        inputs: NDArray[Any],
        *,
        compiled: bool = True,
        first_step: int = 0,
    ) -> Learner:
        """Let the model store ``inputs``, (P, N), as its own code says."""
        self.model.apply_hebbian_learning(inputs)
        after = self.read()
        if not healthy(after):
            raise divergence(rule, first_step, inputs)
        return after

    def measures(
        self, rule: Rule, learner: Learner, inputs: NDArray[Any]
    ) -> dict[str, NDArray[Any]]:
        """Return nothing: the model's rule is its own."""
        return {}

    def write(self, learner: Learner) -> None:
        """Do nothing: the model has written its weights itself."""


@jax.jit
def _answer(
    rule: Rule, project: Projection, learner: Learner, activity: Activity
) -> tuple[Learner, Array]:
    after = apply_rule(rule, project, learner, NoState(), activity)
    return after, healthy(after)
