"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = [
    "Dpi",
    "Out",
    "PictureFormat",
    "Quiet",
    "RestingRule",
    "Seed",
    "WithReport",
]

#: Rules that store patterns at which the neurons are held, and recall them as fixed points.
RestingRule = Literal[
    "hebbian",
    "covariance",
    "storkey",
    "storkey2",
    "pseudo_inverse",
    "diederich_opper",
    "diederich_opper2",
    "minover",
    "adatron",
    "dreaming",
    "unlearning",
    "palimpsest",
    "bounded",
    "clipped",
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of all random draws.")]
Out = Annotated[Path, typer.Option("--out", help="Folder for all that is written.")]
PictureFormat = Annotated[
    Literal["png", "pdf", "svg"], typer.Option("--format", help="Format of the pictures.")
]
Dpi = Annotated[
    int, typer.Option("--dpi", min=20, max=600, help="Dots per inch of pictures made of pixels.")
]
WithReport = Annotated[
    bool, typer.Option("--report", help="Write report.html too: pictures, numbers, versions.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", help="Print errors only; all files are written as ever.")
]
