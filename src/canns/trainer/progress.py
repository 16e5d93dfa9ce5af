"""Progress of a recall: a bar, and a callback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

from canns.dynamics import RecallProgress

__all__ = ["ProgressCallback", "watch_recall"]

ProgressCallback = Callable[[int, float, bool, float], None]


@contextmanager
def watch_recall(
    num_iter: int, shown: bool, callback: ProgressCallback | None
) -> Iterator[Callable[[RecallProgress], None]]:
    """Give the function that a recall calls after each update.

    Args:
        num_iter: Maximum number of updates.
        shown: Whether to show a progress bar.
        callback: Called with (iteration, mean energy, converged, mean energy change), or None.
    """
    with tqdm(total=num_iter, desc="Recalling", disable=not shown) as bar:

        def on_step(progress: RecallProgress) -> None:
            converged = bool(progress.converged.all())
            energy = float(progress.energies.mean())
            bar.update()
            bar.set_postfix(energy=f"{energy:.4g}", running=int(progress.running.sum()))
            if callback is not None:
                callback(progress.step, energy, converged, float(progress.energy_changes.mean()))

        yield on_step
