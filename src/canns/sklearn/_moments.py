"""The mean of all samples so far, and their spread about it, from batches."""

from typing import NamedTuple, Self

import numpy as np

from canns.typing import FloatArray

__all__ = ["Moments"]


class Moments(NamedTuple):
    """What is known of all samples so far.

    Args:
        num_samples: How many there were.
        mean: Their mean, (features,).
        squares: The sum of their squared distances from it.

    Source: Chan, Golub & LeVeque (1983), Am. Stat. 37:242.
    """

    num_samples: int
    mean: FloatArray
    squares: float

    @classmethod
    def of(cls, rows: FloatArray) -> Self:
        """Return the moments of samples, (T, features)."""
        mean = rows.mean(axis=0, dtype=np.float64)
        return cls(len(rows), mean, float(((rows - mean) ** 2).sum(dtype=np.float64)))

    def and_of(self, rows: FloatArray) -> "Moments":
        """Return the moments of the samples so far and of more of them.

        Example:
            >>> first, second = np.array([[1.0], [2.0]]), np.array([[6.0]])
            >>> together = Moments.of(first).and_of(second)
            >>> together.mean.tolist(), round(together.squares, 6)
            ([3.0], 14.0)
        """
        more, count = Moments.of(rows), self.num_samples + len(rows)
        apart = more.mean - self.mean
        between = float(apart @ apart) * self.num_samples * more.num_samples / count
        mean = self.mean + apart * more.num_samples / count
        return Moments(count, mean, self.squares + more.squares + between)

    @property
    def power(self) -> float:
        """E|x - mean|^2; 0 if it is what rounding leaves of samples that are all the same."""
        eps = float(np.finfo(np.float64).eps)
        rounding = (eps * float(np.abs(self.mean).max())) ** 2 * len(self.mean)
        power = self.squares / self.num_samples
        return power if power > 16 * rounding else 0.0

    def centred(self, rows: FloatArray) -> FloatArray:
        """Return ``rows`` less the mean, in units in which E|x - mean|^2 is 1."""
        scale = np.sqrt(self.power) if self.power > 0 else 1.0
        return (rows.astype(np.float64) - self.mean) / scale
