"""Prediction of many patterns at once: the same as one by one, in one compiled call."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from trainer_helpers import CASES, LAYERS

from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer

SIZE = 20
RNG = np.random.default_rng(0)
PATTERNS = RNG.choice([-1.0, 1.0], (2, SIZE))
CUES = PATTERNS * np.where(np.arange(SIZE) < 3, -1.0, 1.0)


@pytest.fixture
def slow():
    """A trainer of a graded network that takes many updates to settle."""
    trainer = HebbianTrainer(AmariHopfieldNetwork(SIZE, activation="tanh", temperature=7.0))
    trainer.train(PATTERNS)
    return trainer


FORMS = {
    "array": np.asarray,
    "list": list,
    "jax": jnp.asarray,
    "list of jax": lambda rows: [jnp.asarray(row) for row in rows],
    "generator": lambda rows: (row for row in rows),
    "list of lists": lambda rows: rows.tolist(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_batch_equals_one_by_one(slow, form):
    cues = RNG.choice([-1.0, 1.0], (5, SIZE))
    one_by_one = [slow.predict(cue, 7) for cue in cues]
    batch = slow.predict_batch(form(cues), 7)
    assert isinstance(batch, list)
    assert all(isinstance(y, jax.Array) and y.shape == (SIZE,) for y in batch)
    np.testing.assert_allclose(batch, one_by_one, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(slow.model.s.value, batch[-1])


@pytest.mark.parametrize("name", LAYERS)
def test_a_batch_of_a_layer_equals_one_by_one(name):
    case = CASES[name]
    trainer, data = case.build(), case.data()
    batch = trainer.predict_batch(iter(data), show_sample_progress=False)
    np.testing.assert_array_equal(batch, [trainer.predict(x) for x in data])
    assert all(isinstance(y, jax.Array) and y.dtype == np.float32 for y in batch)


@pytest.mark.parametrize("options", [{"num_iter": 1}, {"convergence_threshold": 2.0}])
def test_options_of_a_batch_take_effect(slow, options):
    short, full = slow.predict_batch(CUES, **options), slow.predict_batch(CUES, 300)
    assert not np.allclose(short, full)
    np.testing.assert_allclose(short, [slow.predict(c, **options) for c in CUES], rtol=1e-5)


def test_a_batch_is_one_compiled_call(slow, count_compilations):
    slow.predict_batch(CUES)
    assert count_compilations(lambda: slow.predict_batch(-CUES)) == 0
    assert count_compilations(lambda: slow.predict_batch(CUES, 19)) == 0
