"""The two iterative storage rules of Diederich and Opper."""

import math
from typing import ClassVar, Literal

import jax.numpy as jnp
import numpy as np

from canns._validation import check_choice
from canns.dynamics import Activity, Neuron, before_jump
from canns.plasticity.rule import Memory, Rule, Target, contract, targets
from canns.typing import AnyArray, Array, FloatArray, param, pytree, static

__all__ = ["DiederichOpper"]


@pytree
class DiederichOpper(Rule):
    r"""The local iterative rules of Diederich and Opper, with :math:`h = W x`.

    .. math::
        \text{I:}\quad \Delta W = \frac{\eta}{N} (y - h)\, x^T, \qquad
        \text{II:}\quad \Delta W_i = \frac{\eta}{N} \Theta(1 - y_i h_i)\, y_i\, x^T

    If the patterns are shown repeatedly, starting from W = 0, variant I converges to the
    pseudo-inverse solution, :math:`y_i h_i = 1`: without self-couplings under
    :class:`ZeroDiagonal`, otherwise the projector onto the patterns. Variant II is a perceptron
    with margin: if weights exist that store the patterns, it stops after finitely many changes,
    with all :math:`y_i h_i \ge 1`.

    Args:
        variant: "I" or "II".
        learning_rate: Eta; 1 in the paper. In variant II a smaller rate takes more epochs and
            gives a larger stability.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0, -1.0]), post=jnp.array([1.0, -1.0]))
        >>> weights = jnp.array([[0.0, -0.5], [-0.5, 0.0]])
        >>> DiederichOpper("I").step((), weights, activity)[1].tolist()
        [[0.25, -0.25], [-0.25, 0.25]]

    Source: Diederich & Opper (1987), Phys. Rev. Lett. 58:949.
    """

    variant: Literal["I", "II"] = static(default="I")
    learning_rate: float = param(default=1.0, low=0)

    target: ClassVar[Target] = "given"
    corrects: ClassVar[bool] = True
    bounded_for: ClassVar[tuple[type[Neuron], ...]] = (Neuron,)

    def validate(self) -> None:
        """Check the interval and the variant."""
        super().validate()
        check_choice("variant", self.variant, ("I", "II"))

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the change for one pattern."""
        pre, post = activity.pre, activity.post
        field = weights @ pre
        if self.variant == "I":
            error = post - field
        else:
            instead = "For a derivative take variant I."
            post, field = before_jump((post, field), "DiederichOpper('II')", instead)
            wanted = targets(post)
            error = jnp.where(wanted * field < 1, wanted, 0.0)
        return memory, self.learning_rate / pre.size * contract(error, pre)

    def largest_rate(self, inputs: AnyArray) -> float:
        """Return ``2 N/max|x|^2``, above which variant I increases the error of a pattern."""
        longest = float(np.einsum("ij,ij->i", inputs, inputs).max())
        if self.variant == "II" or longest == 0:
            return math.inf
        return 2 * float(inputs.shape[1]) / longest

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the bound of variant I, ``eta |x|^2 < 2 N``."""
        bound = DiederichOpper("I").largest_rate(inputs)
        return f"Variant I is stable for learning_rate < 2 N/max|x|^2 = {bound:.3g}."
