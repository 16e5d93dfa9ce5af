"""What a measurement was made with, and the theory of it that a picture shows beside."""

from collections.abc import Mapping
from typing import TypeAlias

from canns.analyzer.metrics._rules import StorageRule
from canns.analyzer.theory import storage_theory
from canns.plasticity import STORAGE_RULES, Rule
from canns.typing import AnyArray

__all__ = ["Conditions", "conditions_of", "lines_of_theory", "title_of"]

Conditions: TypeAlias = Mapping[str, bool | int | float | str]


def conditions_of(
    num_neurons: int, rule: StorageRule, seed: object, **others: bool | int | float
) -> Conditions:
    """Return the conditions of a measurement by name; of a seed that is no number, nothing."""
    if isinstance(rule, str):
        name = rule
    else:
        # Words that are no name of a rule: a function called hebbian may store in another way.
        own = type(rule).__name__ if isinstance(rule, Rule) else getattr(rule, "__name__", "")
        name = own if isinstance(rule, Rule) else f"function {own}".rstrip()
    known = {"num_neurons": num_neurons, "rule": name, **others}
    return known | {"seed": seed} if isinstance(seed, int) else known


def lines_of_theory(
    conditions: Conditions, top: float
) -> tuple[dict[str, tuple[AnyArray, AnyArray]], dict[str, float]]:
    """Return the overlap by theory, and the critical load if it is below ``top``, by name.

    Nothing if there is no theory of the rule, or the neurons are noisy.
    """
    rule = conditions.get("rule")
    if rule not in STORAGE_RULES or conditions.get("temperature"):
        return {}, {}
    theory = storage_theory(str(rule))
    if theory is None:
        return {}, {}
    name = "theory: no errors" if theory.exact else "theory"
    limit = theory.critical_load
    marks = {rf"critical load $\alpha_c$ of theory, {limit:.3f}": limit} if limit <= top else {}
    return {name: theory.curve(top)}, marks


def title_of(what: str, conditions: Conditions) -> str:
    """Return a title that names the rule and the size of the networks."""
    known = conditions.get("rule"), conditions.get("num_neurons")
    return what if None in known else f"{what}, rule {known[0]}, N = {known[1]}"
