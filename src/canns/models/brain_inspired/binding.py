"""Binding of a rule to a model: which neuron runs, where its states are read and written.

Three kinds of model can learn. The library's own hand out a pure neuron, and run in one
compiled scan. A model of the user's own that defines ``forward`` is driven through it, sample by
sample. One that has only weights is a recurrent network, whose neurons are held at the sample,
where its weights are square, and else a linear layer.
"""

from contextlib import nullcontext
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns.dynamics import Activity, Clamped, Linear, Neuron, NoState
from canns.errors import ValidationError
from canns.models.basic import BasicModel
from canns.models.brain_inspired.duck import (
    SupportsForward,
    box_of,
    find_box,
    put,
    runs_as_built,
    shape_of,
)
from canns.models.brain_inspired.neuron_model import NeuronModel, Places
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.plasticity import Learner, Projection, Recorder, Rule, learn
from canns.plasticity.learning.loop import apply_rule
from canns.plasticity.learning.samples import learns_at_once
from canns.plasticity.learning.state import (
    as_floats,
    check_held,
    check_rewarded,
    divergence,
    healthy,
)
from canns.typing import Array, StateBox

__all__ = ["Binding", "check_unrecorded"]


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
        self.needed_by = needed_by
        places = self._drive(weight_attr, neuron)
        weights = as_floats(self._read(places.weights))
        rule.check_weights(weights)
        for name in rule.needs:
            if name not in (*self.neuron.provides, "reward"):
                box_of(model, name, needed_by, rule.remedy)  # a forward of the user's must keep it
        check_held(rule, self.neuron)
        self._fit_memory(rule, weights)
        self.places = places._replace(memory=rule.memory_attrs)
        self.names = tuple(jax.tree.leaves(self.places[:3]))

    def _drive(self, weight_attr: str, chosen: Neuron | None) -> Places:
        """Set the neuron to learn with, and return where the model holds what it advances."""
        model = self.model
        places = Places(weight_attr)
        if runs_as_built(model, NeuronModel, "forward"):
            self.neuron, places = model.neuron, model.places(weight_attr)
            self.input_size, recurrent = model.input_size, False
        else:
            shape = shape_of(self._locate(weight_attr))
            if len(shape) != 2:
                raise ValidationError(weight_attr, "2-D, (out, in)", f"shape {shape}")
            self._check_couplings(shape)
            recurrent = shape[0] == shape[1] and not isinstance(model, SupportsForward)
            self.neuron = chosen or (Clamped() if recurrent else Linear())
            self.input_size = shape[1]
        if chosen is not None and not recurrent:
            raise ValidationError(
                "neuron",
                f"None for {type(model).__name__}",
                type(chosen).__name__,
                "A layer has neurons of its own; only a recurrent network takes others.",
            )
        return places

    def _check_couplings(self, shape: tuple[int, ...]) -> None:
        model = self.model
        if not isinstance(model, RecurrentNetwork):
            return
        size = len(model.s.value)
        if not model.couples or shape != (size, size):
            raise ValidationError(
                "model",
                "a network whose weights lead from neuron to neuron",
                f"{type(model).__name__} with weights {shape}",
                "Store with its own apply_hebbian_learning, or by HebbianTrainer.",
            )

    def _fit_memory(self, rule: Rule, weights: Any) -> None:
        """See that the model holds what ``rule`` remembers, which a rule may bring with it."""
        brings = rule.own_memory and isinstance(self.model, BasicModel)
        for attribute, value in zip(rule.memory_attrs, rule.init(weights), strict=True):
            if brings and find_box(self.model, attribute) is None:
                self.model.adopt(attribute, value, trace=attribute in rule.traces)
            box = box_of(self.model, attribute, self.needed_by, rule.remedy)
            if rule.own_memory and jnp.shape(box.value) != value.shape:
                got = f"shape {jnp.shape(box.value)}"
                raise ValidationError(attribute, f"of shape {value.shape}", got)

    def at_once(self, rule: Rule, project: Projection) -> bool:
        """Whether all samples are learnt in one product."""
        return not self.own_forward and learns_at_once(rule, self.neuron, project)

    def takes_all(self, rule: Rule) -> bool:
        """Whether all samples have to be there at once."""
        return rule.whole

    @property
    def resumes(self) -> bool:
        """Whether what it reads is all that a run goes on from."""
        return not self.own_forward

    obstacle = "which runs code of its own"  # to a checkpoint, where it does not resume

    @property
    def neuron_name(self) -> str:
        """The neuron with its hyperparameters, as text."""
        return repr(self.neuron)

    @property
    def own_forward(self) -> bool:
        """Whether the model is driven through a ``forward`` of the user's own."""
        as_built = runs_as_built(self.model, NeuronModel, "forward")
        return isinstance(self.model, SupportsForward) and not as_built

    def read(self) -> Learner:
        """Return the model's present states."""
        held = Learner(*(self._read(names) for names in self.places))
        held = held._replace(weights=as_floats(held.weights))
        if not self.places.activity:  # a model with nothing but weights
            silence = self.neuron.silence(held.weights)
            held = held._replace(state=self.neuron.init(held.weights), activity=silence)
        return held

    def write(self, learner: Learner) -> None:
        """Put all that was learnt into the model."""
        self._put_weights(learner.weights)
        for names, values in zip(self.places[1:], learner[1:], strict=True):
            if jax.tree.leaves(names):
                jax.tree.map(lambda name, value: put(self._locate(name), value), names, values)

    def _put_weights(self, weights: Any) -> None:
        def put_one(name: str, value: Array) -> None:
            box = self._locate(name)
            if isinstance(box.value, np.ndarray) and box.value.dtype.kind in "biu":
                box.value = np.array(value)  # whole numbers could not hold what was learnt
            else:
                put(box, value)

        jax.tree.map(put_one, self.places.weights, weights)

    def _read(self, names: Any) -> Any:
        return jax.tree.map(lambda name: jnp.asarray(self._locate(name).value), names)

    def _locate(self, name: str) -> StateBox:
        model = self.model
        at = model.locate if isinstance(model, NeuronModel) else partial(box_of, model)
        return at(name, self.needed_by)

    def learn(
        self,
        rule: Rule,
        project: Projection,
        learner: Learner,
        inputs: NDArray[Any],
        *,
        rewards: NDArray[Any] | None = None,
        compiled: bool = True,
        first_step: int = 0,
        recorder: Recorder | None = None,
    ) -> Learner:
        """Return the learner after one pass over ``inputs``, (T, in), and ``rewards``, (T,)."""
        if not self.own_forward:
            return learn(
                rule,
                self.neuron,
                learner,
                inputs,
                rewards=rewards,
                project=project,
                compiled=compiled,
                first_step=first_step,
                recorder=recorder,
            )
        check_unrecorded(self.model, recorder)
        rule.validate()
        project.validate()
        check_rewarded(rule, rewards)
        with nullcontext() if compiled else jax.disable_jit():
            for i, x in enumerate(inputs):
                reward = None if rewards is None else jnp.asarray(rewards[i])
                activity = self._forward(rule, x)._replace(reward=reward)
                learner, fine = _answer(rule, project, learner, activity)
                if not fine:
                    raise divergence(rule, first_step + i, inputs)
                self._put_weights(learner.weights)
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
        kept = [name for name in rule.needs if name != "reward"]
        fields: dict[str, Any] = {name: jnp.asarray(self._locate(name).value) for name in kept}
        # The boxes hold the traces after this step; the rule wants what earlier steps left.
        for name, own in (("trace_pre", pre), ("trace_post", post)):
            if name in fields:
                fields[name] -= own
        return Activity(pre, post, **fields)


def check_unrecorded(model: Any, recorder: Recorder | None) -> None:
    if recorder is not None:
        expected = f"None for {type(model).__name__}, which runs code of its own"
        raise ValidationError("monitor", expected, "one")


@jax.jit
def _answer(
    rule: Rule, project: Projection, learner: Learner, activity: Activity
) -> tuple[Learner, Array]:
    after = apply_rule(rule, project, learner, NoState(), activity)
    return after, healthy(after)
