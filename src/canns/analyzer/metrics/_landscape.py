"""The energy on a plane through some states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from canns._placement import host
from canns._results import Picture, Result, load_pictures
from canns._validation import check_array, check_matrix, check_real, check_size
from canns.analyzer.metrics._subject import Subject, Subjectable, subject
from canns.dynamics import Network, Potts, network_energies
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = ["EnergyLandscape", "energy_landscape"]

_BATCH = 1024  # states of the grid held in memory at once


@dataclass(frozen=True, eq=False, repr=False)
class EnergyLandscape(Result):
    """Energies on a plane in the space of states.

    Args:
        x: Coordinates along the first axis, (G,).
        y: Coordinates along the second axis, (G,).
        energies: Energy at each point, (G, G), a row for each y.
        points: Coordinates of the states that the plane was laid through, (S, 2).
        point_energies: Energy of these states, (S,).
        centre: The point of the plane at (0, 0), (N,).
        axes: The two axes, orthonormal, (2, N).
    """

    x: AnyArray
    y: AnyArray
    energies: AnyArray
    points: AnyArray
    point_energies: AnyArray
    centre: AnyArray
    axes: AnyArray

    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "energies": ("y", "x"),
        "points": ("state", "axis"),
        "point_energies": ("state",),
        "centre": ("neuron",),
        "axes": ("axis", "neuron"),
    }
    coords: ClassVar[Mapping[str, str]] = {"x": "x", "y": "y"}
    rows: ClassVar[tuple[str, ...]] = ("y", "x")

    def project(self, states: ArrayLike) -> AnyArray:
        """Return the coordinates on the plane of states, (..., N), as (..., 2)."""
        rows = check_array("states", states)
        if rows.ndim == 0 or rows.shape[-1] != len(self.centre):
            raise ValidationError("states", f"of shape (..., {len(self.centre)})", f"{rows.shape}")
        place: AnyArray = (rows - self.centre) @ self.axes.T
        return place

    def plot(
        self,
        config: object = None,
        *,
        paths: ArrayLike | None = None,
        names: Sequence[str] | None = None,
        ax: object = None,
    ) -> Picture:
        """Draw the landscape; see :func:`canns.analyzer.visualization.energy_landscape`.

        Args:
            config: Settings, or None.
            paths: States of a recall, (T + 1, B, N), to draw as ways through the landscape.
            names: Names of the first states, which are marked.
            ax: Axes of matplotlib to draw on; None for a new figure.
        """
        draw = load_pictures().energy_landscape
        found: Picture = draw(self, paths, names, config, ax=ax)
        return found

    def summary(self) -> str:
        """Return the range of the energies, and the states that lie lowest."""
        low, high = self.energies.min(), self.energies.max()
        own = self.point_energies.min(), self.point_energies.max()
        return (
            f"{len(self.y)} x {len(self.x)} points: energies from {low:.4g} to {high:.4g}; "
            f"those of the {len(self.points)} states from {own[0]:.4g} to {own[1]:.4g}"
        )


def energy_landscape(
    network: Subjectable,
    states: ArrayLike,
    *,
    num_points: int = 61,
    margin: float = 0.25,
    dynamics: Network | None = None,
) -> EnergyLandscape:
    r"""Measure the energy on the plane that lies best through some states.

    The plane is that of the first two principal axes of the states. A point of the plane stands for
    neurons with these mean activities, held within the range of the states:

    .. math:: E(x, y) = E\big(\mathrm{clip}(\bar s + x\, u_1 + y\, u_2)\big)

    Without self-couplings, that is the mean energy of independent neurons of -1 and 1 with these
    means; at the states themselves it is their own energy. Stored patterns lie in wells.

    Args:
        network: A model; or couplings: a matrix (N, N), :class:`~canns.dynamics.StoredPatterns` or
            :class:`~canns.dynamics.Sparse`.
        states: Three states or more that lie not all on a line, such as patterns and the states
            of a recall, (..., N).
        num_points: Points G along each axis.
        margin: How far the grid goes beyond the states, as a share of their spread.
        dynamics: Dynamics that define the energy of bare couplings; None for
            :class:`~canns.dynamics.Hopfield`.

    Returns:
        The energies, and the plane.

    Raises:
        ValidationError: If an argument is out of range, or the states lie on a line.

    Example:
        >>> import numpy as np
        >>> patterns = np.array([[1.0, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1]])
        >>> landscape = energy_landscape(patterns.T @ patterns - 3 * np.eye(4), patterns)
        >>> landscape.point_energies.tolist(), float(landscape.energies.min())
        ([-2.0, -2.0, -2.0], -2.0)

    Source: Hopfield (1984), PNAS 81:3088, on the energy of graded neurons.
    """
    measured = subject(network, dynamics)
    if isinstance(measured.dynamics, Potts):
        expected = "one whose states lie on axes"
        raise ValidationError("network", expected, "a Potts network, whose states have no order")
    given = check_array("states", states)
    flat = given.reshape(-1, given.shape[-1]) if given.ndim > 1 else given
    rows = check_matrix("states", flat, measured.num_neurons)
    rows = measured.dynamics.code.check("states", rows)
    count = check_size("num_points", num_points, low=2)
    beyond = check_real("margin", margin, low=0)
    centre = rows.mean(axis=0)
    distinct = np.unique(rows, axis=0)
    _, spreads, directions = np.linalg.svd(distinct - centre, full_matrices=False)
    if len(distinct) < 3 or spreads[1] <= 1e-6 * spreads[0]:
        remedy = "Add a state, such as another pattern."
        raise ValidationError("states", "three or more that lie not on a line", "fewer", remedy)
    plane = directions[:2]
    points = (rows - centre) @ plane.T
    x, y = (_ticks(column, beyond, count) for column in points.T)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    energies = [
        _energies(measured, np.clip(centre + part @ plane, rows.min(), rows.max()))
        for part in np.array_split(grid, -(-len(grid) // _BATCH))
    ]
    on_grid = np.concatenate(energies).reshape(count, count)
    return EnergyLandscape(x, y, on_grid, points, _energies(measured, rows), centre, plane)


def _ticks(column: AnyArray, margin: float, count: int) -> AnyArray:
    reach = margin * float(np.ptp(column))
    return np.linspace(column.min() - reach, column.max() + reach, count)


def _energies(measured: Subject, states: AnyArray) -> AnyArray:
    return host(network_energies(measured.dynamics, measured.weights, states))
