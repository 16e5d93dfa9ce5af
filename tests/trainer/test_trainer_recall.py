"""Prediction by networks and layers: every option, the result, and what is left alone."""

import copy

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from trainer_helpers import CASES, snapshot

from canns.dynamics import RecallResult
from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork, SpikingLayer
from canns.trainer import HebbianTrainer, OjaTrainer, STDPTrainer

SIZE = 20
RNG = np.random.default_rng(0)
PATTERNS = RNG.choice([-1.0, 1.0], (2, SIZE))
CUES = PATTERNS * np.where(np.arange(SIZE) < 3, -1.0, 1.0)


def _trainer(cls=AmariHopfieldNetwork, options=None, **settings):
    trainer = HebbianTrainer(cls(SIZE, **(options or {})), **settings)
    trainer.train(PATTERNS)
    return trainer


@pytest.fixture
def trainer():
    return _trainer()


@pytest.fixture
def slow():
    """A graded network that takes many updates to settle."""
    return _trainer(options={"activation": "tanh", "temperature": 7.0})


@pytest.mark.parametrize("convert", [np.asarray, jnp.asarray, list], ids=["numpy", "jax", "list"])
def test_predict_returns_the_final_state_and_leaves_it_in_the_model(trainer, convert):
    found = trainer.predict(convert(CUES[1]))
    assert isinstance(found, jax.Array)
    assert (found.shape, found.dtype) == ((SIZE,), np.float32)
    np.testing.assert_array_equal(found, PATTERNS[1])
    np.testing.assert_array_equal(trainer.model.s.value, found)


def test_predict_never_touches_the_weights(trainer):
    trainer.model.W.value = np.asarray(trainer.model.W.value) + np.eye(SIZE)
    before, _ = snapshot(trainer.model)
    trainer.predict(CUES[0])
    trainer.predict_batch(CUES)
    trainer.recall(CUES)
    np.testing.assert_array_equal(trainer.model.W.value, before["W"])


def test_predict_is_the_update_of_the_model(slow):
    other = copy.deepcopy(slow.model)
    found = slow.predict(CUES[0], num_iter=3)
    other.s.value = CUES[0]
    for _ in range(3):
        other.update()
    np.testing.assert_allclose(found, other.s.value, rtol=1e-6)


def _calls(trainer, cue, **options):
    calls = []
    trainer.predict(cue, progress_callback=lambda *args: calls.append(args), **options)
    return calls


@pytest.mark.parametrize("compiled", [True, False])
def test_the_callback_sees_every_update(trainer, compiled):
    start = copy.deepcopy(trainer.model)
    start.s.value = CUES[0]
    calls = _calls(trainer, CUES[0], compiled=compiled)
    assert [call[0] for call in calls] == [1, 2]
    assert [call[2] for call in calls] == [False, True]
    assert [tuple(map(type, call)) for call in calls] == [(int, float, bool, float)] * 2
    energies = [float(start.energy), *(call[1] for call in calls)]
    np.testing.assert_allclose([call[3] for call in calls], np.diff(energies), atol=1e-5)
    assert energies[-1] == pytest.approx(float(trainer.model.energy), rel=1e-6)


@pytest.mark.parametrize("num_iter", [1, 2, 5])
def test_num_iter_bounds_the_updates(slow, num_iter):
    calls = _calls(slow, CUES[0], num_iter=num_iter)
    assert [call[0] for call in calls] == list(range(1, num_iter + 1))
    assert not calls[-1][2]
    assert slow.recall(CUES[:1], num_iter).outcome.tolist() == ["budget"]


def test_prediction_stops_at_convergence(trainer, slow):
    assert len(_calls(trainer, CUES[0], num_iter=500)) == 2
    assert 20 < len(_calls(slow, CUES[0], num_iter=500)) < 500


def test_the_threshold_says_what_counts_as_rest(slow):
    steps = [
        len(_calls(slow, CUES[0], num_iter=300, convergence_threshold=threshold))
        for threshold in (2.0, 1e-1, 1e-3, 1e-10)
    ]
    assert steps[0] == 1
    assert steps == sorted(set(steps))
    assert _calls(slow, CUES[0], num_iter=300, convergence_threshold=1e-1)[-1][2]


def _cycling():
    model = AmariHopfieldNetwork(2)
    model.W.value = [[0.0, -1.0], [-1.0, 0.0]]
    return HebbianTrainer(model)


