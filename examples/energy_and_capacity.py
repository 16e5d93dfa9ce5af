"""Energy only falls, and memory has a limit: what "capacity" means.

Energy. Under asynchronous updates with symmetric weights and no self-connection, the energy
E = -s' W s / 2 of a Hopfield network never rises. Here W = X' X is stored as whole numbers, so E is
exact, and "never" can be checked to the last bit. The recalls start from noisy copies of stored
patterns, and from random states, which take longer and end higher, in spurious minima.

Capacity. Store P random patterns in N = 1000 neurons. The other P - 1 patterns add a crosstalk to
each neuron's field. It is nearly Gaussian, with variance P/N in units of the signal, so one
neuron is wrong after one update with probability

    P_err = erfc(sqrt(N/(2P)))/2.

If the neurons were independent, a pattern would be exactly stable with probability (1 - P_err)^N.
At high load the measured patterns are stable a little more often, because the neurons of a
pattern share its crosstalk: errors come bunched in the unlucky patterns. The same statistics lead
to three numbers that are all called capacity, each with a criterion of its own:

    N/(4 ln N)  = 36    every pattern of the set is an exact fixed point     (McEliece et al.)
    N/(2 ln N)  = 72    almost every pattern is: a given one, with
                        probability near 1 as N grows                        (McEliece et al.)
    0.138 N     = 138   a state near the pattern exists, with 1.6 % of the
                        neurons wrong; beyond, it vanishes                   (Amit et al.)

At 138 patterns hardly any is an exact fixed point, and yet nearly all are remembered almost
perfectly. The overlap m that the network keeps follows from the mean-field theory of Amit,
Gutfreund and Sompolinsky: with y = m/sqrt(2 alpha r) and alpha = P/N,

    sqrt(2 alpha) = erf(y)/y - (2/sqrt(pi)) exp(-y^2),    m = erf(y),

which has a solution up to alpha = 0.138. At finite N the transition is smooth.

Sources: Hopfield (1982), PNAS 79:2554; McEliece, Posner, Rodemich & Venkatesh (1987), IEEE Trans.
Inf. Theory 33:461; Hertz, Krogh & Palmer (1991), Introduction to the Theory of Neural
Computation, section 2.2 (P_err); Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55:1530.
"""

import math
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from canns import task
from canns.dynamics import RecallResult
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer
from canns.utils.example_outputs import get_example_output_dir

N, NUM_SETS, SEED = 1000, 3, 0
LOADS = (20, 36, 50, 60, 72, 85, 100, 120, 138, 150, 170, 200)
MARKS = {
    "N/(4 ln N)": N / (4 * math.log(N)),
    "N/(2 ln N)": N / (2 * math.log(N)),
    "0.138 N": 0.138 * N,
}
DESCENT_LOAD = 60
Array = NDArray[np.floating]


def store(patterns: Array, *, asynchronous: bool = False) -> AmariHopfieldNetwork:
    """Return a network with W = X' X and an empty diagonal."""
    network = AmariHopfieldNetwork(N, asynchronous=asynchronous)
    HebbianTrainer(network, subtract_mean=False, normalize_by_patterns=False).train(patterns)
    return network


def descend() -> tuple[RecallResult, RecallResult]:
    """Recall from noisy copies and from random states; return both results, with energies."""
    patterns = task.random_patterns(DESCENT_LOAD, N, seed=SEED)
    network = store(patterns, asynchronous=True)
    noisy = task.flip(patterns[:10], 0.3, seed=SEED + 1)
    unrelated = task.random_patterns(10, N, seed=SEED + 2)
    return tuple(network.recall(cues, num_iter=100, seed=SEED) for cues in (noisy, unrelated))


def fill(load: int, seed: int) -> tuple[float, float]:
    """Return the share of exactly stable patterns, and the mean overlap after recall from them."""
    patterns = task.random_patterns(load, N, seed=seed)
    result = store(patterns).recall(patterns, num_iter=100)
    stable = (result.outcome == "converged") & (result.steps == 1)
    return float(stable.mean()), float((np.asarray(result.states) * patterns).mean())


def expected_stable(load: float) -> float:
    """Return (1 - P_err)^N."""
    return (1 - math.erfc(math.sqrt(N / (2 * load))) / 2) ** N


