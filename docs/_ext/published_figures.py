"""Sphinx extension: the page of published figures, made of the list of ``canns reproduce``."""

from pathlib import Path

from sphinx.application import Sphinx

from canns.reproduce import FIGURES, PublishedFigure

PAGE, MARK = "published-figures", "<!-- the figures -->"
PICTURES = "images/reproduce"


def list_figures(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the figures in place of the mark."""
    if page == PAGE:
        sections = [section(figure, Path(app.srcdir)) for figure in FIGURES.values()]
        source[0] = source[0].replace(MARK, "\n".join(sections))


def section(figure: PublishedFigure, folder: Path) -> str:
    """Return what a figure shows, beside its picture if there is one."""
    longer = f", {duration(figure.seconds_in_full)} with `--full`" if figure.run_in_full else ""
    text = f"""## {figure.name}

{figure.shows}

Paper
: {figure.paper}

Compared with
: {", ".join(figure.against)}

Time
: {duration(figure.seconds)} on two cores{longer}

```
canns reproduce {figure.name}
```
"""
    picture = f"{PICTURES}/{figure.name}.png"
    if (folder / picture).is_file():
        text += f"\n```{{image}} {picture}\n:alt: {figure.shows}\n:width: 90%\n```\n"
    return text


def duration(seconds: float | None) -> str:
    """Return a time as one says it."""
    if not seconds:
        return "less than a second"
    if seconds < 100:
        return f"about {seconds:g} s"
    return f"about {seconds / 60:.0f} minutes"


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the reader."""
    app.connect("source-read", list_figures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
