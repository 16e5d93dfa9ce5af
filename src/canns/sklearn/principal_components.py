"""Principal components by Hebbian learning."""

from typing import Any, Literal, Self

import numpy as np
from numpy import typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from canns._validation import check_choice, check_real, check_size
from canns.dynamics import Linear
from canns.errors import ValidationError
from canns.plasticity import LAYER_RULES, OrthonormalRows, Setup
from canns.plasticity.learning import AUTO, Learner
from canns.sklearn._learning import (
    FLOATS,
    Features,
    Rate,
    check_rate,
    double,
    key_from,
    learn_round,
    learn_rounds,
    warn_unsettled,
)
from canns.sklearn._moments import Moments
from canns.typing import AnyArray, FloatArray

__all__ = ["HebbianPCA"]

PCARule = Literal["sanger", "subspace", "oja"]
_RULES = {"sanger": "sanger", "subspace": "oja_subspace", "oja": "oja"}
_FIRST_RATE = 0.05  # of the rate 1/E|x|^2, half of the library's bound on the transient
_LONGEST = 0.5  # largest eta |x|^2 of a sample, so that no outlier turns the weights over
_SMALL = 0.004  # a gain, in units of the excess that the rate leaves, at which the rate is halved
_HALVED = 10_000  # samples after which partial_fit has halved its first rate


