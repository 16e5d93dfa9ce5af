"""What the spectrum of the inputs says of a principal-component rule: bound, angle, good rate."""

import math

import numpy as np

from canns._warnings import warn
from canns.plasticity.rule import refuse_rate
from canns.typing import AnyArray, FloatArray

__all__ = [
    "EVIDENT",
    "check_principal",
    "check_rank",
    "expected_alignment",
    "fine_rate",
    "largest_principal_rate",
    "principal_bound",
    "shows_rank",
    "spectrum",
]

_MOST_ROWS, _MOST_SIDE = 8192, 1024  # of the samples, and of the matrix, whose spectrum is taken
EVIDENT = 0.05  # below this eta E|x|^2 neither the bound nor the angle can matter
_SHARE = 0.1  # of the bound, from which on a rate is warned of
_ALIGNED = 0.81  # squared cosine with the component below which a rate is warned of
_EXACT = 0.9999  # squared cosine, of one degree: the data have no other component
_NOISE = 0.004  # squared sine of the angle to the component that a fine rate gives
_GAP = 0.02  # eigenvalues nearer to each other than this share count as this far apart
_MOST_GAP = 0.05  # eigenvalues further apart are not alike, however few the samples
_TRANSIENT = 0.05  # largest eta lambda_1 of a fine rate, and half of its largest eta E|x|^2


