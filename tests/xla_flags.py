"""Flags of XLA under which the tests compile in half the time."""

import os
import subprocess
import sys

_LITTLE = (
    "--xla_backend_optimization_level=0",
    "--xla_cpu_use_fusion_emitters=false",
    "--xla_cpu_parallel_codegen_split_count=1",
)
_PROGRAM = "import jax; jax.jit(abs)(1)"


def quick() -> str:
    """Return ``XLA_FLAGS`` as they are set, or else the flags that this version of XLA knows.

    A process that sets another one is aborted, so it is a process of its own that tries them.
    pytest's workers inherit the variable, and try nothing.
    """
    given = os.environ.get("XLA_FLAGS")
    return " ".join(_known(list(_LITTLE))) if given is None else given


def _known(flags: list[str]) -> list[str]:
    env = os.environ | {"XLA_FLAGS": " ".join(flags), "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", _PROGRAM]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return flags
    known = [flag for flag in flags if flag not in done.stderr]
    return _known(known) if len(known) < len(flags) else []
