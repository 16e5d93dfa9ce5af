"""How many random patterns a Hopfield network stores, by named criterion."""

import math
from statistics import NormalDist
from typing import Literal

from canns._validation import check_choice, check_real, check_size

__all__ = ["CapacityCriterion", "storage_capacity"]

CapacityCriterion = Literal["all_exact", "most_exact", "ags", "crosstalk"]
_CRITERIA: tuple[CapacityCriterion, ...] = ("all_exact", "most_exact", "ags", "crosstalk")
_AGS = 0.1379055665  # maximum over y of (erf(y)/y - 2/sqrt(pi) exp(-y^2))^2 / 2


def storage_capacity(
    num_neurons: int,
    criterion: CapacityCriterion = "all_exact",
    *,
    error_probability: float = 0.01,
) -> float:
    r"""Return the number of random unbiased patterns that N neurons hold under Hebb's rule.

    Args:
        num_neurons: N, at least 2.
        criterion: "all_exact": every pattern is an exact fixed point, N/(4 ln N). "most_exact":
            most are, N/(2 ln N). "ags": retrieval states with few errors exist, 0.1379 N.
            "crosstalk": a neuron of a pattern is wrong after one update with
            ``error_probability``, :math:`P_{err} = \mathrm{erfc}(\sqrt{N/2P})/2`.
        error_probability: Probability of an error in the criterion "crosstalk", in (0, 0.5).

    Returns:
        The number of patterns P, not rounded.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> [int(storage_capacity(1000, c)) for c in ("all_exact", "most_exact", "ags")]
        [36, 72, 137]
        >>> round(storage_capacity(1000, "crosstalk", error_probability=0.0036), 1)
        138.5

    Source: McEliece, Posner, Rodemich & Venkatesh (1987), IEEE Trans. Inf. Theory 33:461; Amit,
    Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55:1530; Hertz, Krogh & Palmer (1991),
    Introduction to the Theory of Neural Computation, ch. 2.
    """
    size = check_size("num_neurons", num_neurons, low=2)
    chosen = check_choice("criterion", criterion, _CRITERIA)
    error = check_real(
        "error_probability", error_probability, low=0, high=0.5, open_low=True, open_high=True
    )
    if chosen == "crosstalk":
        return float(size / NormalDist().inv_cdf(1 - error) ** 2)
    if chosen == "ags":
        return _AGS * size
    return size / ((4 if chosen == "all_exact" else 2) * math.log(size))
