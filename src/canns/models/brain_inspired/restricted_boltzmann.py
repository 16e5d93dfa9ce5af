"""The restricted Boltzmann machine, a model that learns features of its data."""

import jax
import jax.numpy as jnp
import numpy as np

from canns._finite import finite_energies
from canns._keys import as_key
from canns._validation import check_size, check_vector
from canns.energy import LogPartition, RestrictedBoltzmann, check_rows
from canns.energy.machines import (
    MOST_UNITS,
    annealed_log_partition,
    check_units,
    exact_log_partition,
    sample_restricted,
)
from canns.errors import ValidationError
from canns.models.boxes import Weights
from canns.models.brain_inspired.energy_model import EnergyModel
from canns.typing import Array, Row, Rows

__all__ = ["RestrictedBoltzmannMachine"]

_free_energy = jax.jit(RestrictedBoltzmann.free_energy)
_hidden = jax.jit(RestrictedBoltzmann.hidden)
_visible = jax.jit(RestrictedBoltzmann.visible)
_pseudo_likelihood = jax.jit(RestrictedBoltzmann.pseudo_likelihood)


class RestrictedBoltzmannMachine(EnergyModel):
    r"""A restricted Boltzmann machine: hidden units that learn features of visible ones.

    .. math:: E(v, h) = -h^T W v - b^T v - c^T h

    There are no connections within a layer, so each layer is drawn at once, given the other. Data
    are 0 or 1, or values from 0 to 1 that stand for probabilities, such as the grey of a picture.
    :class:`~canns.trainer.ContrastiveDivergenceTrainer` trains it.

    Args:
        num_visible: Number of visible units.
        num_hidden: Number of hidden units.
        seed: Seed of the first weights, an int or a JAX key; None draws one from
            ``brainstate.random``. They are Gaussian, of standard deviation 0.01; biases are 0.
        name: Name of the model.

    Attributes:
        W: Connections, (hidden, visible).
        b: Biases of the visible units.
        c: Biases of the hidden units.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> machine = RestrictedBoltzmannMachine(2, 1, seed=0)
        >>> machine.W = [[4.0, 4.0]]
        >>> machine.b, machine.c = [-2.0, -2.0], [-4.0]
        >>> features = machine.transform([[1, 1], [0, 0]])
        >>> [round(each, 2) for each in features.ravel().tolist()]
        [0.98, 0.02]
        >>> [round(each, 2) for each in machine.predict([1, 1]).tolist()]
        [0.87, 0.87]

    Source: Smolensky (1986), in Parallel Distributed Processing, vol. 1, ch. 6; Hinton (2002),
    Neural Comput. 14:1771.
    """

    _own_trainers = "ContrastiveDivergenceTrainer"
    W: Weights
    b: Weights
    c: Weights

    def __init__(
        self,
        num_visible: int,
        num_hidden: int,
        *,
        seed: int | Array | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.num_visible = check_size("num_visible", num_visible)
        self.num_hidden = check_size("num_hidden", num_hidden)
        self._draw(seed)

    @property
    def network(self) -> RestrictedBoltzmann:
        """The pure network."""
        return RestrictedBoltzmann(self.num_visible, self.num_hidden)

    def free_energy(self, v: Rows) -> Array:
        r"""Return :math:`F(v) = -b^T v - \sum_j \ln(1 + e^{(W v + c)_j})` of each row, (B,).

        ``exp(-F(v)) / Z`` is the probability of v.

        Args:
            v: Visible units, from 0 to 1, (B, visible).

        Raises:
            DivergenceError: If an energy is not finite.
        """
        return finite_energies(_free_energy(self.network, self.weights, self._rows(v)))

    def transform(self, v: Rows) -> Array:
        """Return the probability that each hidden unit is 1: the features, (B, hidden).

        Args:
            v: Visible units, from 0 to 1, (B, visible).
        """
        found: Array = _hidden(self.network, self.weights, self._rows(v))
        return found

    def reconstruct(self, v: Rows) -> Array:
        """Return what the features say of the visible units, from 0 to 1, (B, visible).

        Nothing is drawn at random: probabilities of hidden units stand in for their states.

        Args:
            v: Visible units, from 0 to 1, (B, visible).
        """
        found: Array = _visible(self.network, self.weights, self.transform(v))
        return found

    def predict(self, pattern: Row) -> Array:
        """Return the reconstruction of one pattern, (visible,)."""
        row = self._rows(check_vector("pattern", pattern, self.num_visible)[None], "pattern")
        return self.reconstruct(row)[0]

    def sample(
        self,
        num_samples: int,
        num_sweeps: int = 1000,
        *,
        start: Rows | None = None,
        seed: int | Array | None = None,
    ) -> Array:
        """Return visible units after steps of Gibbs sampling, in chains of their own.

        Args:
            num_samples: Number of chains, B.
            num_sweeps: Steps, each of the hidden and then the visible units.
            start: Visible units at the start, (B, visible); None for random ones.
            seed: An int or a JAX key; None draws one from ``brainstate.random``.

        Returns:
            The visible units, 0 or 1, (B, visible).

        Raises:
            ValidationError: If an argument is out of range.

        Example:
            >>> machine = RestrictedBoltzmannMachine(2, 1, seed=0)
            >>> machine.b = [50.0, -50.0]
            >>> machine.sample(2, num_sweeps=10, seed=0).tolist()
            [[1.0, 0.0], [1.0, 0.0]]
        """
        count = check_size("num_samples", num_samples)
        sweeps = check_size("num_sweeps", num_sweeps)
        first, rest = jax.random.split(as_key(seed))
        if start is None:
            v = jax.random.uniform(first, (count, self.num_visible))
        else:
            v = self._rows(start, "start")
            if len(v) != count:
                raise ValidationError("start", f"{count} rows, one for each chain", f"{len(v)}")
        return sample_restricted(self.network, self.weights, v, rest, sweeps)

    def pseudo_likelihood(self, v: Rows) -> Array:
        r"""Return :math:`\sum_i \ln P(v_i | v_{-i})` of each row in nats, (B,).

        It is exact, over all units. ``BernoulliRBM.score_samples`` of scikit-learn draws one unit
        at random for each row, and so returns an unbiased estimate of this. For a value between 0
        and 1, ``1 - v_i`` is its reverse, as there.

        Args:
            v: Visible units, from 0 to 1, (B, visible).

        Example:
            >>> machine = RestrictedBoltzmannMachine(2, 1, seed=0)
            >>> machine.W = [[0.0, 0.0]]
            >>> [round(each, 3) for each in machine.pseudo_likelihood([[1, 0]]).tolist()]
            [-1.386]

        Source: Besag (1975), The Statistician 24:179.
        """
        found: Array = _pseudo_likelihood(self.network, self.weights, self._rows(v))
        return found

    def log_likelihood(self, v: Rows) -> Array:
        """Return the logarithm of the probability of each row in nats, (B,), exactly.

        For larger machines take ``-free_energy(v) - log_partition().value``, an estimate.

        Args:
            v: Visible units, 0 or 1, (B, visible).

        Raises:
            ValidationError: If both layers have more than 20 units, or a value is not 0 or 1.

        Example:
            >>> machine = RestrictedBoltzmannMachine(2, 1, seed=0)
            >>> machine.W = [[0.0, 0.0]]
            >>> [round(each, 3) for each in machine.log_likelihood([[1, 0]]).tolist()]  # ln(1/4)
            [-1.386]
        """
        remedy = "Take -free_energy(v) - log_partition().value, an estimate."
        check_units("the smaller layer", min(self.num_visible, self.num_hidden), remedy)
        check_rows("v", v, self.num_visible, "binary")
        found: Array = -self.free_energy(v) - exact_log_partition(self.weights)
        return found

    def log_partition(
        self,
        *,
        num_runs: int = 100,
        num_steps: int = 1000,
        data: Rows | None = None,
        seed: int | Array | None = None,
    ) -> LogPartition:
        r"""Return the logarithm of the partition function, and its standard error.

        .. math:: Z = \sum_{v, h} e^{-E(v, h)}

        It is exact if a layer has at most 20 units, and the arguments then have no effect. Else it
        is estimated by annealed importance sampling. The estimate of Z has no bias; that of ln Z is
        too low by about half its squared error.

        Args:
            num_runs: Number of annealed chains.
            num_steps: Number of machines on the way from one without connections.
            data: Samples, (P, visible), whose mean the machine at the start has; that makes the
                error smaller. None for the present biases.
            seed: An int or a JAX key; None draws one from ``brainstate.random``.

        Raises:
            ValidationError: If an argument is out of range.

        Example:
            >>> machine = RestrictedBoltzmannMachine(3, 2, seed=0)
            >>> machine.W = [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
            >>> round(machine.log_partition().value / 0.6931, 3)  # five free units: 5 ln 2
            5.0

        Source: Salakhutdinov & Murray (2008), ICML; Neal (2001), Stat. Comput. 11:125.
        """
        weights = self.weights
        runs = check_size("num_runs", num_runs, low=2)
        steps = check_size("num_steps", num_steps)
        rows = None if data is None else self._rows(data, "data")
        if min(self.num_visible, self.num_hidden) <= MOST_UNITS:
            return LogPartition(float(exact_log_partition(weights)), 0.0)
        base = weights.b
        if rows is not None:
            # A count more of each value keeps the biases finite.
            mean = (rows.sum(axis=0) + 1) / (len(rows) + 2)
            base = jnp.log(mean) - jnp.log1p(-mean)
        return annealed_log_partition(self.network, weights, base, as_key(seed), runs, steps)

    def _rows(self, v: Rows, name: str = "v") -> Array:
        return jnp.asarray(np.asarray(check_rows(name, v, self.num_visible, "unit")))
