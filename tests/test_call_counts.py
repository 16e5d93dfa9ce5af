"""Between a public call and the arithmetic lie few layers: the Python calls of each are counted."""

import numpy as np
import pytest

from canns import task
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer

PATTERNS = task.random_patterns(3, 100, seed=0)


def predicts():
    trainer = HebbianTrainer(AmariHopfieldNetwork(100))
    trainer.train(PATTERNS)
    return lambda: trainer.predict(PATTERNS[0])


MOST = {"predict": (predicts, 50)}


@pytest.mark.parametrize("name", MOST)
def test_a_second_call_makes_few(name, count_calls):
    build, most = MOST[name]
    call = build()
    call()
    calls, files = count_calls(call)
    assert 0 < calls <= most, files


def test_a_counter_counts_what_is_called(count_calls):
    assert count_calls(lambda: np.ones(3)) == (0, [])
    calls, files = count_calls(lambda: task.random_patterns(1, 4, seed=0))
    assert calls == len(files) > 0
    assert all(name.endswith(".py") for name in files)
