"""Tests that need snnTorch, which only `make snntorch` installs, in an environment of its own."""

import os

collect_ignore_glob = [] if os.environ.get("SNNTORCH_PYTHON") else ["test_*.py"]
