"""JSON in files from anywhere: parsed with limits, and compared with a schema."""

import json
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeAlias

from canns.errors import ValidationError
from canns.typing import JSON

__all__ = ["Schema", "read_json"]

#: What a value must be: a type (float takes integers, object anything); None; a range of integers;
#: a tuple of alternatives; a list with the schema of each entry; a dict with the schemas of its
#: keys, of which those that end in "?" may be missing; ``{str: schema}`` for a dict with any keys;
#: or a function without arguments that returns a schema, for one that contains itself.
Schema: TypeAlias = (
    "type | range | tuple[Schema, ...] | list[Schema] | dict[Any, Schema] | "
    "Callable[[], Schema] | None"
)

_DEEPEST = 100  # lists and dicts in each other


def read_json(name: str, text: object, schema: Schema) -> Any:
    """Return the value that ``text`` describes, which must be of ``schema``.

    Args:
        name: What the text is, for errors.
        text: The JSON.
        schema: What it must describe.

    Raises:
        ValidationError: If the text is no JSON, has a key twice or too many levels, or describes
            something else.

    Example:
        >>> read_json("place", '{"seen": 3}', {"seen": range(10), "digest?": str})
        {'seen': 3}
        >>> read_json("place", '{"seen": -3}', {"seen": range(10)})
        Traceback (most recent call last):
        ...
        canns.errors.ValidationError: place.seen must be an integer from 0 to 9; got -3.
    """
    if not isinstance(text, str):
        raise ValidationError(name, "JSON", _shown(text))
    try:
        value = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise ValidationError(name, "JSON", f"{_shown(text)} ({error})") from error
    _check_depth(name, value)
    _check(name, value, schema)
    return value


def _once(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    whole = dict(pairs)
    if len(whole) < len(pairs):
        raise ValueError("a key is there twice")
    return whole


def _check_depth(name: str, value: JSON) -> None:
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        here, depth = waiting.pop()
        if isinstance(here, dict | list):
            if depth > _DEEPEST:
                raise ValidationError(name, f"JSON of at most {_DEEPEST} levels", "more")
            waiting += [(each, depth + 1) for each in _inside(here)]


def _inside(value: dict[str, JSON] | list[JSON]) -> list[JSON]:
    return [*value.values()] if isinstance(value, dict) else value


def _check(name: str, value: Any, schema: Any) -> None:
    """Raise if a value is not of a schema."""
    if isinstance(schema, FunctionType):
        schema = schema()
    if isinstance(schema, tuple):
        _check_one_of(name, value, schema)
    elif isinstance(schema, list):
        _check_type(name, value, list)
        for i, each in enumerate(value):
            _check(f"{name}[{i}]", each, schema[0])
    elif isinstance(schema, dict):
        _check_dict(name, value, schema)
    elif isinstance(schema, range):
        _check_type(name, value, int)
        if value not in schema:
            expected = f"an integer from {schema.start} to {schema.stop - 1}"
            raise ValidationError(name, expected, _shown(value))
    else:
        _check_type(name, value, schema)


def _check_one_of(name: str, value: Any, schemas: tuple[Any, ...]) -> None:
    for schema in schemas[:-1]:
        try:
            _check(name, value, schema)
        except ValidationError:
            continue
        return
    _check(name, value, schemas[-1])


def _check_dict(name: str, value: Any, schema: dict[Any, Any]) -> None:
    _check_type(name, value, dict)
    if str in schema:
        for key, each in value.items():
            _check(f"{name}.{key[:40]}", each, schema[str])
        return
    schemas = {key.removesuffix("?"): each for key, each in schema.items()}
    for key in value:
        if key not in schemas:
            listed = ", ".join(map(repr, schemas))
            raise ValidationError(name, f"with the keys {listed}", f"the key {_shown(key)}")
    for key, each in schemas.items():
        if key in value:
            _check(f"{name}.{key}", value[key], each)
        elif key in schema:
            raise ValidationError(name, f"with the key {key!r}", "none")


_NAMES = {
    str: "a text",
    bool: "true or false",
    int: "an integer",
    float: "a number",
    dict: "a dict",
    list: "a list",
    None: "null",
}


def _check_type(name: str, value: Any, kind: Any) -> None:
    if kind is object:
        return
    if kind is None:
        right = value is None
    elif kind is float:
        right = type(value) in (int, float)
    else:
        right = type(value) is kind
    if not right:
        raise ValidationError(name, _NAMES[kind], _shown(value))


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
