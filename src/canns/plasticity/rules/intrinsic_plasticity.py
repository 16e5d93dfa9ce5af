"""Intrinsic plasticity: a neuron adapts its sigmoid so that its output becomes exponential."""

from typing import ClassVar, Literal

from canns._validation import check_choice
from canns.dynamics import Activity, Role
from canns.errors import ValidationError
from canns.plasticity.rule import Memory, Reads, Rule
from canns.typing import Array, FloatArray, PyTree, param, pytree, static

__all__ = ["Intrinsic", "IntrinsicPlasticity"]

Intrinsic = Literal["gain", "bias"]
_INTRINSIC: tuple[Intrinsic, ...] = ("gain", "bias")


@pytree
class IntrinsicPlasticity(Rule):
    r"""Intrinsic plasticity of a neuron :math:`y = 1/(1 + e^{-(a h + b)})`.

    .. math::
        \Delta b = \eta\,\big(1 - (2 + 1/\mu)\, y + y^2/\mu\big), \qquad
        \Delta a = \eta / a + h\, \Delta b

    Both changes descend the Kullback-Leibler divergence of the output distribution from the
    exponential distribution of mean :math:`\mu`, which has the largest entropy for this mean. Each
    is the rule for one part of :class:`~canns.dynamics.AdaptiveSigmoid`:
    ``Parts((None, IntrinsicPlasticity("gain"), IntrinsicPlasticity("bias")))``; put a rule for the
    weights in place of None to train them too.

    Args:
        parameter: The parameter that the rule changes: the "gain" a or the "bias" b.
        learning_rate: Eta.
        mean: Mu, the mean of the exponential distribution, in (0, 1).

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([2.0]), post=jnp.array([0.5]))
        >>> for parameter in ("gain", "bias"):
        ...     rule = IntrinsicPlasticity(parameter, learning_rate=1.0, mean=0.5)
        ...     print(rule.step((), jnp.array([1.0]), activity)[1].tolist())
        [0.0]
        [-0.5]

    Source: Triesch (2005), ICANN, Lect. Notes Comput. Sci. 3696:65; (2007), Neural Comput. 19:885.
    """

    parameter: Intrinsic = static(default="gain")
    learning_rate: float = param(default=0.001, low=0)
    mean: float = param(default=0.1, low=0, high=1, open_low=True, open_high=True)

    reads: ClassVar[Reads | None] = "anything"

    @property
    def role(self) -> Role:  # type: ignore[override]  # depends on the parameter
        """The gain or the bias."""
        return self.parameter

    def validate(self) -> None:
        """Check the intervals and the name of the parameter."""
        super().validate()
        check_choice("parameter", self.parameter, _INTRINSIC)

    def check_weights(self, weights: PyTree) -> None:
        """Raise if the part does not hold one number per neuron."""
        super().check_weights(weights)
        if weights.ndim != 1:
            name, got = f"IntrinsicPlasticity({self.parameter!r})", f"shape {weights.shape}"
            remedy = "Give it to a part of AdaptiveSigmoid by Parts."
            raise ValidationError("rule", f"{name} for one number a neuron", got, remedy)

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the change of the gain or of the bias, (out,)."""
        y = activity.post
        change = 1 - (2 + 1 / self.mean) * y + y**2 / self.mean
        if self.parameter == "gain":
            change = 1 / weights + activity.pre * change
        return memory, self.learning_rate * change

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the message that a step must not take a gain to zero."""
        return "Use a smaller learning rate: a step must not take a gain to zero."
