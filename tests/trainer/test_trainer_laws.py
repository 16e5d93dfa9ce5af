"""Laws that hold for every trainer."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import brainstate
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from trainer_helpers import CASES, LAYERS, RATED, assert_alike, snapshot

from canns.errors import ValidationError
from canns.models.brain_inspired import LinearLayer
from canns.trainer import OjaTrainer, TrainingRecord


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


def test_compiled_and_uncompiled_training_agree(case):
    compiled, plain = case.build(compiled=True), case.build(compiled=False)
    for trainer in (compiled, plain):
        trainer.train(case.data(), epochs=2)
    assert_alike(compiled.model, plain.model, rtol=1e-6, atol=1e-6)


def test_training_changes_the_weights(case):
    trainer = case.build()
    before = np.asarray(trainer.model.W.value)
    trainer.train(case.data())
    assert not np.array_equal(trainer.model.W.value, before)
    assert trainer.model.W.value.dtype == np.float32


def test_two_halves_make_a_whole(case):
    whole, halves = case.build(**case.additive), case.build(**case.additive)
    data = case.data()
    whole.train(data)
    halves.train(data[:2])
    halves.train(data[2:])
    assert_alike(whole.model, halves.model, rtol=1e-6, atol=1e-6)


def test_epochs_are_repeated_trainings(case):
    once, thrice = case.build(), case.build()
    for _ in range(3):
        once.train(case.data())
    record = thrice.train(case.data(), epochs=3)
    assert_alike(once.model, thrice.model, rtol=1e-6, atol=1e-6)
    assert record.num_epochs == 3


def test_a_generator_is_read_once_and_repeated(case):
    generated, expected = case.build(), case.build()
    generated.train((row for row in case.data()), epochs=2)
    expected.train(case.data(), epochs=2)
    assert_alike(generated.model, expected.model)


FORMS = {
    "list": list,
    "list of lists": lambda rows: rows.tolist(),
    "tuple": tuple,
    "generator": lambda rows: (row for row in rows),
    "jax array": jnp.asarray,
    "list of jax arrays": lambda rows: [jnp.asarray(row) for row in rows],
    "generator of jax arrays": lambda rows: (jnp.asarray(row) for row in rows),
    "float64": lambda rows: rows.astype(np.float64),
    "not contiguous": lambda rows: np.asfortranarray(np.repeat(rows, 2, axis=1))[:, ::2],
    "mapping of values": lambda rows: dict(enumerate(rows)).values(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_data_may_come_in_any_form(case, form):
    trainer, expected = case.build(), case.build()
    expected.train(case.data())
    trainer.train(form(case.data()))
    assert_alike(trainer.model, expected.model)


@pytest.mark.parametrize("convert", [np.int64, np.uint8, bool], ids=lambda t: t.__name__)
def test_integers_and_flags_are_numbers(case, convert):
    rows = (case.data() > 0.5).astype(convert)
    trainer, expected = case.build(), case.build()
    trainer.train(rows)
    expected.train(rows.astype(float))
    assert_alike(trainer.model, expected.model)


def test_data_are_left_alone(case):
    rows = case.data()
    before = rows.copy()
    case.build().train(rows, epochs=2, shuffle=True, key=0)
    np.testing.assert_array_equal(rows, before)


@pytest.mark.parametrize("name", RATED)
def test_learning_rate_set_later_takes_effect(name):
    case = CASES[name]
    given, later = case.build(learning_rate=0.003), case.build()
    later.learning_rate = 0.003
    for trainer in (given, later):
        trainer.train(case.data())
    assert_alike(given.model, later.model)
    still = case.build()
    still.train(case.data())
    assert not np.array_equal(still.model.W.value, later.model.W.value)


def test_a_new_learning_rate_compiles_nothing(count_compilations):
    trainer = OjaTrainer(LinearLayer(4, 2))
    trainer.train(np.ones((3, 4)))
    for rate in (0.02, 0.2, np.float32(0.1)):
        trainer.learning_rate = float(rate)
        assert count_compilations(lambda: trainer.train(np.ones((3, 4)))) == 0


def test_second_training_and_prediction_of_one_shape_compile_nothing(case, count_compilations):
    data = case.data(7)
    for trainer in (case.build(), case.build()):
        trainer.train(data, epochs=2)
        trainer.predict(data[0])
        trainer.predict_batch(data, show_sample_progress=False)
    again = case.build()
    assert count_compilations(lambda: again.train(data[::-1], epochs=3)) == 0
    assert count_compilations(lambda: again.predict(data[1])) == 0
    batch = count_compilations(lambda: again.predict_batch(data[::-1], show_sample_progress=False))
    assert batch == 0


@pytest.mark.parametrize("key", [3, jax.random.key(3)], ids=["int", "key"])
def test_shuffling_is_repeated_by_its_key(case, key):
    runs = [case.build(**case.additive) for _ in range(3)]
    for trainer in runs[:2]:
        trainer.train(case.data(), shuffle=True, key=key, epochs=2)
    runs[2].train(case.data(), epochs=2)
    assert_alike(runs[0].model, runs[1].model)
    if case.forward:
        assert not np.array_equal(runs[0].model.W.value, runs[2].model.W.value)
    else:
        # The sum of a set has no order.
        assert_alike(runs[0].model, runs[2].model, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_shuffling_draws_an_order_anew(name):
    case = CASES[name]
    ends = []
    for options in ({"key": 1}, {"key": 2}, {}, {}):
        trainer = case.build()
        trainer.train(case.data(12), shuffle=True, **options)
        ends.append(np.asarray(trainer.model.W.value))
    assert len(np.unique(ends, axis=0)) == 4


def test_shuffling_without_a_key_follows_the_global_seed():
    ends = []
    for _ in range(2):
        trainer = CASES["oja"].build()
        brainstate.random.seed(5)
        trainer.train(CASES["oja"].data(12), shuffle=True)
        ends.append(np.asarray(trainer.model.W.value))
    np.testing.assert_array_equal(*ends)


def test_shuffled_epochs_have_orders_of_their_own():
    data = np.eye(8)
    seen = []

    class Watched(LinearLayer):
        def forward(self, x):
            seen.append(int(np.argmax(x)))
            return super().forward(x)

    OjaTrainer(Watched(8, 2)).train(data, epochs=3, shuffle=True, key=0)
    orders = np.reshape(seen, (3, 8))
    np.testing.assert_array_equal(np.sort(orders), np.tile(np.arange(8), (3, 1)))
    assert len(np.unique(orders, axis=0)) == 3


def test_the_record_tells_what_changed(case):
    trainer = case.build()
    before = np.asarray(trainer.model.W.value)
    record = trainer.train(case.data(), epochs=2)
    after = np.asarray(trainer.model.W.value)
    assert isinstance(record, TrainingRecord)
    assert (record.num_samples, record.num_epochs) == (6, 2)
    assert record.weight_norm[-1] == pytest.approx(np.linalg.norm(after), rel=1e-5)
    assert record.weight_change.sum() >= np.linalg.norm(after - before) * (1 - 1e-5)
    assert record.weight_change.shape == record.weight_norm.shape == (2,)
    assert "W" in record.changed
    assert record.rule in str(record)


@pytest.mark.parametrize("name", CASES)
def test_the_record_names_every_state_that_was_written(name):
    case = CASES[name]
    trainer = case.build()
    states, _ = snapshot(trainer.model)
    record = trainer.train(case.data())
    moved = {
        attribute
        for attribute, value in states.items()
        if not np.array_equal(value, getattr(trainer.model, attribute).value)
    }
    assert moved - {"x", "y", "spike"} <= set(record.changed)
    assert {"bcm": "theta", "stdp": "trace_post"}.get(name, "W") in record.changed


def test_trainers_work_in_threads(case):
    def run(samples):
        trainer = case.build()
        trainer.train(case.data(samples))
        return trainer.model, trainer.predict(case.data()[0])

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, [6, 7, 6]))
    here = run(6)
    for there in results[::2]:
        assert_alike(there[0], here[0])
        np.testing.assert_array_equal(there[1], here[1])


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_trainers_can_be_copied(case, duplicate):
    trainer = case.build()
    other = duplicate(trainer)
    trainer.train(case.data())
    other.train(case.data())
    assert other.model is not trainer.model
    assert_alike(trainer.model, other.model)


@pytest.mark.parametrize(
    ("argument", "value"),
    [("epochs", 0), ("epochs", 1.5), ("epochs", "2"), ("shuffle", "yes"), ("key", -1)],
)
def test_options_of_training_are_checked(case, argument, value):
    options = {"shuffle": True} if argument == "key" else {}
    with pytest.raises(ValidationError, match=f"^({argument}|seed) must be"):
        case.build().train(case.data(), **options, **{argument: value})


def test_ten_thousand_rows_compile_one_program(count_compilations):
    rows = [jnp.zeros(4)] * 10_000
    trainer = OjaTrainer(LinearLayer(4, 2))
    assert count_compilations(lambda: trainer.train(rows)) <= 4
