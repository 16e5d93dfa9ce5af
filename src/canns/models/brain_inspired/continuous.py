"""The Hopfield network of graded neurons in continuous time."""

from collections.abc import Callable
from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from canns._validation import check_choice, check_matrix, check_size
from canns.dynamics import GRADED, UNIT, ContinuousHopfield, GradedName, check_signs
from canns.errors import ValidationError
from canns.models.boxes import FastState, zero_weights
from canns.models.brain_inspired.lookup import all_or_nothing
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.models.brain_inspired.resize import resized
from canns.plasticity import Storage, store_patterns
from canns.typing import Array, Rows

__all__ = ["ContinuousHopfieldNetwork"]


class ContinuousHopfieldNetwork(RecurrentNetwork):
    r"""The associative memory of graded neurons with potentials u and activities V.

    .. math:: \tau \frac{du_i}{dt} = -u_i + \sum_j W_{ij} V_j + I_i, \qquad V_i = g(\lambda u_i)

    with g = tanh or the logistic function. For symmetric weights the energy

    .. math::
        E = -\tfrac12 V^T W V - I^T V + \frac1\lambda \sum_i \int_0^{V_i} g^{-1}(v)\, dv

    never rises along the flow, nor at updates with a dt of at most ``dynamics.largest_dt(W)``. At
    rest :math:`V = g(\lambda (W V + I))`; in the limit of high gain these are the fixed points of
    neurons of two states.

    The state ``s``, the cues and the recalled states are potentials, and their signs are the
    pattern: a pattern of +1 and -1 is a cue as it is, and for the sigmoid 2 xi - 1 is one.
    :meth:`activation` turns potentials into activities.

    Args:
        num_neurons: The number of neurons N.
        tau: Time constant of the potentials, in any unit of time.
        gain: Lambda. A single stored pattern is recalled at a gain above 1 (sigmoid: 4).
        dt: Duration of one update, in the unit of tau. Small against tau it follows the flow; the
            fixed points do not depend on it.
        activation: "tanh", activities in (-1, 1), or "sigmoid", in (0, 1).
        name: Name of the model.

    Attributes:
        current: The input currents I, (N,), a state box; zeros at first.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> net = ContinuousHopfieldNetwork(4, gain=2.0)
        >>> xi = np.array([1.0, -1.0, 1.0, -1.0])
        >>> net.apply_hebbian_learning([xi])
        >>> np.sign(net.predict([-1.0, -1.0, 1.0, -1.0])).tolist()
        [1.0, -1.0, 1.0, -1.0]

    Source: Hopfield (1984), PNAS 81:3088.
    """

    stores_by_hebb: ClassVar[bool] = False

    current: FastState
    _kept_as: ClassVar[dict[str, str]] = RecurrentNetwork._kept_as | {"activation": "_activation"}

    def __init__(
        self,
        num_neurons: int,
        tau: float = 1.0,
        gain: float = 10.0,
        dt: float = 1.0,
        activation: GradedName = "tanh",
        *,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.num_neurons = check_size("num_neurons", num_neurons)
        self.tau = tau
        self.gain = gain
        self.dt = dt
        self._activation = activation
        self.W = zero_weights(num_neurons, num_neurons)
        self.s = FastState(jnp.zeros(num_neurons))
        self.current = FastState(jnp.zeros(num_neurons))
        self.valid_dynamics()

    @property
    def dynamics(self) -> ContinuousHopfield:
        """The pure dynamics with the network's present hyperparameters and currents."""
        if type(self).activation is not ContinuousHopfieldNetwork.activation:
            expected = f"the library's own, by name: {', '.join(map(repr, GRADED))}"
            remedy = "The energy needs the integral of its inverse. Override dynamics for another."
            raise ValidationError("activation", expected, f"that of {type(self).__name__}", remedy)
        return ContinuousHopfield(
            tau=self.tau,
            gain=self.gain,
            dt=self.dt,
            current=self.current.value,
            activation=self._activation,
        )

    @property
    def activation(self) -> Callable[[Array], Array]:
        """The activity as a function of the potential."""
        return self.dynamics.activity

    @activation.setter
    def activation(self, name: GradedName) -> None:
        self._activation = check_choice("activation", name, GRADED)

    @property
    def activity(self) -> Array:
        """The activities V of the present state, (N,)."""
        return self.activation(self.s.value)

    def apply_hebbian_learning(self, train_data: Rows) -> None:
        r"""Store more patterns, by Hebb's rule divided by N.

        .. math:: \Delta W = \frac1N \sum_\mu \xi^\mu (\xi^\mu)^T, \qquad W_{ii} = 0

        with :math:`2 \xi - 1` in place of :math:`\xi` for the sigmoid.

        Args:
            train_data: One pattern of activities per row, (P, N): +1 and -1, or 1 and 0 for the
                sigmoid.
        """
        remedy = f"The network has {self.num_neurons} neurons; resize it to store others."
        patterns = check_matrix("train_data", train_data, self.num_neurons, remedy=remedy)
        if self._activation == "sigmoid":
            patterns = 2 * UNIT.check("train_data", patterns) - 1
        else:
            check_signs("train_data", patterns)
        rule = Storage(
            subtract_mean=False, normalize_by_patterns=False, learning_rate=1 / self.num_neurons
        )
        self.W.value = store_patterns(self.W.value, patterns, rule)

    @all_or_nothing
    def resize(self, num_neurons: int, preserve_submatrix: bool = True) -> None:
        """Change the number of neurons; new ones have no potential and no current.

        Args:
            num_neurons: The new N.
            preserve_submatrix: Keep the weights among the neurons that stay (the top left
                block), scaled from 1/N to the new one; else start from zero weights.
        """
        size, before = check_size("num_neurons", num_neurons), self.num_neurons
        kept, scale = min(size, before), before / size
        self.W.value, self.s.value = resized(
            self.W.value, self.s.value, size, preserve=preserve_submatrix, rest=0.0, scale=scale
        )
        self.current.value = np.pad(self.current.value[:kept], (0, size - kept))
        self.num_neurons = size
