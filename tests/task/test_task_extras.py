"""The optional packages: imported when used, and named with the remedy if missing."""

import subprocess
import sys

import pytest

from canns import task
from canns.errors import CannsError, MissingExtraError

PROBE = """
import sys
import canns.task as task

task.flip(task.random_patterns(2, 10, seed=0), 0.5, seed=0)
task.binarize([[0, 1]])
loaded = {"skimage", "sklearn", "PIL", "scipy", "brainstate"} & set(sys.modules)
# JAX itself may load scipy; the extras must stay out.
assert not loaded - {"scipy"}, loaded
"""


def test_importing_the_layer_loads_no_optional_package():
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("module", "call"),
    [
        ("sklearn.datasets", task.digits),
        ("sklearn.datasets", task.digit_prototypes),
        ("sklearn.datasets", lambda: task.natural_patches(2, 4, seed=0)),
        ("skimage.data", lambda: task.bundled_images(8)),
    ],
)
def test_missing_package_names_the_remedy(monkeypatch, module, call):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'canns\[data\]'") as caught:
        call()
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value, CannsError)


def test_bundled_data_need_no_network(monkeypatch):
    import socket

    def refuse(*args):
        raise AssertionError("a download was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    task.bundled_images(8)
    task.digits()
    task.natural_patches(2, 4, seed=0)


def test_public_names_are_exactly_those_listed():
    assert sorted(task.__all__) == task.__all__
    for name in task.__all__:
        assert vars(task)[name].__doc__
