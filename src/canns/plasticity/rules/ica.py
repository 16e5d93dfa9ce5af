"""The nonlinear Hebbian rule: independent components."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

import jax.numpy as jnp
import numpy as np

from canns._validation import check_choice
from canns._warnings import warn
from canns.dynamics import Activity, Linear, Neuron
from canns.plasticity.rule import Memory, Reads, Rule, contract, refuse_rate
from canns.plasticity.rules.principal import spectrum
from canns.typing import AnyArray, Array, FloatArray, PyTree, param, pytree, static

__all__ = ["CONTRASTS", "Contrast", "NonlinearHebbian", "Sources"]

Contrast = Literal["logcosh", "exp", "cube"]
CONTRASTS: tuple[Contrast, ...] = ("logcosh", "exp", "cube")
Sources = Literal["super_gaussian", "sub_gaussian"]
_SOURCES: tuple[Sources, ...] = ("super_gaussian", "sub_gaussian")

_NONLINEARITIES: Mapping[Contrast, Callable[[Array], Array]] = MappingProxyType(
    {"logcosh": jnp.tanh, "exp": lambda y: y * jnp.exp(-(y**2) / 2), "cube": lambda y: y**3}
)

_ON_HOST: Mapping[Contrast, Callable[[AnyArray], AnyArray]] = MappingProxyType(
    {"logcosh": np.tanh, "exp": lambda y: y * np.exp(-(y**2) / 2), "cube": lambda y: y**3}
)
_SHARE = 0.5  # of the bound, from which on a rate is warned of
_FINE = 0.02  # of the bound: a rate at which the rows are found to a few degrees
_WHITE = 1.5  # factor by which a variance may differ from that of white samples


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
    bounded_for: ClassVar[tuple[type[Neuron], ...]] = (Linear,)

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

    def largest_rate(self, inputs: AnyArray) -> float:
        """Return ``1/E[x g(x)]``, from which on a sample turns the rows over.

        A step multiplies the rows by a matrix of determinant ``1 - eta y g(y)``, in which the
        orthonormal y = W x has about the moments of x.
        """
        rows = np.asarray(inputs, np.float64)  # in which the cube of any float32 is finite
        moment = float(np.einsum("ij,ij->", rows, _ON_HOST[self.contrast](rows))) / len(rows)
        return 1 / moment if moment > 0 else math.inf

    def check_data(self, weights: PyTree, inputs: AnyArray, neuron: Neuron, power: float) -> None:
        """Raise beyond the bound; warn near it, and if the inputs are not white."""
        bound, name = self.largest_rate(inputs), type(self).__name__
        better = f"{_FINE * bound:.2g}"
        _warn_if_coloured(inputs)
        refuse_rate(name, self.learning_rate, bound, f"Take one such as {better}.")
        if self.learning_rate >= _SHARE * bound:
            warn(
                f"A learning_rate of {self.learning_rate:g} is large for {name} at these data, "
                f"whose bound is {bound:.3g}: the components stay inexact.",
                f'Take one such as {better}, which learning_rate="auto" of a trainer finds.',
            )

    def automatic_rate(self, inputs: AnyArray, outputs: int) -> float:
        """Return a fiftieth of the bound."""
        return _FINE * self.largest_rate(inputs)

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the requirements: the projection, white inputs, and a small ``eta |x|^2``."""
        return (
            "The rule needs OrthonormalRows as its projection, white inputs, and learning_rate "
            f"well below 1/E[x g(x)] = {self.largest_rate(inputs):.3g}."
        )


def _warn_if_coloured(inputs: AnyArray) -> None:
    """Warn if the inputs, (T, in), are not white, beyond what so few samples do by chance."""
    count, width = inputs.shape
    if count <= width:
        return  # so few samples look alike in any case
    variances = spectrum(inputs - inputs.mean(axis=0))
    # The eigenvalues of white samples lie between these edges (Marchenko & Pastur 1967).
    spread = math.sqrt(width / count)
    low, high = max(0.0, 1 - spread) ** 2 / _WHITE, _WHITE * (1 + spread) ** 2
    off_centre = float((inputs.mean(axis=0) ** 2).sum()) > (_WHITE - 1 + 4 / count) * width
    if variances[0] > high or variances[-1] < low or off_centre:
        seen = "not centred" if off_centre else f"of {variances[-1]:.3g} to {variances[0]:.3g}"
        warn(
            f"The inputs are not white: their variances along the principal axes are {seen}, "
            "not 1, so the rule finds no independent components.",
            "Whiten them: task.whiten(data).apply(data).",
        )
