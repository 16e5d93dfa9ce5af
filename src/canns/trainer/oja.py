"""Trainer of Oja's rule."""

from canns.plasticity import Oja
from canns.trainer.components import ComponentTrainer

__all__ = ["OjaTrainer"]


class OjaTrainer(ComponentTrainer):
    r"""Train each neuron by itself towards the first principal component.

    .. math:: \Delta W_{ij} = \eta\,(y_i x_j - y_i^2 W_{ij})

    Arguments as of :class:`ComponentTrainer`.

    Example:
        >>> import numpy as np
        >>> from canns.models.brain_inspired import LinearLayer
        >>> layer = LinearLayer(2, 1)
        >>> data = np.random.default_rng(0).normal(size=(500, 2)) * [3.0, 1.0]
        >>> record = OjaTrainer(layer, learning_rate=0.01).train(data)
        >>> bool(abs(layer.W.value[0, 0]) > 0.95)
        True

    Source: Oja (1982), J. Math. Biol. 15:267.
    """

    _rule = Oja