class HebbianPCA(Features, BaseEstimator):
    r"""Principal components, learnt by linear neurons sample by sample.

    .. math::
        \Delta W = \eta\,(y x^T - \mathrm{tril}(y y^T)\, W), \qquad y = W (x - \bar x)

    Each iteration shows every sample, in a new random order. At a constant rate the reconstruction
    error stays above that of PCA by the share :math:`\tfrac{\eta}{2} \sum_{i \le k} \lambda_i`, the
    sum of :math:`(\lambda_i - \lambda_j)` times the fluctuation
    :math:`\eta \lambda_i \lambda_j / (2 (\lambda_i - \lambda_j))` of weight i along each component
    j > k. So the rate is halved each time that an iteration gains less than a 250th of this
    share, and learning stops if the share is at most ``tol``. The rows are then made orthonormal,
    from which they differ by order eta. If component k has nearly the variance of the next one, the
    error may stay above PCA's by more than ``tol``, because the weights turn so slowly.

    Args:
        n_components: k, at most min(samples, features); None for all of these, and 1 for "oja".
        rule: "sanger": components in order. "subspace": an orthonormal basis of the space that
            they span. "oja": the first component only.
        learning_rate: eta_0, in units of 1/x^2; "auto" for 0.05/E|x|^2, but at most 0.5/max|x|^2.
        max_iter: Largest number of iterations. Of fewer than 1000 samples, one iteration shows each
            as often as makes 1000.
        tol: Share by which the last rate raises the reconstruction error.
        random_state: Seed of the start weights and the orders: an int, a RandomState or None.

    Attributes:
        components_: W, (k, features), of orthonormal rows; the largest entry of each is positive.
        explained_variance_: Variance along each component, (k,), with divisor T - 1. After
            ``partial_fit``, an average over the batches, each along the components of its time.
        explained_variance_ratio_: Its share of the variance of the data, (k,).
        mean_: Mean of the samples, (features,).
        n_iter_: Number of iterations.
        n_samples_seen_: Number of different samples that were learnt.

    Example:
        >>> import numpy as np
        >>> x = np.random.default_rng(0).normal(size=(500, 3)) * [3.0, 1.0, 0.1] + 5.0
        >>> pca = HebbianPCA(n_components=2, random_state=0).fit(x)
        >>> abs(pca.components_).round(1).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
        >>> round(float(pca.explained_variance_ratio_.sum()), 2)
        1.0

    Source: Sanger (1989), Neural Networks 2:459; Oja (1982), J. Math. Biol. 15:267; Oja (1989),
    Int. J. Neural Syst. 1:61; falling rates: Oja & Karhunen (1985), J. Math. Anal. Appl. 106:69.
    """

    _learner: Learner
    _moments: Moments
    _unit_variance: FloatArray  # along each component, as a share of that of the data

    def __init__(
        self,
        n_components: int | None = None,
        *,
        rule: PCARule = "sanger",
        learning_rate: Rate = "auto",
        max_iter: int = 300,
        tol: float = 5e-4,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_components = n_components
        self.rule = rule
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Learn the components of samples, (T, features)."""
        rows = validate_data(self, X, dtype=FLOATS, ensure_min_samples=2)
        check_size("max_iter", self.max_iter)
        check_real("tol", self.tol, low=0)
        random = check_random_state(self.random_state)
        with double():
            self._begin(rows, random)
            inputs = self._moments.centred(rows)
            self.n_iter_, settled = 0, True
            if self._moments.power > 0:
                settled = self._fit_rounds(inputs, random)
            self._unit_variance = ((inputs @ self._rows().T) ** 2).mean(axis=0)
            self._write(rows.dtype)
        if not settled:
            warn_unsettled(type(self).__name__, self.max_iter)
        return self

    def partial_fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Learn from one more batch of samples, (T, features), each shown once.

        The batch is centred by the mean of all samples so far. The rate is
        eta_0/(1 + n/10000) after n samples.
        """
        first = not hasattr(self, "_learner")
        rows = validate_data(self, X, dtype=FLOATS, reset=first)
        random = check_random_state(self.random_state)
        with double():
            if first:
                self._begin(rows, random)
                self.n_iter_ = 0
            self._check_rule()
            moments = self._moments if first else self._moments.and_of(rows)
            count, inputs = moments.num_samples, moments.centred(rows)
            before = count - len(rows)
            if moments.power > 0:
                rate = self._first_rate(inputs, moments.power) / (1 + before / _HALVED)
                self._learner = learn_round(self._setup(), self._learner, inputs, rate)
            self._moments = moments
            old = 0.0 if first else before * self._unit_variance
            seen = ((inputs @ self._rows().T) ** 2).sum(axis=0)
            self._unit_variance = (old + seen) / count
            self._write(rows.dtype)
        self.n_iter_ += 1
        return self

    def transform(self, X: npt.ArrayLike) -> AnyArray:
        """Return the samples along the components, (T, k)."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=FLOATS, reset=False)
        return (rows - self.mean_.astype(rows.dtype)) @ self.components_.T.astype(rows.dtype)

    def inverse_transform(self, X: npt.ArrayLike) -> AnyArray:
        """Return the samples, (T, features), that lie at these places of the space, (T, k)."""
        check_is_fitted(self)
        return np.asarray(X) @ self.components_ + self.mean_

    def score(self, X: npt.ArrayLike, y: object = None) -> float:
        """Return the share of the squared distance from the mean that the components explain."""
        codes = self.transform(X)
        rows = validate_data(self, X, dtype=FLOATS, reset=False) - self.mean_
        total = float((rows**2).sum())
        return float((codes**2).sum()) / total if total > 0 else 1.0

    def _begin(self, rows: FloatArray, random: np.random.RandomState) -> None:
        """Draw the start weights, and start to count samples and their mean."""
        self._check_rule()
        most, (count, width) = min(rows.shape), rows.shape
        wanted = self.n_components
        if wanted is None:
            wanted = 1 if self.rule == "oja" else most
        if not 1 <= check_size("n_components", wanted) <= most:
            expected = f"at most min(n_samples={count}, n_features={width})"
            raise ValidationError("n_components", expected, f"{wanted}")
        if self.rule == "oja" and wanted > 1:
            remedy = "Each neuron of Oja's rule finds the first component; take 'sanger'."
            raise ValidationError("n_components", "1 or None for rule='oja'", f"{wanted}", remedy)
        drawn = Linear().draw(key_from(random), width, wanted)
        setup = self._setup()
        self._learner = setup.start(OrthonormalRows()(drawn))
        self._moments = Moments.of(rows)

    def _check_rule(self) -> None:
        check_choice("rule", self.rule, _RULES)
        check_rate(self.learning_rate)

    def _setup(self) -> Setup:
        rule, project, _ = LAYER_RULES[_RULES[self.rule]].plan(np.empty((0, 0)))
        return Setup(rule, Linear(), project)

    def _first_rate(self, inputs: FloatArray, power: float) -> float:
        """Return eta_0 in units of 1/E|x|^2."""
        longest = float((inputs**2).sum(axis=1).max())
        if self.learning_rate == AUTO:
            return min(_FIRST_RATE, _LONGEST / max(longest, 1e-300))
        rate = float(self.learning_rate) * power
        bound = self._setup().rule.largest_rate(inputs)
        if rate >= bound:
            expected = f"below {bound / power:.3g}, the bound of stability at these data"
            raise ValidationError("learning_rate", expected, f"{self.learning_rate:g}")
        return rate

    def _fit_rounds(self, inputs: FloatArray, random: np.random.RandomState) -> bool:
        """Learn until the excess error is small; return whether it is."""
        first = self._first_rate(inputs, self._moments.power)
        total = float((inputs**2).sum())
        least = np.full(len(self._learner.weights) if self.rule == "sanger" else 1, np.inf)

        def next_rate(weights: Any, rate: float, done: int) -> float:
            nonlocal least
            basis = np.asarray(OrthonormalRows()(weights))
            explained = np.cumsum(((inputs @ basis.T) ** 2).sum(axis=0)) / total
            # Sanger's rows are in order, so that the first i of them span the best i dimensions.
            now = np.maximum(1 - explained, 1e-6)[-len(least) :]
            before, least = least, np.minimum(least, now)
            floor = rate * float(explained[-1]) / 2
            if (before - now > _SMALL * max(floor, self.tol) * now).any():
                return rate
            return rate / 2 if floor > self.tol else 0.0

        start, setup = self._learner.weights, self._setup()
        setup.check(start, inputs=inputs, bounded=False)
        rounds = learn_rounds(setup, start, inputs, random, first, next_rate, self.max_iter)
        self._learner, self.n_iter_ = rounds.learner, rounds.num_rounds
        return rounds.settled

    def _rows(self) -> FloatArray:
        """Return the weights with orthonormal rows, the largest entry of each positive."""
        basis: FloatArray = np.asarray(OrthonormalRows()(self._learner.weights))
        largest = np.abs(basis).argmax(axis=1)
        signs = np.sign(basis[np.arange(len(basis)), largest])
        return signs[:, None] * basis

    def _write(self, dtype: Any) -> None:
        """Set the attributes that users read."""
        count, mean, squares = self._moments
        total = squares / max(count - 1, 1) if self._moments.power > 0 else 0.0
        self.n_samples_seen_ = count
        self.mean_ = mean.astype(dtype)
        self.components_ = self._rows().astype(dtype)
        self.explained_variance_ = (self._unit_variance * total).astype(dtype)
        self.explained_variance_ratio_ = (self._unit_variance * (total > 0)).astype(dtype)

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)
