"""Every command refuses a wrong option, whichever it is, before it does or writes anything."""

import sys
from pathlib import Path

import pytest
import typer

from canns.cli import main
from canns.cli._app import COMMANDS as NAMES
from canns.cli._app import app_with

COMMANDS = typer.main.get_command(app_with(NAMES)).commands
ARGUMENTS = {
    "images": ["nosuch.png"],
    "name": ["nosuch"],
    "rule": ["nosuch"],
    "rules": ["nosuch"],
    "run_dir": ["nosuch"],
}
WORDS = {"rule", "data", "coincidence", "file_format"}
# Without a name they list what there is to name, or ask for it.
RECORDINGS = Path(__file__).parents[1] / "cli" / "recordings.npz"
NAMED = {
    "reproduce": ["critical-load"],
    "train": ["oja"],
    "compare": ["hebbian", "storkey"],
    "infer": ["--data", str(RECORDINGS)],
}


def wrong_values(option):
    """Return values that an option must refuse, as they are written in a shell."""
    if option.param_type_name == "argument":
        return [[word] for word in ARGUMENTS[option.name]]
    name = option.opts[0]
    if option.is_flag:
        return [[f"{name}=3"]]
    if option.name == "out":
        return [[name, "/dev/null"], [name, "/dev/null/below"]]
    words = ["nosuch"]
    if option.name not in WORDS:  # a number, and none is negative
        words += ["-1000000", "nan"]
    return [[name, word] for word in words]


CASES = [
    pytest.param(command, words, id=f"{command} {' '.join(words)}")
    for command, found in COMMANDS.items()
    for option in found.params
    if option.name != "help"
    for words in wrong_values(option)
]


@pytest.mark.parametrize(("command", "words"), CASES)
def test_a_wrong_option_is_one_line_and_nothing_is_written(
    command, words, monkeypatch, capsys, tmp_path
):
    before = [] if words[0] == "nosuch" else NAMED.get(command, [])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["canns", command, *before, *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    out, err = capsys.readouterr()
    assert stopped.value.code == 2
    assert out == ""
    assert err.startswith("canns: ")
    assert err.count("\n") == 1
    assert not [*tmp_path.rglob("*.*")]


def test_every_command_has_options_to_get_wrong():
    assert set(COMMANDS) - {"info"} == {command for command, *_ in (c.values for c in CASES)}
