"""Figures in a notebook, whose backend is loaded when the first of them is made."""

import os
import subprocess
import sys

BACKEND = """
import matplotlib
from matplotlib.backends.backend_agg import *

matplotlib.interactive(True)  # as the backend of notebooks does when it is loaded
"""
FIRST_FIGURE = """
import matplotlib
from canns.analyzer.visualization import pattern_gallery
pattern_gallery([[1.0, -1.0]], (1, 2))
print(matplotlib.is_interactive())
"""


def test_the_first_figure_leaves_the_options_of_the_backend(tmp_path):
    """Those that it sets when it is loaded, without which no further figure is shown."""
    (tmp_path / "notebook_backend.py").write_text(BACKEND)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"MPLBACKEND": "module://notebook_backend", "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_FIGURE], env=environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == "True", done.stderr
