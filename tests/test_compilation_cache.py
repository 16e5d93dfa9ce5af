"""The switch that keeps compiled programs on disk: the next process finds what one compiled."""

import os
import subprocess
import sys

import pytest

import canns
from canns.errors import ValidationError

pytestmark = pytest.mark.slow

WORK = """
import jax
hits = []
jax.monitoring.register_event_listener(lambda name, **_: hits.append(name))
{switch}
import numpy as np
from canns.models.brain_inspired import AmariHopfieldNetwork
network = AmariHopfieldNetwork(4)
network.apply_hebbian_learning(np.ones((2, 4)))
network.predict(np.ones(4))
print(sum(name.endswith("cache_hits") for name in hits))
"""


def _run(switch, **variables):
    done = subprocess.run(
        [sys.executable, "-c", WORK.format(switch=switch)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def test_the_function_and_the_variable_are_one_switch(tmp_path):
    folder = tmp_path / "programs"
    by_function = f"import canns; canns.compilation_cache({str(folder)!r})"
    # It holds for what comes after it, though something was compiled before.
    assert _run(f"jax.numpy.ones(3) + 1; {by_function}") == 0
    kept = [path.name for path in folder.glob("*-cache")]
    assert any("settle" in name for name in kept)
    assert _run("", CANNS_CACHE=str(folder)) >= 3
    assert _run("") == 0, "off unless it is asked for"


def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", "", 3):
        with pytest.raises(ValidationError, match="path must be a folder"):
            canns.compilation_cache(path)


def test_the_variable_may_name_the_users_folder(tmp_path):
    assert _run("", CANNS_CACHE="~/programs", HOME=str(tmp_path)) == 0
    assert any((tmp_path / "programs").iterdir())
    assert _run("", CANNS_CACHE=" ", HOME=str(tmp_path)) == 0
