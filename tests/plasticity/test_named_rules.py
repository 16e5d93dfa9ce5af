"""Rules by name: the numbers of the literature, for the kind of model that they fit."""

import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import overlaps, random_patterns, stable_share

from canns.dynamics import Clamped, Successive
from canns.errors import ValidationError
from canns.plasticity import (
    LAYER_RULES,
    STORAGE_RULES,
    AdaTron,
    Bounds,
    Chain,
    Clipped,
    Covariance,
    DiederichOpper,
    Dreaming,
    Hebbian,
    HebbianDecay,
    MinOver,
    PseudoInverse,
    Setup,
    Storkey,
    Unlearning,
    ZeroDiagonal,
    learn,
    recipe_for,
)

P, N = 20, 100
HOLLOW = ZeroDiagonal()
RULES = {
    "storkey": (Storkey(1.0, 1), HOLLOW),
    "storkey2": (Storkey(1.0, 2), HOLLOW),
    "pseudo_inverse": (PseudoInverse(), HOLLOW),
    "diederich_opper": (DiederichOpper("I"), HOLLOW),
    "diederich_opper2": (DiederichOpper("II"), HOLLOW),
    "minover": (MinOver(0.1, 5000), HOLLOW),
    "adatron": (AdaTron(), HOLLOW),
    "dreaming": (Dreaming(10.0), HOLLOW),
    "unlearning": (Unlearning(0.02, 500), HOLLOW),
    "palimpsest": (HebbianDecay(0.041, 0.08405), HOLLOW),
    "bounded": (Hebbian(0.01), Chain((Bounds(-0.035, 0.035), HOLLOW))),
    "clipped": (Hebbian(1 / 64), Chain((Clipped(np.sqrt(20) / 100), HOLLOW))),
    "sequence": (Hebbian(0.01), HOLLOW),
}


def numbers(part):
    """The class and the hyperparameters of a rule or a projection, as text."""
    if isinstance(part, Chain):
        return [numbers(member) for member in part.projections]
    return type(part), {k: pytest.approx(v) for k, v in vars(part).items()}


@pytest.mark.parametrize("name", RULES)
def test_the_numbers_of_each_name(name):
    patterns = random_patterns(P, N)
    rule, project, inputs = STORAGE_RULES[name].plan(patterns)
    assert [*map(numbers, (rule, project))] == [*map(numbers, RULES[name])]
    assert inputs is patterns
    rule.validate()
    project.validate()


def test_every_name_is_tested_above_or_stores_by_the_trainer_of_its_name():
    by_trainer = {"hebbian", "anti_hebbian", "covariance"}
    assert set(STORAGE_RULES) == set(RULES) | by_trainer
    assert {n: r.epochs for n, r in STORAGE_RULES.items() if r.epochs != 1} == {
        "diederich_opper": 100,
        "diederich_opper2": 100,
    }
    assert {n for n, r in STORAGE_RULES.items() if r.neuron is not None} == {"sequence"}


@pytest.mark.parametrize("level", [0.1, 0.5])
def test_the_coding_level_is_read_off_the_patterns(level):
    binary = (np.random.default_rng(0).random((P, N)) < level).astype(np.float32)
    f = binary.mean(dtype=np.float64)
    rule, project, _ = STORAGE_RULES["covariance"].plan(binary)
    assert numbers(rule) == numbers(Covariance(1 / (N * f * (1 - f)), f))
    assert project == HOLLOW
    # The same patterns in -1 and 1: neurons of twice the size, and weights that give the same
    # fields to both, up to the one from the mean.
    signs = STORAGE_RULES["covariance"].plan(2 * binary - 1)[0]
    assert numbers(signs) == numbers(Covariance(1 / (4 * N * f * (1 - f)), 2 * f - 1))


def test_patterns_of_one_value_have_no_covariance():
    with pytest.raises(ValidationError, match=r"^data must be of more than one value; got 1"):
        STORAGE_RULES["covariance"].plan(np.ones((P, N)))


def stored(name, patterns):
    recipe = recipe_for(name, recurrent=True)
    rule, project, inputs = recipe.plan(patterns)
    neuron = recipe.neuron or Clamped()
    learner = Setup(rule, neuron).start(jnp.zeros((patterns.shape[1],) * 2))
    for _ in range(recipe.epochs):
        learner = learn(Setup(rule, neuron, project), learner, inputs)
    return np.asarray(learner.weights)


AT_REST = [name for name in STORAGE_RULES if name not in ("anti_hebbian", "sequence")]


@pytest.mark.slow
@pytest.mark.parametrize("name", AT_REST)
def test_few_patterns_are_recalled_by_every_rule(name):
    patterns = random_patterns(7, 200)
    weights = stored(name, patterns)
    np.testing.assert_array_equal(np.diagonal(weights), 0)
    assert (overlaps(weights, patterns, 0.1) == 1).all()


BEYOND_HEBB = [
    "storkey",
    "storkey2",
    "pseudo_inverse",
    "diederich_opper",
    "diederich_opper2",
    "minover",
    "adatron",
    "dreaming",
    "unlearning",
]


@pytest.mark.parametrize("name", BEYOND_HEBB)
def test_these_store_what_hebb_cannot(name):
    patterns = random_patterns(25, N)
    assert stable_share(stored("hebbian", patterns), patterns) < 0.5
    weights = stored(name, patterns)
    assert stable_share(weights, patterns) > 0.9
    # Of the scale at which a pattern's own field is about 1; MinOver's margin is.
    assert 0.2 < (patterns * (patterns @ weights.T)).mean() < 3


def test_a_stored_sequence_is_replayed():
    patterns = random_patterns(8, 200)
    weights = stored("sequence", patterns)
    state = patterns[0]
    for pattern in patterns[1:]:
        state = np.sign(weights @ state)
        np.testing.assert_array_equal(state, pattern)
    assert recipe_for("sequence", recurrent=True).neuron == Successive()


@pytest.mark.parametrize("name", LAYER_RULES)
def test_what_fits_a_layer_fits_a_network(name):
    assert recipe_for(name, recurrent=False) is LAYER_RULES[name]
    recipe = STORAGE_RULES.get(name, LAYER_RULES[name])
    assert recipe_for(name, recurrent=True) is recipe


@pytest.mark.parametrize("name", [n for n in STORAGE_RULES if n not in LAYER_RULES])
def test_what_stores_patterns_is_refused_for_a_layer(name):
    expected = "for a layer, of " + ", ".join(map(repr, LAYER_RULES))
    with pytest.raises(ValidationError, match=f"^rule .*{expected}; got '{name}'"):
        recipe_for(name, recurrent=False)


@pytest.mark.parametrize("name", ["hebb", "", None, 3, ["hebbian"]])
@pytest.mark.parametrize("recurrent", [True, False])
def test_an_unknown_name_is_refused(name, recurrent):
    with pytest.raises(ValidationError, match=r"^rule must be a rule of canns\.plasticity or the"):
        recipe_for(name, recurrent=recurrent)


def test_the_tables_cannot_be_changed():
    with pytest.raises(TypeError):
        STORAGE_RULES["mine"] = STORAGE_RULES["hebbian"]
