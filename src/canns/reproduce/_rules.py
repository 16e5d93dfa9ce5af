"""Storage rules beyond Hebb's: Storkey's, and the projection rule."""

import math

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erf
from scipy.stats import norm

from canns.analyzer.metrics import StorageRule, basin_of_attraction, overlap_curve
from canns.analyzer.theory import fixed_point_probability
from canns.dynamics import Clamped
from canns.plasticity import PseudoInverse, Setup, learn
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves, marked
from canns.reproduce._figure import Findings, PublishedFigure
from canns.typing import AnyArray, Array

__all__ = ["PSEUDO_INVERSE", "STORKEY", "fixed_shares", "projector", "with_error"]


def fixed_shares(
    size: int,
    loads: ArrayLike,
    rule: StorageRule,
    seed: int,
    *,
    num_networks: int = 8,
    num_probes: int = 50,
) -> AnyArray:
    """Return the share of patterns that are exact fixed points, (loads, networks)."""
    curve = overlap_curve(
        size,
        loads,
        rule=rule,
        num_networks=num_networks,
        num_probes=num_probes,
        num_iter=1,
        seed=seed,
    )
    shares: AnyArray = (curve.samples > 1 - 1 / size).mean(axis=-1)
    return shares


def with_error(x: ArrayLike, samples: AnyArray) -> tuple[ArrayLike, AnyArray, AnyArray]:
    """Return x, and the mean and the standard error over networks, the last axis of samples."""
    error = samples.std(axis=-1, ddof=1) / np.sqrt(samples.shape[-1])
    return x, samples.mean(axis=-1), error


def _storkey(seed: int) -> Findings:
    factors = np.array([0.3, 0.65, 1.0, 1.2, 1.6])
    networks = {100: 24, 200: 16, 400: 8}
    shares = {
        size: fixed_shares(size, factors * _capacity(size), "storkey", seed, num_networks=count)
        for size, count in networks.items()
    }
    hebb_load = 1 / (2 * math.log(400))
    hebb = fixed_shares(400, factors * _capacity(400), "hebbian", seed)
    claims = [
        Claim.of_mean(
            f"share of patterns fixed at P = N/sqrt(2 ln N), N = {size}",
            "paper's formula",
            1.0,
            shares[size][2],
            room=_lost(size),
            why="N Q(sqrt(2 ln N)) wrong neurons at this load, which vanish slowly with N",
        )
        for size in networks
    ]
    claims.append(
        Claim.of_mean(
            "the same with Hebb's rule at its own P = N/(2 ln N), N = 400",
            "paper's formula",
            float(fixed_point_probability(400, round(400 * hebb_load)).pattern),
            fixed_shares(400, hebb_load, "hebbian", seed, num_networks=40)[0],
        )
    )
    # A simulation in plain NumPy, of 200 networks.
    claims.append(
        Claim.of_mean(
            "share of patterns fixed at 1.2 times this load, P = 74, N = 200",
            "our simulation",
            0.9202,
            shares[200][3],
            room=3.3 * 0.0022,
            why="99.9 % of the simulation",
        )
    )
    joined = curves(
        r"Storkey's rule holds $N/\sqrt{2\ln N}$ patterns exactly, Hebb's far fewer",
        r"Patterns, in units of $N/\sqrt{2\ln N}$",
        "Share of patterns that are fixed points",
        {f"Storkey, N = {size}": with_error(factors, shares[size]) for size in networks}
        | {"Hebb, N = 400; bars: s.e.": with_error(factors, hebb)},
        {},
    )
    draw = marked(joined, 1.0, "capacity of the paper")
    data = {"factors": factors, "Hebb, N = 400": hebb}
    return Findings(claims, data | {f"N = {n}": share for n, share in shares.items()}, draw)


def _capacity(size: int) -> float:
    """Return the load up to which Storkey's rule holds patterns without errors."""
    return 1 / math.sqrt(2 * math.log(size))


def _lost(size: int) -> float:
    r"""Return the share of patterns with an error at the capacity of a finite network.

    With a noise of :math:`\alpha`, as the capacity of the paper implies, each of N neurons is wrong
    with the probability :math:`Q(1/\alpha)`, and :math:`N Q(\sqrt{2 \ln N})` falls only as
    :math:`1/\sqrt{4\pi\ln N}`.
    """
    return float(-math.expm1(size * norm.logcdf(1 / _capacity(size))))


STORKEY = PublishedFigure(
    name="storkey",
    paper="Storkey & Valabregue (1999), Neural Networks 12:869",
    shows="Storkey's local rule holds N/sqrt(2 ln N) patterns without errors.",
    against=("paper's formula", "our simulation"),
    seconds=18,
    run=_storkey,
)


