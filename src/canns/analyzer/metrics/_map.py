"""How far the neurons of a map are from their neighbours."""

import numpy as np
from numpy.typing import ArrayLike

from canns._validation import check_matrix, check_size
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = ["check_grid", "u_matrix"]


def u_matrix(weights: ArrayLike, shape: tuple[int, int]) -> AnyArray:
    r"""Return the mean distance of each neuron of a map to its neighbours on the grid.

    .. math:: U_i = \frac{1}{|\mathcal N_i|} \sum_{j \in \mathcal N_i} |w_i - w_j|

    High values are borders between groups of inputs that are alike.

    Args:
        weights: One neuron a row, in row-major order of the grid, (height * width, D).
        shape: Height and width of the grid; its neurons have four neighbours, fewer at the edge.

    Returns:
        U, (height, width).

    Raises:
        ValidationError: If the grid has another number of neurons than the weights, or only one.

    Example:
        >>> u_matrix([[0.0], [1.0], [5.0]], (1, 3)).tolist()
        [[1.0, 2.5, 4.0]]

    Source: Ultsch & Siemon (1990), Proc. Int. Neural Network Conf., Paris, 305.
    """
    rows = check_matrix("weights", weights)
    height, width = check_grid(shape, len(rows))
    grid = rows.reshape(height, width, -1)
    sums, counts = np.zeros((height, width)), np.zeros((height, width))
    for axis in (0, 1):
        gaps = np.linalg.norm(np.diff(grid, axis=axis), axis=-1)
        for first in (True, False):  # the two neurons of each pair
            part = [slice(None), slice(None)]
            part[axis] = slice(None, -1) if first else slice(1, None)
            sums[tuple(part)] += gaps
            counts[tuple(part)] += 1
    distances: AnyArray = sums / counts
    return distances


def check_grid(shape: object, count: int) -> tuple[int, int]:
    """Return the height and width of a grid of ``count`` neurons, of which there are several."""
    if not isinstance(shape, tuple | list) or len(shape) != 2:
        raise ValidationError("shape", "(height, width)", repr(shape))
    height, width = (check_size("shape", side) for side in shape)
    if height * width != count or count < 2:
        expected = f"of {count} neurons, as the weights, and of two or more"
        raise ValidationError("shape", expected, f"{height} x {width}")
    return height, width
