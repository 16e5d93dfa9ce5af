"""Sphinx extension: the students' notebooks are made before the pages that offer them are read."""

import sys
from pathlib import Path

from sphinx.application import Sphinx


def write(app: Sphinx) -> None:
    """Write the exercises without their solutions into ``course/notebooks``."""
    course = Path(app.srcdir) / "course"
    sys.path.insert(0, str(course))
    import make_notebooks

    make_notebooks.write_notebooks(course / "notebooks")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True}
