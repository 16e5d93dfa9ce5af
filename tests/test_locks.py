"""A lock keeps a file to one run, and ends with its process."""

import os
import subprocess
import sys
from threading import Thread

import pytest

from canns._locks import locked
from canns.errors import ValidationError

_HOLDER = """
import sys
from canns._locks import locked
with locked(sys.argv[1], "checkpoint"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused_by_name_until_the_first_has_ended(tmp_path):
    path = tmp_path / "run"
    with locked(path, "checkpoint"):
        with pytest.raises(ValidationError, match=rf"^checkpoint .*process {os.getpid()} on "):
            locked(path, "checkpoint").__enter__()
        with locked(tmp_path / "other", "checkpoint"):
            pass
    with locked(path, "checkpoint"):
        pass
    assert not [*tmp_path.iterdir()]


def test_two_names_of_one_file_share_a_lock(tmp_path):
    (tmp_path / "run").touch()
    (tmp_path / "link").symlink_to("run")
    refused = pytest.raises(ValidationError, match="no other run writes")
    with locked(tmp_path / "run", "checkpoint"), refused:
        locked(tmp_path / "link", "checkpoint").__enter__()


def test_a_killed_process_leaves_no_lock(tmp_path):
    path = tmp_path / "run"
    words = [sys.executable, "-c", _HOLDER, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(words, **pipes) as process:
        assert process.stdout.readline().strip() == b"held"
        with pytest.raises(ValidationError, match=f"process {process.pid} on"):
            locked(path, "checkpoint").__enter__()
        process.kill()
    with locked(path, "checkpoint"):
        pass


def test_of_many_threads_one_at_a_time_holds_it(tmp_path):
    path, held, most, refused = tmp_path / "run", [], [], []

    def work():
        for _ in range(30):
            try:
                with locked(path, "checkpoint"):
                    held.append(1)
                    most.append(len(held))
                    held.pop()
            except ValidationError:
                refused.append(1)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    assert len(most) + len(refused) == 120


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValidationError, match="checkpoint must be in an existing folder"):
        locked(tmp_path / "none" / "run", "checkpoint").__enter__()
    (tmp_path / ".run.lock").mkdir()
    with pytest.raises(ValidationError, match="where a file can be written"):
        locked(tmp_path / "run", "checkpoint").__enter__()
