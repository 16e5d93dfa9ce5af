"""Ctrl-C at a chosen bytecode of the package."""

import dis
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType

import canns

_PACKAGE = str(Path(canns.__file__).parent)


class Interrupts:
    """Counts the bytecodes of the package before which Ctrl-C can come, and raises there.

    Python looks for signals when a function starts or goes on, after each call, and when a loop
    jumps back; so those are the bytecodes.

    Args:
        at: Number of the bytecode, from 0; None to count only.
        error: What is raised there.
    """

    def __init__(self, at: int | None = None, error: type[BaseException] = KeyboardInterrupt):
        self.at = at
        self.error = error
        self.count = 0
        self.place = ""
        self._last: dict[int, int] = {}  # the bytecode before, by the frame

    def _enter(self, frame, event, _):
        if not frame.f_code.co_filename.startswith(_PACKAGE):
            return None
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        self._last[id(frame)] = -1
        return self._hear

    def _hear(self, frame, event, _):
        if event == "opcode":
            before, self._last[id(frame)] = self._last.get(id(frame), -1), frame.f_lasti
            if before in _looked_for(frame.f_code):
                self.count += 1
                if self.count - 1 == self.at:
                    name = frame.f_code.co_filename.removeprefix(_PACKAGE)
                    self.place = f"{name}:{frame.f_lineno}, bytecode {frame.f_lasti}"
                    raise self.error
        elif event == "return":
            self._last.pop(id(frame), None)
        return self._hear

    def during(self, call: Callable[[], object]) -> bool:
        """Call ``call``, and return whether it was interrupted.

        Raises:
            AssertionError: If the error was raised, and did not come out.
        """
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            call()
        except self.error:
            return True
        finally:
            sys.settrace(before)
        assert not self.place, f"{self.error.__name__} is lost at {self.place}"
        return False


_found: dict[CodeType, frozenset[int]] = {}


def _looked_for(code: CodeType) -> frozenset[int]:
    """Return the offsets of the bytecodes after which Python looks for signals."""
    if code not in _found:
        _found[code] = frozenset(
            each.offset
            for each in dis.get_instructions(code)
            if each.opname == "RESUME"
            or each.opname.startswith("CALL")
            or "JUMP_BACKWARD" in each.opname
        )
    return _found[code]
