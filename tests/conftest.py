"""Fixtures that several test folders share."""

import os
import sys
from pathlib import Path

import watch
import xla_flags

# Compilation is most of what the tests take, and half as long when it optimizes little.
# `XLA_FLAGS= make test` runs them as users compile.
os.environ["XLA_FLAGS"] = xla_flags.quick()

import jax
import pytest
from hypothesis import HealthCheck, settings

import canns

# How long an example takes says how busy the machine is.
settings.register_profile("canns", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("canns"), max_examples=2500)
settings.load_profile("canns")

_COMPILATION = "/jax/core/compile/backend_compile_duration"
_seen: list[str] = []


def _listen(event: str, duration: float, **_: object) -> None:
    if event == _COMPILATION:
        _seen.append(event)


# Once for the whole session: not every supported JAX can take a listener away again.
jax.monitoring.register_event_duration_secs_listener(_listen)


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    """Close what a test has drawn: matplotlib warns of many open figures, and holds them all."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture
def count_compilations():
    """Return a function that calls another and says how many XLA compilations that took."""

    def count(call) -> int:
        before = len(_seen)
        jax.block_until_ready(call())
        return len(_seen) - before

    return count


@pytest.fixture
def count_calls():
    """Return a function that calls another and says how many Python calls the library made.

    It returns their number, comprehensions and properties included, and the files that they are in,
    one for each call, in order.
    """
    package = str(Path(canns.__file__).parent)

    def count(call) -> tuple[int, list[str]]:
        files = []

        def note(frame) -> None:
            if frame.f_code.co_filename.startswith(package):
                files.append(frame.f_code.co_filename.removeprefix(package + os.sep))

        with watch.each_call(note):
            call()
        return len(files), files

    return count


@pytest.fixture
def x64():
    """Let JAX compute in float64 for one test, so that rounding does not hide a wrong formula."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)
