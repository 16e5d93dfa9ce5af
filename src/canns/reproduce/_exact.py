"""Patterns as exact fixed points: crosstalk, and the two criteria of McEliece and others."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from canns.analyzer.metrics import overlap_curve
from canns.analyzer.theory import crosstalk_error, fixed_point_probability
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure
from canns.typing import AnyArray

__all__ = ["CROSSTALK", "FIXED_POINTS"]

# Table 2.1 of the book: the share of wrong neurons, the load, and half a unit of its last digit.
_TABLE = (
    (0.001, 0.105, 0.0005),
    (0.0036, 0.138, 0.0005),
    (0.01, 0.185, 0.0005),
    (0.05, 0.37, 0.005),
    (0.1, 0.61, 0.005),
)


def _crosstalk(seed: int) -> Findings:
    size = 2000
    errors, loads, digits = np.array(_TABLE).T
    one_step = overlap_curve(size, loads, num_iter=1, num_networks=8, num_probes=50, seed=seed)
    wrong = (1 - one_step.samples.mean(axis=-1)) / 2
    counted = _wrong_share(size, one_step.num_patterns)
    # The table gives the load of infinite networks, in two or three digits.
    room = np.abs(np.asarray(crosstalk_error(loads + digits)) - np.asarray(crosstalk_error(loads)))
    room += np.abs(counted - np.asarray(crosstalk_error(loads)))
    claims = [
        Claim.of_mean(
            f"share of wrong neurons at alpha = {loads[i]:g}",
            "paper's number",
            errors[i],
            wrong[i],
            room=float(room[i]),
            why="the digits of the load, and finite size",
        )
        for i in range(loads.size)
    ]
    claims += [
        Claim.of_mean(
            f"the same by counting, P = {one_step.num_patterns[i]}",
            "our theory",
            counted[i],
            wrong[i],
        )
        for i in range(loads.size)
    ]
    line = np.linspace(0.09, 0.65, 100)
    draw = curves(
        f"Noise of the other patterns turns a neuron in one update (N = {size})",
        r"Load $\alpha = P/N$",
        "Share of neurons turned wrong",
        {
            "measured; bars: s.e.": (
                one_step.loads,
                wrong.mean(axis=-1),
                one_step.standard_error / 2,
            ),
            "table of the book": (loads, errors, 0 * errors),
        },
        {r"$\frac{1}{2}\,\mathrm{erfc}\sqrt{1/2\alpha}$": (line, crosstalk_error(line))},
        yscale="log",
    )
    data = {"loads": one_step.loads, "measured": wrong, "table": errors, "counted": counted}
    return Findings(claims, data, draw)


def _wrong_share(size: int, num_patterns: NDArray[np.int64]) -> AnyArray:
    """Return the exact probability that an update turns a neuron of a stored pattern.

    The field of a neuron, times its own value, is N - 1 from the pattern, and from the others a
    sum of (P - 1)(N - 1) independent signs. A field of zero leaves the neuron as it is.
    """
    signs = (num_patterns - 1) * (size - 1)
    # A sum of n signs is 2k - n with k positive ones; it has to be below -(N - 1).
    most = np.ceil((signs - (size - 1)) / 2) - 1
    share: AnyArray = binom.cdf(most, signs, 0.5)
    return share


CROSSTALK = PublishedFigure(
    name="crosstalk",
    paper="Hertz, Krogh & Palmer (1991), Introduction to the Theory of Neural Computation, ch. 2",
    shows="The share of neurons that the noise of the other patterns turns in one update.",
    against=("paper's number", "our theory"),
    seconds=6,
    run=_crosstalk,
)


def _fixed_points(seed: int) -> Findings:
    size, networks = 1000, 40
    strict, loose = (round(size / (factor * math.log(size))) for factor in (4, 2))
    num_patterns = np.array([strict, 54, loose, 100, 138])
    # (counts, networks): the share of each network's patterns that are fixed.
    shares = np.array([_fixed_shares(size, int(count), networks, seed) for count in num_patterns])
    whole = (shares == 1).sum(axis=-1)
    theory = fixed_point_probability(size, num_patterns)
    one, every = np.asarray(theory.pattern), np.asarray(theory.all_patterns)
    claims = [
        Claim.of_share(
            f"networks with all patterns fixed, P = {num_patterns[i]} = {name}",
            "paper's formula",
            every[i],
            int(whole[i]),
            networks,
        )
        for i, name in ((0, "N/(4 ln N)"), (2, "N/(2 ln N)"))
    ]
    claims.append(
        Claim.of_mean(
            f"share of patterns fixed, P = {loose} = N/(2 ln N)",
            "paper's formula",
            one[2],
            shares[2],
        )
    )
    # Errors cluster, so beyond the paper's loads more patterns are fixed than by its formula. A
    # simulation in plain NumPy, of 300 networks, found these shares and standard errors.
    claims += [
        Claim.of_mean(
            f"share of patterns fixed, P = {num_patterns[i]}",
            "our simulation",
            found,
            shares[i],
            room=3.3 * error,
            why="99.9 % of the simulation",
        )
        for i, found, error in ((2, 0.9210, 0.0020), (4, 0.0583, 0.0012))
    ]
    line = np.arange(20, 180)
    along = fixed_point_probability(size, line)
    draw = curves(
        f"Few patterns are fixed exactly beyond $N/(2\\ln N)$ = {loose} (N = {size})",
        "Number of patterns $P$",
        "Probability",
        {
            "one pattern is fixed; bars: s.e.": (
                num_patterns,
                shares.mean(axis=-1),
                shares.std(axis=-1, ddof=1) / np.sqrt(networks),
            ),
            "all patterns are": (num_patterns, whole / networks),
        },
        {
            "one pattern is fixed; bars: s.e.": (line, along.pattern),
            "all patterns are": (line, along.all_patterns),
            f"$N/(4\\ln N)$ = {strict}": ([strict] * 2, [0, 1]),
            f"$N/(2\\ln N)$ = {loose}": ([loose] * 2, [0, 1]),
        },
    )
    data = {"num_patterns": num_patterns, "one": shares, "all": whole / networks, "theory": one}
    return Findings(claims, data, draw)


def _fixed_shares(size: int, num_patterns: int, networks: int, seed: int) -> AnyArray:
    """Return the share of all patterns that one update leaves as they are, of each network."""
    curve = overlap_curve(
        size,
        num_patterns / size,
        num_iter=1,
        num_networks=networks,
        num_probes=num_patterns,
        seed=seed,
    )
    shares: AnyArray = (curve.samples[0] > 1 - 1 / size).mean(axis=-1)
    return shares


FIXED_POINTS = PublishedFigure(
    name="fixed-points",
    paper="McEliece, Posner, Rodemich & Venkatesh (1987), IEEE Trans. Inf. Theory 33:461",
    shows="All patterns are fixed up to N/(4 ln N), most of them up to N/(2 ln N).",
    against=("paper's formula", "our simulation"),
    seconds=13,
    run=_fixed_points,
)
