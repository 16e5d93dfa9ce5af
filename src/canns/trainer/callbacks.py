"""Callbacks of a training run: what they are told, how often, and how they end the run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from canns._callbacks import check_callback
from canns._validation import check_size
from canns.errors import ValidationError
from canns.typing import PyTree

__all__ = ["Callbacks", "Every", "TrainingCallback", "TrainingProgress", "callbacks_of"]


class TrainingProgress(NamedTuple):
    """The argument of the callbacks of a training run.

    Args:
        epoch: Number of the epoch, from 1.
        num_samples: Number of samples shown so far, of all epochs.
        weight_change: Frobenius norm of the change of W since the epoch began.
        weight_norm: Frobenius norm of W.
        weights: W as it is now, (out, in), or its parts. The model itself is written at the end of
            the run.

    Example:
        >>> import numpy as np
        >>> from canns.models.brain_inspired import LinearLayer
        >>> from canns.trainer import OjaTrainer
        >>> layer = LinearLayer(2, 1)
        >>> layer.W = [[0.0, 1.0]]
        >>> trainer = OjaTrainer(layer, learning_rate=0.1)
        >>> def show(progress):
        ...     print(progress.epoch, progress.num_samples, f"{progress.weight_change:.4f}")
        >>> data = np.array([[1.0, 0.5], [-1.0, -0.5]] * 2)
        >>> record = trainer.train(data, epochs=3, on_epoch=show)
        1 4 0.2187
        2 8 0.2466
        3 12 0.2211
    """

    epoch: int
    num_samples: int
    weight_change: float
    weight_norm: float
    weights: PyTree


#: A function that is called with a :class:`TrainingProgress`. It may raise :class:`StopIteration`
#: to end the run; what it returns has no effect.
TrainingCallback: TypeAlias = Callable[[TrainingProgress], object]


@dataclass(frozen=True)
class Every:
    """A callback, and how many samples lie between two calls of it.

    Args:
        samples: Number of samples from one call to the next, counted from the start of each epoch;
            more than a chunk of a stream (see :class:`Checkpoint`) are rounded up to whole chunks.
        callback: The callback.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> from canns.models.brain_inspired import LinearLayer
        >>> from canns.trainer import OjaTrainer
        >>> seen = []
        >>> trainer = OjaTrainer(LinearLayer(2, 1))
        >>> data = np.array([[1.0, 0.5], [-1.0, -0.5]] * 125)
        >>> record = trainer.train(data, on_step=Every(100, seen.append))
        >>> [progress.num_samples for progress in seen]
        [100, 200]
    """

    samples: int
    callback: TrainingCallback

    def __post_init__(self) -> None:
        check_size("samples", self.samples)
        if self.callback is None:
            raise ValidationError("callback", "a function of the progress", "None")
        check_callback("callback", self.callback)


class Callbacks(NamedTuple):
    """The checked callbacks of a run.

    Args:
        on_epoch: Called after each epoch, or None.
        on_step: Called after every so many samples, or None.
    """

    on_epoch: TrainingCallback | None
    on_step: Every | None


def callbacks_of(
    on_epoch: TrainingCallback | None, on_step: TrainingCallback | Every | None
) -> Callbacks:
    """Return the callbacks, or raise if one is not a function; a plain ``on_step`` is for each."""
    check_callback("on_epoch", on_epoch)
    if on_step is None or isinstance(on_step, Every):
        return Callbacks(on_epoch, on_step)
    check_callback("on_step", on_step)
    return Callbacks(on_epoch, Every(1, on_step))
