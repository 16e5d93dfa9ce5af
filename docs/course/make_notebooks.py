"""Make the students' notebooks: the exercises without their solutions.

``python docs/course/make_notebooks.py FOLDER`` writes one notebook for each exercise. The
documentation calls :func:`write_notebooks` when it is built.
"""

import re
import sys
from pathlib import Path

import jupytext
import nbformat

EXERCISES = ("hopfield", "oja", "bcm", "stdp", "sequence", "own_rule")
_PAGES = Path(__file__).parent


def read(exercise: str) -> nbformat.NotebookNode:
    """Return the page of an exercise as a notebook, with its solutions."""
    return jupytext.read(_PAGES / f"{exercise}.md", fmt="md:myst")


def tags(cell: nbformat.NotebookNode) -> list[str]:
    """Return the tags of a cell: "setup", "gap", "solution", "check", or none."""
    return cell.metadata.get("tags", [])


def without_solutions(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the notebook that students get: no solutions, and no signs of the page's layout."""
    cells = [cell for cell in notebook.cells if "solution" not in tags(cell)]
    for cell in cells:
        cell.metadata = {}
        if cell.cell_type == "markdown":
            cell.source = _plain(cell.source)
    kernel = {"kernelspec": dict(notebook.metadata["kernelspec"])}
    return nbformat.v4.new_notebook(cells=cells, metadata=kernel)


def _plain(text: str) -> str:
    """Return Markdown without what only the documentation knows: roles, and links to its pages."""
    text = re.sub(r"\n\{download\}.*", "", text)
    text = re.sub(r"\{\w+\}(`[^`]+`)", r"\1", text)
    return re.sub(r"\[([^]]+)\]\([^)]+\.md\)", r"\1", text)


def write_notebooks(folder: Path) -> None:
    """Write the students' notebook of each exercise into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for exercise in EXERCISES:
        notebook = without_solutions(read(exercise))
        for number, cell in enumerate(notebook.cells):
            cell.id = f"{exercise}-{number}"  # the same at each build
        nbformat.write(notebook, folder / f"{exercise}.ipynb")


if __name__ == "__main__":
    write_notebooks(Path(sys.argv[1]))
