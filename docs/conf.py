"""Configuration of the documentation."""

import sys
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from api_pages import class_members, further_examples

from canns import __version__

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
    "sphinx_gallery.gen_gallery",
    "annotations",
    "bibliography",
    "command_options",
    "api_pages",
    "gallery",
    "navigation",
    "parameters",
    "published_figures",
    "student_notebooks",
]

# The page
html_theme = "furo"
html_title = f"canns {release}"
html_static_path: list[str] = []
html_search_scorer = str(Path(__file__).parent / "_ext/scorer.js")
templates_path = ["_templates"]
# What sphinx-gallery writes beside the pages of the examples is not a page.
exclude_patterns = ["auto_examples/*.ipynb", "**sg_execution_times.rst"]
# Nor are the students' notebooks, and the examples that the pages of the reference take.
exclude_patterns += ["course/notebooks", "api/examples.md"]

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
    ("py:.*", r"(brainstate|jax|jaxlib|matplotlib|np|numpy|optax|pandas|xarray)\..*"),
    ("py:.*", r"(collections|os|pathlib|typing)\..*"),
]
nitpick_ignore = [
    ("py:class", "~P"),  # the parameters of the function that `benchmark` decorates
    # Of matplotlib, xarray and pandas, imported for type checkers only
    *(("py:class", name) for name in ("DataArray", "DataFrame", "Dataset", "Figure", "FigureBase")),
]

# Markdown, and the pages whose code runs at build (those that begin with "file_format: mystnb")
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True
copybutton_exclude = ".linenos, .gp, .go"  # the prompts and the answers of a session

# The examples, each run once; in other processes, because JAX does not survive the forks of "-j"
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": "/",
    "image_scrapers": ("gallery",),
    "reset_modules": ("matplotlib", "gallery.name_script"),
    "abort_on_example_error": True,
    "parallel": 2,
    "backreferences_dir": "auto_examples/uses",
    "doc_module": ("canns",),
    "download_all_examples": False,
    "show_signature": False,
    "min_reported_time": 1e9,
    "remove_config_comments": True,
}

# Docstrings
autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
toc_object_entries_show_parents = "hide"
autosummary_generate = True
autosummary_context = {  # what the templates read
    "class_members": class_members(),
    "examples": further_examples(Path(__file__).parent),
}
# On some discs "Capacity" and "capacity" are one file.
autosummary_filename_map = {"canns.analyzer.metrics.Capacity": "canns.analyzer.metrics.Capacity_"}
napoleon_use_rtype = False
napoleon_use_ivar = True
