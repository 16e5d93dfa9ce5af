"""Warnings: of what is legal but probably not meant, at the user's line, once a call."""

import warnings

import numpy as np
import pytest

from canns._warnings import collected_warnings, warn
from canns.errors import CannsWarning
from canns.models.brain_inspired import LinearLayer
from canns.plasticity import Oja
from canns.trainer import RuleTrainer


def test_a_warning_says_what_and_what_to_do():
    with pytest.warns(CannsWarning, match=r"^Nothing was stored\. Train first\.$"):
        warn("Nothing was stored.", "Train first.")


def test_a_call_warns_once_of_each_thing():
    with warnings.catch_warnings(record=True) as seen, collected_warnings() as notes:
        warnings.simplefilter("always")
        for _ in range(3):
            warn("One.")
            warn("Two.")
    assert notes == ["One.", "Two."]
    assert [str(warning.message) for warning in seen] == ["One.", "Two."]


def test_a_warning_points_at_the_users_line_and_is_in_the_record(monkeypatch):
    check = RuleTrainer._plan
    monkeypatch.setattr(RuleTrainer, "_plan", lambda *args: warn("Odd.") or check(*args))
    with pytest.warns(CannsWarning, match="Odd") as seen:
        record = RuleTrainer(LinearLayer(2, 1), Oja()).train(np.eye(2))
    assert [warning.filename for warning in seen] == [__file__]
    assert record.warnings == ("Odd.",)
    assert "warnings" in repr(record)
