"""Binding of a rule to a model: which neuron runs, where its states are read and written.

Three kinds of model can learn. The library's own hand out a pure neuron, and run in one
compiled scan. A model of the user's own that defines ``forward`` is driven through it, sample by
sample. One that has only weights is a recurrent network whose neurons are held at the sample
where its weights are square and the rule is a product rule, and else a linear layer.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
from numpy.typing import NDArray

from canns.dynamics import Activity, Clamped, Linear, Neuron, NoState
from canns.errors import MissingStateError, ValidationError
from canns.models.brain_inspired._layer import FeedForwardLayer
from canns.plasticity import Learner, Projection, Rule, learn
from canns.plasticity._learn import apply_rule, divergence, healthy
from canns.typing import Array, StateBox

__all__ = [
    "Binding",
    "HookBinding",
    "SupportsForward",
    "box_of",
    "fit_size",
    "has_square_box",
    "runs_as_built",
    "unchanged_on_error",
    "weight_name",
]


@runtime_checkable
class NamesWeights(Protocol):
    """A model that says under which attribute its weights are."""

    weight_attr: str


@runtime_checkable
class SupportsResize(Protocol):
    """A recurrent model that can change its number of neurons."""

    def resize(self, num_neurons: int, preserve_submatrix: bool = True) -> None:
        """Change the number of neurons."""


@runtime_checkable
class SupportsForward(Protocol):
    """A feed-forward model: ``forward(x)`` returns the output."""

    def forward(self, x: Any) -> Any:
        """Return the output for one sample."""


def box_of(model: Any, attribute: str, needed_by: str, remedy: str = "") -> StateBox:
    """Return the state box of ``model`` under ``attribute``, or say who misses it and why."""
    try:
        box = getattr(model, attribute)
    except AttributeError:
        box = None
    if isinstance(box, StateBox):
        return box
    held = ", ".join(name for name, box in vars(model).items() if isinstance(box, StateBox))
    raise MissingStateError(
        f"{needed_by} needs the state `{attribute}`; {type(model).__name__} has "
        f"{held or 'no state with a .value'}. {remedy}".rstrip()
    )


def weight_name(model: Any, asked: str | None) -> str:
    """Return the attribute with the weights: the one asked for, or the model's own choice."""
    if isinstance(model, NamesWeights) and (asked is None or asked not in vars(model)):
        return model.weight_attr
    return "W" if asked is None else asked


def has_square_box(model: Any, asked: str | None) -> bool:
    """Whether ``model`` has a box of (N, N) weights."""
    box = vars(model).get(weight_name(model, asked))
    if not isinstance(box, StateBox):
        return False
    shape = jnp.shape(box.value)
    return len(shape) == 2 and shape[0] == shape[1]


def fit_size(model: Any, size: int, wanted: int, *, preserve: bool) -> None:
    """Make ``model``, which has ``size`` neurons, resize where another number is wanted."""
    if wanted == size:
        return
    if not isinstance(model, SupportsResize):
        raise ValidationError(
            "train_data",
            f"2-D of shape (patterns, {size})",
            f"patterns of length {wanted}",
            f"{type(model).__name__} has no resize(num_neurons, preserve_submatrix).",
        )
    model.resize(wanted, preserve_submatrix=preserve)


def runs_as_built(model: Any, base: type, method: str) -> bool:
    """Whether ``model`` is a ``base`` that no subclass gave a ``method`` of its own."""
    return isinstance(model, base) and getattr(type(model), method) is getattr(base, method)


@contextmanager
def unchanged_on_error(model: Any) -> Iterator[None]:
    """Put attributes and boxes of ``model`` back as they were where the block raises."""
    attributes = dict(vars(model))
    values = {name: box.value for name, box in attributes.items() if isinstance(box, StateBox)}
    try:
        yield
    except BaseException:
        vars(model).clear()
        vars(model).update(attributes)
        for name, value in values.items():
            attributes[name].value = value
        raise


