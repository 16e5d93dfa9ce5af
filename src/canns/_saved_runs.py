"""The header of a checkpoint."""

from collections.abc import Mapping
from typing import Any

from canns._json import Schema, read_json
from canns._replacing import PathLike
from canns._tensors import check_header
from canns.errors import ValidationError
from canns.typing import JSON

__all__ = ["read_run"]

_MOST = 2**63
_RUN: Schema = {str: object}
_PLACE: Schema = {"position": range(_MOST), "seen": range(_MOST), "digest?": str, "whole?": str}


def read_run(path: PathLike, header: Mapping[str, str]) -> tuple[dict[str, JSON], dict[str, Any]]:
    """Return the description of a run, and its place, from the header of a checkpoint."""
    check_header(path, header, ("format", "run", "place"))
    run = read_json(f"the run in {path}", header["run"], _RUN)
    place = read_json(f"the place in {path}", header["place"], _PLACE)
    if place["position"] > place["seen"]:
        expected = f"at most {place['seen']}, the samples learnt"
        raise ValidationError(f"the position in {path}", expected, f"{place['position']}")
    return run, place
