"""Every function of the theory takes numbers and arrays, and refuses meaningless input."""

import math
import subprocess
import sys

import numpy as np
import pytest

from canns.analyzer import theory
from canns.errors import ValidationError

# Each function with good arguments, and for each argument values that are out of its range.
CALLS = [
    (theory.ags_overlap, {"alpha": (0.1, [-0.1]), "temperature": (0.2, [-0.1])}),
    (theory.ags_state, {"alpha": (0.1, [-0.1]), "temperature": (0.2, [-0.1])}),
    (theory.spin_glass_state, {"alpha": (0.1, [0.0, -0.1]), "temperature": (0.2, [-0.1])}),
    (theory.ags_free_energy, {"alpha": (0.1, [-0.1]), "temperature": (0.2, [-0.1])}),
    (theory.spin_glass_free_energy, {"alpha": (0.1, [0.0, -1.0]), "temperature": (0.2, [-0.1])}),
    (theory.spin_glass_temperature, {"alpha": (0.1, [-0.1])}),
    (theory.retrieval_temperature, {"alpha": (0.1, [-0.1])}),
    (theory.transition_temperature, {"alpha": (0.04, [-0.1])}),
    (theory.retrieval_load, {"temperature": (0.5, [-0.1])}),
    (theory.transition_load, {"temperature": (0.5, [-0.1])}),
    (theory.crosstalk_error, {"alpha": (0.1, [-0.1])}),
    (theory.crosstalk_load, {"error_probability": (0.1, [0.0, 0.5])}),
    (
        theory.fixed_point_probability,
        {"num_neurons": (100, [1, 2.5]), "num_patterns": (5, [0, -1, 1.5])},
    ),
    (theory.gardner_load, {"kappa": (0.5, [-0.1]), "coding_level": (0.2, [0.0, 1.0])}),
    (theory.gardner_stability, {"alpha": (0.5, [0.0, 9.0]), "coding_level": (0.2, [0.0, 1.0])}),
    (theory.separable_probability, {"num_patterns": (9, [0, 0.5]), "num_inputs": (3, [0, 2.5])}),
    (
        theory.dense_error,
        {"num_neurons": (50, [0]), "num_patterns": (9, [0, 1.5]), "order": (3, [1, 2.5])},
    ),
    (theory.dense_capacity, {"num_neurons": (50, [1]), "order": (3, [1, 2.5])}),
    (theory.exponential_load, {"rho": (0.1, [-0.1, 0.5])}),
    (theory.exponential_capacity, {"num_neurons": (50, [0]), "rho": (0.1, [-0.1, 0.5])}),
    (theory.sparse_critical_load, {"coding_level": (0.1, [0.0, 0.6])}),
    (theory.sparse_asymptote, {"coding_level": (0.1, [0.0, 0.6])}),
    (theory.sparse_overlap, {"alpha": (0.3, [0.0]), "coding_level": (0.1, [0.0, 0.6])}),
    (theory.marchenko_pastur_density, {"x": (1.0, []), "alpha": (0.5, [0.0])}),
    (theory.marchenko_pastur_support, {"alpha": (0.5, [0.0])}),
    (
        theory.lif_rate,
        {"drive": (15.0, []), "noise": (5.0, [-1.0]), "V_reset": (10.0, [20.0]), "tau_m": (9, [0])},
    ),
    (
        theory.brunel_rate,
        {
            "g": (5.0, [-1.0]),
            "eta": (2.0, [-1.0]),
            "J": (0.1, [0.0]),
            "num_excitatory": (1000, [0, 2.5]),
            "num_inhibitory": (250, [-1, 2.5]),
            "t_ref": (2.0, [0.0]),
        },
    ),
    (
        theory.willshaw_fill,
        {"num_neurons": (50, [0]), "num_active": (5, [0]), "num_patterns": (9, [0])},
    ),
    (
        theory.willshaw_false_positives,
        {"num_neurons": (50, [0]), "num_active": (5, [0]), "num_patterns": (9, [0])},
    ),
    (
        theory.willshaw_bits,
        {"num_neurons": (50, [0]), "num_active": (5, [0]), "num_patterns": (9, [0])},
    ),
    (
        theory.willshaw_capacity,
        {"num_neurons": (50, [0]), "num_active": (5, [0]), "fill": (0.5, [0.0, 1.0])},
    ),
]
UNREADABLE = [math.nan, math.inf, "0.1", None, True, 1j, [], [[0.1], [0.1, 0.2]]]
each_call = pytest.mark.parametrize(
    ("function", "arguments"), CALLS, ids=lambda x: getattr(x, "__name__", "")
)


