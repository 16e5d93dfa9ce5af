"""Patterns as exact fixed points: crosstalk, and the two criteria of McEliece and others."""

import numpy as np

from canns.analyzer.metrics import overlap_curve
from canns.analyzer.theory import crosstalk_error, crosstalk_load, fixed_point_probability
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure

__all__ = ["CROSSTALK", "FIXED_POINTS"]

_ERRORS = np.array([0.001, 0.0036, 0.01, 0.05, 0.1])


def _crosstalk(seed: int) -> Findings:
    size, num_networks, num_probes = 2000, 8, 100
    loads = np.asarray(crosstalk_load(_ERRORS))
    one_step = overlap_curve(
        size, loads, num_iter=1, num_networks=num_networks, num_probes=num_probes, seed=seed
    )
    measured = (1 - one_step.mean) / 2
    error = one_step.standard_error / 2
    # The load is a whole number of patterns, and a pattern makes no noise for itself.
    expected = np.asarray(crosstalk_error((one_step.num_patterns - 1) / size))
    claims = [
        Claim(
            f"share of wrong neurons at alpha = {load:.4f}",
            float(published),
            float(measured[i]),
            float(3 * error[i] + abs(expected[i] - published)),
            "3 standard errors + one pattern",
        )
        for i, (load, published) in enumerate(zip(loads, _ERRORS, strict=True))
    ]
    line = np.linspace(0.09, 0.65, 100)
    draw = curves(
        f"Neurons that one update turns wrong, N = {size}",
        r"Load $\alpha = P/N$",
        "Share of neurons",
        {"measured": (one_step.loads, measured, 3 * error)},
        {r"$\frac{1}{2}\,\mathrm{erfc}\sqrt{1/2\alpha}$": (line, crosstalk_error(line))},
        yscale="log",
    )
    data = {"loads": one_step.loads, "measured": measured, "standard_error": error}
    return Findings(claims, data | {"theory": _ERRORS}, draw)


CROSSTALK = PublishedFigure(
    name="crosstalk",
    paper="Hertz, Krogh & Palmer (1991), Introduction to the Theory of Neural Computation, ch. 2",
    shows="The share of neurons that the noise of the other patterns turns in one update.",
    against=("our theory",),
    seconds=10,
    run=_crosstalk,
)


def _fixed_points(seed: int) -> Findings:
    size = 1000
    num_patterns = np.array([36, 54, 72, 100, 138])
    networks = 40
    shares, spread, whole = [], [], []
    for count in num_patterns:
        curve = overlap_curve(
            size, count / size, num_iter=1, num_networks=networks, num_probes=int(count), seed=seed
        )
        fixed = (curve.samples[0] > 1 - 1 / size).astype(float)
        shares.append(fixed.mean())
        spread.append(fixed.mean(axis=1).std(ddof=1) / np.sqrt(networks))
        whole.append((fixed.min(axis=1) == 1).mean())
    theory = fixed_point_probability(size, num_patterns)
    claims = [
        Claim("share of patterns fixed, P = N/(4 ln N) = 36", 1.0, shares[0], 0.005, "statistics"),
        Claim(
            "all patterns of a network fixed, P = 36", 1.0, whole[0], 0.05, f"{networks} networks"
        ),
        Claim(
            "all patterns of a network fixed, P = 72", 0.0, whole[2], 0.05, f"{networks} networks"
        ),
    ]
    # An independent simulation found these shares. If errors were independent, they would be a
    # little lower; in fact errors cluster.
    claims += [
        Claim(
            f"share of patterns fixed, P = {num_patterns[i]}",
            found,
            float(shares[i]),
            float(3 * spread[i] + 0.005),
            "3 standard errors + digits",
        )
        for i, found in ((2, 0.923), (4, 0.062))
    ]
    claims += [
        Claim(
            f"no fewer than with independent errors, P = {count}",
            float(np.asarray(theory.pattern)[i]),
            float(shares[i]),
            float(3 * spread[i]),
            "3 standard errors",
            "at least",
        )
        for i, count in enumerate(num_patterns)
    ]
    line = np.arange(20, 180)
    along = fixed_point_probability(size, line)
    draw = curves(
        f"Patterns that are exact fixed points, N = {size}",
        "Number of patterns $P$",
        "Probability",
        {
            "one pattern; line: independent errors": (num_patterns, shares, 3 * np.array(spread)),
            "all patterns": (num_patterns, whole),
        },
        {
            "one pattern; line: independent errors": (line, along.pattern),
            "all patterns": (line, along.all_patterns),
        },
    )
    data = {"num_patterns": num_patterns, "one": shares, "all": whole, "theory": theory.pattern}
    return Findings(claims, data, draw)


FIXED_POINTS = PublishedFigure(
    name="fixed-points",
    paper="McEliece, Posner, Rodemich & Venkatesh (1987), IEEE Trans. Inf. Theory 33:461",
    shows="All patterns are fixed up to N/(4 ln N), most of them up to N/(2 ln N).",
    against=("our theory",),
    seconds=20,
    run=_fixed_points,
)
