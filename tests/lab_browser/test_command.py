"""The command itself: what it says, and how it ends."""

import re
import signal
import subprocess
import sys

import pytest


def started(*words):
    command = [sys.executable, "-m", "canns", "lab", "--no-browser", "--port", "0", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("with_tab", [False, True], ids=["alone", "with a tab that runs"])
def test_an_interrupt_ends_with_code_130_and_one_line(with_tab, browser):
    process = started()
    line = process.stdout.readline()
    if with_tab:
        page = browser.new_page()
        page.goto(re.search(r"http://[\d.:]+/", line)[0])
        page.get_by_role("button", name="Run", exact=True).click()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    assert err == "canns: the page is closed\n"
    if with_tab:
        page.close()


def test_it_listens_beyond_this_machine_only_with_a_warning():
    process = started("--host", "0.0.0.0")
    lines = [process.stdout.readline() for _ in range(2)]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert lines[0].startswith("Warning: everybody who can reach 0.0.0.0")
    assert "http://0.0.0.0:" in lines[1]


def test_its_help_is_quick_and_loads_no_server():
    script = (
        "import sys\n"
        "sys.argv = ['canns', 'lab', '--help']\n"
        "from canns.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*{'nicegui', 'jax', 'uvicorn'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == ""
    assert "--host" in done.stdout
