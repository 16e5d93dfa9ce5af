"""What trainers refuse, by name and without touching the model."""

import re

import jax.numpy as jnp
import numpy as np
import pytest
from trainer_helpers import CASES, IN, LAYERS, OUT, Rectified, assert_unchanged, snapshot

from canns.errors import CannsError, MissingStateError, ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer, SpikingLayer
from canns.plasticity import STDP, Oja
from canns.trainer import (
    BCMTrainer,
    HebbianTrainer,
    OjaTrainer,
    RuleTrainer,
    SangerTrainer,
    STDPTrainer,
)


def _consumed():
    rows = (np.ones(IN) for _ in range(2))
    list(rows)
    return rows


WRONG_DATA = {
    "1-D": lambda: np.ones(IN),
    "3-D": lambda: np.ones((2, 2, IN)),
    "scalar": lambda: 1.0,
    "ragged": lambda: [[1.0] * IN, [1.0] * (IN - 1)],
    "ragged arrays": lambda: [np.ones(IN), np.ones(IN + 1)],
    "rows of 2-D": lambda: [np.ones((2, IN)), np.ones(IN)],
    "empty list": list,
    "no rows": lambda: np.ones((0, IN)),
    "no columns": lambda: np.ones((3, 0)),
    "consumed generator": _consumed,
    "nan": lambda: np.full((2, IN), np.nan),
    "one nan at the end": lambda: [*np.ones((3, IN)), [np.nan, *[0.0] * (IN - 1)]],
    "inf": lambda: np.full((2, IN), np.inf),
    "jax inf": lambda: jnp.full((2, IN), -jnp.inf),
    "too large for float32": lambda: np.full((2, IN), 1e300),
    "complex": lambda: np.ones((2, IN)) * 1j,
    "strings": lambda: [["a"] * IN] * 2,
    "a string": lambda: "abcd",
    "bytes": lambda: b"abcd",
    "none": lambda: None,
    "nones": lambda: [[None] * IN],
    "objects": lambda: [object()],
}


@pytest.mark.parametrize("data", WRONG_DATA.values(), ids=WRONG_DATA)
@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("error")
def test_invalid_data_are_refused_and_change_nothing(name, data):
    trainer = CASES[name].build()
    before = snapshot(trainer.model)
    with pytest.raises(ValidationError, match=r"^data must be") as caught:
        trainer.train(data())
    assert caught.value.argument == "data"
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, CannsError)
    assert_unchanged(trainer.model, before)


@pytest.mark.parametrize("width", [IN - 1, IN + 1])
@pytest.mark.parametrize("name", LAYERS)
def test_samples_of_another_length_are_refused(name, width):
    trainer = CASES[name].build()
    before = snapshot(trainer.model)
    model = type(trainer.model).__name__
    with pytest.raises(ValidationError, match=rf"data.*{IN}.*{width}.*{model}"):
        trainer.train(np.ones((2, width)))
    assert_unchanged(trainer.model, before)


def test_the_message_of_a_nan_names_its_place():
    with pytest.raises(ValidationError, match=r"nan at index \(2, 1\)"):
        CASES["oja"].build().train(np.where(np.arange(12).reshape(3, 4) == 9, np.nan, 1.0))


NOT_RATES = [float("nan"), float("inf"), -0.1, "0.1", None, 1j]
PARAMETERS = [
    *((name, "learning_rate", rate) for name in CASES if name != "rule" for rate in NOT_RATES),
    *(("bcm", "threshold_tau", tau) for tau in (0.5, -1.0, float("nan"), "5")),
    *(("bcm", "w_bound", bound) for bound in (-1.0, float("nan"), "1")),
    *(("stdp", "A_plus", value) for value in (-0.1, float("nan"), "1")),
    *(("stdp", "A_minus", value) for value in (-0.1, float("inf"), None)),
    *(("stdp", "w_min", value) for value in (2.0, float("nan"), "0")),
    *(("stdp", "w_max", value) for value in (-1.0, float("nan"), None)),
    *(("stdp", "coincidence", value) for value in ("LTP", None, 3)),
]
# w_min and w_max are checked against each other.
ALSO = {"w_max": "w_min"}


@pytest.mark.parametrize(("name", "argument", "value"), PARAMETERS)
def test_invalid_parameters_are_refused_when_built(name, argument, value):
    also = ALSO.get(argument, argument)
    with pytest.raises(ValidationError, match=f"^({argument}|{also}) must be"):
        CASES[name].build(**{argument: value})


@pytest.mark.parametrize(("name", "argument", "value"), PARAMETERS)
def test_invalid_parameters_set_later_are_refused_when_used(name, argument, value):
    case = CASES[name]
    trainer = case.build()
    setattr(trainer, argument, value)
    before = snapshot(trainer.model)
    also = ALSO.get(argument, argument)
    with pytest.raises(ValidationError, match=f"^({argument}|{also}) must be"):
        trainer.train(case.data())
    assert_unchanged(trainer.model, before)


