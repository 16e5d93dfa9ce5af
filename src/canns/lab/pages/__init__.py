"""The pages, drawn with NiceGUI; what they show is computed by the modules beside this folder."""

from canns.lab.pages.frame import mount

__all__ = ["mount"]