def _pseudo_inverse(seed: int) -> Findings:
    size, loads = 300, np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    # Finer near 1, because a radius is resolved to half the last step.
    starts = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 1.0])
    rules: dict[str, StorageRule] = {"removed": "pseudo_inverse", "kept": projector}
    radius = {
        name: np.array([_radius(size, load, starts, rule, seed) for load in loads])
        for name, rule in rules.items()
    }
    hits = fixed_shares(200, 0.95, "pseudo_inverse", seed, num_networks=40, num_probes=1)
    claims = [
        Claim.of_share(
            "patterns that are fixed at alpha = .95, below the capacity of 1",
            "paper's number",
            1.0,
            int(hits.sum()),
            hits.size,
        )
    ]
    claims += [_first_update(load, seed) for load in (0.3, 0.5, 0.7)]
    claims += [
        Claim.of_mean(
            f"share of single errors that are corrected, diagonal kept, alpha = {load:g}",
            "our theory",
            expected,
            _corrected(size, load, seed),
            room=1 / size,
            why="one neuron",
        )
        for load, expected in ((0.35, 1.0), (0.5, 0.5), (0.65, 0.0))
    ]
    joined = curves(
        f"Without self-couplings, projection corrects errors up to a load of 1 (N = {size})",
        r"Load $\alpha = P/N$",
        "Radius of attraction $R$ (1: from any cue)",
        {
            f"diagonal {name}; bars: s.e.": with_error(loads, found)
            for name, found in radius.items()
        },
        {},
        xlim=(0, 1.02),
        ylim=(-0.02, 1.02),
    )
    draw = marked(joined, 0.5, r"$\alpha = 1/2$: end of the theory with the diagonal")
    data = {"loads": loads} | {f"R, diagonal {name}": found for name, found in radius.items()}
    return Findings(claims, data, draw)


def _radius(size: int, load: float, starts: AnyArray, rule: StorageRule, seed: int) -> AnyArray:
    """Return the mean distance, 1 - m, from which each network recalls patterns exactly."""
    basin = basin_of_attraction(
        size, load, starts, rule=rule, num_networks=4, num_probes=10, seed=seed, num_iter=30
    )
    recalled = (basin.samples > 1 - 1 / size).mean(axis=-1)
    radius: AnyArray = np.trapezoid(recalled, starts, axis=0)
    return radius


def _first_update(load: float, seed: int) -> Claim:
    r"""Return the claim on the overlap after one update from m = .6, without diagonal.

    The pattern gives a field of :math:`(1 - \alpha) m`, the errors of the cue Gaussian noise of the
    variance :math:`\alpha (1 - \alpha)(1 - m^2)`.
    """
    size, start = 500, 0.6
    basin = basin_of_attraction(
        size, load, [start], rule="pseudo_inverse", num_networks=8, num_probes=50, num_iter=1,
        seed=seed,
    )  # fmt: skip
    return Claim.of_mean(
        f"m after one update from {start:g}, diagonal removed, alpha = {load:g}",
        "our theory",
        float(erf(start * np.sqrt((1 - load) / (2 * load * (1 - start**2))))),
        basin.samples[0].mean(axis=-1),
        room=1 / size,
        why="1/N",
    )


def _corrected(size: int, load: float, seed: int) -> AnyArray:
    r"""Return the share of neurons that turn back if they alone are wrong, of each network.

    With the diagonal kept, the field of such a neuron is :math:`1 - 2 W_{ii}` times its right
    value, and the mean of :math:`W_{ii}` is :math:`\alpha`.
    """
    rng = np.random.default_rng(seed)
    num_patterns = round(load * size)
    patterns = rng.choice([-1.0, 1.0], (8, num_patterns, size))
    diagonals = np.array([np.diagonal(np.asarray(projector(jnp.asarray(p)))) for p in patterns])
    share: AnyArray = (diagonals < 0.5).mean(axis=-1)
    return share


def projector(patterns: Array) -> Array:
    """Return the projector onto the patterns, with its diagonal."""
    size = patterns.shape[1]
    weights: Array = learn(
        Setup(PseudoInverse(), Clamped()), jnp.zeros((size, size)), patterns
    ).weights
    return weights


PSEUDO_INVERSE = PublishedFigure(
    name="pseudo-inverse",
    paper="Kanter & Sompolinsky (1987), Phys. Rev. A 35:380",
    shows="The radius of attraction falls to zero at a load of 1, and at 1/2 with self-couplings.",
    against=("paper's number", "our theory"),
    seconds=55,
    run=_pseudo_inverse,
)
