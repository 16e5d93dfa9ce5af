"""The order of the samples in each epoch."""

from typing import NamedTuple

import jax
import numpy as np

from canns._keys import as_key
from canns._validation import check_flag
from canns.errors import ValidationError
from canns.trainer.data import Source
from canns.typing import JSON, AnyArray, Array

__all__ = ["Orders", "orders_of"]


class Orders(NamedTuple):
    """The order of the samples in each epoch.

    Args:
        epochs: Number of epochs.
        num_samples: Number of samples in an epoch, if they are shuffled.
        key: JAX key from which the orders are drawn; None for the order of the data.
    """

    epochs: int
    num_samples: int = 0
    key: Array | None = None

    def of(self, epoch: int) -> AnyArray | None:
        """Return the order of the samples in an epoch; None for the order of the data."""
        if self.key is None:
            return None
        keys = jax.random.split(self.key, self.epochs)
        return np.asarray(jax.random.permutation(keys[epoch], self.num_samples))

    def describe(self) -> dict[str, JSON]:
        """Return a description that identifies these orders, as JSON values."""
        numbers = None if self.key is None else np.ravel(jax.random.key_data(self.key)).tolist()
        return {"epochs": self.epochs, "key": numbers}


def orders_of(source: Source, epochs: int, shuffle: bool, seed: int | Array | None) -> Orders:
    """Return the orders, or raise if the source cannot provide them.

    Args:
        source: The samples.
        epochs: Passes over them.
        shuffle: Whether to draw a fresh order for each epoch.
        seed: See :meth:`LearningTrainer.train`.
    """
    shuffled = check_flag("shuffle", shuffle)
    if seed is not None and not shuffled:
        raise ValidationError("seed", "None without shuffle=True", repr(seed))
    if epochs > 1 and source.once:
        expected = f"1 for an iterator of more than {len(source.head)} samples"
        remedy = "It can be read once: give an array, np.memmap, or what can be iterated again."
        raise ValidationError("epochs", expected, f"{epochs}", remedy)
    if not shuffled:
        return Orders(epochs)
    if source.num_samples is None:
        remedy = "Shuffle it yourself, or give an array or np.memmap."
        raise ValidationError("shuffle", f"False for {source.name}", "True", remedy)
    return Orders(epochs, source.num_samples, as_key(seed))
