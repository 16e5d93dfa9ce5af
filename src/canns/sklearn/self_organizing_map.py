"""Kohonen's self-organising map."""

import math
from typing import Any, Self

import numpy as np
from numpy import typing as npt
from sklearn.base import BaseEstimator
from sklearn.metrics import pairwise_distances, pairwise_distances_argmin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from canns._validation import check_real, check_size
from canns.dynamics import WinnerTakeAll
from canns.errors import ValidationError
from canns.plasticity import Kohonen, Setup
from canns.plasticity.learning import show_samples, to_samples
from canns.sklearn._learning import FLOATS, Features, double, order_of_round
from canns.typing import AnyArray, FloatArray, IntArray

__all__ = ["SelfOrganizingMap"]

_COUNTED = 2**24  # up to which float32 has every whole number


class SelfOrganizingMap(Features, BaseEstimator):
    r"""A self-organising map: neurons on a grid, of which neighbours learn similar samples.

    .. math::
        \Delta w_i = \eta_n\, e^{-|r_i - r_c|^2 / (2 \sigma_n^2)}\, (x - w_i), \qquad
        \eta_n = \eta_0 (\eta_1/\eta_0)^{n/N}, \quad \sigma_n = \sigma_0 (\sigma_1/\sigma_0)^{n/N}

    c is the neuron nearest to the sample x, r_i the place of neuron i on the grid, n the number of
    samples before and N that of all. The map unfolds while the neighbourhood is wide. While it
    shrinks, rows approach the means of their samples. The annealing is of a fixed length, so there
    is no tolerance.

    Args:
        shape: Side lengths of the grid, such as (10, 10); the neurons are in row-major order.
        learning_rate: eta_0, in (0, 1].
        final_learning_rate: eta_1, in (0, 1].
        width: sigma_0, in units of the grid; None for half of the longest side.
        final_width: sigma_1; below 0.3 hardly anyone but the winner learns.
        max_iter: Number of passes over the samples; of fewer than 1000 samples, one iteration shows
            each as often as makes 1000.
        random_state: Seed of the start weights, which are samples, and of the orders: an int, a
            RandomState or None.

    Attributes:
        weights_: W, (neurons, features).
        labels_: The winner for each sample, (T,).
        quantization_error_: Mean distance of the samples to their winners.
        topographic_error_: Share of the samples whose two nearest neurons are not neighbours on the
            grid, diagonals included.
        n_iter_: Number of iterations, ``max_iter``.

    Example:
        >>> import numpy as np
        >>> x = np.random.default_rng(0).uniform(size=(1000, 1))
        >>> chain = SelfOrganizingMap((5,), random_state=0).fit(x)
        >>> steps = np.diff(chain.weights_[:, 0])
        >>> bool((steps > 0).all() or (steps < 0).all()), chain.topographic_error_
        (True, 0.0)

    Source: Kohonen (1982), Biol. Cybern. 43:59; annealing: Ritter, Martinetz & Schulten (1992),
    Neural Computation and Self-Organizing Maps; topographic error: Kiviluoto (1996), ICNN 1:294.
    """

    def __init__(
        self,
        shape: tuple[int, ...] = (10, 10),
        *,
        learning_rate: float = 0.5,
        final_learning_rate: float = 0.01,
        width: float | None = None,
        final_width: float = 0.3,
        max_iter: int = 5,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.shape = shape
        self.learning_rate = learning_rate
        self.final_learning_rate = final_learning_rate
        self.width = width
        self.final_width = final_width
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Unfold the map on samples, (T, features)."""
        rows = validate_data(self, X, dtype=FLOATS)
        random = check_random_state(self.random_state)
        rounds = check_size("max_iter", self.max_iter)
        orders = [order_of_round(random, len(rows)) for _ in range(rounds)]
        total = sum(map(len, orders))
        rule = self._rule(total)
        setup = Setup(rule, WinnerTakeAll(match="distance"))
        # About the mean, because a match is the difference of two squares. In float32, whose steps
        # take a quarter of the time, unless the rule has more samples to count than it can hold.
        mean = rows.mean(axis=0, dtype=np.float64)
        scale = float(np.abs(rows - mean).max()) or 1.0
        inputs = ((rows - mean) / scale).astype(np.float32 if total < _COUNTED else np.float64)
        start = inputs[random.randint(len(rows), size=math.prod(self.shape))]
        with double():
            setup.check(start, inputs=inputs)
            learner = setup.start(start)
            for order in orders:
                samples = to_samples(inputs[order], None, inputs.dtype)
                learner = show_samples(setup, learner, samples)
            self.weights_ = (np.asarray(learner.weights) * scale + mean).astype(rows.dtype)
        self.n_iter_ = rounds
        distances = pairwise_distances(rows, self.weights_)
        self.labels_ = distances.argmin(axis=1)
        self.quantization_error_ = float(distances.min(axis=1).mean())
        self.topographic_error_ = self._topographic_error(distances)
        return self

    def predict(self, X: npt.ArrayLike) -> IntArray:
        """Return the winner for each sample, (T,): its index in row-major order."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=FLOATS, reset=False)
        nearest: IntArray = pairwise_distances_argmin(rows, self.weights_)
        return nearest

    def transform(self, X: npt.ArrayLike) -> AnyArray:
        """Return the distance of each sample to each neuron's weights, (T, neurons)."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=FLOATS, reset=False)
        distances: AnyArray = pairwise_distances(rows, self.weights_)
        return distances

    def score(self, X: npt.ArrayLike, y: object = None) -> float:
        """Return minus the quantization error, the mean distance to the winner."""
        return -float(self.transform(X).min(axis=1).mean())

    def _rule(self, total: int) -> Kohonen:
        """Check all arguments, and return the rule for an annealing of ``total`` samples."""
        if not isinstance(self.shape, tuple | list) or not self.shape:
            raise ValidationError("shape", "a tuple of side lengths", repr(self.shape))
        shape = tuple(check_size("shape", side) for side in self.shape)
        limits: dict[str, Any] = {"low": 0.0, "open_low": True}
        first = check_real("learning_rate", self.learning_rate, high=1, **limits)
        last = check_real("final_learning_rate", self.final_learning_rate, high=1, **limits)
        wide = max(max(shape) / 2, 0.5) if self.width is None else self.width
        wide = check_real("width", wide, **limits)
        narrow = check_real("final_width", self.final_width, **limits)
        for name, small, large in (
            ("final_learning_rate", last, first),
            ("final_width", narrow, wide),
        ):
            if small > large:
                expected = f"at most {name.removeprefix('final_')} = {large:g}"
                raise ValidationError(name, expected, f"{small:g}")
        decays = math.log(first / last) / total, math.log(wide / narrow) / total
        return Kohonen(first, wide, *decays, shape=shape)

    def _topographic_error(self, distances: FloatArray) -> float:
        if distances.shape[1] < 2:
            return 0.0
        two = np.argpartition(distances, 1, axis=1)[:, :2]
        places = np.stack(np.unravel_index(two, tuple(self.shape)), axis=-1)
        apart = np.abs(places[:, 0] - places[:, 1]).max(axis=1)
        return float((apart > 1).mean())

    @property
    def _n_features_out(self) -> int:
        return len(self.weights_)
