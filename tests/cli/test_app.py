"""The app itself: it answers without JAX, and says of each command what the command says."""

import importlib
import os
import subprocess
import sys

import pytest

import canns as package
from canns import plasticity
from canns.cli import main
from canns.cli._app import COMMANDS
from canns.cli.stdp import Coincidence


def answer(monkeypatch, capsys, *words):
    """Return the exit code and the output of ``canns WORDS``."""
    monkeypatch.setattr(sys, "argv", ["canns", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    return stopped.value.code or 0, capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_a_command_is_the_first_of_its_own_help(name):
    word = name.replace("-", "_")
    command = getattr(importlib.import_module(f"canns.cli.{word}"), word)
    assert COMMANDS[name] == command.__doc__.splitlines()[0]


def test_the_words_of_an_option_are_those_of_the_library():
    assert Coincidence == plasticity.Coincidence


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)], ids=" ".join)
def test_the_help_lists_every_command(words, monkeypatch, capsys):
    code, out = answer(monkeypatch, capsys, *words)
    assert code == 0
    for name in COMMANDS:
        assert f" {name} " in out


def test_the_version(monkeypatch, capsys):
    assert answer(monkeypatch, capsys, "--version") == (0, f"canns {package.__version__}\n")


@pytest.mark.parametrize(
    ("words", "env", "expected"),
    [
        (["--help"], {}, "capacity"),
        (["--version"], {}, package.__version__),
        ([], {"_CANNS_COMPLETE": "complete_bash", "COMP_CWORD": "1"}, "capacity"),
    ],
    ids=["help", "version", "completion"],
)
def test_it_answers_without_jax(words, env, expected):
    # As `python -m canns`, with a finder that refuses JAX.
    script = (
        "import runpy, sys\n"
        "sys.modules['jax'] = sys.modules['brainstate'] = None\n"
        f"sys.argv = ['canns', *{words}]\n"
        "runpy.run_module('canns', run_name='__main__')\n"
    )
    variables = {**os.environ, "COMP_WORDS": "canns cap", **env}
    done = subprocess.run(
        [sys.executable, "-c", script], env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


def test_a_shell_completes_the_options_of_a_command():
    env = {"_CANNS_COMPLETE": "complete_bash", "COMP_WORDS": "canns info --h", "COMP_CWORD": "2"}
    command = [sys.executable, "-m", "canns"]
    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True)
    assert "--help" in done.stdout
