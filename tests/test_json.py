"""JSON from anywhere: what is not of the schema is named by its place."""

import pytest

from canns._json import read_json
from canns.errors import ValidationError

TREE = {"name": (str, None), "size": range(1, 10), "rate?": float, "parts": [lambda: TREE]}


def test_what_is_of_the_schema_is_returned():
    text = '{"name": null, "size": 3, "rate": 1, "parts": [{"name": "a", "size": 9, "parts": []}]}'
    assert read_json("tree", text, TREE)["parts"][0]["name"] == "a"
    assert read_json("tree", '{"any": [1, {"x": null}]}', {str: object}) == {
        "any": [1, {"x": None}]
    }


REFUSED = {
    "no JSON": ("{", "tree must be JSON"),
    "deep": ("[" * 100_000, "tree must be JSON"),
    "levels": ("[" * 101 + "]" * 101, "at most 100 levels"),
    "twice": ('{"size": 3, "size": 4}', "a key is there twice"),
    "digits": ('{"size": ' + "1" * 5000 + "}", "tree must be JSON"),
    "unknown": ('{"name": "", "size": 3, "parts": [], "x": 1}', "the key 'x'"),
    "missing": ('{"name": "", "size": 3}', "with the key 'parts'"),
    "type": ('{"name": 3, "size": 3, "parts": []}', r"tree\.name must be null"),
    "bool": ('{"name": "", "size": true, "parts": []}', r"tree\.size must be an integer"),
    "range": (
        '{"name": "", "size": 10, "parts": []}',
        r"tree\.size must be an integer from 1 to 9",
    ),
    "inside": ('{"name": "", "size": 1, "parts": [3]}', r"tree\.parts\[0\] must be a dict"),
    "rate": ('{"name": "", "size": 1, "rate": "1", "parts": []}', r"tree\.rate must be a number"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_of_the_schema_is_refused(name):
    text, says = REFUSED[name]
    with pytest.raises(ValidationError, match=says):
        read_json("tree", text, TREE)
    with pytest.raises(ValidationError, match="must be JSON"):
        read_json("tree", None, TREE)
