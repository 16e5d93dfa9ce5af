"""The rule protocol: one pure step that turns activity into a weight change."""

from abc import abstractmethod
from typing import Any, ClassVar

from numpy.typing import NDArray

from canns.dynamics import Activity
from canns.typing import Array, Parameters

__all__ = ["Memory", "Rule", "contract"]

Memory = tuple[Array, ...]


class Rule(Parameters):
    """A learning rule: hyperparameters and one pure step.

    A subclass is a frozen dataclass (:func:`~canns.typing.pytree`) that defines :meth:`step`.

    Attributes:
        needs: The optional fields of :class:`~canns.dynamics.Activity` that the step reads.
        memory_attrs: Names of the model's state boxes that the rule advances.
        additive: True where the change of a data set is the sum of its samples' changes at
            any weights, so that clamped neurons learn it in one product.
        remedy: Where a model gets the states from that the rule needs, as a sentence.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    memory_attrs: ClassVar[tuple[str, ...]] = ()
    additive: ClassVar[bool] = False
    remedy: ClassVar[str] = ""

    def init(self, weights: Array) -> Memory:
        """Return the memory to start from, one array for each of ``memory_attrs``."""
        return ()

    @abstractmethod
    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the memory after this step and the weight change, (out, in).

        Args:
            memory: What the rule remembers.
            weights: W, (out, in).
            activity: One sample; for an additive rule its fields may have a leading axis.
        """

    def stability_bound(self, inputs: NDArray[Any]) -> str:
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
