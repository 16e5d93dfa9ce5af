"""Sphinx extension: one page for each public object, under its public name.

Objects are defined in private modules and exported by packages. This extension
- warns of a public object that no page under ``api/`` lists, or that has no example,
- resolves a reference to the private place of an object to its public page,
- lists a package's constants and choices of names (``.. constants:: canns.dynamics``),
- leaves out what every tuple and dataclass has.
"""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.pycode import ModuleAnalyzer
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from canns.models.basic import BasicModel
from canns.models.training import Learnable

logger = logging.getLogger(__name__)

PACKAGES = (
    "canns",
    "canns.analyzer.metrics",
    "canns.analyzer.model_specific",
    "canns.analyzer.theory",
    "canns.analyzer.visualization",
    "canns.course",
    "canns.dynamics",
    "canns.energy",
    "canns.errors",
    "canns.interop",
    "canns.models.basic",
    "canns.models.brain_inspired",
    "canns.nn",
    "canns.parallel",
    "canns.plasticity",
    "canns.inference",  # after plasticity, whose rules it exports too
    "canns.reproduce",
    "canns.sklearn",
    "canns.task",
    "canns.trainer",
    "canns.trainer.utils",
    "canns.typing",
    "canns.utils",
)


LONG = 600  # a value of so many characters is not shown

# What scikit-learn makes for estimators, for the routing of metadata.
ROUTING = re.compile(r"set_\w+_request|get_metadata_routing")

HIDDEN = "\ue000"  # a character that no text contains

# What a model offers to trainers and rules besides the methods of ``Learnable``.
INTERNAL = {
    "adopt",
    "adopted",
    "check_states",
    "check_stored",
    "forget",
    "plan_storage",
    "recall_states",
    "recalls_by_library",
    "runs_compiled",
    "shapes",
    "store_as_patterns",
    "submodels",
    "weight_names",
    "weights",
    "write_weights",
    "valid_dynamics",
    "warn_if_blank",
}


def public_objects(package: str) -> Iterator[tuple[str, Any]]:
    """Yield name and object of what the package exports, without modules and versions."""
    module = importlib.import_module(package)
    for name in module.__all__:
        thing = getattr(module, name)
        if not isinstance(thing, ModuleType) and "version" not in name:
            yield name, thing


def has_page(thing: Any) -> bool:
    """Return whether an object is a class or a function, compiled functions included."""
    return inspect.isclass(thing) or inspect.isfunction(thing) or hasattr(thing, "__wrapped__")


def check_pages(app: Sphinx) -> None:
    """Warn of every public class or function that no page lists, or that has no example."""
    pages = [path.read_text(encoding="utf-8") for path in Path(app.srcdir, "api").glob("*.rst")]
    listed, examples = set(), further_examples(Path(app.srcdir))
    for page in pages:
        package = ""
        for line in page.splitlines():
            if match := re.match(r"\.\. (?:current)?module:: (\S+)", line):
                package = match[1]
            elif match := re.match(r"   (\w+)$", line):
                listed.add(f"{package}.{match[1]}")
    seen: list[Any] = []
    for package in PACKAGES:
        for name, thing in public_objects(package):
            if not has_page(thing) or any(thing is other for other in seen):
                continue
            seen.append(thing)
            if f"{package}.{name}" not in listed:
                logger.warning("%s.%s is public, but no page under api/ lists it", package, name)
            if ">>>" not in (thing.__doc__ or "") and f"{package}.{name}" not in examples:
                logger.warning("%s.%s has no example; api/examples.md takes one", package, name)


def public_names() -> dict[str, str]:
    """Return the public name of each object that a package exports, by its private name."""
    names = {}
    for package in reversed(PACKAGES):
        for name, thing in public_objects(package):
            home = getattr(thing, "__module__", None)
            if has_page(thing) and home is not None:
                names[f"{home}.{thing.__qualname__}"] = f"{package}.{name}"
    return names