def test_recall_tells_how_each_cue_ended():
    result = _cycling().recall([[1.0, 1.0], [1.0, -1.0]])
    assert isinstance(result, RecallResult)
    assert result.outcome.tolist() == ["cycle", "converged"]
    assert result.steps.tolist() == [2, 1]
    assert _cycling().recall([[1.0, 1.0]], 1).outcome.tolist() == ["budget"]


def test_a_cycle_is_not_called_converged():
    calls = _calls(_cycling(), np.ones(2), num_iter=9)
    assert len(calls) == 2
    assert [call[2] for call in calls] == [False, False]


@pytest.mark.parametrize("compiled", [True, False])
def test_compiled_is_followed(trainer, compiled):
    def modes(**options):
        seen = []
        trainer.predict(
            CUES[0], progress_callback=lambda *_: seen.append(jax.config.jax_disable_jit), **options
        )
        return set(seen)

    assert modes(compiled=compiled) == {not compiled}
    trainer.configure_progress(compiled_prediction=compiled)
    assert modes() == {not compiled}
    assert modes(compiled=not compiled) == {compiled}


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"asyn": True}, {"activation": "tanh"}])
def test_compiled_and_uncompiled_recall_agree(options):
    trainer = _trainer(options=options)
    runs = [trainer.recall(CUES, 2, compiled=compiled, seed=1) for compiled in (True, False)]
    np.testing.assert_allclose(runs[0].states, runs[1].states, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(runs[0].energies, runs[1].energies, rtol=1e-5, atol=1e-5)


class Answering(AmariHopfieldNetwork):
    """A network with a predict of its own."""

    def predict(self, pattern):
        return -np.asarray(pattern)


def test_the_prediction_of_the_model_is_used_when_asked_for():
    trainer = _trainer(Answering, prefer_generic_predict=False)
    np.testing.assert_array_equal(trainer.predict(CUES[0]), -CUES[0])
    np.testing.assert_array_equal(trainer.predict_batch(CUES), -CUES)
    generic = _trainer(Answering)
    np.testing.assert_array_equal(generic.predict(CUES[0]), PATTERNS[0])
    np.testing.assert_array_equal(generic.predict_batch(CUES), PATTERNS)


class Frozen(AmariHopfieldNetwork):
    """A network whose update inverts it."""

    def update(self, prev_energy=None):
        self.s.value = -self.s.value


def test_an_update_of_a_subclass_is_used():
    trainer = _trainer(Frozen)
    np.testing.assert_array_equal(trainer.predict(CUES[0], 3), -CUES[0])
    np.testing.assert_array_equal(trainer.predict(CUES[0], 1), -CUES[0])
    assert trainer.recall(CUES).outcome.tolist() == ["cycle", "cycle"]
    np.testing.assert_array_equal(trainer.predict_batch(CUES, 1), -CUES)


@pytest.mark.parametrize("call", ["predict", "predict_batch"])
def test_prediction_leaves_the_plasticity_of_a_layer_alone(call):
    layer = SpikingLayer(4, 3, threshold=0.2)
    layer.forward(np.ones(4))
    before, _ = snapshot(layer)
    data = np.ones(4) if call == "predict" else np.ones((3, 4))
    getattr(STDPTrainer(layer), call)(data)
    for name in ("W", "v", "trace_pre", "trace_post"):
        np.testing.assert_array_equal(getattr(layer, name).value, before[name])


def test_a_layer_answers_by_its_forward():
    case = CASES["oja"]
    trainer = OjaTrainer(case.model())
    x = case.data()[0]
    np.testing.assert_allclose(trainer.predict(x), trainer.model.W.value @ x, rtol=1e-6)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("num_iter", -1),
        ("num_iter", 2.5),
        ("num_iter", "3"),
        ("convergence_threshold", -1.0),
        ("convergence_threshold", float("nan")),
        ("compiled", "yes"),
    ],
)
@pytest.mark.parametrize("show", [True, False])
def test_invalid_options_are_refused(trainer, argument, value, show):
    before, _ = snapshot(trainer.model)
    for call in (
        lambda: trainer.predict(CUES[0], show_progress=show, **{argument: value}),
        lambda: trainer.predict_batch(CUES, show_iteration_progress=show, **{argument: value}),
        lambda: trainer.recall(CUES, show_progress=show, **{argument: value}),
    ):
        with pytest.raises(ValidationError, match=f"^{argument} must be"):
            call()
    np.testing.assert_array_equal(trainer.model.s.value, before["s"])


def test_a_missing_state_is_named():
    trainer = _trainer(state_attr="spins")
    with pytest.raises(AttributeError, match=r"`spins`.*AmariHopfieldNetwork has W, s"):
        trainer.predict(CUES[0])
