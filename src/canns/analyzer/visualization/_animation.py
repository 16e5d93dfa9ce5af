"""A recall as a moving picture."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.animation import FFMpegWriter, FuncAnimation, PillowWriter
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from tqdm.auto import tqdm

from canns._replacing import replacing
from canns._validation import check_array, check_flag, check_folder, check_matrix, check_real
from canns.analyzer.visualization._arguments import check_config, check_names, check_shape
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._panels import (
    AxesArray,
    columns_for,
    figure_of,
    finish_panels,
    panels,
)
from canns.analyzer.visualization._style import (
    caption,
    framed,
    grey_levels,
    picture,
    readable_text,
)
from canns.errors import ValidationError

__all__ = ["recall_animation"]


@picture
def recall_animation(
    states: ArrayLike,
    shape: tuple[int, int],
    save_path: str | os.PathLike[str],
    *,
    targets: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    frames_per_second: float = 4.0,
    show_progress: bool = False,
    config: PlotConfig | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, AxesArray]:
    r"""Write a recall as a GIF, or as an MP4 if ffmpeg is installed: one frame for each update.

    Args:
        states: States before the first and after each update, (T + 1, B, height * width), such as
            ``network.trajectory(cues)``.
        shape: Height and width.
        save_path: The file to write; it ends in .gif or .mp4.
        targets: The pattern that each cue belongs to, (B, height * width): its overlap with the
            state is shown; None for none.
        names: A name for each cue, or None.
        frames_per_second: Updates shown in a second.
        show_progress: Show a progress bar of the frames.
        config: Settings; its ``kwargs`` go to the images. None for the defaults.
        ax: Axes that give their place to the panels; None for a new figure.

    Returns:
        The figure, in its last frame, and its axes, (B,).

    Raises:
        ValidationError: If shapes do not agree, or the file cannot be written.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> states = np.array([[[1.0, -1.0, 1.0, 1.0]], [[1.0, 1.0, 1.0, 1.0]]])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     figure, axes = recall_animation(states, (2, 2), f"{folder}/recall.gif")
        >>> axes[0].images[0].get_array().tolist()
        [[1.0, 1.0], [1.0, 1.0]]
    """
    path = check_array("states", states)
    if path.ndim != 3 or path.size == 0:
        raise ValidationError("states", "of shape (updates, cues, pixels)", f"shape {path.shape}")
    _, cues, pixels = path.shape
    shape = check_shape(shape, pixels)
    words = check_names("names", names, None if names is None else cues)
    goals = None if targets is None else check_matrix("targets", targets, pixels)
    if goals is not None and len(goals) != cues:
        raise ValidationError("targets", f"one for each of {cues} cues", f"{len(goals)}")
    speed = check_real("frames_per_second", frames_per_second, low=0, open_low=True)
    config = check_config(config)
    check_flag("show_progress", show_progress)
    file, writer = _writer(save_path, speed)
    columns = columns_for(config, ax, cues)
    lines = -(-cues // columns)
    grid = panels(config, ax, lines, columns, (2.0 * columns + 0.2, 2.5 * lines + 0.5))
    places = grid.ravel()[:cues]
    style = {**grey_levels(path), **config.kwargs}
    for axes, state in zip(places, path[0], strict=True):
        axes.imshow(state.reshape(shape), **style)
        framed(axes)

    def show(update: int) -> list[Any]:
        for k, (axes, state) in enumerate(zip(places, path[update], strict=True)):
            axes.images[0].set_data(state.reshape(shape))
            overlap = "" if goals is None else f"overlap {np.mean(state * goals[k]):.2f}"
            title = "\n".join(filter(None, [words[k] if words else "", overlap]))
            caption(axes, title)
        places[0].set_xlabel(f"update {update} of {len(path) - 1}", loc="left")
        return []

    show(0)
    figure, _ = finish_panels(grid, config)
    whole = figure_of(places[0])
    moving = FuncAnimation(whole, show, frames=len(path), interval=1000 / speed, blit=False)
    with tqdm(total=len(path), desc="Animation", disable=not show_progress) as bar:
        dpi = config.dpi or 100
        with readable_text(whole), replacing(file, "save_path") as part:
            moving.save(part, writer, dpi=dpi, progress_callback=lambda *_: bar.update())
    return figure, places


def _writer(save_path: object, speed: float) -> tuple[Path, PillowWriter | FFMpegWriter]:
    """Return the file, in a folder that is made, and what writes it; or raise if nothing can."""
    if not isinstance(save_path, str | os.PathLike):
        raise ValidationError("save_path", "a path", repr(save_path))
    file = Path(save_path)
    folder = check_folder("save_path", file.parent)
    ending = file.suffix.lower()
    if ending not in (".gif", ".mp4"):
        raise ValidationError("save_path", "a name that ends in .gif or .mp4", repr(str(file)))
    if ending == ".mp4" and not FFMpegWriter.isAvailable():
        remedy = "Install ffmpeg, or write a .gif."
        raise ValidationError("save_path", "a .gif, as ffmpeg is not installed", "a .mp4", remedy)
    kind: Any = PillowWriter if ending == ".gif" else FFMpegWriter  # of any real fps
    folder.mkdir(parents=True, exist_ok=True)
    return file, kind(fps=speed)
