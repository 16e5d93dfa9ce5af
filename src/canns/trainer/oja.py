"""Trainer of Oja's rule."""

from canns.plasticity import Oja
from canns.trainer.components import ComponentTrainer

__all__ = ["OjaTrainer"]


class OjaTrainer(ComponentTrainer):
    r"""Train each neuron by itself towards the first principal component.

    .. math:: \Delta W_{ij} = \eta\,(y_i x_j - y_i^2 W_{ij})

    Args:
        model: A layer, or a user's object with a weights box.
        learning_rate: Eta, or "auto" for the rate at which the components are found to 4 degrees
            on these data: 0.008 over the largest sum, for a component i, of
            ``lambda_i lambda_j / |lambda_i - lambda_j|`` over the other eigenvalues of the input
            correlation; at most 0.05/lambda_1 and 0.1/E|x|^2.
        normalize_weights: Scale each row to unit norm after each sample.
        weight_attr: Name of the weights box; None, or "W" on a model without a ``W``, for the
            model's own ``weight_attr``.
        compiled: Train in compiled code; False runs the same code un-jitted.
        **options: Options of :class:`~canns.trainer.RuleTrainer`.

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