@pytest.mark.parametrize("model", [LinearLayer, Rectified])
def test_an_invalid_rule_is_refused(model):
    for rule in (Oja(-1.0), Oja(float("nan")), "hebb", None):
        layer = model(IN, OUT)
        before = snapshot(layer)
        with pytest.raises(ValidationError, match=r"learning_rate|rule"):
            RuleTrainer(layer, rule).train(np.ones((2, IN)))
        assert_unchanged(layer, before)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("leak", 2.0), ("leak", -0.5), ("trace_decay", 1.5), ("dt", 0.0), ("threshold", np.nan)],
)
def test_a_model_that_became_invalid_is_refused(attribute, value):
    case = CASES["stdp"]
    trainer = case.build()
    setattr(trainer.model, attribute, value)
    before = {name: np.asarray(box.value) for name, box in trainer.model.boxes().items()}
    with pytest.raises(ValidationError, match=attribute.split("_")[0]):
        trainer.train(case.data())
    for name, states in before.items():
        np.testing.assert_array_equal(getattr(trainer.model, name).value, states)


class _Bare:
    """An object without any state."""


MISSING = {
    "bcm, no theta": (
        lambda: BCMTrainer(LinearLayer(IN, OUT)),
        "BCMTrainer.*`theta`.*LinearLayer.*use_bcm_threshold=True",
    ),
    "bcm on spikes": (
        lambda: BCMTrainer(SpikingLayer(IN, OUT)),
        "BCMTrainer.*`theta`.*SpikingLayer.*use_bcm_threshold=True",
    ),
    "stdp, no traces": (
        lambda: STDPTrainer(LinearLayer(IN, OUT)),
        "STDPTrainer.*`trace_pre`.*LinearLayer.*SpikingLayer",
    ),
    "stdp on a network": (
        lambda: STDPTrainer(AmariHopfieldNetwork(IN)),
        "STDPTrainer.*`trace_pre`.*AmariHopfieldNetwork.*SpikingLayer",
    ),
    "rule, no traces": (
        lambda: RuleTrainer(LinearLayer(IN, OUT), STDP()),
        "RuleTrainer.*`trace_pre`.*LinearLayer.*SpikingLayer",
    ),
    "no weights": (lambda: OjaTrainer(_Bare()), "OjaTrainer.*`W`.*_Bare"),
    "oja, other weights": (
        lambda: OjaTrainer(LinearLayer(IN, OUT), weight_attr="Q"),
        "OjaTrainer.*`Q`.*LinearLayer has W",
    ),
    "sanger, other weights": (
        lambda: SangerTrainer(LinearLayer(IN, OUT), weight_attr="Q"),
        "SangerTrainer.*`Q`.*LinearLayer has W",
    ),
    "hebbian, other weights": (
        lambda: HebbianTrainer(AmariHopfieldNetwork(IN), weight_attr="Q"),
        "HebbianTrainer.*`Q`.*AmariHopfieldNetwork has W",
    ),
    "hebbian, nothing": (lambda: HebbianTrainer(_Bare()), "HebbianTrainer.*_Bare"),
}


@pytest.mark.parametrize("case", MISSING)
def test_a_missing_state_names_both_sides_and_the_remedy(case):
    build, message = MISSING[case]
    trainer = build()
    before = snapshot(trainer.model)
    with pytest.raises(MissingStateError) as caught:
        trainer.train(np.ones((2, IN)))
    assert isinstance(caught.value, AttributeError)
    assert re.search(message, str(caught.value)), str(caught.value)
    assert_unchanged(trainer.model, before)


def test_the_model_none_is_named():
    with pytest.raises((ValidationError, MissingStateError), match=r"model|None"):
        OjaTrainer(None).train(np.ones((2, IN)))


WRONG_PATTERNS = ["1-D", "3-D", "ragged", "empty list", "nan", "complex", "strings", "none"]


@pytest.mark.parametrize("what", WRONG_PATTERNS)
@pytest.mark.parametrize("name", CASES)
def test_invalid_patterns_are_refused_and_move_nothing(name, what):
    trainer = CASES[name].build()
    before = snapshot(trainer.model)
    batch = WRONG_DATA[what]()
    with pytest.raises(ValidationError, match=r"^patterns must be"):
        trainer.predict_batch(batch)
    with pytest.raises(ValidationError, match=r"^pattern must be"):
        trainer.predict(batch if what != "1-D" else np.ones((1, IN)))
    assert_unchanged(trainer.model, before)


@pytest.mark.parametrize("name", LAYERS)  # networks are resized
def test_patterns_of_another_length_are_refused_by_name(name):
    trainer = CASES[name].build()
    before = snapshot(trainer.model)
    with pytest.raises(ValidationError, match=r"^pattern must be"):
        trainer.predict(np.ones(IN + 1))
    with pytest.raises(ValidationError, match=r"^patterns must be"):
        trainer.predict_batch(np.ones((2, IN + 1)), show_sample_progress=False)
    assert_unchanged(trainer.model, before)
