"""What is imported when, and which layer may import which."""

import ast
import importlib.util
import itertools
import subprocess
import sys
from pathlib import Path

import pytest

import canns

ROOT = Path(canns.__file__).parent
BASE = {
    "canns",
    "_cache",
    "_callbacks",
    "_capacity",
    "_validation",
    "_version",
    "errors",
    "typing",
    "_arrays",
    "_archives",
    "_attributes",
    "_brainstate",
    "_buckets",
    "_describe",
    "_extras",
    "_forks",
    "_formats",
    "_json",
    "_finite",
    "_kernel",
    "_keys",
    "_lazy",
    "_lazy_rows",
    "_locks",
    "_memory",
    "_explain",
    "_names",
    "_page",
    "_pieces",
    "_placement",
    "_precision",
    "_replacing",
    "_results",
    "_saved_runs",
    "_spike_trains",
    "_statistics",
    "_tensors",
    "_warnings",
}
# What each layer may import of the others. Siblings are not in each other's set.
ALLOWED = {
    "errors": set(),
    "_version": set(),
    "_attributes": {"_describe", "_explain", "_names", "_validation", "errors"},
    "_buckets": {"typing"},
    "_cache": {"errors"},
    "_callbacks": {"errors"},
    "_capacity": {"_validation"},
    "_arrays": {"errors"},
    "_validation": {"_arrays", "errors"},
    "_explain": {"_arrays", "_validation", "errors"},
    "typing": {"_cache", "_explain", "_names", "_validation", "errors"},
    "_describe": set(),
    "_extras": {"errors"},
    "_kernel": {"_forks", "typing"},
    "_keys": {"_brainstate", "_forks", "_validation", "errors", "typing"},
    "_finite": {"_placement", "errors", "typing"},
    "_lazy": set(),
    "_lazy_rows": {"_arrays", "_validation", "errors", "typing"},
    "_brainstate": {"_validation"},
    "_memory": {"errors"},
    "_names": {"errors"},
    "_archives": {"_memory", "_replacing", "_validation", "errors"},
    "_forks": {"errors"},
    "_formats": set(),
    "_json": {"errors", "typing"},
    "_locks": {"_replacing", "_warnings", "errors"},
    "_page": {"_extras", "_replacing", "_version", "errors"},
    "_replacing": {"errors"},
    "_saved_runs": {"_json", "_replacing", "_tensors", "errors", "typing"},
    "_pieces": {"_forks", "typing"},
    "_placement": {"_forks", "errors", "typing"},
    "_precision": {"typing"},
    "_load": {"_describe", "_results", "_saved_runs", "_tensors", "errors", "typing"},
    "_results": {
        "_describe",
        "_extras",
        "_json",
        "_memory",
        "_replacing",
        "_tensors",
        "_validation",
        "_version",
        "errors",
    },
    "_spike_trains": {"_arrays", "_lazy_rows", "_memory", "_validation", "errors", "typing"},
    "_statistics": {"typing"},
    "_tensors": {"_memory", "_replacing", "_validation", "errors"},
    "_warnings": {"errors"},
    "utils": BASE,
    "dynamics": BASE,
    "plasticity": BASE | {"dynamics"},
    "energy": BASE | {"plasticity"},
    "models": BASE | {"dynamics", "plasticity", "energy"},
    "nn": BASE,
    "parallel": BASE | {"models"},
    "trainer": BASE | {"dynamics", "plasticity", "energy", "models", "parallel"},
    "analyzer": BASE | {"dynamics", "plasticity", "energy", "models", "parallel"},
    "task": BASE,
    "inference": BASE | {"_load", "dynamics", "plasticity"},
    "interop": BASE | {"dynamics", "models"},
    "sklearn": BASE | {"dynamics", "plasticity", "models", "trainer", "task"},
    "reproduce": BASE
    | {"dynamics", "plasticity", "energy", "inference", "models", "trainer", "analyzer", "task"},
    "course": BASE | {"dynamics", "plasticity", "models", "trainer", "analyzer"},
    "lab": BASE | {"dynamics", "plasticity", "models", "trainer", "analyzer", "task"},
    "cli": BASE
    | {
        "dynamics",
        "plasticity",
        "models",
        "trainer",
        "analyzer",
        "task",
        "reproduce",
        "inference",
        "lab",
        "utils",
    },
    "__main__": {"cli"},
}
FILES = sorted(ROOT.rglob("*.py"))


