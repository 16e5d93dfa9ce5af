"""What is read as an array, and what is refused with a remedy."""

import datetime
import pathlib
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse

from canns import dynamics
from canns._validation import check_array, check_matrix, check_real
from canns.errors import ValidationError
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModelGroup,
    LayerStack,
    LinearLayer,
)
from canns.plasticity import Hebbian, Oja, Setup, UnitRows, learn
from canns.trainer import HebbianTrainer, OjaTrainer, RuleTrainer, train_ensemble

ROWS = np.arange(6.0).reshape(3, 2)


class Table:
    """A data frame as NumPy sees it: an array of objects, and ``to_numpy``."""

    def __init__(self, *rows):
        self.rows = rows

    def __array__(self, dtype=None, copy=None):
        return np.array(self.rows, dtype=object)

    def to_numpy(self, dtype=None, copy=False, na_value=None):
        return np.array([[na_value if x is None else float(x) for x in row] for row in self.rows])


READ = {
    "a masked array without masks": np.ma.array(ROWS, mask=False),
    "a matrix": ROWS.view(np.matrix),
    "objects that are numbers": ROWS.astype(object),
    "another byte order": ROWS.astype(">f8"),
    "rows by name, in order": dict.fromkeys(map(tuple, ROWS)).keys(),
    "a table of two types": Table((False, 1.0), (2, 3.0), (4, 5.0)),
    "a generator": (row for row in ROWS),
}


class Labelled:
    """A labelled array, as xarray's: its axes have names."""

    def __init__(self, dims, values=ROWS):
        self.dims, self.values = dims, values

    def __array__(self, dtype=None, copy=None):
        return self.values


READ |= {
    "samples by neurons": Labelled(("time", "neuron")),
    "axes of other names": Labelled(("x", "y")),
}


@pytest.mark.parametrize("data", READ.values(), ids=READ)
def test_what_is_read(data):
    found = check_matrix("data", data)
    np.testing.assert_array_equal(found, ROWS)
    assert type(found) is np.ndarray
    assert found.dtype == np.float32
    assert found.dtype.isnative


def test_tables_and_labelled_arrays_are_trained_on_as_their_values():
    import pandas
    import xarray

    learnt = []
    for data in (ROWS, pandas.DataFrame(ROWS, [5, 6, 7]), xarray.DataArray(ROWS, dims=("t", "n"))):
        layer = LinearLayer(2, 1)
        layer.W = [[0.5, 0.5]]
        OjaTrainer(layer, 1e-3).train(data - np.mean(ROWS, axis=0))
        learnt.append(np.asarray(layer.W))
    np.testing.assert_array_equal(learnt[1:], learnt[:1] * 2)


def test_neurons_in_rows_are_refused_by_the_names_of_the_axes():
    data = Labelled(("neuron", "time"), np.eye(2))
    message = (
        r"one sample a row; got the axes \('neuron', 'time'\). Turn .*transpose\('time', 'neuron'"
    )
    for ask in (
        lambda: check_matrix("data", data),
        lambda: OjaTrainer(LinearLayer(2, 1)).train(data),
        lambda: BrainInspiredModelGroup(LinearLayer(2, 1)).train(data, Oja()),
        lambda: train_ensemble(LinearLayer(2, 1), Oja(), data),
    ):
        with pytest.raises(ValidationError, match=message):
            ask()


REFUSED = {
    "masked": (np.ma.array(ROWS, mask=ROWS > 4), r"without masked entries; got 1 masked of 6"),
    "a masked row": ([np.ones(2), np.ma.array([1.0, 2.0], mask=[0, 1])], r"1 masked of 2"),
    "a missing value": (Table((1, None)), r"finite; got nan at index \(0, 1\)"),
    "dates in a table": (
        Table((datetime.datetime(2020, 1, 1), 2.0)),
        r"got datetime.datetime\(2020, 1, 1",
    ),
    "times in a table": (Table((datetime.timedelta(1), 2.0)), "got datetime.timedelta"),
    "words in a table": (Table(("1", 2.0)), r"real numbers; got '1' at index \(0, 0\)"),
    "words": ([["1", "2"]], "real numbers; got words"),
    "None in a list": ([[1.0, None]], r"got None at index \(0, 1\)"),
    "dates": ([[datetime.date(2020, 1, 1)]], r"got datetime.date\(2020, 1, 1\)"),
    "a dict": ({"x": ROWS}, r"got a dict of 'x'. Take what you mean .* data\['x'\]"),
    "a list of dicts": ([{"x": 1.0}], "must be an array; got a dict of 'x'"),
    "a set": ({(1.0, 2.0)}, "got a set. Its order is not defined"),
    "a frozenset": (frozenset([(1.0, 2.0)]), "got a frozenset"),
    "a path": (pathlib.Path("x.npy"), r"got a \w+Path, .* load the array first"),
    "a path in words": ("x.npy", "got a str, 'x.npy'. A path is not opened"),
    "a class": (np.ndarray, "got the class ndarray"),
    "complex numbers": (ROWS * 1j, "real numbers; got dtype complex128"),
}


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize(
    "ask",
    [
        lambda data: check_array("data", data),
        lambda data: OjaTrainer(LinearLayer(2, 1)).train(data),
        lambda data: BrainInspiredModelGroup(LinearLayer(2, 1)).train(data, Oja()),
        lambda data: train_ensemble(LinearLayer(2, 1), Oja(), data),
    ],
    ids=["check", "trainer", "group", "ensemble"],
)
def test_what_is_refused(ask, data, message):
    with pytest.raises(ValidationError, match=message):
        ask(data)


