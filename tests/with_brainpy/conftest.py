"""Tests that need brainpy, which only `make brainpy` installs, in an environment of its own."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("brainpy") else ["test_*.py"]
