"""Progress of a training run or a recall: a bar, and a callback."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from tqdm.auto import tqdm

from canns.dynamics import OnStep, RecallProgress

__all__ = ["ProgressCallback", "bar_of", "told_in_numbers", "watch_recall"]

ProgressCallback = Callable[[int, float, bool, float], None]


def told_in_numbers(callback: ProgressCallback) -> OnStep:
    """Return the callback that calls ``callback`` with four numbers.

    Args:
        callback: Called with (iteration, mean energy, converged, mean energy change).
    """

    def on_step(progress: RecallProgress) -> None:
        energy, change = float(progress.energies.mean()), float(progress.energy_changes.mean())
        callback(progress.step, energy, bool(progress.converged.all()), change)

    return on_step


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
def watch_recall(num_iter: int, callback: OnStep | None) -> Iterator[OnStep]:
    """Show a progress bar; give the function that a recall calls after each update.

    Args:
        num_iter: Maximum number of updates.
        callback: What this function also calls, or None.
    """
    with tqdm(total=num_iter, desc="Recalling") as bar:

        def on_step(progress: RecallProgress) -> None:
            bar.update()
            energy = f"{progress.energies.mean():.4g}"
            bar.set_postfix(energy=energy, running=int(progress.running.sum()))
            if callback is not None:
                callback(progress)

        yield on_step
