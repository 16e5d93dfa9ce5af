"""Trainer of Sanger's rule."""

from canns.plasticity import Sanger
from canns.trainer.components import ComponentTrainer

__all__ = ["SangerTrainer"]


class SangerTrainer(ComponentTrainer):
    r"""Train the neurons towards the principal components, in order of their variance.

    .. math:: \Delta W = \eta\,(y x^T - \mathrm{tril}(y y^T)\, W)

    Arguments as of :class:`ComponentTrainer`.

    Example:
        >>> import numpy as np
        >>> from canns.models.brain_inspired import LinearLayer
        >>> layer = LinearLayer(3, 2)
        >>> data = np.random.default_rng(0).normal(size=(2000, 3)) * [3.0, 2.0, 0.5]
        >>> record = SangerTrainer(layer, learning_rate=0.005).train(data, epochs=2)
        >>> bool(abs(layer.W.value[1, 1]) > 0.95)
        True

    Source: Sanger (1989), Neural Networks 2:459.
    """

    _rule = Sanger
