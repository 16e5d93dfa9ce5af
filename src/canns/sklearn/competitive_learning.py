"""Clusters by competitive learning."""

from typing import Literal, Self

import jax.numpy as jnp
import numpy as np
from numpy import typing as npt
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import kmeans_plusplus
from sklearn.metrics import pairwise_distances, pairwise_distances_argmin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from canns._validation import check_choice, check_real, check_size
from canns.dynamics import RankedWinners, WinnerTakeAll, rectified_power
from canns.errors import ValidationError
from canns.plasticity import Instar, KrotovHopfield, Setup
from canns.plasticity.learning import AUTO
from canns.sklearn._learning import (
    FLOATS,
    Features,
    Rate,
    check_rate,
    double,
    learn_rounds,
    until_settled,
    warn_unsettled,
)
from canns.typing import AnyArray, FloatArray, IntArray

__all__ = ["CompetitiveLearning"]

CompetitiveRule = Literal["instar", "krotov_hopfield"]
_RULES = ("instar", "krotov_hopfield")
_FIRST_RATE = 0.1  # an average over the last 19 samples that a neuron wins
_SMALL = 0.1  # a gain, in units of the excess that the rate leaves, at which the rate is halved
_DELTA = 0.4


class CompetitiveLearning(Features, ClusterMixin, BaseEstimator):
    r"""Clusters, learnt by neurons that compete for each sample.

    .. math::
        \Delta w_i = \eta\, y_i\,(x - w_i) \quad\text{("instar")}, \qquad
        \Delta w_i = \eta\, g_i\,(x - (w_i \cdot x)\, w_i) \quad\text{("krotov\_hopfield")}

    With "instar", y is 1 for the neurons whose weights are nearest to the sample, else 0. A single
    winner makes this k-means, sample by sample: a row fluctuates about the mean of its cluster with
    the covariance :math:`\eta/(2 - \eta)` times that of the cluster, so the inertia exceeds that of
    the resting centres by the share :math:`\eta/(2 - \eta)`. The rate is halved each time that an
    iteration no longer lowers the inertia, until this share is at most ``tol``. Which minimum of
    the inertia is found depends on the start, as it does for k-means.

    With "krotov_hopfield", g is 1 for the neuron with the largest current, and :math:`-\Delta` for
    the one of rank ``winners``. Rows converge to directions, of norm 1.

    Args:
        n_clusters: Number of neurons.
        rule: "instar" or "krotov_hopfield".
        winners: How many neurons learn from a sample ("instar"), or the rank of the neuron that is
            repelled ("krotov_hopfield"); None for 1, or for rank 2.
        delta: Strength of that repulsion; None for 0.4. Only for "krotov_hopfield".
        learning_rate: The first eta; "auto" for 0.1 ("instar"), or for 0.01/E|x|, an average over
            the last 100 samples.
        max_iter: Largest number of iterations. Of fewer than 1000 samples, one iteration shows each
            as often as makes 1000.
        tol: The share above, or the relative change of the weights, at which learning stops.
        random_state: Seed of the start weights and the orders: an int, a RandomState or None.

    Attributes:
        cluster_centers_: W, (n_clusters, features).
        labels_: The winner for each sample, (T,).
        inertia_: Sum of the squared distances of the samples to their centres, for "instar".
        n_iter_: Number of iterations.

    Example:
        >>> import numpy as np
        >>> x = np.repeat([[0.0, 1.0], [5.0, 1.0]], 50, axis=0)
        >>> clusters = CompetitiveLearning(n_clusters=2, random_state=0).fit(x)
        >>> sorted(clusters.cluster_centers_.round(2).tolist())
        [[0.0, 1.0], [5.0, 1.0]]

    Source: Grossberg (1976), Biol. Cybern. 23:121; Rumelhart & Zipser (1985), Cognitive Science
    9:75; MacQueen (1967), Proc. 5th Berkeley Symp. 1:281; Krotov & Hopfield (2019), PNAS 116:7723;
    start: Arthur & Vassilvitskii (2007), SODA (k-means++).
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        rule: CompetitiveRule = "instar",
        winners: int | None = None,
        delta: float | None = None,
        learning_rate: Rate = "auto",
        max_iter: int = 200,
        tol: float = 1e-3,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.rule = rule
        self.winners = winners
        self.delta = delta
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Learn the clusters of samples, (T, features)."""
        rows = validate_data(self, X, dtype=FLOATS)
        setup = self._setup(len(rows))
        random = check_random_state(self.random_state)
        with double():
            if self.rule == "instar":
                weights, settled = self._fit_centres(setup, rows.astype(np.float64), random)
            else:
                weights, settled = self._fit_directions(setup, rows.astype(np.float64), random)
        self.cluster_centers_ = weights.astype(rows.dtype)
        self.labels_ = self._winners(rows)
        if self.rule == "instar":
            self.inertia_ = -self._score(rows)
        if not settled:
            warn_unsettled(type(self).__name__, self.max_iter)
        return self

    def predict(self, X: npt.ArrayLike) -> IntArray:
        """Return the winner for each sample, (T,)."""
        check_is_fitted(self)
        return self._winners(validate_data(self, X, dtype=FLOATS, reset=False))

    def transform(self, X: npt.ArrayLike) -> AnyArray:
        """Return the distance of each sample to each row, or the rectified currents, (T, k)."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=FLOATS, reset=False)
        if self.rule == "instar":
            distances: AnyArray = pairwise_distances(rows, self.cluster_centers_)
            return distances
        with double():
            return np.asarray(
                rectified_power(jnp.asarray(self.cluster_centers_), rows, 1.0)
            ).astype(rows.dtype)

    def score(self, X: npt.ArrayLike, y: object = None) -> float:
        """Return minus the inertia of the samples, or the mean cosine with their winners' rows."""
        check_is_fitted(self)
        return self._score(validate_data(self, X, dtype=FLOATS, reset=False))

    def _setup(self, count: int) -> Setup:
        """Return the rule and its neuron, after all arguments are checked."""
        check_choice("rule", self.rule, _RULES)
        check_rate(self.learning_rate)
        check_size("max_iter", self.max_iter)
        check_real("tol", self.tol, low=0)
        clusters = check_size("n_clusters", self.n_clusters)
        if clusters > count:
            raise ValidationError("n_clusters", f"at most n_samples={count}", f"{clusters}")
        if self.rule == "instar":
            if self.delta is not None:
                remedy = "Take rule='krotov_hopfield', or leave it out."
                raise ValidationError("delta", "None for 'instar'", f"{self.delta!r}", remedy)
            winners = 1 if self.winners is None else self.winners
            check_size("winners", winners, high=clusters)
            return Setup(Instar(), WinnerTakeAll(winners, "distance"))
        delta = _DELTA if self.delta is None else check_real("delta", self.delta, low=0)
        if clusters == 1 and self.winners is None:  # no rival to repel
            return Setup(KrotovHopfield(), WinnerTakeAll())
        rank = 2 if self.winners is None else self.winners
        check_size("winners", rank, low=2, high=clusters)
        return Setup(KrotovHopfield(), RankedWinners(rank, delta))

    def _fit_centres(
        self, setup: Setup, rows: FloatArray, random: np.random.RandomState
    ) -> tuple[FloatArray, bool]:
        """Learn centres; return them, and whether their inertia is down to the tolerance."""
        # About the mean, because a match is the difference of two squares.
        mean = rows.mean(axis=0)
        inputs, least = rows - mean, np.inf
        start, _ = kmeans_plusplus(inputs, self.n_clusters, random_state=random)

        def next_rate(weights: AnyArray, rate: float, done: int) -> float:
            nonlocal least
            apart = pairwise_distances_argmin(inputs, weights)
            now = float(((inputs - weights[apart]) ** 2).sum())
            before, least = least, min(least, now)
            excess = rate / (2 - rate)
            if before - now > _SMALL * max(excess, self.tol) * now:
                return rate
            return rate / 2 if excess > self.tol else 0.0

        first = _FIRST_RATE if self.learning_rate == AUTO else float(self.learning_rate)
        check_real("learning_rate", first, high=1)
        setup.check(start, inputs=inputs, bounded=False)
        rounds = learn_rounds(setup, start, inputs, random, first, next_rate, self.max_iter)
        self.n_iter_ = rounds.num_rounds
        return np.asarray(rounds.learner.weights) + mean, rounds.settled

    def _fit_directions(
        self, setup: Setup, rows: FloatArray, random: np.random.RandomState
    ) -> tuple[FloatArray, bool]:
        """Learn directions; return them, and whether they have settled."""
        rule = setup.rule
        # Rows that start as samples all win for some.
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        directions = rows / np.where(lengths == 0, 1.0, lengths)
        start, _ = kmeans_plusplus(directions, self.n_clusters, random_state=random)
        if self.learning_rate == AUTO:
            first = rule.automatic_rate(rows, self.n_clusters)
            first = min(first, rule.largest_rate(rows) / 2)
        else:
            first = float(self.learning_rate)
        setup.check(start, inputs=rows, bounded=False)
        if first >= rule.largest_rate(rows):
            expected = f"below 1/max|x| = {rule.largest_rate(rows):.3g}"
            raise ValidationError("learning_rate", expected, f"{first:g}")
        next_rate = until_settled(first, start, self.tol)
        rounds = learn_rounds(setup, start, rows, random, first, next_rate, self.max_iter)
        self.n_iter_ = rounds.num_rounds
        return np.asarray(rounds.learner.weights), rounds.settled

    def _winners(self, rows: FloatArray) -> IntArray:
        if self.rule == "instar":
            nearest: IntArray = pairwise_distances_argmin(rows, self.cluster_centers_)
            return nearest
        return np.argmax(rows @ self.cluster_centers_.T.astype(rows.dtype), axis=1)

    def _score(self, rows: FloatArray) -> float:
        own = self.cluster_centers_[self._winners(rows)]
        if self.rule == "instar":
            return -float(((rows - own) ** 2).sum(dtype=np.float64))
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(own, axis=1)
        return float(((rows * own).sum(axis=1) / np.where(lengths == 0, 1.0, lengths)).mean())

    @property
    def _n_features_out(self) -> int:
        return len(self.cluster_centers_)
