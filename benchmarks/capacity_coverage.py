"""How often the interval of ``capacity`` covers the mean: 200 networks, resampled.

The loads of 200 networks are bisected once, finely. Each draw takes a few of them, on a coarse or a
fine grid of brackets, and asks whether its interval holds the mean of all. Run:
``python benchmarks/capacity_coverage.py [RULE ...]``; a fast rule takes a minute.
"""

import sys

import numpy as np

from canns.analyzer.metrics import capacity
from canns.analyzer.metrics._capacity import summarise_brackets

DRAWS = 4000
NETWORKS = 200


def main(rule: str) -> None:
    """Print the coverage for several numbers of networks and widths of the bracket."""
    options = {"num_networks": NETWORKS, "num_probes": 20, "low": 0.08, "high": 0.3}
    fine = capacity(200 if rule == "hebbian" else 100, rule=rule, tolerance=0.001, **options)
    print(f"{rule}: mean {fine.load:.4f}, standard deviation {fine.samples.std(ddof=1):.4f}")
    rng = np.random.default_rng(0)
    for width in (0.005, 0.02, 0.05):
        edges = np.floor(fine.samples / width) * width
        brackets = np.stack([edges, edges + width], axis=1)
        for count in (2, 4, 8):
            drawn = (rng.choice(NETWORKS, count, replace=False) for _ in range(DRAWS))
            ends = np.array([summarise_brackets(brackets[own], 0.95).interval for own in drawn])
            covered = (ends[:, 0] <= fine.load) & (fine.load <= ends[:, 1])
            print(f"bracket {width:.3f}, {count} networks: {covered.mean():.3f}")


if __name__ == "__main__":
    for name in sys.argv[1:] or ["hebbian"]:
        main(name)