def _layer(module):
    """Return the layer of a dotted name inside the package, "canns" for the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "canns"


def _module(path):
    parts = ["canns", *path.relative_to(ROOT).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _from(node, package):
    """Return the modules that one ``from … import …`` may load."""
    if node.level:
        relative = "." * node.level + (node.module or "")
        base = importlib.util.resolve_name(relative, package)
    else:
        base = node.module or ""
    # "from canns import errors" names a layer too.
    return [f"{base}.{alias.name}" for alias in node.names] if base == "canns" else [base]


def _imports(path):
    """Return every module that a file imports, wherever in it."""
    module = _module(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += _from(node, package)
    return found


def _label(path):
    return str(path.relative_to(ROOT))


def test_every_layer_is_known():
    layers = {_layer(_module(path)) for path in FILES} - {"canns"}
    assert layers <= set(ALLOWED)
    assert {"dynamics", "plasticity", "models", "trainer"} <= layers


@pytest.mark.parametrize("path", FILES, ids=_label)
def test_imports_run_one_way(path):
    own = _layer(_module(path))
    used = {_layer(name) for name in _imports(path) if name.split(".")[0] == "canns"}
    allowed = {"_version", "_lazy", "_load", "_cache"} if own == "canns" else ALLOWED[own] | {own}
    assert used - allowed == set()


@pytest.mark.parametrize("path", FILES, ids=_label)
def test_other_packages_are_imported_by_what_their_folders_export(path):
    """``from canns.dynamics.couplings import x`` is; ``….couplings.bits import x`` is not."""
    own = path.relative_to(ROOT).parts[0]
    for name in _imports(path):
        package, *parts = name.split(".")
        if package == "canns" and len(parts) > 1 and parts[0] != own:
            assert ROOT.joinpath(*parts).is_dir(), name


def test_rooms_are_two_levels_deep_at_most():
    assert max(len(path.relative_to(ROOT).parts) for path in FILES) <= 3


FOLDERS = sorted({path.parent for path in FILES})


@pytest.mark.parametrize("folder", FOLDERS, ids=_label)
def test_no_two_files_differ_by_a_letter_or_an_ending(folder):
    names = sorted(path.stem.strip("_") for path in folder.glob("*.py") if path.stem != "__init__")
    for a, b in itertools.combinations(names, 2):
        ending = b.startswith(a) and len(b) - len(a) <= 3
        letter = len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) == 1
        assert not ending, (a, b)
        assert not letter, (a, b)


@pytest.mark.parametrize("path", FILES, ids=_label)
def test_matplotlib_is_imported_by_figures_only(path):
    plots = {
        name for name in _imports(path) if name.split(".")[0] in ("matplotlib", "mpl_toolkits")
    }
    inside = path.relative_to(ROOT).parts
    assert (
        not plots
        or inside[:2] == ("analyzer", "visualization")
        or inside[0] in ("cli", "reproduce")
    )


@pytest.mark.parametrize("path", FILES, ids=_label)
def test_optional_packages_are_not_imported_at_the_top(path):
    optional = {"sklearn", "skimage", "numba", "optax", "pandas", "psutil", "xarray", "brainpy"}
    optional |= {"cma", "h5py", "neo", "nir", "pynapple", "pynwb", "quantities"}
    top = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Import)]
    named = {alias.name.split(".")[0] for node in top for alias in node.names}
    named |= {
        (node.module or "").split(".")[0]
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ImportFrom)
    }
    if path.relative_to(ROOT).parts[0] == "sklearn":  # estimators are what scikit-learn derives
        optional.remove("sklearn")
    assert named & optional == set()
    assert "brainpy" not in {name.split(".")[0] for name in _imports(path)}


def _run(code):
    """Run code in a fresh interpreter and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _loaded(statement, packages):
    """Return which of ``packages`` a fresh interpreter has loaded after ``statement``."""
    code = f"import sys; {statement}; print(*sorted({set(packages)!r} & set(sys.modules)))"
    return _run(code).split()


