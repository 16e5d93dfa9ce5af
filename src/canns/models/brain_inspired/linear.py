"""The linear layer that Oja, Sanger and BCM learning train."""

import math

import jax
import jax.numpy as jnp
from numpy import typing as npt

from canns._validation import check_flag, check_real
from canns._warnings import warn
from canns.dynamics import Linear
from canns.models.boxes import FastState, SlowState
from canns.models.brain_inspired.connectivity import Connectivity
from canns.models.brain_inspired.layer import FeedForwardLayer
from canns.models.brain_inspired.lookup import all_or_nothing
from canns.plasticity import slide_threshold

__all__ = ["LinearLayer"]

_FIRST_THRESHOLD = 0.1
_slide = jax.jit(slide_threshold)  # compiled, so that it rounds as training does


class LinearLayer(FeedForwardLayer):
    r"""A layer of linear neurons, :math:`y = W x`, with an optional BCM threshold.

    Args:
        input_size: Number of inputs.
        output_size: Number of neurons.
        use_bcm_threshold: Give each neuron a sliding threshold ``theta``, 0.1 at first.
        threshold_tau: Time constant of the threshold in steps, at least 1; unused without it.
        connectivity: The pairs that have a synapse, in any form that
            :class:`~canns.models.brain_inspired.FeedForwardLayer` takes; None for all.
        delays: The delay of each synapse in ms; see there.
        name: Name of the model.

    Weights start as small Gaussian values, of standard deviation 0.1, drawn from
    ``brainstate.random``.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> layer = LinearLayer(3, 2)
        >>> layer.forward([1.0, 0.0, 0.0]).shape
        (2,)
    """

    predict_state_attr = "y"

    y: FastState
    theta: SlowState

    def __init__(
        self,
        input_size: int,
        output_size: int,
        use_bcm_threshold: bool = False,
        threshold_tau: float = 100.0,
        *,
        connectivity: Connectivity | None = None,
        delays: npt.ArrayLike | None = None,
        name: str | None = None,
    ) -> None:
        self.use_bcm_threshold = check_flag("use_bcm_threshold", use_bcm_threshold)
        # Unused without the flag, and scripts of the older toolkit leave any number there.
        least = 1 if self.use_bcm_threshold else -math.inf
        self.threshold_tau = check_real("threshold_tau", threshold_tau, low=least)
        super().__init__(
            input_size, output_size, connectivity=connectivity, delays=delays, name=name
        )
        if self.use_bcm_threshold:
            self.theta = SlowState(jnp.full(self.output_size, _FIRST_THRESHOLD))

    @property
    def neuron(self) -> Linear:
        """The pure linear neuron."""
        return Linear()

    def update_threshold(self) -> None:
        """Move the threshold towards the square of the present output.

        A layer without a threshold stays as it is, with a warning. A subclass may define its own
        rule here: BCM training then calls it after each sample, in place of the library's.
        """
        if not self.use_bcm_threshold:
            warn(
                "update_threshold does nothing: the layer has no threshold `theta`.",
                "Build the LinearLayer with use_bcm_threshold=True.",
            )
            return
        tau = check_real("threshold_tau", self.threshold_tau, low=1)
        self.theta.value = _slide(self.theta.value, self.y.value, tau)

    @all_or_nothing
    def resize(  # type: ignore[override]  # a layer has two sizes
        self, input_size: int, output_size: int | None = None, preserve_submatrix: bool = True
    ) -> None:
        """Change the sizes; neurons that stay keep their thresholds if they keep their weights."""
        kept = self.output_size if preserve_submatrix else 0
        super().resize(input_size, output_size, preserve_submatrix)
        if self.use_bcm_threshold:
            theta = jnp.full(self.output_size, _FIRST_THRESHOLD)
            kept = min(kept, self.output_size)
            self.theta.value = theta.at[:kept].set(self.theta.value[:kept])
