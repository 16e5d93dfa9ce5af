"""Watch the Python calls that a piece of code makes."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def each_call(note: Callable[[FrameType], None]) -> Iterator[None]:
    """Hand ``note`` the frame of every Python call inside the ``with`` block."""

    def hear(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            note(frame)

    before = sys.getprofile()
    sys.setprofile(hear)
    try:
        yield
    finally:
        sys.setprofile(before)
