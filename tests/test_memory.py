"""Arrays that cannot fit the memory are refused before they are made."""

import jax
import pytest

from canns import _memory
from canns.errors import ValidationError


def test_what_is_available_is_less_than_the_machine_has():
    available = _memory.available_memory()
    assert available is None or 0 < available < 1 << 50


def test_a_container_may_have_less_than_the_machine(monkeypatch):
    monkeypatch.setattr(_memory, "_free", lambda: 3000)
    for limit, expected in ((2000, 2000), (4000, 3000), (None, 3000)):
        monkeypatch.setattr(_memory, "_group_limit", lambda limit=limit: limit)
        assert _memory.available_memory() == expected


def test_an_accelerator_says_itself_what_it_has(monkeypatch):
    class Device:
        def memory_stats(self):
            return {"bytes_limit": 1000, "bytes_in_use": 300}

    monkeypatch.setattr(jax, "local_devices", lambda: [Device()])
    assert _memory.available_memory() == 700


def test_a_refusal_names_size_limit_and_remedy(monkeypatch):
    monkeypatch.setattr(_memory, "available_memory", lambda: 25_000_000)
    _memory.check_memory("cues", 25_000_000, "their recall", "Fewer.")
    with pytest.raises(ValidationError, match=r"25\.0 MB .* 26\.0 MB for it\. Fewer\."):
        _memory.check_memory("cues", 26_000_000, "their recall", "Fewer.")
    monkeypatch.setattr(_memory, "available_memory", lambda: None)
    _memory.check_memory("cues", 1 << 60, "their recall", "Fewer.")
