"""Elements of the pages: a grid of cells, a chart, and small compositions of NiceGUI's."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np
from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.disableable_element import DisableableElement
from nicegui.elements.mixins.text_element import TextElement
from nicegui.elements.mixins.value_element import ValueElement

from canns.typing import AnyArray

__all__ = [
    "Chart",
    "Facts",
    "Pixels",
    "Series",
    "Words",
    "grey",
    "panel",
    "series",
    "signs",
    "slider",
]

STATIC = Path(__file__).parents[1] / "static"


def signs(state: AnyArray) -> str:
    """Return values from -1 to 1 as bytes in base64."""
    return grey((np.asarray(state) + 1) / 2)


def grey(values: AnyArray) -> str:
    """Return values from 0 to 1 as bytes in base64."""
    levels = np.clip(np.round(255 * np.asarray(values)), 0, 255).astype(np.uint8)
    return b64encode(levels.tobytes()).decode("ascii")


class Pixels(Element, component=STATIC / "pixels.js"):  # type: ignore[call-arg]  # no types
    """A grid of cells on one canvas.

    Args:
        rows: Number of rows.
        columns: Number of columns.
        label: What it shows, for screen readers.
        values: The first values, from :func:`signs` or :func:`grey`.
        on_paint: Called with the cells that were switched on, and those switched off; without it,
            the grid cannot be drawn on.
        palette: "signs", or "fields" for values around a middle.
        tile: Side of the tiles that the grid is made of, which lines separate; 0 for none.
    """

    def __init__(
        self,
        rows: int,
        columns: int,
        label: str,
        values: str = "",
        *,
        on_paint: Callable[[list[int], list[int]], object] | None = None,
        palette: str = "signs",
        tile: int = 0,
    ) -> None:
        super().__init__()
        self.props["label"] = label
        self.props["editable"] = on_paint is not None
        self.props["palette"] = palette
        self.become(rows, columns, values, tile)
        if on_paint is not None:
            self.on("paint", lambda event: on_paint(event.args["on"], event.args["off"]))

    def become(self, rows: int, columns: int, values: str, tile: int = 0) -> None:
        """Change the size, and all values."""
        self.props.update(rows=rows, columns=columns, values=values, tile=tile)
        self.update()


class Series(TypedDict, total=False):
    """Points of a chart, and how they are drawn."""

    name: str
    x: list[float]
    y: list[float]
    low: list[float]
    high: list[float]
    kind: str
    colour: str


def series(
    name: str, x: Sequence[float] | AnyArray, y: Sequence[float] | AnyArray, kind: str, colour: str
) -> Series:
    """Return points as a chart takes them, with four digits.

    Args:
        name: What the legend says, or nothing.
        x: Places.
        y: Heights.
        kind: "line", "thin", "dashed", "points", "here" or "bars".
        colour: "blue", "orange", "green", "pink", "grey" or "black".
    """
    return {"name": name, "x": _short(x), "y": _short(y), "kind": kind, "colour": colour}


def _short(values: Sequence[float] | AnyArray) -> list[float]:
    return [float(f"{value:.5g}") for value in values]


class Chart(Element, component=STATIC / "chart.js"):  # type: ignore[call-arg]  # no types
    """A chart on one canvas.

    Args:
        label: What it shows, for screen readers.
        x: Name and unit of the horizontal axis.
        y: Name and unit of the vertical axis.
        x_range: Its ends; None for those of the points.
        y_range: Its ends; None for those of the points.
        on_pick: Called with a place on the horizontal axis that was clicked or dragged to.
    """

    def __init__(
        self,
        label: str,
        x: str,
        y: str,
        *,
        x_range: tuple[float, float] | None = None,
        y_range: tuple[float, float] | None = None,
        on_pick: Callable[[float], object] | None = None,
    ) -> None:
        super().__init__()
        self.props.update(label=label, xName=x, yName=y, pick=on_pick is not None)
        self.span(x_range, y_range)
        if on_pick is not None:
            self.on("pick", lambda event: on_pick(event.args), throttle=0.03)

    def span(
        self, x_range: tuple[float, float] | None, y_range: tuple[float, float] | None
    ) -> None:
        """Change the ends of the axes."""
        self.props.update(xRange=x_range, yRange=y_range)
        self.update()

    def show(self, drawn: Sequence[Series]) -> None:
        """Draw other points; a browser that connects later is given them too."""
        self.props.update(start=[*drawn])
        self.update()

    def push(self, drawn: Sequence[Series]) -> None:
        """Draw other points in the browser that is connected, without the rest of the element."""
        self.run_method("show", [*drawn])


class Facts:
    """A row of named numbers."""

    def __init__(self, *names: str) -> None:
        self._labels = {}
        with ui.element("div").classes("facts"):
            for name in names:
                with ui.element("div"):
                    ui.label(name).classes("soft")
                    word = name.split(" ")[0].lower()
                    self._labels[name] = ui.label("–").classes("number").mark(word)
                    self._labels[name].props(f'data-fact="{word}"')

    def show(self, **values: str) -> None:
        """Show numbers by the first word of their names."""
        for name, label in self._labels.items():
            label.set_text(values.get(name.split(" ")[0].lower(), label.text))


class Words(TextElement):
    """Text in an element of one's own choice; whatever is in it, it is shown as text.

    Args:
        tag: Name of the element, such as "h2".
        text: The text.
    """

    def __init__(self, tag: str, text: str = "") -> None:
        super().__init__(tag=tag, text=text)


def panel(title: str, width: int) -> ui.element:
    """Return a panel with a heading, so many columns of twelve wide."""
    found = ui.element("section").classes(f"panel w{width}").props(f'aria-label="{title}"')
    with found:
        Words("h2", title)
    return found


class Range(ValueElement, DisableableElement, component=STATIC / "range.js"):  # type: ignore[call-arg]  # no types
    """A slider of the browser's own; it emits "change" when it is let go.

    Args:
        name: Its name, for screen readers.
        low: The least value.
        high: The largest value.
        step: Distance between values.
        value: The first value.
    """

    LOOPBACK = False

    def __init__(self, name: str, low: float, high: float, step: float, value: float) -> None:
        super().__init__(value=value, throttle=0.05)
        self.props.update(label=name, min=low, max=high, step=step)
        # The last move may be under way when the slider is let go.
        self.on("change", lambda event: self.set_value(event.args))


def slider(
    name: str, low: float, high: float, step: float, value: float, shown: Callable[[float], str]
) -> Range:
    """Return a slider with its name and its value in words above it."""
    with ui.element("div").classes("slider"):
        with ui.element("div").classes("caption"):
            ui.label(name)
            number = ui.label(shown(value))
        made = Range(name, low, high, step, value)
        number.bind_text_from(made, "value", shown)
    return made
