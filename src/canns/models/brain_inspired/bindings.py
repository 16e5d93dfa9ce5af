"""The kinds of binding: by weights, by patterns kept in their place, by a model's own storage."""

from typing import Any

import jax.numpy as jnp
from numpy.typing import NDArray

from canns._validation import check_matrix
from canns.dynamics import Neuron, NoState
from canns.errors import MissingStateError
from canns.models.brain_inspired.binding import Binding, check_unrecorded
from canns.models.brain_inspired.duck import StoresPatterns, find_box, weight_name
from canns.models.brain_inspired.keeping import Keeping, KeepsPatterns
from canns.plasticity import Learner, Projection, Recorder, Rule
from canns.plasticity.learning.state import check_rewarded, divergence, healthy

__all__ = ["AnyBinding", "HookBinding", "KeepingBinding", "bind"]


class HookBinding:
    """A model that stores patterns by its own ``apply_hebbian_learning``.

    Args:
        model: The model.
        needed_by: Who asks, for messages.
    """

    input_size = None
    resumes = False
    obstacle = "which runs code of its own"
    neuron_name = ""
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

    def takes_all(self, rule: Rule) -> bool:
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
        rewards: NDArray[Any] | None = None,
        compiled: bool = True,
        first_step: int = 0,
        recorder: Recorder | None = None,
    ) -> Learner:
        """Let the model store ``inputs``, (P, N), as its own code says."""
        check_rewarded(rule, rewards)
        check_unrecorded(self.model, recorder)
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


class KeepingBinding:
    """A network that keeps patterns in place of its weights.

    Args:
        model: The network.
        how: How it keeps them.
    """

    names = ("W",)
    resumes = False
    obstacle = "which keeps patterns, all at once; with method='dense' it takes one"
    neuron_name = ""

    def __init__(self, model: KeepsPatterns, how: Keeping) -> None:
        self.model = model
        self.how = how
        self.input_size = model.num_neurons

    def at_once(self, rule: Rule, project: Projection) -> bool:
        """The network takes all patterns at once."""
        return True

    def takes_all(self, rule: Rule) -> bool:
        """Whether all patterns have to be there at once."""
        return rule.whole

    def read(self) -> Learner:
        """Return the patterns that are kept, as the weights."""
        return Learner(self.model.W.stored, (), NoState(), ((), ()))

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
        """Keep ``inputs``, (P, N), too."""
        check_rewarded(rule, rewards)
        check_unrecorded(self.model, recorder)
        self.model.keep(self.how, inputs)
        return self.read()

    def measures(
        self, rule: Rule, learner: Learner, inputs: NDArray[Any]
    ) -> dict[str, NDArray[Any]]:
        """Return nothing: what keeps patterns solves no equations by steps."""
        return {}

    def write(self, learner: Learner) -> None:
        """Do nothing: the network has them already."""


def bind(
    model: Any,
    rule: Rule,
    project: Projection,
    inputs: NDArray[Any],
    weight_attr: str,
    needed_by: str,
    neuron: Neuron | None = None,
) -> Binding | KeepingBinding:
    """Return how ``model`` learns ``inputs`` by ``rule``: by its weights, or by keeping patterns.

    Arguments as of :class:`Binding`, and those of the run.
    """
    if isinstance(model, KeepsPatterns) and weight_attr == "W" and neuron is None:
        check_matrix("data", inputs[:1], model.num_neurons)
        rule.validate()
        how = model.keeping(rule, project, inputs)
        if how is not None:
            return KeepingBinding(model, how)
    return Binding(model, rule, weight_attr, needed_by, neuron)


AnyBinding = Binding | HookBinding | KeepingBinding
