"""Configuration of the documentation."""

import sys
from importlib.util import find_spec
from pathlib import Path

from canns import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "canns"
author = "The canns developers"
copyright = author  # noqa: A001 - the name that Sphinx reads
release = __version__
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
    "annotations",
    "api_pages",
    "navigation",
    "parameters",
    "student_notebooks",
]

# The page
html_theme = "furo"
html_title = f"canns {release}"
html_static_path = ["_static"]
templates_path = ["_templates"]
exclude_patterns = ["README.md", "course/notebooks"]

# Formulas: MathJax as one file, with its fonts inside, from a Python package. So a page shows its
# formulas without a network, and loads nothing from another host.
_mathjax = find_spec("sphinx-mathjax-offline")
assert _mathjax is not None
assert _mathjax.origin is not None
html_static_path += [str(Path(_mathjax.origin).parent / "static/mathjax/tex-svg.js")]
mathjax_path = "tex-svg.js"

nitpicky = True
nitpick_ignore_regex = [
    # Other libraries: their lists of links are on other hosts.
    ("py:.*", r"(brainstate|collections|jax|jaxlib|matplotlib|np|numpy|os|pathlib|typing)\..*"),
]
nitpick_ignore = [
    ("py:class", "~P"),  # the parameters of the function that `benchmark` decorates
    ("py:class", "FigureBase"),  # of matplotlib, imported for type checkers only
]

# Markdown, and the pages whose code runs at build (those that begin with "file_format: mystnb")
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True
copybutton_exclude = ".linenos, .gp, .go"  # the prompts and the answers of a session

# Docstrings
autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
autosummary_generate = True
# On some discs "Capacity" and "capacity" are one file.
autosummary_filename_map = {"canns.analyzer.metrics.Capacity": "canns.analyzer.metrics.Capacity-result"}
napoleon_use_rtype = False
napoleon_use_ivar = True
