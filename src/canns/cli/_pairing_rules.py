"""``canns infer`` on a table of pairings: the rules that it may decide between."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from canns.cli._pairings import Pairings, read_pairings
from canns.cli._run import Results, Run

if TYPE_CHECKING:
    from canns.inference import FittedPairing, PairingComparison, Protocol

__all__ = ["infer_pairings"]

_FIXED = {"tau_plus": 16.8, "tau_minus": 33.7}  # of pairs, if lags hardly vary


def infer_pairings(run: Run, path: Path, seed: int) -> Results:
    """Fit the rules that a table of pairings may decide between, and say which explains it."""
    from canns.inference import compare_pairing

    data = read_pairings(path)
    run.say(f"{len(data.changes)} protocols in {path}")
    fits = _fit_rules(data, seed)
    found = compare_pairing(fits)
    rows = [
        [name, f"{behind:.3g}", f"{count}", f"{p_value:.2g}"]
        for name, behind, count, p_value in zip(
            found.names, found.behind, found.num_numbers, found.p_value, strict=True
        )
    ]
    columns = ["rule", "AICc, behind the best", "numbers fitted", "p"]
    run.table("Rules by Akaike's criterion", columns, rows)
    run.say(found.verdict())
    first = next(name for name in found.names if name in fits)
    run.say(fits[first].summary())
    file = run.folder() / "fit.safetensors"
    fits[first].save(file)
    figures = {"fit": fits[first].plot()[0]}
    if len(fits) > 1:
        figures["rules"] = found.plot()[0]
    return Results(_numbers(found, fits), figures, {f"Fit of {first}": file})


def _numbers(found: "PairingComparison", fits: "Mapping[str, FittedPairing]") -> dict[str, object]:
    return {
        "verdict": found.verdict(),
        "best": found.best or None,
        "rules": {
            "rule": list(found.names),
            "AICc, behind the best": found.behind,
            "chi square": found.chi_square,
            "p": found.p_value,
            "numbers fitted": found.num_numbers,
        },
        "fits": {
            name: {
                "number": list(fit.labels),
                "value": fit.values,
                "low": fit.interval[:, 0],
                "high": fit.interval[:, 1],
            }
            for name, fit in fits.items()
        },
    }


def _fit_rules(data: Pairings, seed: int) -> "dict[str, FittedPairing]":
    """Return the fits of the rules that the data may decide between, by name.

    Pairs at several lags tell the time constants of a window; fewer do not, so these are then those
    of hippocampal cultures. Triplet rules are tried if the data hold more than isolated pairs.
    """
    from canns.inference import fit_pairing, fit_triplet
    from canns.plasticity import PairSTDP

    own: dict[str, Any] = {"seed": seed}
    given = data.protocols, data.changes, data.errors
    scale = float(np.abs(data.changes).max()) / data.protocols[0].repeats
    fits: dict[str, FittedPairing] = {}
    sides = _num_lags(data.protocols)
    names: tuple[str, ...] = ("A_plus", "A_minus")
    constants: dict[str, Any] = _FIXED
    if min(sides) >= 2 and len(data.changes) > 5:
        names, constants = (*names, *_FIXED), {}
    pairings: tuple[Literal["all", "nearest"], ...] = ("all", "nearest")
    for pairing in pairings:
        rule = PairSTDP(1.0, scale, scale, pairing=pairing, **constants)
        fits[f"pairs, {pairing}"] = fit_pairing(rule, *given, fit=names, **own)
        if _isolated(data.protocols):
            return {"pairs": fits[f"pairs, {pairing}"]}
    sizes: tuple[tuple[Literal["minimal", "full"], int], ...] = (("minimal", 6), ("full", 9))
    for terms, least in sizes:
        for pairing in pairings:
            if len(data.changes) >= least:
                name = f"{terms} triplets, {pairing}"
                fits[name] = fit_triplet(*given, terms=terms, pairing=pairing, **own)
    return fits


def _isolated(protocols: "Iterable[Protocol]") -> bool:
    """Whether all protocols are pairs so far apart that no other rule than a window matters."""
    return all(len(p.pre) == len(p.post) == 1 and p.period >= 1000 for p in protocols)


def _num_lags(protocols: "Iterable[Protocol]") -> tuple[int, int]:
    """Return how many lags there are on either side of a pair."""
    pairs = [p for p in protocols if len(p.pre) == len(p.post) == 1]
    lags = {round(p.post[0] - p.pre[0], 6) for p in pairs}
    return sum(lag > 0 for lag in lags), sum(lag < 0 for lag in lags)
