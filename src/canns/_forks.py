"""Processes that were forked after JAX had computed, in which it hangs: they are refused."""

import os
import sys
from typing import NoReturn

from canns.errors import CannsError

__all__ = ["forked", "refuse_fork"]

#: Whether this process was forked from one in which JAX had computed. It is read where a program is
#: about to run, as `_forks.forked`, so that the check is no call.
forked = False


def refuse_fork() -> NoReturn:
    """Raise what to do instead."""
    raise CannsError(
        "This process was forked from one in which JAX had computed, whose threads it has not, so "
        "a computation would hang. Start processes anew: by multiprocessing.get_context('spawn'), "
        "or 'forkserver'; or fork before the first computation."
    )


def _note() -> None:
    global forked
    bridge = sys.modules.get("jax._src.xla_bridge")
    begun = getattr(bridge, "backends_are_initialized", None)  # not every JAX may have it
    forked = forked or (begun is not None and begun())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note)
