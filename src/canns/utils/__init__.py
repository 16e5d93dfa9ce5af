"""Helpers for scripts."""

from canns.utils import example_outputs
from canns.utils.example_outputs import get_example_output_dir
from canns.utils.timing import benchmark

__all__ = ["benchmark", "example_outputs", "get_example_output_dir"]
