"""Features by the rule of Bienenstock, Cooper and Munro."""

from typing import Literal, Self

import numpy as np
from numpy import typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from canns._validation import check_choice, check_real, check_size
from canns.dynamics import Linear
from canns.errors import ValidationError
from canns.plasticity import BCM, LawCooperBCM, Setup
from canns.plasticity.learning import AUTO
from canns.sklearn._learning import (
    FLOATS,
    Features,
    Rate,
    check_rate,
    double,
    key_from,
    learn_rounds,
    until_settled,
    warn_unsettled,
)
from canns.typing import AnyArray, FloatArray

__all__ = ["BCMFeatures"]

BCMRule = Literal["bcm", "law_cooper"]
_RULES: dict[str, type[BCM]] = {"bcm": BCM, "law_cooper": LawCooperBCM}


class BCMFeatures(Features, BaseEstimator):
    r"""Selective features: linear neurons, each of which comes to respond to few samples.

    .. math::
        \Delta w_i = \eta_e\, y_i (y_i - \theta_i)\, x^T, \qquad
        \theta_i \leftarrow \theta_i + (y_i^2 - \theta_i)/\tau, \qquad
        \eta_e = \frac{\eta_0}{1 + e/10}

    "law_cooper" divides the change by :math:`\theta_i`, and has the same rest points. With K
    linearly independent samples that are equally frequent, a neuron comes to respond to one of
    them, with y = K. Neurons do not see each other: several may find the same feature. The samples
    are not centred, because the rule reads responses as they are.

    Args:
        n_components: Number of neurons k.
        rule: "bcm" or "law_cooper".
        threshold_tau: tau in samples, at least 1.
        learning_rate: eta_0; "auto" for a quarter of the bound up to which every response is
            stable, 1/((tau + 1) max|x|^2).
        max_iter: Largest number of iterations. Of fewer than 1000 samples, one iteration shows each
            as often as makes 1000.
        tol: Relative change of the weights, in an iteration, at which learning stops.
        random_state: Seed of the start weights and the orders: an int, a RandomState or None.

    Attributes:
        components_: W, (k, features).
        thresholds_: Theta of each neuron, (k,).
        selectivity_: Of each neuron, (k,): 1 less its mean response over the largest, with
            responses below 0 counted as 0. It is 1 - 1/T for a neuron that answers to one of T
            samples.
        n_iter_: Number of iterations.

    Example:
        >>> import numpy as np
        >>> x = np.array([[1.0, 0.2], [0.2, 1.0]])
        >>> bcm = BCMFeatures(1, random_state=0).fit(x)
        >>> sorted(abs(bcm.transform(x)[:, 0]).round(1).tolist())
        [0.0, 2.0]
        >>> bcm.selectivity_.round(2).tolist()
        [0.5]

    Source: Bienenstock, Cooper & Munro (1982), J. Neurosci. 2:32; Intrator & Cooper (1992), Neural
    Networks 5:3; Law & Cooper (1994), PNAS 91:7797.
    """

    def __init__(
        self,
        n_components: int = 10,
        *,
        rule: BCMRule = "law_cooper",
        threshold_tau: float = 100.0,
        learning_rate: Rate = "auto",
        max_iter: int = 200,
        tol: float = 1e-3,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_components = n_components
        self.rule = rule
        self.threshold_tau = threshold_tau
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Learn the features of samples, (T, features)."""
        rows = validate_data(self, X, dtype=FLOATS)
        check_choice("rule", self.rule, _RULES)
        check_rate(self.learning_rate)
        count = check_size("n_components", self.n_components)
        check_size("max_iter", self.max_iter)
        check_real("tol", self.tol, low=0)
        random = check_random_state(self.random_state)
        # The rule has no scale of its own: with x/s it learns s W, at the rate s^2 eta.
        scale = float(np.linalg.norm(rows, axis=1).max()) or 1.0
        with double():
            inputs = rows.astype(np.float64) / scale
            weights, settled = self._fit_scaled(inputs, scale, count, random)
        self.components_ = (weights / scale).astype(rows.dtype)
        responses = np.maximum(rows @ self.components_.T, 0.0)
        largest = responses.max(axis=0)
        self.selectivity_ = 1 - responses.mean(axis=0) / np.where(largest > 0, largest, 1.0)
        if not settled:
            warn_unsettled(type(self).__name__, self.max_iter)
        return self

    def transform(self, X: npt.ArrayLike) -> AnyArray:
        """Return the responses of the neurons, (T, k)."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=FLOATS, reset=False)
        return rows @ self.components_.T.astype(rows.dtype)

    def _fit_scaled(
        self, inputs: FloatArray, scale: float, count: int, random: np.random.RandomState
    ) -> tuple[FloatArray, bool]:
        """Learn from samples of length 1 at most; return W, and whether it has settled."""
        rule = _RULES[self.rule](0.0, self.threshold_tau)
        setup = Setup(rule, Linear())
        start = np.array(setup.neuron.draw(key_from(random), inputs.shape[1], count))
        # A neuron that answers every sample by less than 0 only comes to rest at 0.
        start *= np.where((inputs @ start.T).sum(axis=0) < 0, -1.0, 1.0)[:, None]
        setup.check(start, inputs=inputs, bounded=False)
        bound = rule.largest_rate(inputs)
        if self.learning_rate == AUTO:
            first = rule.automatic_rate(inputs, count) if inputs.any() else 0.0
        else:
            first = float(self.learning_rate) * scale**2
            if first >= bound:
                expected = f"below {bound / scale**2:.3g}, at which no response is stable"
                raise ValidationError("learning_rate", expected, f"{self.learning_rate:g}")

        next_rate = until_settled(first, start, self.tol)
        rounds = learn_rounds(setup, start, inputs, random, first, next_rate, self.max_iter)
        self.thresholds_ = np.asarray(rounds.learner.memory[0])
        self.n_iter_ = rounds.num_rounds
        return np.asarray(rounds.learner.weights), rounds.settled

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)
