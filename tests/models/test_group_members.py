"""Members of a group by position, by keyword, and by attribute."""

import copy
import pickle

import numpy as np
import pytest

from canns.errors import UnknownAttributeError, ValidationError
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModelGroup,
    LayerStack,
    LinearLayer,
)

PATTERNS = np.array([[1.0, -1.0, 1.0, -1.0]])


class Pair(BrainInspiredModelGroup):
    """A group that makes its members itself, as attributes."""

    def __init__(self):
        super().__init__()
        self.first = AmariHopfieldNetwork(4)
        self.second = AmariHopfieldNetwork(4)


def _matrix():
    weights = np.outer(PATTERNS[0], PATTERNS[0])
    np.fill_diagonal(weights, 0.0)
    return weights


def test_models_assigned_to_attributes_learn():
    pair = Pair()
    pair.train(PATTERNS)
    assert pair.names == ("first", "second")
    assert [*pair] == [pair.first, pair.second]
    np.testing.assert_array_equal(pair.first.W.value, _matrix())
    np.testing.assert_array_equal(pair["second"].W.value, _matrix())


def test_members_by_keyword_have_the_keyword_as_name():
    net = AmariHopfieldNetwork(4, name="own name")
    group = BrainInspiredModelGroup(AmariHopfieldNetwork(4), a=net)
    assert group.names == ("AmariHopfieldNetwork_0", "a")
    assert group.a is group["a"] is net
    assert net.name == "own name"
    assert "a" in dir(group)


def test_another_model_under_a_name_takes_the_place():
    group = BrainInspiredModelGroup(a=AmariHopfieldNetwork(3), b=AmariHopfieldNetwork(3))
    group.a = AmariHopfieldNetwork(5)
    assert [net.num_neurons for net in group] == [5, 3]


def test_a_model_under_an_underscore_is_no_member():
    group = BrainInspiredModelGroup()
    group._helper = AmariHopfieldNetwork(3)
    assert len(group) == 0


@pytest.mark.parametrize("build", [Pair, lambda: BrainInspiredModelGroup(a=LinearLayer(4, 2))])
def test_names_and_weights_outlast_copies_and_files(build, tmp_path):
    group = build()
    group.train(PATTERNS, rule="hebbian")
    group.save(tmp_path / "group")
    loaded = type(group).load(tmp_path / "group")
    for other in (copy.deepcopy(group), pickle.loads(pickle.dumps(group)), loaded):
        assert other.names == group.names
        for mine, theirs in zip(group, other, strict=True):
            np.testing.assert_array_equal(mine.W.value, theirs.W.value)


REFUSED = {
    "no model": lambda group: BrainInspiredModelGroup(a=3),
    "a name that is taken": lambda group: setattr(group, "energy", AmariHopfieldNetwork(4)),
    "the same model twice": lambda group: setattr(group, "b", group.a),
    "a group in a group": lambda group: setattr(group, "inner", Pair()),
    "an underscore": lambda group: BrainInspiredModelGroup(_a=AmariHopfieldNetwork(4)),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_a_member_is_refused(change):
    group = BrainInspiredModelGroup(a=AmariHopfieldNetwork(4))
    with pytest.raises(ValidationError):
        change(group)
    assert group.names == ("a",)


def test_a_member_before_the_constructor_is_refused():
    class Hasty(BrainInspiredModelGroup):
        def __init__(self):
            self.a = AmariHopfieldNetwork(4)
            super().__init__()

    with pytest.raises(ValidationError, match=r"super\(\).__init__\(\)"):
        Hasty()


def test_an_unknown_member_is_an_unknown_attribute():
    with pytest.raises(UnknownAttributeError, match="frist"):
        _ = Pair().frist


def test_a_layer_joins_a_stack_only_if_it_fits():
    stack = LayerStack(LinearLayer(3, 2))
    stack.top = LinearLayer(2, 4)
    assert stack.output_size == 4
    with pytest.raises(ValidationError, match="input_size 4"):
        stack.more = LinearLayer(3, 1)
    assert stack.names[-1] == "top"
