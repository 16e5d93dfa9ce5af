"""The rule protocol: one pure step that turns activity into a weight change."""

from abc import abstractmethod
from typing import Any, ClassVar, Literal, NamedTuple

import jax.numpy as jnp
import numpy as np

from canns.dynamics import Activity
from canns.errors import ValidationError
from canns.typing import AnyArray, Array, FloatArray, Parameters, PyTree

__all__ = [
    "Kept",
    "Memory",
    "Rule",
    "Shown",
    "Target",
    "answers_to_samples",
    "contract",
    "each_by",
    "targets",
    "widen",
]

Memory = tuple[Array, ...]
Shown = Literal["one_by_one", "summed", "whole"]
Target = Literal["given", "self"] | None


class Kept(NamedTuple):
    r"""A change of the weights as a product of patterns, :math:`(X - \rho)^T K (X - \rho)`.

    Args:
        strengths: K, (P, P), or its diagonal, (P,).
        centre: Rho.
    """

    strengths: AnyArray
    centre: float = 0.0


class Rule(Parameters):
    """A learning rule: hyperparameters and one pure step.

    A subclass is a frozen dataclass (:func:`~canns.typing.pytree`) that defines :meth:`step`.

    Attributes:
        needs: The optional fields of :class:`~canns.dynamics.Activity` that the step reads.
        shown: How a data set is shown. "one_by_one": each sample sees the weights that the one
            before it left. "summed": the change of a data set is the sum of its samples' changes
            at any weights, so neurons that are held at their samples learn it in one product.
            "whole": one step takes the whole data set, and the fields of its activity have a
            leading sample axis; the neuron must be held at its samples.
        target: None if the rule reads what the neuron answers; "given" if post is a target, so
            that the neuron must be held; "self" if each pattern is its own target, so that the
            neuron must be :class:`~canns.dynamics.Clamped`.
        padding_value: Input that changes nothing, used to pad batches so that data sets of similar
            size share one compiled program; None if there is no such input.
        memory_attrs: Names of the model's state boxes that the rule advances.
        own_memory: True if a layer of the library that lacks a box for the memory gets one.
        traces: Those of ``memory_attrs`` that ``reset_state`` puts to rest.
        remedy: Where a model gets the states from that the rule needs, as a sentence.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    shown: ClassVar[Shown] = "one_by_one"
    target: ClassVar[Target] = None
    padding_value: ClassVar[Any] = None
    memory_attrs: ClassVar[tuple[str, ...]] = ()
    own_memory: ClassVar[bool] = False
    traces: ClassVar[tuple[str, ...]] = ()
    remedy: ClassVar[str] = ""

    def check_weights(self, weights: PyTree) -> None:
        """Raise where the rule is not one for weights of this structure."""
        if isinstance(weights, tuple):
            name, parts = type(self).__name__, len(weights)
            others = ", ".join(["None"] * (parts - 1))
            remedy = f"Say which part learns by it: Parts(({name}(), {others}))."
            raise ValidationError("rule", f"one for each of {parts} parts", name, remedy)

    def init(self, weights: Array) -> Memory:
        """Return the memory to start from, one array for each of ``memory_attrs``."""
        return ()

    @abstractmethod
    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the memory after this step and the weight change, (out, in).

        Args:
            memory: What the rule remembers.
            weights: W, (out, in).
            activity: One sample. If ``shown`` is "summed" its fields may have a leading axis; if
                it is "whole" they have one.
        """

    def as_patterns(self, patterns: AnyArray) -> "Kept | None":
        """Return what makes ``patterns``, (P, N), the change of the weights.

        None if the change is not a product of the patterns with each other. Otherwise a network
        may keep the patterns in place of its weights.
        """
        return None

    def measures(self, weights: Array, activity: Activity) -> dict[str, AnyArray]:
        """Return what is worth knowing of the weights that a whole rule has learnt, by name.

        Args:
            weights: W after learning, (out, in).
            activity: All samples, with a leading axis.
        """
        return {}

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return, as a sentence, what keeps this rule stable on ``inputs`` of shape (T, in)."""
        return "Use a smaller learning rate."


def contract(post: Array, pre: Array) -> Array:
    """Return the outer product of ``post`` and ``pre``, summed over a leading axis if any.

    Example:
        >>> import jax.numpy as jnp
        >>> contract(jnp.array([1.0, 2.0]), jnp.array([3.0])).tolist()
        [[3.0], [6.0]]
    """
    return post.T @ pre if post.ndim == 2 else post[:, None] * pre


def widen(array: Array) -> Array:
    """Return ``array`` in float32 at least, as equations are solved in.

    Example:
        >>> import jax.numpy as jnp
        >>> widen(jnp.ones(2, jnp.bfloat16)).dtype.name
        'float32'
    """
    return array.astype(jnp.promote_types(array.dtype, jnp.float32))


def each_by(strength: float, patterns: AnyArray) -> AnyArray:
    """Return K of a rule that adds every pattern with one strength, its diagonal, (P,).

    Example:
        >>> each_by(0.5, np.ones((2, 3))).tolist()
        [0.5, 0.5]
    """
    return np.full(len(patterns), float(strength))


def targets(post: Array) -> Array:
    """Return +1 where a neuron is to be on (a positive entry), and -1 elsewhere.

    Example:
        >>> import jax.numpy as jnp
        >>> targets(jnp.array([1.0, 0.0, -1.0])).tolist()
        [1.0, -1.0, -1.0]
    """
    return jnp.where(post > 0, 1.0, -1.0).astype(post.dtype)


def answers_to_samples(rule: Rule) -> bool:
    """Whether ``rule`` learns from what neurons answer, one sample after the other."""
    return rule.shown != "whole" and rule.target is None