class Binding:
    """One rule bound to one model.

    Args:
        model: The model.
        rule: The rule.
        weight_attr: Name of the model's weight box.
        needed_by: Who asks, for messages.
    """

    def __init__(self, model: Any, rule: Rule, weight_attr: str, needed_by: str) -> None:
        self.model = model
        self.weights = box_of(model, weight_attr, needed_by)
        self.memory = [box_of(model, name, needed_by, rule.remedy) for name in rule.memory_attrs]
        shape = jnp.shape(self.weights.value)
        if len(shape) != 2:
            raise ValidationError(weight_attr, "2-D, (out, in)", f"shape {shape}")
        self.output_size, self.input_size = shape
        self.neuron, self.states, self.outputs = self._drive(rule, needed_by)
        own = self.neuron.State._fields if self.states else ()
        self.names = (weight_attr, *rule.memory_attrs, *own)
        self.at_once = rule.additive and self.neuron.clamped and not self.own_forward

    def _drive(self, rule: Rule, needed_by: str) -> tuple[Neuron, list[StateBox], list[StateBox]]:
        model = self.model
        if runs_as_built(model, FeedForwardLayer, "forward"):
            neuron: Neuron = model.neuron
            states = [box_of(model, name, needed_by) for name in neuron.State._fields]
            outputs = [box_of(model, name, needed_by) for name in ("x", model.predict_state_attr)]
        else:
            recurrent = self.output_size == self.input_size and rule.additive
            neuron, states, outputs = Clamped() if recurrent else Linear(), [], []
        for name in rule.needs:
            if name not in neuron.provides:  # then a forward of the user's own must keep it
                box_of(model, name, needed_by, rule.remedy)
        return neuron, states, outputs

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
        state = self.neuron.State(*(box.value for box in self.states))
        memory = tuple(jnp.asarray(box.value) for box in self.memory)
        return Learner(weights, memory, state, (pre, post))

    def write(self, learner: Learner) -> None:
        """Put all that was learnt into the model."""
        self.weights.value = learner.weights
        pairs = [*zip(self.memory, learner.memory, strict=True)]
        pairs += zip(self.states, learner.state, strict=True)
        if self.outputs:
            pairs += zip(self.outputs, learner.activity, strict=True)
        for box, value in pairs:
            box.value = value

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
        with nullcontext() if compiled else jax.disable_jit():
            for step, x in enumerate(inputs, first_step):
                activity = self._forward(rule, x)
                learner, fine = _answer(rule, project, learner, activity)
                if not fine:
                    raise divergence(rule, step, inputs)
                self.weights.value = learner.weights
        return learner

    def _forward(self, rule: Rule, x: NDArray[Any]) -> Activity:
        pre, post = jnp.asarray(x), jnp.asarray(self.model.forward(x))
        traces = {name: jnp.asarray(vars(self.model)[name].value) for name in rule.needs}
        # The boxes hold the traces after this step; the rule wants what earlier steps left.
        own = {"trace_pre": pre, "trace_post": post}
        return Activity(pre, post, **{name: trace - own[name] for name, trace in traces.items()})


class HookBinding:
    """A model that stores patterns by its own ``apply_hebbian_learning``.

    Args:
        model: The model.
    """

    at_once = True
    input_size = None
    names = ("by apply_hebbian_learning",)

    def __init__(self, model: Any) -> None:
        self.model = model
        self.weights = vars(model).get(weight_name(model, None))

    def read(self) -> Learner:
        """Return the present weights, or none where the model has no box for them."""
        box = self.weights
        weights = jnp.asarray(box.value) if isinstance(box, StateBox) else jnp.zeros((0, 0))
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

    def write(self, learner: Learner) -> None:
        """Do nothing: the model has written its weights itself."""


@jax.jit
def _answer(
    rule: Rule, project: Projection, learner: Learner, activity: Activity
) -> tuple[Learner, Array]:
    after = apply_rule(rule, project, learner, NoState(), activity)
    return after, healthy(after)
