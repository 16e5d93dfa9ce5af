"""The command itself: what it says, and how it ends."""

import re
import signal
import subprocess
import sys


def started(*words):
    command = [sys.executable, "-m", "canns", "lab", "--no-browser", "--port", "0", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def interrupted(process):
    """Press Ctrl-C, and return the code, the rest of the output, and the errors."""
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_an_interrupt_during_a_run_ends_with_code_130_and_one_line(browser):
    process = started()
    page = browser.new_page()
    page.goto(re.search(r"http://[\d.:]+/", process.stdout.readline())[0])
    page.get_by_role("button", name="Run", exact=True).click()
    assert interrupted(process) == (130, "", "canns: the page is closed\n")
    page.close()


def test_it_listens_beyond_this_machine_only_with_a_warning():
    process = started("--host", "0.0.0.0")
    lines = [process.stdout.readline() for _ in range(2)]
    assert lines[0].startswith("Warning: everybody who can reach 0.0.0.0")
    assert "http://0.0.0.0:" in lines[1]
    assert interrupted(process) == (130, "", "canns: the page is closed\n")


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
