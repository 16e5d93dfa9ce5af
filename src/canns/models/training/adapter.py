"""The adapter that lets a trainer train any object as it trains a model of the library.

Trainers accept any object whose weights attribute has a ``.value``; it needs no base class. If it
has a ``forward``, the adapter calls that sample by sample. If it has only weights, square ones make
it a recurrent network, with neurons held at the samples, and others a linear layer. If it has its
own ``apply_hebbian_learning``, that can store all samples.
"""

from contextlib import nullcontext
from typing import Any, Protocol, runtime_checkable

import jax
import jax.numpy as jnp

from canns._validation import refuse_class
from canns._warnings import warn
from canns.dynamics import Activity, Clamped, Linear, Neuron, NoState
from canns.errors import MissingStateError, ValidationError
from canns.models.basic import BasicModel, BasicModelGroup
from canns.models.brain_inspired.learnable import Learnable
from canns.models.brain_inspired.linear import LinearLayer
from canns.models.brain_inspired.lookup import (
    find_box,
    overrides,
    put,
    shape_of,
    weight_name,
)
from canns.models.brain_inspired.model import BrainInspiredModel
from canns.models.brain_inspired.neuron_model import NeuronModel
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.models.training.own_forward import OwnForward, own_times
from canns.plasticity import Learner, Recorder
from canns.plasticity.learning import Places, Plan, Samples, Setup, advance, divergence, healthy
from canns.typing import AnyArray, Array, ArrayLike, PyTree, Row, Rows, StateBox

__all__ = ["Adapter", "adapt", "is_layer", "stores_by_hebb"]

_SLIDE = LinearLayer.update_threshold


@runtime_checkable
class SupportsForward(Protocol):
    """A feed-forward model: ``forward(x)`` returns the output."""

    def forward(self, x: Row) -> ArrayLike:
        """Return the output of one sample."""


@runtime_checkable
class StoresPatterns(Protocol):
    """A recurrent model with its own Hebbian rule."""

    def apply_hebbian_learning(self, train_data: Rows) -> None:
        """Store patterns, one per row."""


@runtime_checkable
class Recalls(Protocol):
    """A recurrent model: it updates its state and has an energy."""

    energy: object

    def update(self) -> object:
        """Advance the state."""


@runtime_checkable
class MovesThreshold(Protocol):
    """A layer that moves its BCM threshold itself."""

    theta: StateBox

    def update_threshold(self) -> object:
        """Move the threshold after an output."""


@runtime_checkable
class DeclaresStorage(Protocol):
    """A network that says whether it stores by the Hebbian product rule."""

    stores_by_hebb: bool


def adapt(model: object, *, by_hook: bool = False, needed_by: str = "Training") -> Learnable:
    """Return what a trainer trains: a model of the library as it is, any other in an adapter.

    Args:
        model: The model.
        by_hook: Whether to store by the model's own ``apply_hebbian_learning``.
        needed_by: Name of the caller, for error messages.
    """
    if by_hook:
        return Adapter(model, by_hook=True, needed_by=needed_by)
    if isinstance(model, NeuronModel) and not overrides(model, NeuronModel, "forward"):
        own = getattr(type(model), "update_threshold", _SLIDE) is not _SLIDE
        return Adapter(model) if own else model
    return model if isinstance(model, RecurrentNetwork) else Adapter(model)


def own_threshold(model: object) -> bool:
    """Whether ``model`` moves its threshold ``theta`` by an ``update_threshold`` of its own."""
    if isinstance(model, NeuronModel):
        return getattr(type(model), "update_threshold", _SLIDE) is not _SLIDE
    return isinstance(model, MovesThreshold)


def is_layer(model: object) -> bool:
    """Whether ``model`` is feed-forward: it has a ``forward`` and does not recall.

    A model with an ``update``, an ``energy`` and square weights is recurrent, even if it has a
    ``forward`` too.
    """
    if isinstance(model, NeuronModel | RecurrentNetwork):
        return isinstance(model, NeuronModel)
    if not isinstance(model, SupportsForward):
        return False
    recalls = overrides_update(model) if isinstance(model, BrainInspiredModel) else None
    if recalls is None:
        recalls = isinstance(model, Recalls)
    return not (recalls and has_square_weights(model, None))


