"""Configuration of the documentation."""

from canns import __version__

project = "canns"
author = "The canns developers"
copyright = author  # noqa: A001 - the name that Sphinx reads
release = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
html_theme = "furo"
html_title = f"canns {release}"
exclude_patterns = ["README.md"]
myst_enable_extensions = ["dollarmath"]
autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "inherited-members": False}
napoleon_use_rtype = False
napoleon_use_ivar = True
