"""``canns info``: versions and devices."""

import platform
from pathlib import Path

import typer

from canns._page import package_version
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
    "jinja2",
    "matplotlib",
    "scikit-image",
    "scikit-learn",
)


def info() -> None:
    """Show versions, devices, precision and the compilation cache."""
    import jax

    from canns._cache import follow_environment
    from canns._validation import float_dtype

    follow_environment()
    lines = {
        "canns": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    lines |= {name: package_version(name) for name in _PACKAGES}
    lines["devices"] = ", ".join(f"{d.platform}:{d.id} ({d.device_kind})" for d in jax.devices())
    lines["precision"] = float_dtype().name
    lines["compilation cache"] = _cache()
    width = max(map(len, lines))
    for name, value in lines.items():
        typer.echo(f"{name:<{width}}  {value}")


def _cache() -> str:
    """Return where compiled programs are kept, how many, and their size."""
    import jax

    from canns._cache import VARIABLE

    folder = jax.config.values["jax_compilation_cache_dir"]
    if not folder:
        return f"in memory only (set {VARIABLE} to a folder to keep it)"
    files = [path for path in Path(folder).glob("*") if path.is_file()]
    programs = sum(path.name.endswith("-cache") for path in files)
    size = sum(path.stat().st_size for path in files) / 2**20
    return f"{folder} ({programs} programs, {size:.1f} MiB)"
