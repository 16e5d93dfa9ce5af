"""Locks of files: one process at a time, and none that outlives its process."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from canns._replacing import PathLike
from canns._warnings import warn
from canns.errors import ValidationError

__all__ = ["locked"]


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # a byte that is never written, so that the rest can be read by others

    def _take(handle: int) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(path: PathLike, argument: str) -> Iterator[None]:
    """Hold the lock of ``path`` during the block, or raise if another run holds it.

    The lock is one of the operating system, on a file beside ``path``. It ends with the process,
    however that ends; the file that a killed process leaves behind locks nothing.

    Args:
        path: The file that only one run may write.
        argument: The name of the argument that it comes from, for errors.

    Raises:
        ValidationError: If another process, or another thread of this one, holds the lock.
    """
    try:
        target = Path(os.path.realpath(path))
        if not target.parent.is_dir():
            raise ValidationError(argument, "in an existing folder", repr(str(path)))
        beside = target.with_name(f".{target.name}.lock")
        handle = _opened(beside)
    except _TakenError:
        holder = ""
        with suppress(OSError, UnicodeDecodeError):
            holder = beside.read_text(encoding="utf-8").strip()[:200]
        got = f"{str(path)!r}, which {holder or 'another run'} is writing"
        remedy = "Wait until that run has ended, or give another path."
        raise ValidationError(argument, "a file that no other run writes", got, remedy) from None
    except OSError as error:
        expected = "where a file can be written"
        raise ValidationError(argument, expected, f"{str(path)!r} ({error})") from error
    try:
        yield
    finally:
        # Removed while it is still held: whoever waits to take it finds another file there.
        with suppress(OSError):
            beside.unlink()
        os.close(handle)


class _TakenError(Exception):
    """Another process holds the lock."""


def _opened(beside: Path) -> int:
    """Return a handle of the file, locked; raise if another one is locked."""
    while True:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(handle, beside)
            if _is_there(handle, beside):
                os.truncate(handle, 0)
                os.lseek(handle, 0, os.SEEK_SET)
                words = f"process {os.getpid()} on {socket.gethostname()}"
                os.write(handle, words.encode())
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # its holder removed it before we took the lock: take the next one


def _lock(handle: int, path: Path) -> None:
    try:
        _take(handle)
    except (BlockingIOError, PermissionError) as error:  # the latter on Windows
        raise _TakenError from error
    except OSError as error:
        warn(
            f"{str(path.parent)!r} has no locks ({error}): two runs that write to one checkpoint "
            "there would undo each other's work.",
            "Make sure that only one does.",
        )


def _is_there(handle: int, path: Path) -> bool:
    """Whether the open file is still the one under this name."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    mine = os.fstat(handle)
    return (mine.st_ino, mine.st_dev) == (there.st_ino, there.st_dev)
