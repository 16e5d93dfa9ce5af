"""The base class of models that learn by energy: boxes of weights around a pure network."""

from abc import abstractmethod
from typing import ClassVar

import jax

from canns._keys import as_key
from canns._validation import check_size
from canns.energy import EnergyNetwork
from canns.models.boxes import Weights
from canns.models.brain_inspired.lookup import write_together
from canns.models.brain_inspired.model import BrainInspiredModel
from canns.typing import Array, PyTree, StateBox

__all__ = ["EnergyModel"]


class EnergyModel(BrainInspiredModel):
    """A model that holds the weights of an energy network in boxes.

    A subclass keeps its hyperparameters as attributes, defines :attr:`network`, and calls
    ``_draw``. Each field of the network's weights is in a box of the same name. A field with
    one array for each layer is in several boxes: ``W`` in ``W1``, ``W2`` and so on.
    """

    seed: int | None
    _own_trainers = "a trainer of canns.trainer that learns by energy"
    _unlisted: ClassVar[tuple[str, ...]] = ("weight_names", "weights", "write_weights")

    @property
    @abstractmethod
    def network(self) -> EnergyNetwork:
        """The pure network with the model's present hyperparameters."""

    def _draw(self, seed: int | Array | None) -> None:
        """Make the boxes, and fill them with random weights."""
        # A key is no JSON value. What is saved are the weights, so that a loaded model needs none.
        of_key = seed is None or isinstance(seed, jax.Array)
        self.seed = None if of_key else check_size("seed", seed, low=0)
        network = self.network
        network.validate()
        weights = network.draw(as_key(seed))
        self._names = _names_of(weights)
        jax.tree.map(lambda name, array: setattr(self, name, Weights(array)), self._names, weights)

    @property
    def weight_names(self) -> PyTree:
        """The names of the boxes, in the structure of the weights."""
        return self._names

    @property
    def weights(self) -> PyTree:
        """The arrays in the boxes, as the network takes them."""
        return jax.tree.map(lambda name: getattr(self, name).value, self._names)

    def write_weights(self, weights: PyTree) -> None:
        """Write weights, as :attr:`weights` returns them, to all boxes or to none."""
        pairs: list[tuple[StateBox, Array]] = []
        jax.tree.map(lambda n, own: pairs.append((getattr(self, n), own)), self._names, weights)
        write_together(pairs)

    def _facts(self) -> dict[str, str]:
        names = jax.tree.leaves(self._names)
        return {name: self._weights(name) for name in names} | {"settings": self._settings()}


def _names_of(weights: PyTree) -> PyTree:
    """Return the names of the boxes, in the structure of the weights."""

    def named(field: str, value: PyTree) -> PyTree:
        if not isinstance(value, tuple):
            return field
        return tuple(f"{field}{layer + 1}" for layer in range(len(value)))

    fields = zip(weights._fields, weights, strict=True)
    return type(weights)(*(named(field, value) for field, value in fields))
