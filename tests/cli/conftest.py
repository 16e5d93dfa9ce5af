"""The command line in this process."""

import json
import sys

import pytest

from canns.cli import main


@pytest.fixture
def canns(monkeypatch, capsys):
    """Run the command line; return exit code, output and error output."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["canns", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        captured = capsys.readouterr()
        return stopped.value.code or 0, captured.out, captured.err

    return run


@pytest.fixture
def numbers_of():
    """Return the numbers in the JSON of a run."""

    def read(path):
        return json.loads(path.read_text(encoding="utf-8"))["numbers"]

    return read
