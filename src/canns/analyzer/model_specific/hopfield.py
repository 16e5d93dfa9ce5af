"""Diagnostics of a Hopfield network: energies, overlaps, capacity, symmetry."""

from typing import Any

import numpy as np

from canns._capacity import storage_capacity
from canns._placement import host
from canns._validation import check_matrix, check_vector
from canns.analyzer.model_specific._energies import energies_of, size_of
from canns.errors import ValidationError
from canns.models.brain_inspired import RecurrentNetwork
from canns.models.training import box_of, weight_name
from canns.typing import AnyArray, ArrayLike, Rows

__all__ = ["HopfieldAnalyzer"]


class HopfieldAnalyzer:
    r"""Numbers that tell how well a recurrent network holds its patterns.

    The network's own ``energy``, ``compute_overlap`` and ``storage_capacity`` are used if it has
    them. A network of your own without an ``energy`` has that of its weights and its
    ``threshold``, if any: :math:`E = -\tfrac12 s^T W s + \theta \sum_i s_i`.

    Args:
        model: The network: an :class:`~canns.models.brain_inspired.AmariHopfieldNetwork`, or
            another model with square weights.
        stored_patterns: Patterns that it stores, one a row, (P, N), or None.

    Attributes:
        stored_patterns: The patterns, as a list; empty without any.

    Raises:
        ValidationError: If patterns do not fit the network.

    Example:
        >>> import numpy as np
        >>> from canns.models.brain_inspired import AmariHopfieldNetwork
        >>> net, xi = AmariHopfieldNetwork(4), np.array([[1.0, -1.0, 1.0, -1.0]])
        >>> net.apply_hebbian_learning(xi)
        >>> analyzer = HopfieldAnalyzer(net, xi)
        >>> analyzer.pattern_energies, analyzer.compute_weight_symmetry_error()
        ([-6.0], 0.0)
    """

    def __init__(self, model: Any, stored_patterns: Rows | None = None) -> None:
        size_of(model)  # refuses what is no network
        self.model = model
        self._patterns: AnyArray | None = None
        if stored_patterns is not None:
            try:
                self.set_patterns(stored_patterns)
            except ValidationError as error:
                if error.argument != "patterns":
                    raise
                raise error.about("stored_patterns") from None

    @property
    def stored_patterns(self) -> list[AnyArray]:
        """The patterns, each of shape (N,)."""
        return [] if self._patterns is None else list(self._patterns)

    @stored_patterns.setter
    def stored_patterns(self, patterns: Rows) -> None:
        self.set_patterns(patterns)

    def set_patterns(self, patterns: Rows) -> None:
        """Set the patterns that the network stores, one a row, (P, N); an empty list for none."""
        if isinstance(patterns, list | tuple) and not patterns:
            self._patterns = None
            return
        size = size_of(self.model)
        remedy = f"The network has {size} neurons."
        rows = check_matrix("patterns", patterns, size, remedy=remedy)
        if isinstance(self.model, RecurrentNetwork):
            rows = self.model.dynamics.code.check("patterns", rows)
        self._patterns = rows.copy()

    def compute_pattern_energies(self) -> list[float]:
        """Return the energy of each stored pattern at the present weights; empty without any."""
        if self._patterns is None:
            return []
        return [float(energy) for energy in energies_of(self.model, self._patterns)]

    @property
    def pattern_energies(self) -> list[float]:
        """The energy of each stored pattern at the present weights."""
        return self.compute_pattern_energies()

    def compute_overlap(self, pattern1: ArrayLike, pattern2: ArrayLike) -> float:
        """Return the overlap of two patterns, (N,), their inner product over N."""
        if hasattr(self.model, "compute_overlap"):
            own: float = self.model.compute_overlap(pattern1, pattern2)
            return own
        size = size_of(self.model)
        a, b = check_vector("pattern1", pattern1, size), check_vector("pattern2", pattern2, size)
        return float(a @ b) / size

    def compute_energy(self, pattern: ArrayLike) -> float:
        """Return the network's energy of a pattern, (N,), thresholds included."""
        values = check_vector("pattern", pattern, size_of(self.model))
        return float(energies_of(self.model, values[None])[0])

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
        size = size_of(self.model)
        cue = check_vector("input_pattern", input_pattern, size)
        output = check_vector("output_pattern", output_pattern, size)
        if self._patterns is not None:
            overlaps = [self.compute_overlap(pattern, output) for pattern in self._patterns]
            best = int(np.argmax(overlaps))
            report |= {"best_match_idx": best, "best_match_overlap": float(overlaps[best])}
        report["input_output_overlap"] = self.compute_overlap(cue, output)
        report["output_energy"] = self.compute_energy(output)
        return report

    def estimate_capacity(self) -> int:
        """Return ``storage_capacity``: the number of patterns that all stay fixed points.

        That of a network without the attribute is N/(4 ln N), at least 1.
        """
        if hasattr(self.model, "storage_capacity"):
            own: int = self.model.storage_capacity
            return own
        size = size_of(self.model)
        return max(1, int(storage_capacity(size))) if size > 1 else 1

    def get_statistics(self) -> dict[str, float | int]:
        """Return the number of patterns, the capacity, the share of it in use, and energies.

        The four energies are present only if patterns are known.
        """
        count = 0 if self._patterns is None else len(self._patterns)
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
        weights = host(box_of(self.model, weight_name(self.model, None), "HopfieldAnalyzer").value)
        norm = np.linalg.norm(weights)
        return float(np.linalg.norm(weights - weights.T) / norm) if norm > 0 else 0.0