def mean_field_overlap() -> tuple[Array, Array]:
    """Return loads up to the critical one, and the overlap at each."""
    y = np.linspace(1.51122, 6, 400)
    erf = np.array([math.erf(value) for value in y])
    alpha = (erf / y - 2 / math.sqrt(math.pi) * np.exp(-(y**2))) ** 2 / 2
    return N * alpha, erf


def draw(
    path: Path, descents: tuple[RecallResult, RecallResult], stable: Array, overlap: Array
) -> None:
    """Show the energies sweep by sweep, and both measures of memory against the load."""
    from matplotlib import pyplot as plt

    with plt.style.context("canns.analyzer.visualization.canns"):
        figure, (left, right) = plt.subplots(1, 2, figsize=(11.5, 4.6), width_ratios=(1, 1.5))
        for result, colour, label in zip(
            descents, ("C0", "C1"), ("a noisy copy", "a random state"), strict=True
        ):
            for i, (trace, steps) in enumerate(zip(result.energies, result.steps, strict=True)):
                name = f"from {label}" if i == 0 else None
                left.plot(trace[: steps + 1] / N**2, color=colour, lw=1, alpha=0.8, label=name)
        left.set(xlabel="Sweep", ylabel="Energy per neuron, E/N, for W = X'X/N", xlim=(0, None))
        left.set_title("Energy never rises; random states\nend higher, in spurious minima")
        left.legend()
        fine = np.linspace(LOADS[0], LOADS[-1], 300)
        right.plot(fine, [expected_stable(load) for load in fine], color="C0", lw=1.2)
        right.plot(
            LOADS, stable.mean(axis=1), "o", color="C0", label="exactly stable patterns, share"
        )
        right.plot(*mean_field_overlap(), color="C1", lw=1.2)
        right.plot(LOADS, overlap.mean(axis=1), "s", color="C1", label="overlap kept under recall")
        for name, load in MARKS.items():
            right.axvline(load, color="0.6", lw=1, ls=":", zorder=0)
            right.text(load, 1.09, f"{name} = {load:.0f}", ha="center", color="0.35", fontsize=9)
        right.set(xlabel=f"Stored patterns P (N = {N})", xlim=(0, 205), ylim=(0, 1.08))
        right.set_ylabel("Share, or overlap")
        title = "Exactness is lost long before memory is (lines: theory)"
        right.set_title(title, pad=20)
        right.legend(loc="lower left", frameon=True, edgecolor="none", framealpha=1)
        figure.savefig(path)
        plt.close(figure)


def main(output_dir: Path | None = None) -> dict[str, float]:
    """Descend, fill; print the tables, save the figure, return the figures printed."""
    descents = descend()
    rise = max(float(np.diff(result.energies, axis=1).max()) for result in descents)
    ends = [float(result.energies[:, -1].mean()) / N**2 for result in descents]
    sweeps = [float(result.steps.mean()) for result in descents]
    measured = [[fill(load, SEED + 1000 * k + load) for k in range(NUM_SETS)] for load in LOADS]
    stable, overlap = np.moveaxis(np.array(measured), 2, 0)  # each (loads, sets)

    print(f"Asynchronous descent, N = {N}, P = {DESCENT_LOAD}\n")
    print(f"largest rise of the energy in a sweep    {rise:g}")
    for kind, end, sweep in zip(("noisy copies", "random states"), ends, sweeps, strict=True):
        print(f"from {kind:<14} final energy/N {end:.3f} after {sweep:.1f} sweeps on average")
    print(f"\nCapacity, mean of {NUM_SETS} sets\n")
    print(f"{'P':>5}{'stable':>10}{'theory':>10}{'overlap':>10}")
    figures = {"largest rise": rise}
    figures |= dict(zip(("energy, noisy", "energy, random"), ends, strict=True))
    for load, share, kept in zip(LOADS, stable.mean(axis=1), overlap.mean(axis=1), strict=True):
        expected = expected_stable(load)
        print(f"{load:>5}{share:>10.3f}{expected:>10.3f}{kept:>10.3f}")
        figures |= {
            f"stable, P = {load}": float(share),
            f"theory, P = {load}": expected,
            f"overlap, P = {load}": float(kept),
        }
    print()
    for name, load in MARKS.items():
        print(f"{name:<12} = {load:.0f}")
    if find_spec("matplotlib"):
        path = (output_dir or get_example_output_dir(__file__)) / "energy_and_capacity.png"
        draw(path, descents, stable, overlap)
        print(f"\nFigure: {path}")
    return figures


if __name__ == "__main__":
    main()
