"""The Hopfield network with few connections per neuron."""

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns._keys import as_key
from canns._memory import check_memory
from canns._names import Alias, renamed
from canns._validation import check_flag, check_matrix, check_size
from canns.dynamics import (
    DilutedHopfield,
    Sparse,
    TieRule,
    UpdateOrder,
    check_signs,
    largest_eigenvalue,
    random_connections,
    symmetric_connections,
)
from canns.errors import DivergenceError, ValidationError
from canns.models.boxes import Box, FastState, Weights
from canns.models.brain_inspired.lookup import all_or_nothing
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.typing import Array, Rows

__all__ = ["DilutedHopfieldNetwork"]


class Connections(Box):
    """The table of presynaptic neurons, (N, C): a box of integers."""

    def __init__(self, value: ArrayLike) -> None:
        super().__init__(0.0)
        self.value = value

    def _write_value(self, v: ArrayLike) -> None:
        self._hold(jnp.asarray(v, jnp.int32))


class DilutedHopfieldNetwork(RecurrentNetwork):
    r"""The associative memory in which each of N neurons receives from C others, drawn at random.

    .. math::
        h_i = \sum_{k=1}^{C} W_{ik}\, s_{j(i, k)} - \theta, \qquad
        W_{ik} = \frac1C \sum_\mu \xi_i^\mu\, \xi_{j(i, k)}^\mu

    Memory and time go with NC, not :math:`N^2`. The two directions between a pair of neurons are
    drawn independently. Such a network has no energy that falls, and noise keeps single neurons
    moving, so a recall ends near the pattern but uses all its updates. For large C and N/C the
    overlap with the pattern, with :math:`\alpha = P/C`, is the solution of

    .. math:: m = \mathrm{erf}\left(\frac{m}{\sqrt{2 \alpha}}\right)

    which vanishes at :math:`\alpha = 2/\pi`. At finite C it solves the equation with
    :math:`\alpha - m^2/C` in place of :math:`\alpha`. With ``symmetric=True`` any two neurons are
    connected in both directions, with equal weights, with probability C/(N - 1). Asynchronous
    updates then never raise the energy
    :math:`E = -\tfrac12 \sum_i s_i (h_i + \theta) + \theta \sum_i s_i`.

    Args:
        num_neurons: N, at least 2.
        num_connections: C, from 1 to N - 1: the connections of each neuron, or their average if
            symmetric.
        symmetric: Draw connections in pairs, one in each direction.
        asynchronous: Update neuron by neuron instead of all at once.
        threshold: Theta, in the unit of the fields, which are about 1 at a recalled pattern.
        temperature: T > 0: the noise of the stochastic mode. Compare it with
            :attr:`critical_temperature`.
        stochastic: Heat-bath (Glauber) neurons, P(s = 1) = 1/(1 + exp(-2h/T)).
        tie: What a neuron does if its field is zero: "keep" its state, "plus", "minus".
        update_order: Order of asynchronous updates: "random", drawn anew for each sweep, or
            "cyclic", first to last.
        seed: Seed of the connections, an int or a JAX key; None draws one from
            ``brainstate.random``.
        name: Name of the model.

    Attributes:
        connections: The presynaptic neurons of each neuron, (N, C). If a neuron has fewer than
            others, its own index fills the rest of the row, with zero weights.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> net = DilutedHopfieldNetwork(1000, 20, seed=0)
        >>> xi = np.where(np.arange(1000) % 3, 1.0, -1.0)
        >>> net.apply_hebbian_learning([xi])
        >>> bool((net.predict(np.where(np.arange(1000) % 7, xi, -xi)) == xi).all())
        True

    Source: Derrida, Gardner & Zippelius (1987), Europhys. Lett. 4:167; Sompolinsky (1986), Phys.
    Rev. A 34:2571 (symmetric dilution).
    """

    stores_by_hebb: ClassVar[bool] = False
    couples: ClassVar[bool] = False

    connections: Connections
    asyn: Alias[bool] = Alias("asynchronous")
    order: Alias[UpdateOrder] = Alias("update_order")
    _kept_as: ClassVar[dict[str, str]] = {}

    @renamed(asyn="asynchronous", order="update_order", key="seed")
    def __init__(
        self,
        num_neurons: int,
        num_connections: int,
        symmetric: bool = False,
        asynchronous: bool = False,
        threshold: float = 0.0,
        temperature: float = 1.0,
        *,
        stochastic: bool = False,
        tie: TieRule = "keep",
        update_order: UpdateOrder = "random",
        seed: int | Array | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.num_neurons = check_size("num_neurons", num_neurons, low=2)
        self.num_connections = num_connections
        self.symmetric = check_flag("symmetric", symmetric)
        self.seed = _as_integer(seed)
        self.asynchronous = check_flag("asynchronous", asynchronous)
        self.stochastic = check_flag("stochastic", stochastic)
        self.threshold = threshold
        self.temperature = temperature
        self.tie = tie
        self.update_order = update_order
        needed = 16 * self.num_neurons * num_connections
        check_memory("num_neurons", needed, "the table of connections", "Take fewer neurons.")
        self.connections = Connections(self._draw(self.num_neurons))
        self.W = Weights(jnp.zeros(self.connections.value.shape))
        self.s = FastState(jnp.ones(self.num_neurons))
        self.valid_dynamics()

    @property
    def dynamics(self) -> DilutedHopfield:
        """The pure dynamics with the network's present hyperparameters."""
        return DilutedHopfield(
            threshold=self.threshold,
            temperature=self.temperature,
            asynchronous=self.asynchronous,
            stochastic=self.stochastic,
            tie=self.tie,
            update_order=self.update_order,
            connections=self.connections.value,
        )

    @property
    def critical_temperature(self) -> float:
        """The temperature above which the network recalls nothing at its present weights.

        It is the largest real part of an eigenvalue of the couplings, 1 for a single pattern; see
        :attr:`AmariHopfieldNetwork.critical_temperature`.
        """
        return largest_eigenvalue(self.valid_dynamics(), self.couplings, self.num_neurons)

    def apply_hebbian_learning(self, train_data: Rows) -> None:
        """Store more patterns, by Hebb's rule over the connections, divided by C.

        Args:
            train_data: One pattern per row, (P, N), of +1 and -1.
        """
        remedy = f"The network has {self.num_neurons} neurons."
        patterns = check_matrix("train_data", train_data, self.num_neurons, remedy=remedy)
        check_signs("train_data", patterns)
        added = Sparse.hebbian(
            self.connections.value, jnp.asarray(patterns), 1 / self.num_connections
        )
        weights = self.W.value + added.weights
        if not bool(jnp.isfinite(weights).all()):
            raise DivergenceError("The weights became non-finite", 0, "Scale the patterns.")
        self.W.value = weights

    @all_or_nothing
    def resize(self, num_neurons: int, preserve_submatrix: bool = True) -> None:
        """Change the number of neurons, draw connections anew, and forget all patterns.

        Args:
            num_neurons: The new N.
            preserve_submatrix: Must be False if the number changes, because the new connections
                are others than those with the weights.

        Raises:
            ValidationError: If ``preserve_submatrix`` is True and the number changes.
        """
        size = check_size("num_neurons", num_neurons, low=2)
        if preserve_submatrix and size == self.num_neurons:
            return
        if preserve_submatrix:
            raise ValidationError(
                "preserve_submatrix",
                "False for a network of random connections",
                "True",
                f"Those among {size} neurons are drawn anew, and weights do not carry over.",
            )
        table = self._draw(size)
        self.num_neurons, self.connections.value = size, table
        self.W.value, self.s.value = np.zeros(table.shape), np.ones(size)

    def shapes(self) -> dict[str, tuple[int | None, ...]]:
        """Return the shape that a file must have for each box: a table of any width."""
        table = (self.num_neurons, None)
        return super().shapes() | {"connections": table, "W": table}

    def _draw(self, size: int) -> NDArray[np.int32]:
        """Return new connections of ``size`` neurons, (size, C)."""
        draw = symmetric_connections if self.symmetric else random_connections
        return draw(size, self.num_connections, np.random.default_rng(self.seed))


def _as_integer(seed: int | Array | None) -> int:
    """Return ``seed`` as an integer, which a file can hold."""
    if seed is None or isinstance(seed, jax.Array):
        return int.from_bytes(np.asarray(jax.random.key_data(as_key(seed))).tobytes(), "little")
    return check_size("seed", seed, low=0)
