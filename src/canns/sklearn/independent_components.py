"""Independent components by nonlinear Hebbian learning."""

from typing import Any, Self

import jax
import jax.numpy as jnp
import numpy as np
from numpy import typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from canns._precision import full_precision
from canns._validation import check_choice, check_real, check_size
from canns.dynamics import Linear
from canns.errors import ValidationError
from canns.plasticity import CONTRASTS, Contrast, NonlinearHebbian, OrthonormalRows, Setup, Sources
from canns.plasticity.learning import AUTO
from canns.sklearn._learning import (
    FLOATS,
    Features,
    Rate,
    check_rate,
    double,
    key_from,
    warn_unsettled,
)
from canns.task import whiten
from canns.typing import AnyArray, Array, FloatArray

__all__ = ["HebbianICA"]

_SOURCES = ("super_gaussian", "sub_gaussian")
_SHARE = 0.5  # of the rate 1/E[y g(y)], at which a step no longer turns a row over
_NUMBERS = 1 << 20  # numbers in the changes that one block of samples proposes


class HebbianICA(Features, BaseEstimator):
    r"""Independent components, learnt by neurons with a bent Hebbian rule on white samples.

    .. math::
        W \leftarrow \mathrm{orth}\big(W + \sigma \eta\, E[g(y)\, x^T]\big), \qquad y = W x,
        \qquad \mathrm{orth}(M) = (M M^T)^{-1/2} M

    The library's rule proposes a change for each sample, and one iteration takes their mean. So
    nothing fluctuates, and the rest points are those of symmetric FastICA with the same contrast. A
    deviation between rows i and j is multiplied in each iteration by
    :math:`(2 + \sigma\eta (b_i + b_j)) / (2 + \sigma\eta (a_i + a_j))`, with
    :math:`a = E[s\,g(s)]` and :math:`b = E[g'(s)]` of the sources.

    All sources must have heavier tails than a Gaussian, or all lighter ones: :math:`\sigma` is one
    sign for all neurons. At most one source may be Gaussian.

    Args:
        n_components: Number of components k, at most the rank of the centred samples; None for it.
        contrast: "logcosh" (g = tanh), "exp" or "cube".
        sources: "super_gaussian", such as speech, or "sub_gaussian", such as oscillations.
        learning_rate: eta; "auto" for 0.5/E[y g(y)], averaged over the white samples.
        max_iter: Largest number of iterations.
        tol: Largest change of an entry of W, in an iteration, at which learning stops.
        random_state: Seed of the start weights: an int, a RandomState or None.

    Attributes:
        components_: What maps centred samples to sources of variance 1, (k, features).
        mixing_: Its pseudo-inverse, (features, k), which maps sources to samples.
        mean_: Mean of the samples, (features,).
        n_iter_: Number of iterations.

    Example:
        >>> import numpy as np
        >>> sources = np.random.default_rng(0).laplace(size=(2000, 2))
        >>> ica = HebbianICA(random_state=0).fit(sources @ np.array([[2.0, 1.0], [1.0, 1.0]]))
        >>> found = ica.transform(sources @ np.array([[2.0, 1.0], [1.0, 1.0]]))
        >>> np.abs(np.corrcoef(found.T, sources.T))[:2, 2:].max(axis=0).round(1).tolist()
        [1.0, 1.0]

    Source: Hyvarinen & Oja (1998), Signal Process. 64:301; Hyvarinen (1999), IEEE Trans. Neural
    Netw. 10:626 (the rest points).
    """

    def __init__(
        self,
        n_components: int | None = None,
        *,
        contrast: Contrast = "logcosh",
        sources: Sources = "super_gaussian",
        learning_rate: Rate = "auto",
        max_iter: int = 1000,
        tol: float = 1e-4,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_components = n_components
        self.contrast = contrast
        self.sources = sources
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Learn the components of samples, (T, features)."""
        rows = validate_data(self, X, dtype=FLOATS, ensure_min_samples=2)
        check_choice("contrast", self.contrast, CONTRASTS)
        check_choice("sources", self.sources, _SOURCES)
        check_rate(self.learning_rate)
        check_size("max_iter", self.max_iter)
        check_real("tol", self.tol, low=0)
        random = check_random_state(self.random_state)
        mean = rows.mean(axis=0, dtype=np.float64)
        inputs = rows - mean
        with double():
            count = self._count(inputs)
            # In units of the largest entry, whose square neither overflows nor vanishes.
            scale = float(np.abs(inputs).max()) or 1.0
            whitening = whiten(inputs / scale, count)
            white = whitening.apply(inputs / scale)
            unmixing, settled = self._fit_white(white, random)
        to_white = whitening.components / (whitening.scale[:, None] * scale)
        self.mean_ = mean.astype(rows.dtype)
        self.components_ = (unmixing @ to_white).astype(rows.dtype)
        self.mixing_ = np.linalg.pinv(unmixing @ to_white).astype(rows.dtype)
        if not settled:
            warn_unsettled(type(self).__name__, self.max_iter)
        return self

    def transform(self, X: npt.ArrayLike) -> AnyArray:
        """Return the sources, (T, k)."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=FLOATS, reset=False)
        return (rows - self.mean_.astype(rows.dtype)) @ self.components_.T.astype(rows.dtype)

    def inverse_transform(self, X: npt.ArrayLike) -> AnyArray:
        """Return the samples, (T, features), that sources, (T, k), make."""
        check_is_fitted(self)
        return np.asarray(X) @ self.mixing_.T + self.mean_

    def _count(self, inputs: FloatArray) -> int:
        """Return the number of components, at most the rank of the centred samples."""
        rank = int(np.linalg.matrix_rank(inputs))
        if rank == 0:
            raise ValidationError("X", "of samples that differ", "the same sample everywhere")
        if self.n_components is None:
            return rank
        count = check_size("n_components", self.n_components)
        if count > rank:
            raise ValidationError("n_components", f"at most {rank}, the rank of X", f"{count}")
        return count

    def _fit_white(
        self, white: FloatArray, random: np.random.RandomState
    ) -> tuple[FloatArray, bool]:
        """Return the orthonormal rows that unmix white samples, and whether they have settled."""
        count = white.shape[1]
        rule, samples = NonlinearHebbian(1.0, self.contrast, self.sources), jnp.asarray(white)
        # The library's bound is for a step by one sample, which turns all rows at once.
        bound = rule.largest_rate(white) * count
        rate = _SHARE * bound if self.learning_rate == AUTO else float(self.learning_rate)
        setup = Setup(NonlinearHebbian(rate, self.contrast, self.sources), Linear(), _ORTHONORMAL)
        weights = _ORTHONORMAL(setup.neuron.draw(key_from(random), count, count))
        setup.check(weights, inputs=white, bounded=False)
        self.n_iter_ = 0
        for _ in range(self.max_iter):
            before, weights = weights, averaged_step(setup, weights, samples)
            self.n_iter_ += 1
            if float(jnp.abs(weights - before).max()) <= self.tol:
                return np.asarray(weights), True
        return np.asarray(weights), False

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)


