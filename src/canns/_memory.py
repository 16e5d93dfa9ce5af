"""How much memory is free, checked before a large allocation."""

from pathlib import Path

from canns.errors import ValidationError

__all__ = ["available_memory", "check_memory", "readable"]

_SMALL = 1 << 22  # bytes; to ask the system takes longer than to allocate so little
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def available_memory() -> int | None:
    """Return the bytes that JAX's default device can still give, or None if unknown."""
    import jax  # not at the top: a model needs it when it is built, not on import

    stats = jax.local_devices()[0].memory_stats()
    if stats and "bytes_limit" in stats:
        return int(stats["bytes_limit"]) - int(stats.get("bytes_in_use", 0))
    limits = [found for found in (_free(), _group_limit()) if found is not None]
    return min(limits) if limits else None


def check_memory(name: str, needed: int, what: str, remedy: str) -> None:
    """Raise if ``what`` needs more bytes than are free; a few megabytes always are."""
    if needed < _SMALL:
        return
    available = available_memory()
    if available is not None and needed > available:
        raise ValidationError(
            name,
            f"small enough that {what} fits in the {readable(available)} of memory that are free",
            f"{readable(needed)} for it",
            remedy,
        )


def readable(size: float) -> str:
    """Return a number of bytes with a readable unit.

    Example:
        >>> readable(4e12), readable(512)
        ('4.0 TB', '512 bytes')
    """
    power = 0
    while size >= 1000 and power < len(_UNITS) - 1:
        size, power = size / 1000, power + 1
    return f"{size:.1f} {_UNITS[power]}" if power else f"{size:.0f} bytes"


def _free() -> int | None:
    """Return the memory that Linux says is available to a new program."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(fields["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in fields else None


def _group_limit() -> int | None:
    """Return the bytes that the control group, such as a container, may still use."""
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
        used = Path("/sys/fs/cgroup/memory.current").read_text(encoding="ascii").strip()
    except OSError:
        return None
    return None if limit == "max" else int(limit) - int(used)
