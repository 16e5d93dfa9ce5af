"""Every public callable, with one argument made wrong, works or says what is wrong."""

import collections

import matplotlib.pyplot as plt
from attack import FAILURES, drawn, outcome

_CALLS = 2000


def test_a_wrong_argument_is_refused_by_an_error_that_names_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found, known = drawn(0.035, seed=0)
    assert len(found) >= _CALLS
    failed, counts = [], collections.Counter()
    for case in found:
        kind, message = outcome(case, known)
        counts[kind] += 1
        if kind in FAILURES:
            failed.append((*case.label, kind, message))
        plt.close("all")
    assert not failed, failed
    # The values are wrong for most arguments: a harness that calls nothing would accept all.
    assert counts["refused"] > counts["accepted"] / 2
