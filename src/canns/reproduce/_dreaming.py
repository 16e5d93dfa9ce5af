"""Sleep between Hebb's rule and the projection rule: the load rises from .138 to 1."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erf

from canns.analyzer.metrics import overlap_curve
from canns.dynamics import Clamped
from canns.plasticity import Dreaming, Setup, learn
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves, split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._finite_size import WHY, finite_size
from canns.reproduce._rules import fixed_shares, projector, with_error
from canns.typing import AnyArray

__all__ = ["DREAMING"]


_SIZE = 1000
_LOADS = {0.0: (0.09, 0.105, 0.12), 0.5: (0.2, 0.23, 0.25), 2.0: (0.44, 0.48, 0.51)}


def _dreaming(seed: int) -> Findings:
    measured = {
        time: overlap_curve(
            _SIZE, loads, rule=Dreaming(time), num_networks=8, num_probes=40, seed=seed
        )
        for time, loads in _LOADS.items()
    }
    claims = [_at_saturation(seed), _kernel(seed)]
    for time, curve in measured.items():
        overlap = partial(_overlap, time=time)
        room = finite_size(overlap, curve.loads, _SIZE)
        claims += [
            Claim.of_mean(
                f"m at t = {time:g}, alpha = {load:g}",
                "our theory",
                float(expected),
                overlaps.mean(axis=-1),
                room=float(allowed),
                why=WHY,
            )
            for load, expected, overlaps, allowed in zip(
                curve.loads, overlap(curve.loads), curve.samples, room, strict=True
            )
        ]
    times = np.geomspace(0.03, 30, 16)
    critical = np.array([_critical_load(time) for time in times])
    points = {
        f"$t = {time:g}$": with_error(curve.loads, curve.samples.mean(axis=-1))
        for time, curve in measured.items()
    }
    lines = {f"$t = {time:g}$": _line(time) for time in measured}
    left = curves(
        f"Retrieval, N = {_SIZE}; bars: s.e.", r"Load $\alpha = P/N$", "Overlap $m$", points, lines,
        ylim=(0.955, 1.002),
    )  # fmt: skip
    limits = {
        "theory": (times, critical),
        "Hebb, .138": (times, np.full_like(times, 0.138)),
        "bound of the paper, 1": (times, np.ones_like(times)),
    }
    right = curves(
        "Sleep raises the critical load to 1", "Time asleep $t$", r"Critical load $\alpha_c$", {},
        limits, xscale="log", ylim=(0, 1.55),
    )  # fmt: skip

    def draw(canvas: Canvas) -> None:
        for part, paint in zip(split(canvas, 1, 2), (left, right), strict=True):
            paint(part)

    data = {f"t = {time:g}": curve.samples.mean(axis=-1) for time, curve in measured.items()}
    return Findings(claims, data | {"times": times, "critical": critical}, draw)


def _overlap(loads: ArrayLike, time: float) -> AnyArray:
    r"""Return the replica-symmetric overlap without noise, of each load.

    The kernel makes a Hebbian network of s = (1 + tK)^{-1} sigma, K = X'X/N. Of the field K s of
    a neuron, gamma s is its own echo; the rest, x, is Gaussian with mean mu and variance v. So

    .. math::
        s = \frac{\mathrm{sign}\,x - t x}{1 + t\gamma}, \quad \mu = \langle s \rangle, \quad
        v = \frac{\alpha \langle s^2 \rangle}{(1 - U)^2}, \quad
        U = \langle s' \rangle, \quad \gamma = \frac{\alpha}{1 - U}.

    At t = 0 these are the equations of Amit, Gutfreund and Sompolinsky (1985).
    """
    load = np.asarray(loads, float)
    mean = np.full_like(load, 1 / (1 + time))
    variance = load * mean**2 / 10
    overlap = np.ones_like(load)
    with np.errstate(all="ignore"):
        for _ in range(2000):
            deviation = np.sqrt(variance)
            signal = mean / deviation
            jump = np.exp(-(signal**2) / 2) * np.sqrt(2 / np.pi) / deviation
            # gamma solves a quadratic equation, of which t = 0 needs the stable form.
            middle = 1 + time - jump - load * time
            echo = 2 * load / (middle + np.sqrt(middle**2 + 4 * load * time))
            overlap = erf(signal / np.sqrt(2))
            size = mean * overlap + jump * variance
            square = 1 - 2 * time * size + time**2 * (mean**2 + variance)
            new_variance = square * echo**2 / (load * (1 + time * echo) ** 2)
            new_mean = overlap / (1 + time + time * echo)
            change = abs(new_mean / mean - 1) + abs(new_variance / variance - 1)
            mean, variance = (mean + new_mean) / 2, (variance + new_variance) / 2
            if np.all((change < 1e-10) | (overlap < 0.1) | np.isnan(change)):
                break
    return np.asarray(np.where(overlap > 0.5, overlap, 0.0))


def _critical_load(time: float) -> float:
    """Return the load at which the retrieval state ends, to .001."""
    low, high = 0.0, 1.2
    for _ in range(3):
        loads = np.linspace(low, high, 12)[1:]
        kept = loads[_overlap(loads, time) > 0]
        step = loads[1] - loads[0]
        low = float(kept.max()) if kept.size else low
        high = low + step
    return low


def _line(time: float) -> tuple[AnyArray, AnyArray]:
    loads = np.linspace(0.02, _critical_load(time), 40)
    return loads, _overlap(loads, time)


def _at_saturation(seed: int) -> Claim:
    """Return the claim that after a long sleep patterns are fixed just below a load of 1."""
    hits = fixed_shares(200, 0.95, Dreaming(1e6), seed, num_networks=40, num_probes=1)
    what = "patterns that are fixed at alpha = .95 after t = 10^6; the paper's bound is 1"
    return Claim.of_share(what, "paper's number", 1.0, int(hits.sum()), hits.size)


def _kernel(seed: int) -> Claim:
    """Return the claim on how far the weights at t = 10 are from the projector they approach.

    An eigenvalue k of X'X/N becomes (1 + t) k / (1 + t k), and 1 in the projector.
    """
    time, size = 10.0, 500
    patterns = jax.random.rademacher(jax.random.key(seed), (100, size), float)
    start = jnp.zeros((size, size))
    asleep = learn(Setup(Dreaming(time), Clamped()), start, patterns).weights
    gap = np.linalg.norm(np.asarray(asleep - projector(patterns), float), 2)
    rows = np.asarray(patterns, float)
    eigenvalues = np.linalg.eigvalsh(rows @ rows.T / size)
    expected = np.max(np.abs(eigenvalues - 1) / (1 + time * eigenvalues))
    return Claim.of_value(
        "norm of W(t = 10) - projector", "paper's formula", expected, float(gap), 1e-4, "rounding"
    )


DREAMING = PublishedFigure(
    name="dreaming",
    paper="Fachechi, Agliari & Barra (2019), Neural Networks 112:24",
    shows="Sleep takes the capacity from Hebb's to one pattern a neuron.",
    against=("paper's number", "paper's formula", "our theory"),
    seconds=26,
    run=_dreaming,
)