@pytest.mark.parametrize("kind", [scipy.sparse.csr_matrix, scipy.sparse.csr_array])
@pytest.mark.parametrize(
    "ask",
    [
        lambda data: check_array("data", data),
        lambda data: BrainInspiredModelGroup(LinearLayer(2, 1)).train(data, Oja()),
        lambda data: train_ensemble(LinearLayer(2, 1), Oja(), data),
    ],
    ids=["check", "group", "ensemble"],
)
def test_only_trainers_of_one_model_read_sparse_matrices(ask, kind):
    with pytest.raises(ValidationError, match=rf"got a {kind.__name__}, which .* toarray\(\)"):
        ask(kind(ROWS))


def test_an_npz_file_names_its_arrays(tmp_path):
    np.savez(tmp_path / "x.npz", first=ROWS, second=ROWS)
    with (
        np.load(tmp_path / "x.npz") as file,
        pytest.raises(ValidationError, match="NpzFile of 'fir"),
    ):
        HebbianTrainer(AmariHopfieldNetwork(2)).train(file)


WRITES = {
    "to the box": lambda net, value: setattr(net.W, "value", value),
    "to the model": lambda net, value: setattr(net, "W", value),
}
MASKED = np.ma.array(np.ones((2, 2)), mask=np.eye(2))


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("value", [MASKED, {"W": 1.0}, "W.npy"], ids=["masked", "dict", "path"])
def test_boxes_refuse_the_same(write, value):
    net = AmariHopfieldNetwork(2)
    with pytest.raises(ValidationError, match=r"masked|a dict|a str"):
        write(net, value)
    np.testing.assert_array_equal(net.W.value, np.zeros((2, 2)))


WEIGHTS, STATE = np.array([[0.0, 1.0], [1.0, 0.0]], "f4"), np.array([1.0, -1.0], "f4")
PURE = {
    "update": lambda w, s: dynamics.update_once(dynamics.Hopfield(), w, s, None),
    "energies": lambda w, s: dynamics.network_energies(dynamics.Hopfield(), w, s[None]),
    "relax": lambda w, s: dynamics.relax(dynamics.Hopfield(), w, s[None], None, 5),
    "recall": lambda w, s: dynamics.recall(dynamics.Hopfield(), w, s[None], key=None).states,
    "path": lambda w, s: dynamics.trajectory(dynamics.Hopfield(), w, s[None], key=None, num_iter=1),
    "layer": lambda w, s: dynamics.neuron_step(dynamics.Linear(), dynamics.NoState(), w, s)[1].post,
    "learn": lambda w, s: learn(Setup(Hebbian(), dynamics.Clamped()), w, s[None]).weights,
}


@pytest.mark.parametrize("run", PURE.values(), ids=PURE)
def test_the_pure_functions_read_the_other_byte_order(run):
    right = run(WEIGHTS, STATE)  # and the program is warm
    np.testing.assert_array_equal(run(WEIGHTS.astype(">f4"), STATE.astype(">f4")), right)


@pytest.mark.parametrize("value", [Decimal("0.1"), Fraction(1, 10), 10**400, None, "0.1"])
def test_what_jax_cannot_compute_with_is_no_real_number(value):
    with pytest.raises(ValidationError, match=r"^rate must be a"):
        check_real("rate", value)


CLASSES = {
    "a trainer": lambda: HebbianTrainer(AmariHopfieldNetwork),
    "an ensemble": lambda: train_ensemble(LinearLayer, Oja(), ROWS),
    "a group": lambda: BrainInspiredModelGroup(AmariHopfieldNetwork),
    "a stack": lambda: LayerStack(LinearLayer),
    "a rule": lambda: RuleTrainer(LinearLayer(2, 1), Oja),
    "a projection": lambda: RuleTrainer(LinearLayer(2, 1), Oja(), UnitRows),
    "a setup": lambda: learn(Setup(Oja, dynamics.Linear()), WEIGHTS, ROWS),
}


@pytest.mark.parametrize("ask", CLASSES.values(), ids=CLASSES)
def test_a_class_in_place_of_an_object_is_named(ask):
    with pytest.raises(ValidationError, match=r"got the class \w+\."):
        ask()


def test_an_array_is_no_model():
    with pytest.raises(ValidationError, match=r"^model must be a model; got an array"):
        HebbianTrainer(ROWS)


@pytest.mark.parametrize(
    ("name", "meant"), [("storky", "storkey"), ("ohja", "oja"), ("pseudo_invers", "pseudo_inverse")]
)
def test_a_mistyped_rule_is_refused_when_the_trainer_is_made(name, meant):
    with pytest.raises(ValidationError, match=f"got '{name}'. Did you mean '{meant}'"):
        RuleTrainer(AmariHopfieldNetwork(4), name)


@pytest.mark.parametrize("form", [lambda x: x, iter, lambda x: (row for row in x)])
def test_a_wrong_width_is_told_as_a_length(form):
    with pytest.raises(ValidationError, match=r"shape \(rows, 5\); got rows of length 4"):
        OjaTrainer(LinearLayer(5, 1)).train(form(np.ones((5000, 4))))


@pytest.mark.parametrize("given", [10**400, [1, -(10**400)]])
def test_integers_beyond_all_floats_are_refused(given):
    with pytest.raises(ValidationError, match="x must be of numbers that a float holds"):
        check_array("x", given)
