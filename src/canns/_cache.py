"""The switch that keeps compiled programs on disk."""

import os
from pathlib import Path
from tempfile import TemporaryFile

from canns.errors import ValidationError

__all__ = ["VARIABLE", "compilation_cache", "follow_environment"]

VARIABLE = "CANNS_CACHE"


def compilation_cache(path: str | os.PathLike[str] | None = None) -> Path:
    """Keep compiled programs in a folder, so that later processes need not compile them again.

    The environment variable ``CANNS_CACHE``, set to a folder, does the same for a whole process.

    Args:
        path: The folder, created if it does not exist; None for ``canns`` in the user's cache.

    Returns:
        The folder.

    Raises:
        ValidationError: If the folder cannot be created or written to.

    Example:
        >>> import canns
        >>> canns.compilation_cache("/tmp/canns")  # doctest: +SKIP
        PosixPath('/tmp/canns')
    """
    if path is None:
        return _keep_in(_users_cache(), "path")
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise ValidationError("path", "a folder that exists or can be created", repr(path))
    return _keep_in(Path(path), "path")


def _keep_in(folder: Path, name: str) -> Path:
    import jax  # not at the top: importing canns loads nothing heavy
    from jax.experimental.compilation_cache import compilation_cache as cache

    folder = folder.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        expected = "a folder that can be written to or created"
        raise ValidationError(name, expected, str(folder)) from error
    jax.config.update("jax_compilation_cache_dir", str(folder))  # type: ignore[no-untyped-call]
    # By default JAX does not keep programs that compile in under a second, as all of ours do.
    jax.config.update(  # type: ignore[no-untyped-call]
        "jax_persistent_cache_min_compile_time_secs", 0.0
    )
    cache.reset_cache()  # otherwise JAX keeps using the folder of its first compilation
    return folder


def follow_environment() -> None:
    """Keep compiled programs in the folder that the environment variable names, if it is set."""
    if folder := os.environ.get(VARIABLE, "").strip():
        _keep_in(Path(folder), VARIABLE)


def _users_cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "canns"
