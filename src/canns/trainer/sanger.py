"""Trainer of Sanger's rule."""

from canns.plasticity import Sanger
from canns.trainer.components import ComponentTrainer

__all__ = ["SangerTrainer"]


class SangerTrainer(ComponentTrainer):
    r"""Train the neurons towards the principal components, in order of their variance.

    .. math:: \Delta W = \eta\,(y x^T - \mathrm{tril}(y y^T)\, W)

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
        >>> layer = LinearLayer(3, 2)
        >>> data = np.random.default_rng(0).normal(size=(2000, 3)) * [3.0, 2.0, 0.5]
        >>> record = SangerTrainer(layer, learning_rate=0.005).train(data, epochs=2)
        >>> bool(abs(layer.W.value[1, 1]) > 0.95)
        True

    Source: Sanger (1989), Neural Networks 2:459.
    """

    _rule = Sanger