HEAVY = (
    "matplotlib",
    "optax",
    "sklearn",
    "skimage",
    "pandas",
    "xarray",
    "numba",
    "brainpy",
    "IPython",
)
TOOLS = ("cma", "h5py", "neo", "nir", "pynapple", "pynwb")
FIRST_USES = [
    "from canns.models.brain_inspired import AmariHopfieldNetwork",
    "from canns.trainer import HebbianTrainer",
    "import canns.task",
    "from canns.analyzer.model_specific.hopfield import HopfieldAnalyzer",
]


def test_importing_the_package_loads_nothing_heavy():
    assert _loaded("import canns", ("jax", "numpy", "brainstate", *HEAVY)) == []


@pytest.mark.slow
@pytest.mark.parametrize("statement", FIRST_USES)
def test_first_uses_load_no_optional_package(statement):
    assert _loaded(statement, HEAVY) == []


@pytest.mark.slow
def test_tools_to_exchange_with_are_loaded_when_they_are_used():
    assert _loaded("import canns.interop", (*HEAVY, *TOOLS)) == []


def test_pure_layers_do_not_need_brainstate():
    heavy = ("brainstate", *HEAVY)
    assert _loaded("import canns.plasticity, canns.dynamics", heavy) == []


LAZY = """
import canns
assert isinstance(canns.__version__, str)
assert canns.version_info == tuple(map(int, canns.__version__.split(".")))
for name in canns.__all__:
    getattr(canns, name)
assert set(canns.__all__) <= set(dir(canns))
try:
    canns.nothing
except AttributeError as error:
    print(error)
"""


def test_subpackages_are_imported_when_first_used():
    assert _run(LAZY) == "module 'canns' has no attribute 'nothing'"


PRECISION = """
import jax
jax.config.update("jax_enable_x64", {x64})
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer
from canns.trainer import HebbianTrainer, OjaTrainer
net, layer = AmariHopfieldNetwork(3), LinearLayer(3, 2)
HebbianTrainer(net).train([[1.0, -1.0, 1.0]])
OjaTrainer(layer).train([[1.0, -1.0, 1.0]])
print(jax.config.jax_enable_x64, net.W.value.dtype, net.s.value.dtype, layer.W.value.dtype)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("x64", "dtype"), [(True, "float64"), (False, "float32")])
def test_the_precision_that_the_user_chose_is_kept(x64, dtype):
    assert _run(PRECISION.format(x64=x64)) == f"{x64} {dtype} {dtype} {dtype}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        "models.brain_inspired.AmariHopfieldNetwork",
        "models.basic.BasicModel",
        "trainer.utils.stdp_kernel",
        "analyzer.model_specific.HopfieldAnalyzer",
        "analyzer.theory.storage_capacity",
        "analyzer.visualization.tuning_curve",
        "utils.benchmark",
        "utils.example_outputs.get_example_output_dir",
        "utils.get_example_output_dir",
    ],
)
def test_sub_modules_are_found_from_the_package_alone(path):
    script = f"import canns; print(canns.{path}.__name__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == path.split(".")[-1], done.stderr


def test_an_unknown_sub_module_is_an_attribute_error():
    import canns

    for package in (canns, canns.models, canns.analyzer, canns.utils):
        with pytest.raises(AttributeError, match="nosuch"):
            package.nosuch  # noqa: B018
