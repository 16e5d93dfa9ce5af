"""A page in the browser for teaching: memories, plasticity, and data of one's own.

``canns lab`` starts it. What a page computes is in modules without a web framework, one for each
page; :mod:`canns.lab.pages` draws it with NiceGUI, which ``pip install 'canns[lab]'`` installs.
"""

from canns.lab.server import serve

__all__ = ["serve"]
