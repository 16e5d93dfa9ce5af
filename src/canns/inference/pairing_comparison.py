"""Which of several fits explains the same pairing data best, for as many numbers as it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from canns._results import Result
from canns.errors import ValidationError
from canns.inference.fitted_pairing import FittedPairing
from canns.typing import AnyArray, FloatArray

if TYPE_CHECKING:
    import pandas

__all__ = ["PairingComparison", "compare_pairing"]

_SUPPORTED = 2.0  # above the best, up to which Burnham & Anderson call a model well supported
_UNLIKELY = 1e-3  # probability of the data, below which no rule explains them
NOTHING = "no plasticity"


@dataclass(frozen=True, eq=False, repr=False)
class PairingComparison(Result):
    """Fits to the same pairing data, by how well they explain them.

    Args:
        names: The fits, best first, with "no plasticity" among them.
        criterion: Akaike's criterion with its correction for few data, (R,).
        chi_square: Sum of the squared deviations in standard errors, (R,); NaN without errors.
        num_numbers: How many numbers of each rule were fitted, (R,).
        p_value: The probability of so large a chi square, (R,); NaN without errors.
        num_data: How many data there are.
    """

    names: tuple[str, ...]
    criterion: AnyArray
    chi_square: AnyArray
    num_numbers: AnyArray
    p_value: AnyArray
    num_data: int

    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "criterion": ("fit",),
        "chi_square": ("fit",),
        "num_numbers": ("fit",),
        "p_value": ("fit",),
    }
    coords: ClassVar[Mapping[str, str]] = {"fit": "names"}
    rows: ClassVar[tuple[str, ...]] = ("fit",)

    @property
    def behind(self) -> FloatArray:
        """By how much the criterion of each fit exceeds that of the best, (R,)."""
        values = np.asarray(self.criterion)
        found: FloatArray = values - values[0]
        return found

    @property
    def candidates(self) -> tuple[str, ...]:
        """The fits that the data support: up to 2 behind the best; none if nothing is learnt."""
        near = tuple(np.asarray(self.names)[self.behind <= _SUPPORTED].tolist())
        return () if NOTHING in near else near

    @property
    def best(self) -> str:
        """The fit that the data single out; empty if they cannot tell."""
        return self.candidates[0] if len(self.candidates) == 1 else ""

    def verdict(self) -> str:
        """Return in a sentence which rule it is, or that the data cannot tell."""
        if not self.candidates:
            return "Cannot tell: the data are explained as well without plasticity."
        poor = self.p_value[0] < _UNLIKELY
        doubt = f" But no rule explains the data (p = {self.p_value[0]:.1g})." if poor else ""
        if not self.best:
            return f"Cannot tell these apart: {', '.join(self.candidates)}.{doubt}"
        return f"Best: {self.best}.{doubt}"

    def to_dataframe(self) -> "pandas.DataFrame":
        """Return a table of the fits."""
        import pandas

        columns = {
            "behind_best": self.behind,
            "criterion": self.criterion,
            "chi_square": self.chi_square,
            "num_numbers": self.num_numbers,
            "p_value": self.p_value,
        }
        return pandas.DataFrame(columns, pandas.Index(self.names, name="fit"))

    def summary(self) -> str:
        """Return the verdict, and how far each fit is behind the best."""
        lines = [self.verdict()]
        for name, behind, count in zip(self.names, self.behind, self.num_numbers, strict=True):
            lines.append(f"  {name}: {behind:.3g} behind, {count} numbers")
        return "\n".join(lines)

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw how far each fit is behind the best."""
        config = config or pictures.PlotConfig(
            title="Which rule explains the pairings",
            xlabel="Akaike's criterion, behind the best",
        )
        return pictures.named_values(list(self.names), self.behind, None, config, ax=ax)


def compare_pairing(fits: Mapping[str, FittedPairing]) -> PairingComparison:
    r"""Say which of several fits to the same data explains them best, or that they cannot tell.

    .. math:: \mathrm{AICc} = -2 \ln L + 2 k + \frac{2 k (k + 1)}{n - k - 1}

    with k fitted numbers and n data, whose errors are normal. A fit is supported if it is no more
    than 2 behind the best.

    Args:
        fits: Results of :func:`fit_pairing` and its like, by name.

    Returns:
        The comparison, in which "no plasticity" takes part.

    Raises:
        ValidationError: If the fits are not of the same data, or have too many numbers for them.

    Example:
        >>> from canns.inference import SJOSTROM_2001 as data
        >>> from canns.inference import fit_pairing, fit_triplet
        >>> from canns.plasticity import PairSTDP
        >>> given = data.protocols, data.changes, data.errors
        >>> cortex = PairSTDP(tau_plus=16.8, tau_minus=33.7)
        >>> names = ("A_plus", "A_minus")
        >>> import warnings
        >>> with warnings.catch_warnings():  # of pairs, which do not explain cortex
        ...     warnings.simplefilter("ignore")
        ...     pairs = fit_pairing(cortex, *given, fit=names, num_starts=1)
        >>> triplets = fit_triplet(*given, pairing="nearest", num_starts=1)
        >>> compare_pairing({"pairs": pairs, "triplets": triplets}).best
        'triplets'

    Source: Burnham & Anderson (2002), Model Selection and Multimodel Inference, Springer, ch. 2.
    """
    if not isinstance(fits, Mapping) or not fits:
        raise ValidationError("fits", "fits by name, one or more", repr(fits)[:60])
    for name, fit in fits.items():
        if not isinstance(fit, FittedPairing) or name == NOTHING:
            raise ValidationError(f"fits[{name!r}]", "a FittedPairing", repr(fit)[:60])
    first, *others = fits.values()
    for fit in others:
        same = first.protocols == fit.protocols and np.array_equal(first.changes, fit.changes)
        alike = first.known_errors == fit.known_errors
        if fit.known_errors:  # errors that follow from the residuals differ from fit to fit
            alike = alike and np.array_equal(first.errors, fit.errors)
        if not (same and alike):
            raise ValidationError("fits", "of the same data, with or without errors", "others")
    count = len(first.changes)
    rows = [_row(fit.predicted, fit, len(fit.values)) for fit in fits.values()]
    rows.append(_row(np.zeros(count), first, 0))
    names = (*fits, NOTHING)
    order = np.argsort([row[0] for row in rows], kind="stable")
    criterion, chi_square, numbers, p_value = np.array(rows)[order].T
    listed = tuple(names[k] for k in order)
    return PairingComparison(
        listed, criterion, chi_square, numbers.astype(int), p_value, num_data=count
    )


def _row(predicted: AnyArray, fit: FittedPairing, numbers: int) -> tuple[float, ...]:
    """Return criterion, chi square, number of numbers and p value of some predictions."""
    from scipy.special import chdtrc

    count = len(fit.changes)
    size = numbers + (not fit.known_errors)  # the error itself is a number
    if count - size <= 1:
        expected = f"{size + 2} or more, for {numbers} numbers"
        raise ValidationError("protocols", expected, f"{count}")
    squares = float((((predicted - fit.changes) / fit.errors) ** 2).sum())
    lost = squares if fit.known_errors else count * np.log(squares * fit.errors[0] ** 2 / count)
    penalty = 2 * size + 2 * size * (size + 1) / (count - size - 1)
    if not fit.known_errors:
        return lost + penalty, np.nan, numbers, np.nan
    return lost + penalty, squares, numbers, float(chdtrc(count - numbers, squares))
