"""``canns info``: versions and devices."""

import platform
from importlib.metadata import PackageNotFoundError, version

import jax
import typer

from canns._validation import float_dtype
from canns._version import __version__

__all__ = ["info"]

_PACKAGES = (
    "jax",
    "jaxlib",
    "brainstate",
    "numpy",
    "safetensors",
    "tqdm",
    "typer",
    "matplotlib",
    "scikit-image",
    "scikit-learn",
)


def info() -> None:
    """Show versions, devices, precision and the compilation cache."""
    lines = {
        "canns": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    lines |= {name: _version(name) for name in _PACKAGES}
    lines["devices"] = ", ".join(f"{d.platform}:{d.id} ({d.device_kind})" for d in jax.devices())
    lines["precision"] = float_dtype().name
    cache = jax.config.values["jax_compilation_cache_dir"]
    lines["compilation cache"] = cache or "in memory only (set JAX_COMPILATION_CACHE_DIR to keep)"
    width = max(map(len, lines))
    for name, value in lines.items():
        typer.echo(f"{name:<{width}}  {value}")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
