"""Waiting for a compiled call, so that Ctrl-C is heard; the cutting has tests beside its users."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns import _pieces
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer


class Late:
    """An array that is ready when it has been looked at some times."""

    def __init__(self, looks):
        self.looks = looks

    def is_ready(self):
        self.looks -= 1
        return self.looks < 0


@pytest.fixture
def late(monkeypatch):
    """Take late arrays for those of JAX."""
    monkeypatch.setattr(_pieces, "jax", SimpleNamespace(Array=Late, tree=jax.tree))


def test_a_wait_lasts_until_all_is_ready(late, monkeypatch):
    naps, arrays = [], [Late(3), Late(0), Late(2)]
    monkeypatch.setattr(_pieces, "sleep", naps.append)
    _pieces.wait({"some": arrays, "more": np.ones(2)})
    assert len(naps) == 5
    assert max(naps) <= _pieces._DOZE
    assert all(array.looks < 0 for array in arrays)


def test_what_is_ready_takes_no_nap(monkeypatch):
    monkeypatch.setattr(_pieces, "sleep", None)
    _pieces.wait((jax.block_until_ready(jnp.ones(3)), np.ones(3), 1.0))


def test_ctrl_c_ends_a_wait_and_the_model_is_as_it_was(monkeypatch):
    def interrupt(arrays):
        raise KeyboardInterrupt

    network = AmariHopfieldNetwork(8, method="dense")
    trainer = HebbianTrainer(network)
    trainer.train(np.eye(8))
    before = np.array(network.W.value)
    monkeypatch.setattr("canns.plasticity.learning.estimates.wait", interrupt)
    monkeypatch.setattr("canns.plasticity.learning.estimates._WHOLE", 0.0)  # all runs are long
    with pytest.raises(KeyboardInterrupt):
        trainer.train(np.eye(8))
    np.testing.assert_array_equal(network.W.value, before)