def overrides_update(model: BrainInspiredModel) -> bool:
    """Whether a user's subclass of our base class defines ``update`` and ``energy``."""
    return hasattr(type(model), "update") and overrides(model, BrainInspiredModel, "energy")


def has_square_weights(model: object, weight_attr: str | None) -> bool:
    """Whether ``model`` has a weights box of shape (N, N)."""
    box = find_box(model, weight_name(model, weight_attr))
    if box is None:
        return False
    shape = shape_of(box)
    return len(shape) == 2 and shape[0] == shape[1]


def stores_by_hebb(model: object, weight_attr: str | None) -> bool:
    """Whether ``model`` stores patterns in its (N, N) weights by the Hebbian product rule."""
    if isinstance(model, RecurrentNetwork) and weight_attr in (None, "W"):
        return model.stores_by_hebb  # the class says so
    declined = isinstance(model, DeclaresStorage) and not model.stores_by_hebb
    return not declined and has_square_weights(model, weight_attr)


class Adapter(Learnable):
    """Any object with a weights box, or with its own Hebbian rule.

    Args:
        model: The object.
        by_hook: Whether to store by the object's own ``apply_hebbian_learning``.
        needed_by: Name of the caller, for error messages.
    """

    def __init__(self, model: Any, *, by_hook: bool = False, needed_by: str = "Training") -> None:
        if model is None:
            remedy = "Give it to the trainer."
            raise ValidationError("model", "the model to work on", "None", remedy)
        refuse_class("model", "a model", model)
        if isinstance(model, BasicModel) and model._own_trainers is not None:
            expected, remedy = "a layer or a recurrent network", f"Take {model._own_trainers}."
            raise ValidationError("model", expected, type(model).__name__, remedy)
        self.wrapped = model
        self.by_hook = by_hook
        self.has_forward = not by_hook and is_layer(model)
        if isinstance(model, BasicModelGroup) and not (
            self.has_forward or isinstance(model, StoresPatterns)
        ):
            remedy = "A group trains by its own train(data, rule=...)."
            raise ValidationError("model", "one model", f"a group of {len(model)}", remedy)
        if by_hook and not isinstance(model, StoresPatterns):
            raise MissingStateError(
                f"{needed_by} needs square weights or apply_hebbian_learning(train_data); "
                f"{type(model).__name__} has neither."
            )

    @property
    def feeds_forward(self) -> bool:
        """Whether the object is a layer, driven through its ``forward``."""
        return self.has_forward

    @property
    def subject(self) -> Any:
        """The wrapped object."""
        return self.wrapped

    def learning_neuron(
        self, chosen: Neuron | None, weight_attr: str, needed_by: str = "Training"
    ) -> Neuron:
        """Return the neuron: held at the samples in a recurrent network, linear in a layer."""
        if self.by_hook:
            return Clamped()
        shape = shape_of(self.locate(weight_attr, needed_by))
        if len(shape) != 2:
            raise ValidationError(weight_attr, "2-D, (out, in)", f"shape {shape}")
        recurrent = shape[0] == shape[1] and not self.has_forward
        if chosen is not None and not recurrent:
            raise ValidationError(
                "neuron",
                f"None for {type(self.wrapped).__name__}",
                type(chosen).__name__,
                "A layer has neurons of its own; only a recurrent network takes others.",
            )
        if self.has_forward:
            return OwnForward(type(self.wrapped).__name__, *own_times(self.wrapped))
        return chosen or (Clamped() if recurrent else Linear())

    def places(self, weight_attr: str) -> Places:
        """Return the name of the weights box."""
        return Places(weight_attr)

    def width(self, weight_attr: str) -> int | None:
        """Return the number of weights per neuron; None if the object's own rule stores."""
        return None if self.by_hook else shape_of(self.locate(weight_attr))[1]

    def obstacle(self, plan: Plan) -> str | None:
        """Return that the object runs its own code, if it does."""
        return "which runs code of its own" if self.by_hook or self.has_forward else None

    def at_once(self, plan: Plan) -> bool:
        """Whether all samples are learnt in one call."""
        return self.by_hook or (not self.has_forward and super().at_once(plan))

    def takes_all(self, plan: Plan) -> bool:
        """Whether all samples must be in memory, which the object's own Hebbian rule needs."""
        return self.by_hook or (not self.has_forward and super().takes_all(plan))

    def accept(self, plan: Plan, rewards: AnyArray | None = None) -> Plan:
        """Return the plan, or raise if it does not fit; the object's own rule takes any plan."""
        if self.by_hook:
            plan.setup.check_rewarded(rewards is not None)
            return plan._replace(
                places=Places(("by apply_hebbian_learning",)), start=self._stored()
            )
        # A forward of the user's own may answer in any way, so no bound is known.
        plan = super().accept(plan._replace(bounded=not self.has_forward), rewards)
        neuron = plan.setup.neuron
        untold = isinstance(neuron, OwnForward) and neuron.decay_pre is None
        if untold and "decay_pre" in plan.setup.rule.needs:
            name = type(self.wrapped).__name__
            warn(
                f"{name} does not say which share of its traces is left after a step, so a pair "
                'counts as under coincidence="ltp", at full steps apart.',
                f'Give {name} the attribute trace_decay, or choose coincidence="ltp".',
            )
        return plan

    def _stored(self) -> Learner:
        """Return the weights as a learner; one zero if the object has no weights box."""
        box = find_box(self.wrapped, weight_name(self.wrapped, None))
        weights = jnp.zeros((1, 1)) if box is None else jnp.array(box.value)
        return Learner(weights, (), NoState(), (weights[:0], weights[:0]))

    def _adopt(self, attribute: str, value: Array, trace: bool) -> None:
        if isinstance(self.wrapped, BasicModel):
            self.wrapped.adopt(attribute, value, trace=trace)

    def learn(
        self,
        plan: Plan,
        learner: Learner,
        inputs: AnyArray,
        *,
        rewards: AnyArray | None = None,
        compiled: bool = True,
        first_step: int = 0,
        recorder: Recorder | None = None,
    ) -> Learner:
        """Return the learner after one pass over ``inputs``, by the object's own code if any."""
        if self.obstacle(plan) is None:
            return super().learn(
                plan,
                learner,
                inputs,
                rewards=rewards,
                compiled=compiled,
                first_step=first_step,
                recorder=recorder,
            )
        self.refuse_recorder(plan, recorder)
        if self.by_hook:
            self.wrapped.apply_hebbian_learning(inputs)
            after = self._stored()
            if not healthy(after):
                raise divergence(plan.setup.rule, first_step, inputs)
            return after
        slides = "theta" in plan.setup.rule.memory_attrs and own_threshold(self.wrapped)
        with nullcontext() if compiled else jax.disable_jit():
            for i, x in enumerate(inputs):
                reward = None if rewards is None else jnp.asarray(rewards[i])
                activity = self._drive(plan, x)._replace(reward=reward)
                learner, fine = _answer(plan.setup, learner, activity)
                if not fine:
                    raise divergence(plan.setup.rule, first_step + i, inputs)
                put(self.locate(plan.weight_attr), learner.weights, keep_type=False)
                if slides:
                    learner = learner._replace(memory=self._moved(plan))
        return learner

    def _moved(self, plan: Plan) -> PyTree:
        """Return the rule's memory after the object has moved its threshold itself."""
        self.wrapped.update_threshold()
        return self._read(plan.places.memory)

    def _drive(self, plan: Plan, x: AnyArray) -> Activity:
        """Return the activity of one call of the object's ``forward``."""
        pre, post = jnp.asarray(x), jnp.asarray(self.wrapped.forward(x))
        needs, neuron = plan.setup.rule.needs, plan.setup.neuron
        told = {name: getattr(neuron, name) for name in neuron.provides if name in needs}
        kept = [name for name in needs if name != "reward" and name not in told]
        fields = dict(zip(kept, self._read(kept), strict=True))
        # The boxes hold the traces after this step; the rule wants the traces of earlier steps.
        for name, own in (("trace_pre", pre), ("trace_post", post)):
            if name in fields:
                fields[name] -= own
        # Traces that lose nothing are the same half a step later.
        told = {name: 1.0 if decay is None else decay for name, decay in told.items()}
        return Activity(pre, post, **fields, **told)

    def write(self, plan: Plan, learner: Learner) -> None:
        """Write all that was learnt into the object, unless its own rule has done so."""
        if not self.by_hook:
            super().write(plan, learner)


@jax.jit
def _answer(setup: Setup, learner: Learner, activity: Activity) -> tuple[Learner, Array]:
    sample = Samples(activity.pre, activity.reward)
    after = advance(setup, learner, sample, (NoState(), activity))
    return after, healthy(after)
