"""The one place that states the version."""

__version__ = "2.0.0"
version_info = tuple(int(part) for part in __version__.split("."))
