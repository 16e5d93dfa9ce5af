"""Networks whose weights are the stored patterns themselves."""

from abc import abstractmethod
from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from canns._placement import host
from canns._validation import check_flag, check_matrix, check_size, check_vector
from canns.dynamics import Network
from canns.errors import ValidationError
from canns.models.boxes import FastState, Weights
from canns.models.brain_inspired.lookup import all_or_nothing, shape_of
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.models.brain_inspired.resize import patterns_too_short, resized_state
from canns.typing import AnyArray, Row, Rows

__all__ = ["PatternMemory"]


class PatternMemory(RecurrentNetwork):
    """A network that stores its patterns as they are, and never builds couplings between neurons.

    Its weights ``W`` are the patterns, (P, N), at first (0, N). A subclass defines
    :attr:`dynamics`. Recall is compiled for each number of patterns, so store them together.

    Args:
        num_neurons: The number of neurons N.
        name: Name of the model.

    Attributes:
        rest: State of new neurons.
    """

    stores_by_hebb: ClassVar[bool] = False
    couples: ClassVar[bool] = False
    rest: ClassVar[float]

    def __init__(self, num_neurons: int, *, name: str | None = None) -> None:
        super().__init__(name=name)
        size = check_size("num_neurons", num_neurons)
        self.W = Weights(jnp.zeros((0, size)))
        self.s = FastState(jnp.full(size, self.rest))

    @property
    @abstractmethod
    def dynamics(self) -> Network:
        """The pure dynamics with the model's present hyperparameters."""

    @property
    def num_neurons(self) -> int:
        """N."""
        size: int = self.W.value.shape[1]
        return size

    @property
    def patterns(self) -> AnyArray:
        """A copy of the stored patterns, (P, N), in the order in which they were stored."""
        return host(self.W.value).copy()

    def store(self, patterns: Rows) -> None:
        """Store more patterns; a pattern that is stored twice counts twice.

        Args:
            patterns: One pattern per row, (P, N).

        Raises:
            ValidationError: If a pattern has another length, or values out of range.
        """
        self._append("patterns", patterns)

    def apply_hebbian_learning(self, train_data: Rows) -> None:
        """Store patterns, as :meth:`store` does.

        Args:
            train_data: One pattern per row, (P, N).
        """
        self._append("train_data", train_data)

    def _stored(self) -> str:
        return f"{shape_of(self.W)[0]} patterns"

    def remove(self, pattern: Row) -> None:
        """Remove one pattern; if it is stored several times, its first copy.

        Args:
            pattern: The pattern, (N,).

        Raises:
            ValidationError: If the pattern is not stored.
        """
        row, stored = check_vector("pattern", pattern, self.num_neurons), self.patterns
        found = np.flatnonzero((stored == row).all(axis=1))
        if found.size == 0:
            remedy = "Compare it with the rows of the property `patterns`."
            raise ValidationError("pattern", f"one of the {len(stored)} stored", "another", remedy)
        self.W.value = np.delete(stored, found[0], axis=0)

    @all_or_nothing
    def resize(self, num_neurons: int, preserve_submatrix: bool = True) -> None:
        """Change the number of neurons; new ones are at ``rest``.

        Args:
            num_neurons: The new N.
            preserve_submatrix: Keep the patterns, cut to the neurons that stay; else forget them.

        Raises:
            ValidationError: If patterns to keep have no values for the new neurons.
        """
        size = check_size("num_neurons", num_neurons)
        keeps = check_flag("preserve_submatrix", preserve_submatrix) and len(self.W.value) > 0
        if keeps and size > self.num_neurons:
            raise patterns_too_short(self.num_neurons, size, "and store longer ones.")
        self.W.value = self.patterns[:, :size] if keeps else np.zeros((0, size))
        self.s.value = resized_state(self.s.value, size, rest=self.rest)

    def shapes(self) -> dict[str, tuple[int | None, ...]]:
        """Return the shape that a file must have for each box: any number of patterns."""
        return super().shapes() | {"W": (None, self.num_neurons)}

    def valid_dynamics(self) -> Network:
        """Return :attr:`dynamics`, or raise if nothing is stored or a value is out of range."""
        if len(self.W.value) == 0:
            raise ValidationError(
                "patterns", "stored before they are recalled", "none", "Call store(patterns) first."
            )
        return super().valid_dynamics()

    def _append(self, name: str, data: object) -> None:
        remedy = f"The network has {self.num_neurons} neurons; resize it to store others."
        rows = self._check_patterns(name, check_matrix(name, data, self.num_neurons, remedy=remedy))
        self.W.value = np.concatenate([host(self.W.value), rows])

    def _check_patterns(self, name: str, rows: AnyArray) -> AnyArray:
        """Return ``rows``, or raise if the network cannot store them."""
        return self.dynamics.code.check(name, rows)
