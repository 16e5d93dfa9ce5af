"""The Boltzmann machine, a model that learns the distribution of its data."""

import jax
import jax.numpy as jnp
import numpy as np

from canns._finite import finite_energies
from canns._keys import as_key
from canns._validation import as_numpy, check_real, check_size, check_vector, float_dtype
from canns.energy import Boltzmann, BoltzmannState, BoltzmannWeights, check_rows, contrast
from canns.energy.machines import (
    all_states,
    check_units,
    exact_phases,
    index_of,
    random_units,
    sample_boltzmann,
    sampled_phases,
)
from canns.errors import ValidationError
from canns.models.boxes import Weights
from canns.models.brain_inspired.energy_model import EnergyModel
from canns.typing import Array, ArrayLike, BoolArray, Row, Rows

__all__ = ["BoltzmannMachine"]

_SAMPLE = "Take fewer units, or sample: sample() draws states of a machine of any size."
_phases = jax.jit(exact_phases)
_sampled = jax.jit(sampled_phases, static_argnames=("num_sweeps", "num_chains"))


class BoltzmannMachine(EnergyModel):
    r"""A Boltzmann machine: stochastic units 0 and 1 that learn the distribution of data.

    .. math:: E(s) = -\tfrac12 s^T W s - b^T s, \qquad P(s) = e^{-E(s)/T} / Z

    The first units are visible: data clamp them. Hidden units let it represent what pairs of
    visible units cannot. :class:`~canns.trainer.BoltzmannTrainer` trains it. Up to 20 units,
    likelihoods and gradients are exact, over all states.

    Args:
        num_visible: Number of visible units.
        num_hidden: Number of hidden units.
        temperature: T > 0, in the unit of the energy.
        connections: True for the pairs of units that are connected, (N, N), symmetric; None for
            all pairs.
        seed: Seed of the first weights, an int or a JAX key; None draws one from
            ``brainstate.random``. They are Gaussian, of standard deviation 0.1; biases are 0.
        name: Name of the model.

    Attributes:
        W: Connections, (N, N), symmetric and with zero diagonal.
        b: Biases, (N,).

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> machine = BoltzmannMachine(2, seed=0)
        >>> machine.W, machine.b = [[0.0, 3.0], [3.0, 0.0]], [-1.5, -1.5]
        >>> print(machine.probabilities().round(2))  # of 00, 01, 10, 11: the two units agree
        [0.41 0.09 0.09 0.41]

    Source: Ackley, Hinton & Sejnowski (1985), Cognitive Science 9:147.
    """

    _own_trainers = "BoltzmannTrainer"
    W: Weights
    b: Weights
    connections: BoolArray | None

    def __init__(
        self,
        num_visible: int,
        num_hidden: int = 0,
        temperature: float = 1.0,
        connections: ArrayLike | None = None,
        *,
        seed: int | Array | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.num_visible = check_size("num_visible", num_visible)
        self.num_hidden = check_size("num_hidden", num_hidden, low=0)
        self.temperature = check_real("temperature", temperature, low=0, open_low=True)
        self.connections = None
        if connections is not None:
            self.connections = _mask("connections", connections, self.num_visible + self.num_hidden)
        self._draw(seed)

    @property
    def network(self) -> Boltzmann:
        """The pure network."""
        sizes = self.num_visible, self.num_hidden
        mask = None if self.connections is None else jnp.asarray(self.connections)
        return Boltzmann(*sizes, self.temperature, mask)

    def energies(self, states: Rows) -> Array:
        """Return the energy of each state, (B,).

        Args:
            states: All units, visible ones first, 0 or 1, (B, N).

        Raises:
            DivergenceError: If an energy is not finite.
        """
        network, weights = self._checked()
        rows = check_rows("states", states, network.num_units, "binary")
        return finite_energies(network.energy(weights, BoltzmannState(jnp.asarray(rows))))

    def sample(
        self,
        num_samples: int,
        num_sweeps: int = 100,
        *,
        start: Rows | None = None,
        clamped: ArrayLike | None = None,
        temperatures: ArrayLike | None = None,
        seed: int | Array | None = None,
    ) -> Array:
        """Return states after sweeps of Gibbs sampling, unit by unit, in chains of their own.

        Args:
            num_samples: Number of chains, B.
            num_sweeps: Sweeps over all units.
            start: States at the start, (N,) for all chains or (B, N); None for random ones.
            clamped: True for the units that keep their start, (N,) or (B, N); None for none.
            temperatures: An annealing schedule, one temperature for each sweep, (num_sweeps,); None
                for the machine's own.
            seed: An int or a JAX key; None draws one from ``brainstate.random``.

        Returns:
            The states, (B, N).

        Raises:
            ValidationError: If an argument is out of range.

        Example:
            >>> machine = BoltzmannMachine(2, seed=0)
            >>> machine.W = [[0.0, 20.0], [20.0, 0.0]]
            >>> on = machine.sample(3, start=[1, 0], clamped=[True, False], seed=0)
            >>> on.tolist()
            [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
        """
        network, weights = self._checked()
        count = check_size("num_samples", num_samples)
        sweeps = check_size("num_sweeps", num_sweeps)
        shape = count, network.num_units
        schedule = np.full(sweeps, self.temperature, float_dtype())
        if temperatures is not None:
            schedule = check_vector("temperatures", temperatures, sweeps)
            if schedule.min() <= 0:
                raise ValidationError("temperatures", "above 0", f"{schedule.min():g}")
        mask = None if clamped is None else _mask_of_chains(clamped, shape, start)
        first, rest = jax.random.split(as_key(seed))
        if start is None:
            s = random_units(network, first, count, weights.W.dtype)
        else:
            rows = np.atleast_2d(as_numpy("start", start))
            rows = check_rows("start", rows, network.num_units, "binary")
            if len(rows) not in (1, count):
                raise ValidationError("start", f"one state, or {count}", f"{len(rows)}")
            s = jnp.asarray(np.broadcast_to(rows, shape))
        return sample_boltzmann(network, weights, s, rest, jnp.asarray(schedule), mask)

    def probabilities(self) -> Array:
        """Return the probability of each configuration of visible units, (2^visible,).

        The configurations count in binary: 00, 01, 10, 11 for two units. Exact, over all states.

        Raises:
            ValidationError: If there are more than 20 units.
        """
        network, weights = self._checked()
        check_units("the machine", network.num_units, _SAMPLE)
        return jnp.exp(_phases(network, weights, self._no_data()).log_visible)

    def log_likelihood(self, data: Rows) -> Array:
        """Return the logarithm of the probability of each sample in nats, (P,), exactly.

        Args:
            data: Visible units, 0 or 1, (P, visible).

        Raises:
            ValidationError: If there are more than 20 units, or the data are not 0 and 1.

        Example:
            >>> machine = BoltzmannMachine(1, seed=0)
            >>> machine.b = [1.0]
            >>> [round(each, 3) for each in machine.log_likelihood([[0], [1]]).tolist()]
            [-1.313, -0.313]
        """
        network, weights = self._checked()
        check_units("the machine", network.num_units, _SAMPLE)
        rows = self._visible("data", data)
        found: Array = _phases(network, weights, self._no_data()).log_visible[index_of(rows)]
        return found

    def gradient(
        self,
        data: Rows,
        *,
        num_sweeps: int | None = None,
        num_chains: int = 1000,
        seed: int | Array | None = None,
    ) -> BoltzmannWeights:
        r"""Return the derivative of the mean log-likelihood by the weights.

        .. math:: \frac{\partial \langle \ln P \rangle}{\partial w_{ij}} = \frac1T \big( \langle
            s_i s_j \rangle_{\text{clamped}} - \langle s_i s_j \rangle_{\text{free}} \big)

        Both entries of a connection hold the derivative by that connection.

        Args:
            data: Visible units, 0 or 1, (P, visible).
            num_sweeps: None for exact averages over all states of up to 20 units. A number, to
                sample: each chain makes as many sweeps from random units, and then as many more in
                which its states are counted.
            num_chains: Number of chains of the free network, if it is sampled.
            seed: Seed of the samples.

        Returns:
            The derivatives, as ``W`` and ``b``.

        Raises:
            ValidationError: If an argument is out of range.
        """
        network, weights = self._checked()
        rows = self._visible("data", data)
        if num_sweeps is None:
            remedy = "Give num_sweeps, to sample."
            check_units("the machine", network.num_units, remedy)
            shares = self._no_data().at[index_of(rows)].add(1 / len(rows))
            positive, negative, _ = _phases(network, weights, shares)
        else:
            sweeps = check_size("num_sweeps", num_sweeps)
            heated = jnp.full(sweeps, self.temperature)
            chains = check_size("num_chains", num_chains)
            positive, negative, _ = _sampled(
                network, weights, rows, as_key(seed), sweeps, num_chains=chains, annealing=heated
            )
        slope = contrast(network, weights, positive, negative)
        return BoltzmannWeights(*(-part / self.temperature for part in slope))

    def predict(self, pattern: Row) -> Array:
        """Return the probability that each visible unit is 1, given those that are known.

        Args:
            pattern: Visible units, 0 or 1, and NaN for those to predict, (visible,).

        Returns:
            The pattern with probabilities in place of NaN, exactly, (visible,).

        Raises:
            ValidationError: If there are more than 20 units, or a value is not 0, 1 or NaN.

        Example:
            >>> machine = BoltzmannMachine(2, seed=0)
            >>> machine.W = [[0.0, 2.0], [2.0, 0.0]]
            >>> print(machine.predict([1, float("nan")]).round(2))
            [1.   0.88]
        """
        network, weights = self._checked()
        check_units("the machine", network.num_units, _SAMPLE)
        given = as_numpy("pattern", pattern).astype(float)
        if given.shape != (self.num_visible,):
            raise ValidationError("pattern", f"of shape ({self.num_visible},)", f"{given.shape}")
        known = ~np.isnan(given)
        if not np.isin(given[known], (0, 1)).all():
            raise ValidationError("pattern", "0, 1 or NaN everywhere", f"{given}")
        states = all_states(self.num_visible, weights.W.dtype)
        fits = (states[:, known] == jnp.asarray(given[known])).all(axis=1)
        log_visible = _phases(network, weights, self._no_data()).log_visible
        share = jax.nn.softmax(jnp.where(fits, log_visible, -jnp.inf))
        return jnp.where(known, jnp.nan_to_num(given), share @ states)

    def _checked(self) -> tuple[Boltzmann, BoltzmannWeights]:
        """Return the network and its weights, or raise if they have no energy."""
        network, weights = self.network, self.weights
        network.validate()
        network.check_weights(weights)
        return network, weights

    def _visible(self, name: str, data: Rows) -> Array:
        return jnp.asarray(check_rows(name, data, self.num_visible, "binary"))

    def _no_data(self) -> Array:
        return jnp.zeros(2**self.num_visible, float_dtype())


def _mask(name: str, mask: ArrayLike, size: int) -> BoolArray:
    """Return which pairs are connected, or raise."""
    found = as_numpy(name, mask)
    if found.shape != (size, size) or not np.isin(found, (0, 1)).all():
        expected = f"True or False for each pair, ({size}, {size})"
        raise ValidationError(name, expected, f"{found.dtype} of shape {found.shape}")
    if (found != found.T).any():
        remedy = "Take mask | mask.T: a connection has no direction."
        raise ValidationError(name, "symmetric", "different halves", remedy)
    return found.astype(bool)


def _mask_of_chains(clamped: ArrayLike, shape: tuple[int, int], start: Rows | None) -> Array:
    """Return which units of which chains are clamped, (B, N), or raise."""
    mask = as_numpy("clamped", clamped)
    if mask.dtype != bool or mask.shape not in (shape, shape[1:]):
        got = f"{mask.dtype} of shape {mask.shape}"
        raise ValidationError("clamped", f"bool of shape {shape[1:]} or {shape}", got)
    if start is None:
        raise ValidationError("start", "given with clamped units, which keep it", "None")
    return jnp.asarray(np.broadcast_to(mask, shape))