def resolve_private(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    """Resolve a reference to an object by the place that defines it, or by its bare name."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    names = env.public_names  # type: ignore[attr-defined]
    bare: dict[str, set[str]] = env.bare_names  # type: ignore[attr-defined]
    owner, _, member = target.rpartition(".")
    if target in names:
        found = names[target]
    elif owner in names:
        found = f"{names[owner]}.{member}"
    elif len(bare.get(target, ())) == 1:
        (found,) = bare[target]
    else:
        return content if is_internal(target) else None
    domain = env.domains.python_domain
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", found, node, content)


def is_internal(target: str) -> bool:
    """Return whether a name is that of something internal, which is named without a link."""
    module, _, name = target.rpartition(".")
    if not module.startswith("canns."):
        return False
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False


def class_members() -> dict[str, dict[str, list[Any]]]:
    """Return for each public class what users call, and what only trainers and rules call.

    A model is also the other side of a trainer: the methods of ``Learnable``, and those in
    ``INTERNAL``, are how the two talk. They stand at the end of a page.
    """
    protocol = {name for name in vars(Learnable) if not name.startswith("_")} | INTERNAL
    classes = {}
    for package in PACKAGES:
        for public, thing in public_objects(package):
            if not inspect.isclass(thing):
                continue
            members = own_members(thing)
            inner = protocol if issubclass(thing, BasicModel) else set()
            classes[f"{package}.{public}"] = {
                "ours": [name for name, _ in members if name not in inner],
                "inner": [list(member) for member in members if member[0] in inner],
            }
    return classes


def own_members(cls: type) -> list[tuple[str, str]]:
    """Return name and directive of each documented member of the library's own, as in the source.

    Those of a class stand before those that it inherits.
    """
    members: dict[str, str] = {}
    for base in cls.__mro__:
        if not base.__module__.startswith("canns.") or base.__name__ == "Parameters":
            continue
        for name, member in vars(base).items():
            kind = "method" if inspect.isroutine(member) else "property"
            is_member = inspect.isroutine(member) or isinstance(member, property | cached_property)
            is_member = is_member or isinstance(member, classmethod | staticmethod)
            hidden = name.startswith("_") or ROUTING.fullmatch(name)
            if is_member and not hidden and inspect.getdoc(getattr(cls, name)):
                members.setdefault(name, f"auto{kind}")
    return list(members.items())


def further_examples(docs: Path) -> dict[str, str]:
    """Return the examples of ``api/examples.md`` by the objects that they are of."""
    text = (docs / "api/examples.md").read_text(encoding="utf-8")
    examples = {}
    for names, code in re.findall(r"^## (.+?)\n+```python\n(.*?)```$", text, re.M | re.S):
        for name in names.split(", "):
            examples[name] = code.rstrip()
    return examples


def remember_names(app: Sphinx, env: BuildEnvironment, *_: Any) -> None:
    """Keep the public names for :func:`resolve_private`, in every process."""
    names = public_names()
    bare: dict[str, set[str]] = {}
    constants = {f"{package}.{name}" for package in PACKAGES for name, _ in public_objects(package)}
    for public in constants | {*names.values()}:
        bare.setdefault(public.rpartition(".")[2], set()).add(public)
    env.public_names = names  # type: ignore[attr-defined]
    env.bare_names = bare  # type: ignore[attr-defined]


def keep_colons(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Hide the colons in the first line of a property from napoleon.

    It would take the words before a colon for the type of the property.
    """
    if what in {"property", "attribute", "data"} and lines:
        lines[0] = lines[0].replace(": ", HIDDEN)


def restore_colons(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Undo :func:`keep_colons`."""
    lines[:] = [line.replace(HIDDEN, ": ") for line in lines]


def skip_plain(
    app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out what the class describes elsewhere.

    Fields of named tuples are under its parameters; methods for the routing of metadata are on the
    pages of scikit-learn.
    """
    return True if ROUTING.fullmatch(name) or type(obj).__name__ == "_tuplegetter" else None


class Constants(SphinxDirective):
    """The constants of a package, with their values and the strings below them in the source."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return one description for each constant."""
        package = self.arguments[0]
        lines = []
        for name, thing in public_objects(package):
            if has_page(thing):
                continue
            lines += [f".. py:data:: {name}", f"   :module: {package}"]
            value = value_of(thing)
            lines += [f"   :value: {value}", ""] if 0 < len(value) < LONG else [""]
            lines += [f"   {line}" for line in comment_on(package, name)] + [""]
        node = nodes.Element()
        self.state.nested_parse(StringList(lines, source=package), self.content_offset, node)
        return node.children


def value_of(thing: Any) -> str:
    """Return a constant as one reads it: the words of a choice, the names of a table."""
    if choices := get_args(thing):
        if all(isinstance(choice, str) for choice in choices):
            return " | ".join(map(repr, choices))
        short = re.sub(r"\b(?:\w+\.)+(?=\w)", "", str(thing))
        return "" if "_" in short else short.replace("ndarray[tuple[Any, ...], ", "ndarray[")
    if isinstance(thing, Mapping):
        return "{" + ", ".join(f"{name!r}: …" for name in thing) + "}"
    return repr(thing)


def comment_on(package: str, name: str) -> list[str]:
    """Return the string that stands below the definition of a constant, if there is one."""
    path = Path(importlib.import_module(package).__file__ or "")
    home = package
    for line in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(line, ast.ImportFrom) and any(name == alias.name for alias in line.names):
            home = str(line.module)
    return ModuleAnalyzer.for_module(home).find_attr_docs().get(("", name), [])


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the handlers."""
    app.connect("builder-inited", check_pages)
    app.connect("env-check-consistency", lambda app, env: remember_names(app, env))
    app.connect("missing-reference", resolve_private)
    app.connect("autodoc-process-docstring", keep_colons, priority=400)
    app.connect("autodoc-process-docstring", restore_colons, priority=600)
    app.connect("autodoc-skip-member", skip_plain)
    app.add_directive("constants", Constants)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
