"""A damaged file is read, or refused by an error of the library, at a bounded cost."""

import collections

import pytest
from fuzz_files import good_files

from fuzz import FAILURES, MOST_MEMORY, _peak, drawn, outcome

_COUNT = 500


def test_the_files_are_good_before_they_are_damaged():
    failed = [file for file in good_files() if outcome(file, file.content).kind != "accepted"]
    assert not [(file.name, file.read.__name__) for file in failed]


def test_a_damaged_file_is_read_or_refused():
    failed, counts = [], collections.Counter()
    for number in range(_COUNT):
        file, content = drawn(number, seed=1)
        found = outcome(file, content)
        counts[found.kind] += 1
        if found.kind in FAILURES:
            failed.append((number, file.name, file.read.__name__, *found))
    assert not failed
    # Damage that nothing notices, or that all would notice, finds no faults.
    assert min(counts["refused"], counts["accepted"]) > _COUNT / 20


def test_errors_of_other_kinds_and_memory_are_failures():
    file = good_files()[0]

    def raises(path):
        raise KeyError(path.name)

    found = outcome(file._replace(read=raises), b"")
    assert (found.kind, "KeyError" in found.message) == ("raw", True)
    if not _peak():
        pytest.skip("the system does not tell a peak of memory")
    greedy = outcome(file._replace(read=lambda path: bytearray(MOST_MEMORY * 11 // 10)), b"")
    assert greedy.kind == "memory"