def spectrum(inputs: AnyArray) -> FloatArray:
    """Return the eigenvalues of the correlation E[x x'] of ``inputs``, (T, in), falling.

    Of very many samples, and of long ones, some evenly spaced samples are taken.

    Example:
        >>> spectrum(np.array([[3.0, 0.0], [0.0, 1.0]])).tolist()
        [4.5, 0.5]
    """
    most = _MOST_ROWS if min(inputs.shape) <= _MOST_SIDE else _MOST_SIDE
    rows = inputs[:: -(-len(inputs) // most)]
    scale = float(np.abs(rows).max()) or 1.0  # so that the squares neither overflow nor vanish
    rows = np.asarray(rows / scale, np.float64)
    gram = rows.T @ rows if rows.shape[1] <= len(rows) else rows @ rows.T
    values = np.linalg.eigvalsh(gram)[::-1] / len(rows)
    return np.maximum(values, 0.0) * scale**2


def largest_principal_rate(eigenvalues: FloatArray) -> float:
    """Return 1/lambda_1, up to which the rules, averaged over the samples, are stable."""
    return 1 / float(eigenvalues[0]) if eigenvalues[0] > 0 else math.inf


def principal_bound(inputs: AnyArray) -> str:
    """Return the bound eta lambda_1 < 1 for the correlation of ``inputs``, (T, in)."""
    eigenvalues = spectrum(inputs)
    return (
        "Averaged over the samples, the rule is stable for learning_rate < 1/lambda_1, with "
        "lambda_1 the largest eigenvalue of the input correlation: here below "
        f"{largest_principal_rate(eigenvalues):.3g}. Shown samples one by one, it needs a rate "
        f"well below 1/E|x|^2, the inverse sum of the eigenvalues: {1 / eigenvalues.sum():.3g}."
    )


def expected_alignment(learning_rate: float, eigenvalues: FloatArray, count: int = 1) -> float:
    r"""Return E cos^2 of the angle between a neuron's weights and the first components.

    In the stationary state of Oja's rule, for Gaussian inputs, the weight along eigenvector j has
    the mean square

    .. math::
        m_j = \frac{\eta \Lambda \lambda_j}{2 (\Lambda - \lambda_j) + \eta (\Lambda\,
        \mathrm{tr}\, C + 2 M - 6 \Lambda^2 + 6 \Lambda \lambda_j - 2 \lambda_j^2)},
        \qquad \Lambda = \sum_j \lambda_j m_j, \qquad M = \sum_j \lambda_j^2 m_j.

    It follows from a step for weights of norm 1, :math:`w_j + \eta y (x_j - y w_j)`, divided by its
    norm, whose square is :math:`1 + \eta^2 y^2 (|x|^2 - y^2)` at y = w x. The moments of Gaussian
    inputs, such as :math:`E\, y^2 x_j^2 = w^T C w\, \lambda_j + 2 \lambda_j^2 w_j^2`, give the
    change of :math:`E\, w_j^2` to second order in eta; Lambda and M are taken for
    :math:`w^T C w` and :math:`w^T C^2 w`. The error is of third order. At a small rate
    :math:`m_j = \eta \lambda_1 \lambda_j / (2(\lambda_1 - \lambda_j))`. No m_j is above
    :math:`m_1 \lambda_j / \lambda_1`, that of weights that follow the last sample.

    Args:
        learning_rate: Eta.
        eigenvalues: The lambdas, falling.
        count: How many components: the angle is that to the space that they span.

    Example:
        >>> round(expected_alignment(0.002, np.array([4.0, 1.0, 0.5, 0.25])), 4)
        0.9978
    """
    total, others = eigenvalues.sum(), eigenvalues[1:]
    squares = np.zeros_like(others)
    for _ in range(60):
        every = np.concatenate([[1 - squares.sum()], squares])
        growth, second = eigenvalues @ every, eigenvalues**2 @ every
        noise = growth * total + 2 * second - 6 * growth**2 + 6 * growth * others - 2 * others**2
        decay = 2 * (growth - others) + learning_rate * noise
        gain = learning_rate * growth * others
        # The most that m_j may be. The decay may be 0 or less.
        most = every[0] * others / eigenvalues[0]
        follow = gain >= decay * most
        wanted = np.where(follow, most, gain / np.where(follow, 1.0, decay))
        squares = (squares + wanted) / 2
    return float(1 - squares[count - 1 :].sum())


def fine_rate(eigenvalues: FloatArray, count: int) -> float:
    r"""Return a rate at which each of the first ``count`` components is found to 4 degrees.

    .. math::
        \eta = 0.008 \Big/ \max_{i \le k} \sum_{j \ne i}
        \frac{\lambda_i \lambda_j}{|\lambda_i - \lambda_j|}, \qquad
        \eta \lambda_1 \le 0.05, \quad \eta \sum_j \lambda_j \le 0.1

    The stationary angle then has a squared sine of 0.004. Eigenvalues that differ by less than 2 %
    count as differing by 2 %.

    Args:
        eigenvalues: The lambdas, falling.
        count: k, the number of components.
    """
    first, total = float(eigenvalues[0]), float(eigenvalues.sum())
    rows = eigenvalues[: max(1, min(count, len(eigenvalues)))]
    apart = np.abs(rows[:, None] - eigenvalues)
    larger = np.maximum(rows[:, None], eigenvalues)
    products = rows[:, None] * eigenvalues / np.maximum(np.maximum(apart, _GAP * larger), 1e-300)
    np.fill_diagonal(products, 0.0)
    noisiest = float(products.sum(axis=1).max())
    fine = 2 * _NOISE / noisiest if noisiest > 0 else np.inf
    return min(fine, _TRANSIENT / first, 2 * _TRANSIENT / total)


def check_principal(
    name: str, learning_rate: float, inputs: AnyArray, eigenvalues: FloatArray, share: float
) -> None:
    """Raise if the rate is beyond the bound at these inputs; warn if it blurs the component.

    Also warn if the inputs are not centred, so that their mean is taken for a component. Fewer
    samples than entries, which may be a part of the data, give no warning.

    Args:
        name: The rule, for messages.
        learning_rate: Eta.
        inputs: The samples, (T, in).
        eigenvalues: Their :func:`spectrum`.
        share: The bound in units of 1/lambda_1.
    """
    bound = share * largest_principal_rate(eigenvalues)
    refuse_rate(name, learning_rate, bound, _slower(eigenvalues, True))
    if len(inputs) < inputs.shape[1]:
        return
    mean, power = float((inputs.mean(axis=0) ** 2).sum()), float(eigenvalues.sum())
    if mean > max(4 / len(inputs) * power, eigenvalues[0] / 2):  # more than chance gives
        warn(
            f"The samples are not centred: {name} takes their mean, which makes up "
            f"{mean / power:.0%} of E|x|^2, for a principal component.",
            "Subtract it: data - data.mean(axis=0).",
        )
    if learning_rate * power > EVIDENT:
        alike = _alike(eigenvalues, len(inputs))
        if alike > 1:
            warn(
                f"The first {alike} principal components of these data have the same variance, to "
                f"the accuracy of {len(inputs)} samples: no direction in the space that they span "
                f"is the first component, and the weights of {name} wander in it.",
                f"Take OjaSubspace with {alike} neurons, which finds the space.",
            )
        _check_angle(name, learning_rate, bound, eigenvalues, alike)


def _alike(eigenvalues: FloatArray, samples: int) -> int:
    """Return how many leading eigenvalues of so many samples may well be the same.

    Of T Gaussian samples two equal eigenvalues come out apart by a share of Rayleigh's distribution
    with the scale 2/sqrt(T), and so, in 95 % of cases, by less than 5/sqrt(T).
    """
    gap = min(max(_GAP, 5 / math.sqrt(samples)), _MOST_GAP)
    return int((eigenvalues >= (1 - gap) * eigenvalues[0]).sum())


def _check_angle(
    name: str, learning_rate: float, bound: float, eigenvalues: FloatArray, alike: int
) -> None:
    """Warn of a large angle to the first component, or to the space of those that are alike."""
    aligned = min(1.0, expected_alignment(learning_rate, eigenvalues, alike))
    large = learning_rate >= _SHARE * bound and aligned < _EXACT
    if large or aligned < _ALIGNED:
        angle = float(np.degrees(np.arccos(np.sqrt(max(0.0, aligned)))))
        what = "the first principal component"
        what = what if alike == 1 else f"the space of the first {alike} principal components"
        warn(
            f"A learning_rate of {learning_rate:g} is large for {name} at these data, stable "
            f"below {bound:.3g}: the weights stay at about {angle:.0f} degrees to {what}.",
            _slower(np.delete(eigenvalues, slice(1, alike)), alike == 1),
        )


def _slower(eigenvalues: FloatArray, found: bool) -> str:
    """Return a remedy with a finer rate; ``found`` if "auto" finds the same."""
    how = ', which learning_rate="auto" of a trainer finds,' if found else ""
    return f"Take one such as {fine_rate(eigenvalues, 1):.2g}{how} and more epochs."


def shows_rank(outputs: int, inputs: AnyArray) -> bool:
    """Whether the inputs, (T, in), may tell that they have fewer components than ``outputs``.

    Of fewer samples, which may be a part of the data, the rank says nothing.
    """
    return 1 < outputs <= min(len(inputs), _MOST_SIDE)


def check_rank(name: str, outputs: int, inputs: AnyArray, eigenvalues: FloatArray) -> None:
    """Warn if there are more neurons than the inputs, (T, in), of this spectrum have components."""
    # The samples, and the matrix in double precision, are rounded: so small an eigenvalue is noise.
    rounding = max(4 * float(np.finfo(inputs.dtype).eps) ** 2, 4e-16)
    least = eigenvalues[0] * inputs.shape[1] * rounding
    found = int((eigenvalues > least).sum())
    if 0 < found < outputs:
        warn(
            f"{outputs} neurons look for principal components by {name}, but the data have "
            f"{found}.",
            f"Take {found} neurons or fewer; the others learn nothing.",
        )
