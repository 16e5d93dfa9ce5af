"""What groups refuse: one bad member, and none is changed."""

import jax.numpy as jnp
import numpy as np
import pytest

from canns.errors import DivergenceError, MissingStateError, ValidationError
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModel,
    BrainInspiredModelGroup,
    LinearLayer,
)
from canns.plasticity import BCM, Hebbian, Oja, UnitRows

INPUTS = np.random.default_rng(0).random((6, 4)) - 0.5


class Rectified(LinearLayer):
    """A layer with a forward of its own."""

    def forward(self, x):
        return jnp.maximum(super().forward(x), 0.0)


def _snapshot(group):
    return [{k: np.asarray(b.value) for k, b in m.boxes().items()} for m in group]


def _assert_unchanged(group, before):
    for model, states in zip(group, before, strict=True):
        for name, value in states.items():
            np.testing.assert_array_equal(getattr(model, name).value, value)


def _mixed():
    return BrainInspiredModelGroup(
        AmariHopfieldNetwork(4), LinearLayer(4, 2), Rectified(4, 2), AmariHopfieldNetwork(5)
    )


def _layers():
    """Return layers with thresholds of BCM, but for the last."""
    layers = (LinearLayer(4, 2, use_bcm_threshold=True) for _ in range(2))
    return BrainInspiredModelGroup(
        *layers, Rectified(4, 2, use_bcm_threshold=True), LinearLayer(5, 2)
    )


def _layers_and_a_network():
    *layers, _ = _layers()
    return BrainInspiredModelGroup(*layers, AmariHopfieldNetwork(5))


# An error, the data, the options of the training, and a group if not the mixed one.
BAD = {
    "width": (ValidationError, INPUTS, {"rule": Hebbian()}),
    "too few": (ValidationError, [INPUTS] * 3, {}),
    "too many": (ValidationError, np.ones((5, 2, 4)), {}),
    "ragged": (ValidationError, [[1.0, 2.0], [1.0]], {}),
    "ragged members": (ValidationError, [[[1.0, 2.0], [1.0]]] * 4, {}),
    "empty": (ValidationError, [], {}),
    "nan": (ValidationError, [INPUTS, INPUTS, INPUTS, np.full((2, 5), np.nan)], {}),
    "one bad width": (ValidationError, [INPUTS, INPUTS, INPUTS, INPUTS], {"rule": Oja()}, _layers),
    "unknown rule": (ValidationError, INPUTS, {"rule": "hebb"}),
    "rule of another type": (ValidationError, INPUTS, {"rule": 3}),
    "bad rule": (
        ValidationError,
        [INPUTS, INPUTS, INPUTS, np.ones((2, 5))],
        {"rule": Oja(float("nan"))},
    ),
    "project with a name": (ValidationError, INPUTS, {"rule": "oja", "project": UnitRows()}),
    "missing state": (
        MissingStateError,
        [INPUTS, INPUTS, INPUTS, np.ones((2, 5))],
        {"rule": BCM(1e-5)},
        _layers,
    ),
    "a network for a rule of layers": (
        ValidationError,
        [INPUTS, INPUTS, INPUTS, np.ones((2, 5))],
        {"rule": BCM(1e-5)},
        _layers_and_a_network,
    ),
    "a rate beyond the bound at the data of the last": (
        ValidationError,
        [INPUTS, INPUTS, INPUTS, 100 * (np.eye(5) - 0.2)],
        {"rule": Oja(0.01)},
        _layers,
    ),
    "divergence in the last": (
        DivergenceError,
        [INPUTS, INPUTS, INPUTS, np.full((40, 5), 1e4)],
        {"rule": Hebbian(1.0)},
        _layers,
    ),
    "divergence with own forward": (
        DivergenceError,
        [INPUTS, INPUTS, np.full((40, 4), 1e4), np.ones((2, 5))],
        {"rule": Hebbian(1.0)},
    ),
}

# What the message says, so that no other check comes first.
WORDS = {
    "width": "rows of length 4",
    "too few": "got 3",
    "too many": "got 5",
    "ragged": "different lengths",
    "ragged members": "different lengths",
    "empty": "non-empty",
    "nan": "finite",
    "one bad width": "rows of length 4",
    "unknown rule": "its name",
    "rule of another type": "its name",
    "bad rule": "learning_rate must be a finite number",
    "project with a name": "project must be None",
    "missing state": "`theta`",
    "a network for a rule of layers": "Clamped",
    "a rate beyond the bound at the data of the last": "learning_rate must be below",
    "divergence in the last": "LinearLayer_3",
    "divergence with own forward": "grew past .* in member Rectified_2 at step",
}


@pytest.mark.parametrize("case", BAD)
def test_one_bad_member_and_none_is_changed(case):
    error, data, options, *build = BAD[case]
    group = build[0]() if build else _mixed()
    group[2].W.value = np.abs(group[2].W.value)
    group[3].W.value = 1 - np.eye(*group[3].W.value.shape)
    before = _snapshot(group)
    with pytest.raises(error, match=WORDS[case]):
        group.train(data, **options)
    _assert_unchanged(group, before)


def test_a_divergence_names_the_member_of_the_group():
    group = BrainInspiredModelGroup(*(LinearLayer(n, 2) for n in (4, 3, 3)))
    group[2].W.value = np.ones((2, 3))
    with pytest.raises(DivergenceError, match=r"member 2|LinearLayer_2") as caught:
        group.train([INPUTS, INPUTS[:, :3], np.full((9, 3), 1e4)], Hebbian(1.0))
    assert caught.value.step >= 0


def test_the_same_model_twice_is_refused():
    net = AmariHopfieldNetwork(4)
    with pytest.raises(ValidationError, match="models"):
        BrainInspiredModelGroup(net, net)


def test_members_must_be_models_of_different_names():
    with pytest.raises(ValidationError, match="models"):
        BrainInspiredModelGroup(LinearLayer(2, 2, name="a"), LinearLayer(2, 2, name="a"))
    with pytest.raises(ValidationError, match=r"models\[0\].*BrainInspiredModel"):
        BrainInspiredModelGroup("net")


def test_a_model_that_is_not_trainable_is_named():
    class Empty(BrainInspiredModel):
        pass

    with pytest.raises(MissingStateError, match=r"`W`.*Empty"):
        BrainInspiredModelGroup(Empty()).train(INPUTS)
