"""Diagnostics of a Hopfield network: energies, overlaps, capacity, symmetry."""

import numpy as np
from numpy import typing as npt

from canns._placement import host
from canns._validation import check_matrix, check_vector
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.typing import AnyArray, ArrayLike

__all__ = ["HopfieldAnalyzer"]


class HopfieldAnalyzer:
    """Numbers that tell how well a Hopfield network holds its patterns.

    Args:
        model: The network.
        stored_patterns: Patterns that it stores, one a row, (P, N), or None.

    Raises:
        ValidationError: If patterns do not fit the network.

    Example:
        >>> import numpy as np
        >>> net, xi = AmariHopfieldNetwork(4), np.array([[1.0, -1.0, 1.0, -1.0]])
        >>> net.apply_hebbian_learning(xi)
        >>> analyzer = HopfieldAnalyzer(net, xi)
        >>> analyzer.pattern_energies, analyzer.compute_weight_symmetry_error()
        ([-6.0], 0.0)
    """

    def __init__(
        self, model: AmariHopfieldNetwork, stored_patterns: npt.ArrayLike | None = None
    ) -> None:
        self.model = model
        self.stored_patterns: AnyArray | None = None
        if stored_patterns is not None:
            self.set_patterns(stored_patterns)

    def set_patterns(self, patterns: npt.ArrayLike) -> None:
        """Set the patterns that the network stores, one a row, (P, N)."""
        remedy = f"The network has {self.model.num_neurons} neurons."
        rows = check_matrix("patterns", patterns, self.model.num_neurons, remedy=remedy)
        self.stored_patterns = self.model.dynamics.code.check("patterns", rows).copy()

    def compute_pattern_energies(self) -> list[float]:
        """Return the energy of each stored pattern at the present weights; empty without any."""
        if self.stored_patterns is None:
            return []
        return [float(energy) for energy in self.model.energies(self.stored_patterns)]

    @property
    def pattern_energies(self) -> list[float]:
        """The energy of each stored pattern at the present weights."""
        return self.compute_pattern_energies()

    def compute_overlap(self, pattern1: ArrayLike, pattern2: ArrayLike) -> float:
        """Return the overlap of two patterns, (N,), their inner product over N."""
        return self.model.compute_overlap(pattern1, pattern2)

    def compute_energy(self, pattern: ArrayLike) -> float:
        """Return the network's energy of a pattern, (N,), thresholds included."""
        values = check_vector("pattern", pattern, self.model.num_neurons)
        return float(self.model.energies(values[None])[0])

    def analyze_recall(
        self, input_pattern: ArrayLike, output_pattern: ArrayLike
    ) -> dict[str, float | int]:
        """Return the overlaps and the energy of a recall.

        Args:
            input_pattern: The cue, (N,).
            output_pattern: The recalled pattern, (N,).

        Returns:
            ``input_output_overlap`` and ``output_energy``; if patterns are known, also
            ``best_match_idx`` and ``best_match_overlap`` of the pattern most like the output.
        """
        report: dict[str, float | int] = {}
        if self.stored_patterns is not None:
            output = check_vector("output_pattern", output_pattern, self.model.num_neurons)
            overlaps = self.stored_patterns @ output / self.model.num_neurons
            best = int(np.argmax(overlaps))
            report |= {"best_match_idx": best, "best_match_overlap": float(overlaps[best])}
        report["input_output_overlap"] = self.compute_overlap(input_pattern, output_pattern)
        report["output_energy"] = self.compute_energy(output_pattern)
        return report

    def estimate_capacity(self) -> int:
        """Return ``storage_capacity``: the number of patterns that all stay fixed points."""
        return self.model.storage_capacity

    def get_statistics(self) -> dict[str, float | int]:
        """Return the number of patterns, the capacity, the share of it in use, and energies.

        The four energies are present only if patterns are known.
        """
        count = 0 if self.stored_patterns is None else len(self.stored_patterns)
        capacity = self.estimate_capacity()
        report: dict[str, float | int] = {
            "num_patterns": count,
            "capacity_estimate": capacity,
            "capacity_usage": count / capacity,
        }
        if count:
            energies = np.asarray(self.pattern_energies)
            report |= {
                "mean_pattern_energy": float(energies.mean()),
                "std_pattern_energy": float(energies.std()),
                "min_pattern_energy": float(energies.min()),
                "max_pattern_energy": float(energies.max()),
            }
        return report

    def compute_weight_symmetry_error(self) -> float:
        """Return ``|W - W'| / |W|`` in the Frobenius norm; 0 for W = 0."""
        weights = host(self.model.W.value)
        norm = np.linalg.norm(weights)
        return float(np.linalg.norm(weights - weights.T) / norm) if norm > 0 else 0.0
