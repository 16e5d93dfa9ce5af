"""How much memory is free, checked before a large allocation."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from canns.errors import ValidationError

__all__ = ["available_memory", "check_memory", "in_proportion", "readable"]

_SMALL = 1 << 22  # bytes; to ask the system takes longer than to allocate so little
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")

# While something is built from a file: the bytes that any part of it may take.
_most: ContextVar[int | None] = ContextVar("most", default=None)
_ANY_FILE, _TIMES = 64_000_000, 32  # what any file may cost, and how often its own size besides


@contextmanager
def in_proportion(path: Path) -> Iterator[None]:
    """Refuse, inside the block, allocations out of proportion to the size of a file.

    A file of a few kB can name sizes that take gigabytes. What is built from it may take 64 MB and
    32 times its size at a time.
    """
    before = _most.set(_ANY_FILE + _TIMES * path.stat().st_size)
    try:
        yield
    finally:
        _most.reset(before)


def available_memory() -> int | None:
    """Return the bytes that JAX's default device can still give, or None if unknown."""
    import jax  # not at the top: a model needs it when it is built, not on import

    stats = jax.local_devices()[0].memory_stats()
    if stats and "bytes_limit" in stats:
        return int(stats["bytes_limit"]) - int(stats.get("bytes_in_use", 0))
    limits = [found for found in (_free(), _group_limit()) if found is not None]
    return min(limits) if limits else None


def check_memory(name: str, needed: int, what: str, remedy: str, *, now: bool = True) -> None:
    """Raise if ``what`` needs more bytes than are free; a few megabytes always are.

    Args:
        name: The argument that asks for so much.
        needed: The bytes.
        what: What needs them.
        remedy: What to do, as a sentence.
        now: Whether they are allocated at once; False if perhaps later.
    """
    if needed < _SMALL:
        return
    most = _most.get()
    if now and most is not None and needed > most:
        expected = f"in proportion to the file, which may take {readable(most)}"
        got = f"{readable(needed)} for {what.rstrip(',')}"
        raise ValidationError(name, expected, got, "The file does not hold what it describes.")
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
