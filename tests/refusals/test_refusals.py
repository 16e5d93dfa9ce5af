"""Every public function refuses a wrong argument, whichever it is, before it does any work."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from refusal_rows import GOOD, METHODS, WRONG, arguments_of, public_functions, signature_of

from canns.errors import ValidationError
from canns.reproduce import FIGURES, PublishedFigure
from watch import each_call

# Calls that are work, by file and function; an empty set stands for every function of the file.
WORK = {
    "canns/analyzer/metrics/_draws.py": set(),
    "canns/analyzer/metrics/_settle.py": set(),
    "canns/analyzer/metrics/_ensemble.py": {"store", "probe"},
    "canns/analyzer/metrics/_energy_path.py": {"_orders", "_energies"},
    "canns/analyzer/theory/_scipy.py": set(),
    "canns/dynamics/recalling/prepared.py": set(),
    "canns/plasticity/learning/learn.py": {"show_samples"},
    "jax/_src/dispatch.py": {"apply_primitive"},
    "scipy/optimize/": set(),
    "matplotlib/pyplot.py": {"figure", "subplots"},
    "matplotlib/figure.py": {"savefig", "subplots"},
    "skimage/": set(),
    "sklearn/": set(),
    "tqdm/std.py": {"update"},
}
# Conversions and transfers, which a check may do.
CHECKED = {
    "convert_element_type",
    "copy",
    "device_put",
    "random_seed",
    "random_unwrap",
    "random_wrap",
    "stage",
}


class Nothing:
    """An object of no kind that any function takes."""


def cases():
    """Return every function, argument and wrong value."""
    found = []
    for name in [*GOOD, *METHODS]:
        for argument in arguments_of(name):
            for value in [Nothing(), *WRONG.get(argument, [])]:
                found.append(
                    pytest.param(name, argument, value, id=f"{name}-{argument}-{value!r:.12}")
                )
    return found


@pytest.fixture(autouse=True)
def _toy_figure(monkeypatch, tmp_path):
    def run(seed):
        pytest.fail("the figure was made")

    monkeypatch.setitem(
        FIGURES, "toy", PublishedFigure("toy", "A (1900)", "Shows.", ("our theory",), 1, run)
    )
    monkeypatch.chdir(tmp_path)


def without_work(call):
    """Call a function, and fail if a call in it was work."""
    seen = set()

    def note(frame):
        file, function = frame.f_code.co_filename, frame.f_code.co_name
        for part, functions in WORK.items():
            if part in file and (not functions or function in functions):
                if function == "apply_primitive":
                    function = frame.f_locals["prim"].name
                    if function in CHECKED:
                        continue
                seen.add(f"{part}: {function}")

    try:
        with each_call(note):
            call()
    finally:
        assert not seen, seen


@pytest.mark.parametrize(("name", "argument", "value"), cases())
def test_a_wrong_argument_is_refused_before_any_work(name, argument, value, tmp_path):
    function, good = signature_of(name)
    rng = np.random.default_rng(0)
    drawn = rng.bit_generator.state
    given = dict(good)
    if "seed" in arguments_of(name) and "seed" not in good:
        given["seed"] = rng
    given[argument] = value
    with pytest.raises(ValidationError) as caught:
        without_work(lambda: function(**given))
    assert argument in caught.value.argument.replace("[", " ").replace(".", " ").split()
    assert rng.bit_generator.state == drawn
    assert not plt.get_fignums()
    assert not [*tmp_path.iterdir()]


def test_every_public_function_has_a_row():
    assert set(GOOD) == public_functions()


@pytest.mark.parametrize("name", [*GOOD, *METHODS])
def test_every_argument_is_in_its_row(name):
    _, good = signature_of(name)
    assert set(arguments_of(name)) - {"seed"} == set(good) - {"seed"}
