"""Progress of a training run or a recall: a bar, and a callback."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from tqdm.auto import tqdm

from canns.dynamics import RecallProgress

__all__ = ["ProgressCallback", "bar_of", "watch_recall"]

ProgressCallback = Callable[[int, float, bool, float], None]


def bar_of(
    title: str, total: int | None, initial: int = 0, *, shown: bool
) -> AbstractContextManager[tqdm | None]:
    """Return a progress bar, or None if it is not to be shown.

    Args:
        title: The words before the bar.
        total: Number of steps; None if it is not known.
        initial: Number of steps done before.
        shown: Whether to show the bar.
    """
    # Even a disabled tqdm makes locks; the first one takes a tenth of a second.
    return tqdm(total=total, initial=initial, desc=title) if shown else nullcontext()


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
    with bar_of("Recalling", num_iter, shown=shown) as bar:

        def on_step(progress: RecallProgress) -> None:
            converged = bool(progress.converged.all())
            energy = float(progress.energies.mean())
            if bar is not None:
                bar.update()
                bar.set_postfix(energy=f"{energy:.4g}", running=int(progress.running.sum()))
            if callback is not None:
                callback(progress.step, energy, converged, float(progress.energy_changes.mean()))

        yield on_step
