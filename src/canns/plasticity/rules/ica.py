"""The nonlinear Hebbian rule: independent components."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

import jax.numpy as jnp

from canns._validation import check_choice
from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Reads, Rule, contract
from canns.typing import Array, FloatArray, param, pytree, static

__all__ = ["CONTRASTS", "Contrast", "NonlinearHebbian", "Sources"]

Contrast = Literal["logcosh", "exp", "cube"]
CONTRASTS: tuple[Contrast, ...] = ("logcosh", "exp", "cube")
Sources = Literal["super_gaussian", "sub_gaussian"]
_SOURCES: tuple[Sources, ...] = ("super_gaussian", "sub_gaussian")

_NONLINEARITIES: Mapping[Contrast, Callable[[Array], Array]] = MappingProxyType(
    {"logcosh": jnp.tanh, "exp": lambda y: y * jnp.exp(-(y**2) / 2), "cube": lambda y: y**3}
)


@pytree
class NonlinearHebbian(Rule):
    r"""The nonlinear Hebbian rule for independent component analysis.

    .. math:: \Delta W = \sigma \eta\, g(y)\, x^T, \qquad W \leftarrow (W W^T)^{-1/2}\, W

    The rule ascends the gradient of :math:`\sigma \sum_i E\,G(y_i)`, with G' = g. The inputs must
    be white (of covariance 1), and :class:`OrthonormalRows` must keep the rows orthonormal; then
    the rows converge to the unmixing vectors of independent sources. :math:`\sigma` is the sign
    of :math:`E[s\, g(s) - g'(s)]` for the sources s.

    Args:
        learning_rate: Eta.
        contrast: The choice of G. "logcosh": g = tanh y, robust; "exp": g = y exp(-y^2/2), more
            robust; "cube": g = y^3, the kurtosis.
        sources: Whether the densities of the sources have heavier tails than a Gaussian, as in
            speech and images ("super_gaussian": sigma = -1 for "logcosh" and "exp", +1 for
            "cube"), or lighter tails ("sub_gaussian": the opposite signs).

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0, -2.0]), post=jnp.array([2.0]))
        >>> NonlinearHebbian(0.5, "cube").step((), jnp.zeros((1, 2)), activity)[1].tolist()
        [[4.0, -8.0]]

    Source: Hyvarinen & Oja (1998), Signal Process. 64:301; Oja (1997), Neurocomputing 17:25.
    """

    learning_rate: float = param(default=0.01, low=0)
    contrast: Contrast = static(default="logcosh")
    sources: Sources = static(default="super_gaussian")

    reads: ClassVar[Reads | None] = "responses"

    def validate(self) -> None:
        """Check the interval and the names."""
        super().validate()
        check_choice("contrast", self.contrast, CONTRASTS)
        check_choice("sources", self.sources, _SOURCES)

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return sigma eta g(y) x'."""
        sign = 1 if (self.contrast == "cube") == (self.sources == "super_gaussian") else -1
        bent = _NONLINEARITIES[self.contrast](activity.post)
        return memory, sign * self.learning_rate * contract(bent, activity.pre)

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the requirements: the projection, white inputs, and a small ``eta |x|^2``."""
        largest = float((inputs**2).sum(axis=1).max())
        return (
            "The rule needs OrthonormalRows as its projection, white inputs, and learning_rate "
            f"well below 1/max|x|^2 = {1 / largest:.3g}."
        )
