"""Associative memory as a classifier, and as a transformer that restores what it knows."""

import math
from typing import Any, Literal, Self

import jax
import numpy as np
from numpy import typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, OneToOneFeatureMixin, TransformerMixin
from sklearn.metrics import pairwise_distances_argmin
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from canns._validation import check_choice, check_real, check_size
from canns._warnings import warn
from canns.dynamics import Clamped, Hopfield, ModernHopfield, recall
from canns.errors import ValidationError
from canns.plasticity import STORAGE_RULES, Setup, learn, recipe_for
from canns.sklearn._learning import FLOATS, double
from canns.typing import AnyArray, FloatArray

__all__ = ["HopfieldMemory"]

NetworkName = Literal["modern", "hopfield"]
_NETWORKS = ("modern", "hopfield")
_RULES = tuple(name for name in STORAGE_RULES if name not in ("sequence", "anti_hebbian"))


class HopfieldMemory(OneToOneFeatureMixin, ClassifierMixin, TransformerMixin, BaseEstimator):
    r"""A memory of patterns: it recalls the pattern that a cue comes from, and its label.

    .. math::
        s \leftarrow \sum_\mu p_\mu x^\mu, \quad
        p = \mathrm{softmax}_\mu\big(-\tfrac{\beta}{2} |x^\mu - s|^2\big)
        \quad\text{("modern")}, \qquad s \leftarrow \mathrm{sgn}(W s) \quad\text{("hopfield")}

    "modern" takes patterns of real numbers. It matches them by distance, so that patterns of any
    length can be recalled: one more neuron, held at 1, has the weight :math:`-|x^\mu|^2/2`.
    "hopfield" takes patterns of two values, which are above and below ``threshold``. ``predict``
    gives the label of the stored pattern that is nearest to the recalled state, and ``transform``
    the state itself.

    Args:
        network: "modern" or "hopfield".
        beta: Inverse temperature, > 0, in units of 1/x^2; None for :math:`(8 + 4 \ln P) / d^2`,
            with d the median distance from a pattern to the nearest other one. At a pattern that
            is so far from all others, they together weigh :math:`e^{-4}/P` at most. Only for
            "modern".
        rule: A storage rule, a key of :data:`~canns.plasticity.STORAGE_RULES`; None for "hebbian".
            Only for "hopfield".
        threshold: What separates the two values; None for 0. Only for "hopfield".
        num_iter: Largest number of updates in a recall.

    Attributes:
        patterns_: The stored patterns, (P, features); for "hopfield" of -1 and 1.
        labels_: Their labels, (P,), as indices of ``classes_``.
        classes_: The labels that occur; the row numbers of the patterns if none were given.
        weights_: W, (features, features); None for "modern".
        beta_: Beta; None for "hopfield".

    Example:
        >>> memory = HopfieldMemory().fit([[0.5, -1.0, 2.0], [1.0, 2.0, 0.0]], ["cat", "dog"])
        >>> memory.predict([[0.5, 0.0, 1.5]]).tolist()
        ['cat']
        >>> memory.transform([[0.5, 0.0, 1.5]]).round(2).tolist()
        [[0.5, -0.99, 1.99]]
        >>> binary = HopfieldMemory(network="hopfield").fit([[1, -1, 1, -1], [1, 1, -1, -1]])
        >>> binary.transform([[1.0, 1.0, 1.0, -1.0]]).shape
        (1, 4)

    Source: Hopfield (1982), PNAS 79:2554; Ramsauer et al. (2021), ICLR (modern); Millidge,
    Salvatori, Song, Lukasiewicz & Bogacz (2022), ICML (distances).
    """

    def __init__(
        self,
        *,
        network: NetworkName = "modern",
        beta: float | None = None,
        rule: str | None = None,
        threshold: float | None = None,
        num_iter: int = 20,
    ) -> None:
        self.network = network
        self.beta = beta
        self.rule = rule
        self.threshold = threshold
        self.num_iter = num_iter

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike | None = None) -> Self:
        """Store patterns, (P, features), with labels, (P,), or with their row numbers as labels."""
        if y is None:
            rows = validate_data(self, X, dtype=FLOATS)
            labels = np.arange(len(rows))
        else:
            rows, labels = validate_data(self, X, y, dtype=FLOATS)
            check_classification_targets(labels)
        self._check()
        self.classes_, self.labels_ = np.unique(labels, return_inverse=True)
        self.patterns_ = rows if self.network == "modern" else self._signs(rows)
        if self.network == "hopfield" and np.ptp(self.patterns_) == 0:
            what = "All values are on one side of threshold, so all stored patterns are the same."
            warn(what, "Take a threshold between the two values, or centre the data.")
        self.beta_ = self._inverse_temperature(rows) if self.network == "modern" else None
        self.weights_ = None if self.network == "modern" else self._store()
        return self

    def predict(self, X: npt.ArrayLike) -> AnyArray:
        """Return the label of the pattern that each cue recalls, (B,)."""
        nearest = pairwise_distances_argmin(self.transform(X), self.patterns_)
        labels: AnyArray = self.classes_[self.labels_[nearest]]
        return labels

    def transform(self, X: npt.ArrayLike) -> AnyArray:
        """Return the state that each cue recalls, (B, features)."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=FLOATS, reset=False)
        count = check_size("num_iter", self.num_iter, low=0)
        with double():
            if self.network == "modern":
                states: Any = self._recall_nearest(rows, count)
            else:
                cues = self._signs(rows).astype(np.float64)
                key = jax.random.key(0)  # synchronous updates draw nothing
                states = recall(Hopfield(), self.weights_, cues, key=key, num_iter=count).states
            return np.asarray(states).astype(rows.dtype)

    def _check(self) -> None:
        """Raise if an argument is out of range, or is not for this network."""
        modern = check_choice("network", self.network, _NETWORKS) == "modern"
        check_size("num_iter", self.num_iter, low=0)
        for name in ("rule", "threshold") if modern else ("beta",):
            if getattr(self, name) is not None:
                got = repr(getattr(self, name))
                raise ValidationError(name, f"None for network={self.network!r}", got)
        if self.beta is not None:
            check_real("beta", self.beta, low=0, open_low=True)
        if self.rule is not None:
            check_choice("rule", self.rule, _RULES)
        if self.threshold is not None:
            check_real("threshold", self.threshold)

    def _signs(self, rows: FloatArray) -> FloatArray:
        threshold = 0.0 if self.threshold is None else self.threshold
        return np.where(rows > threshold, 1.0, -1.0).astype(rows.dtype)

    def _store(self) -> FloatArray:
        """Return the couplings that the rule makes of the patterns."""
        recipe = recipe_for(self.rule or "hebbian", recurrent=True)
        size = self.patterns_.shape[1]
        with double():
            rule, project, inputs = recipe.plan(self.patterns_.astype(np.float64))
            setup = Setup(rule, recipe.neuron or Clamped(), project)
            learner: Any = np.zeros((size, size))
            for _ in range(recipe.epochs):
                learner = learn(setup, learner, inputs)
            return np.asarray(learner.weights)

    def _inverse_temperature(self, rows: FloatArray) -> float:
        if self.beta is not None:
            return float(self.beta)
        if len(rows) < 2:
            return 1.0
        distances = NearestNeighbors(n_neighbors=2).fit(rows).kneighbors(rows)[0][:, 1]
        apart = distances[distances > 0]
        if len(apart) == 0:
            return 1.0
        return (8 + 4 * math.log(len(rows))) / float(np.median(apart)) ** 2

    def _recall_nearest(self, rows: FloatArray, count: int) -> FloatArray:
        """Recall in the modern network, with one more neuron, which is held at 1."""
        assert self.beta_ is not None
        # About the mean and in units of the spread, so that squares keep their digits.
        mean = self.patterns_.mean(axis=0, dtype=np.float64)
        patterns, cues = self.patterns_ - mean, rows - mean
        scale = float(np.abs(patterns).max()) or 1.0
        patterns, cues = patterns / scale, cues / scale
        lengths = (patterns**2).sum(axis=1)
        stored = np.column_stack([patterns, -lengths / 2])
        shown = np.column_stack([cues, np.ones(len(cues))])
        held = np.zeros(shown.shape, bool)
        held[:, -1] = True
        network = ModernHopfield(self.beta_ * scale**2)
        run = recall(network, stored, shown, key=jax.random.key(0), num_iter=count, clamped=held)
        states: FloatArray = np.asarray(run.states)[:, :-1] * scale + mean
        return states

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        # Few numbers of two values cannot tell classes of many patterns apart.
        tags.classifier_tags.poor_score = self.network == "hopfield"
        return tags