def values(result):
    """Return what a function returned as a list of floats or arrays."""
    return list(result) if isinstance(result, tuple) else [result]


@each_call
def test_numbers_give_floats_and_arrays_arrays(function, arguments):
    good = {name: value for name, (value, _) in arguments.items()}
    single = values(function(**good))
    assert all(type(value) is float for value in single)
    first = next(iter(good))
    columns = values(function(**{**good, first: np.full((2, 1), good[first])}))
    assert all(column.shape == (2, 1) and column.dtype == np.float64 for column in columns)
    np.testing.assert_array_equal(np.concatenate(columns, axis=1), [single] * 2)


@each_call
def test_arrays_are_broadcast(function, arguments):
    good = {name: value for name, (value, _) in arguments.items()}
    *others, last = good
    if others:
        mixed = {**good, others[0]: [[good[others[0]]]] * 2, last: [good[last]] * 3}
        assert all(column.shape == (2, 3) for column in values(function(**mixed)))
        with pytest.raises(ValidationError, match=r"broadcast; got .*\(2,\).*\(3,\)"):
            function(**{**mixed, others[0]: [good[others[0]]] * 2})


@each_call
def test_bad_arguments_are_named(function, arguments):
    good = {name: value for name, (value, _) in arguments.items()}
    for name, (value, outside) in arguments.items():
        for bad in [*outside, *UNREADABLE, [value, math.nan]]:
            with pytest.raises(ValidationError, match=rf"^{name} must be "):
                function(**{**good, name: bad})


def test_every_function_is_listed_above():
    others = {
        theory.storage_capacity,
        theory.ags_critical_load,
        theory.phase_boundaries,
        theory.storage_theory,
        theory.variant_overlap,
        theory.variant_critical_load,
    }
    public = {getattr(theory, name) for name in theory.__all__}
    functions = {item for item in public if callable(item) and item.__name__.islower()}
    assert functions == others | {function for function, _ in CALLS}


def test_arguments_of_the_variants():
    assert theory.variant_overlap([0.1, 0.2], "bam", [[0.0], [0.1]]).shape == (2, 2)
    with pytest.raises(ValidationError, match=r"^alpha must be"):
        theory.variant_overlap(-0.1, "bam")
    with pytest.raises(ValidationError, match=r"^temperature must be"):
        theory.variant_overlap(0.1, "bam", -0.1)


def test_arguments_of_the_dense_capacity():
    with pytest.raises(ValidationError, match=r"^criterion must be one of 'all_exact'"):
        theory.dense_capacity(100, 3, "ags")
    with pytest.raises(ValidationError, match=r"^error_probability must be"):
        theory.dense_capacity(100, 3, "crosstalk", error_probability=0.5)


@pytest.mark.parametrize("bad", [1, None, "yes", [True]])
def test_flags(bad):
    with pytest.raises(ValidationError, match=r"^zero_diagonal must be True or False"):
        theory.marchenko_pastur_density(1.0, 0.5, zero_diagonal=bad)
    with pytest.raises(ValidationError, match=r"^zero_diagonal must be True or False"):
        theory.marchenko_pastur_support(0.5, zero_diagonal=bad)
    with pytest.raises(ValidationError, match=r"^exact must be True or False"):
        theory.sparse_critical_load(0.1, exact=bad)


def test_the_given_arrays_are_left_alone():
    loads = np.array([0.05, 0.1])
    result = theory.crosstalk_error(loads)
    result[:] = 0
    assert loads.tolist() == [0.05, 0.1]


def test_the_theory_loads_no_jax():
    code = "import sys, canns.analyzer.theory as t; t.ags_overlap(0.1, 0.2); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "canns.analyzer.theory" in loaded
    assert not loaded & {"jax", "jaxlib", "brainstate", "matplotlib"}