_ORTHONORMAL = OrthonormalRows()


@jax.jit
@full_precision
def averaged_step(setup: Setup, weights: Array, samples: Array) -> Array:
    r"""Return the weights after the mean of the changes that the rule proposes for each sample.

    .. math:: W \leftarrow \mathrm{project}\big(W + \tfrac1T \sum_t \Delta W(x_t)\big)

    Args:
        setup: A rule and a neuron without memory, and the constraint.
        weights: W, (out, in).
        samples: The samples, (T, in).
    """

    def change(x: Array) -> Array:
        _, activity = setup.neuron.step(setup.neuron.init(weights), weights, x)
        return setup.rule.step(setup.rule.init(weights), weights, activity)[1]

    block = max(1, _NUMBERS // weights.size)
    total: Array = sum_over(jax.vmap(change), samples, block)
    projected: Array = setup.project(weights + total / len(samples))
    return projected


def sum_over(changes: Any, samples: Array, block: int) -> Array:
    """Return the sum of ``changes`` over samples, in blocks that bound the memory."""
    whole = len(samples) // block * block
    parts = samples[:whole].reshape(-1, block, samples.shape[1])
    left = changes(samples[whole:]).sum(axis=0)
    summed: Array = left + jax.lax.map(lambda part: changes(part).sum(axis=0), parts).sum(axis=0)
    return summed
