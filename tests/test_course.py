"""The course: solutions pass the checks, gaps and typical mistakes get a hint that says why."""

import importlib.util
from functools import partial
from pathlib import Path

import jax.numpy as jnp
import nbformat
import numpy as np
import pytest

from canns import course
from canns.course import AnswerError
from canns.plasticity import Hebbian, Oja, Rule, contract
from canns.typing import param, pytree

FOLDER = Path(__file__).parents[1] / "docs/course"


def _make_notebooks():
    spec = importlib.util.spec_from_file_location("make_notebooks", FOLDER / "make_notebooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


NOTEBOOKS = _make_notebooks()
# For each exercise, the number of its gaps.
GAPS = {"hopfield": 3, "oja": 3, "bcm": 3, "stdp": 3, "sequence": 2, "own_rule": 1}


def _cells(exercise):
    """Return the cells that a student's answer runs in, as pairs of tag and code."""
    for cell in NOTEBOOKS.read(exercise).cells:
        for tag in ("setup", "gap", "solution", "check"):
            if tag in NOTEBOOKS.tags(cell):
                yield tag, cell.source


def _run(exercise, unsolved=None):
    """Run setup, answers and checks; yield the messages. The gap of this number stays empty."""
    names, gap = {}, -1
    for tag, code in _cells(exercise):
        gap += tag == "gap"
        if tag == "check":
            yield eval(code, names)
        elif tag == "setup" or (tag == "gap") == (gap == unsolved):
            exec(code, names)


def test_every_exercise_is_known():
    pages = {path.stem for path in FOLDER.glob("*.md")} - {"index"}
    assert pages == set(GAPS) == set(NOTEBOOKS.EXERCISES)


@pytest.mark.parametrize("exercise", GAPS)
def test_each_gap_has_a_solution_and_a_check(exercise):
    order = [tag for tag, _ in _cells(exercise) if tag != "setup"]
    assert order == ["gap", "solution", "check"] * GAPS[exercise]


@pytest.mark.parametrize("exercise", GAPS)
def test_the_solution_is_right(exercise):
    messages = list(_run(exercise))
    assert len(messages) == GAPS[exercise]
    assert all(message.startswith("Right: ") for message in messages)


@pytest.mark.parametrize(
    ("exercise", "gap"), [(name, k) for name, count in GAPS.items() for k in range(count)]
)
def test_a_gap_that_is_left_open_is_said_to_be(exercise, gap):
    messages = _run(exercise, gap)
    for _ in range(gap):
        next(messages)
    with pytest.raises(AnswerError, match=r"replace the \.\.\. by your answer"):
        next(messages)


@pytest.mark.parametrize("exercise", GAPS)
def test_students_get_no_solution(exercise, tmp_path):
    NOTEBOOKS.write_notebooks(tmp_path)
    notebook = nbformat.read(tmp_path / f"{exercise}.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    text = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for tag, source in _cells(exercise):
        assert (source in code) == (tag != "solution")
    assert "{download}" not in text
    assert ".md)" not in text
    assert not any(cell.get("outputs") for cell in notebook.cells)


def test_a_notebook_shows_the_hint_alone():
    error = AnswerError("Divide by N.")
    assert error._render_traceback_() == ["Not yet. Divide by N."]


# Right answers in other styles.


def _hebbian(patterns):
    weights = patterns.T @ patterns / patterns.shape[1]
    np.fill_diagonal(weights, 0)
    return weights


def _hebbian_by_loops(patterns):
    size = patterns.shape[1]
    weights = np.zeros((size, size))
    for pattern in patterns:
        for i in range(size):
            for j in range(size):
                if i != j:
                    weights[i, j] += pattern[i] * pattern[j] / size
    return weights.tolist()


def _hebbian_on_jax(patterns):
    x = jnp.asarray(patterns)
    return x.T @ x / x.shape[1] * (1 - jnp.eye(x.shape[1]))


def _recall_one_by_one(weights, cue):
    """Update neuron by neuron, in the cue itself."""
    for _ in range(50):
        before = cue.copy()
        for i in range(len(cue)):
            field = weights[i] @ cue
            if field != 0:
                cue[i] = 1 if field > 0 else -1
        if (cue == before).all():
            break
    return cue


def _recall(weights, cue, updates=50):
    for _ in range(updates):
        cue = np.where(weights @ cue >= 0, 1, -1)
    return cue


def _kept(num_patterns, num_neurons, seed, updates=50):
    patterns = np.random.default_rng(seed).choice([-1, 1], (num_patterns, num_neurons))
    states = _recall(_hebbian(patterns), patterns.T, updates).T
    return np.mean(states * patterns)


def _window_of_arrays(lag, A_plus, A_minus, tau_plus, tau_minus):
    lag = np.atleast_1d(lag)
    return np.where(
        lag > 0, A_plus * np.exp(-lag / tau_plus), -A_minus * np.exp(np.minimum(lag, 0) / tau_minus)
    )


def _sanger_by_loops(W, x, eta):
    y = W @ x
    change = np.zeros_like(W)
    for i in range(len(W)):
        rest = x - sum(y[k] * W[k] for k in range(i + 1))
        change[i] = eta * y[i] * rest
    return change


def _bcm(w, theta, x, eta, tau):
    y = sum(w * x)
    return [eta * x * y * (y - theta), theta + (y * y - theta) / tau]


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (course.check_hebbian, _hebbian_by_loops),
        (course.check_hebbian, _hebbian_on_jax),
        (course.check_recall, _recall_one_by_one),
        (course.check_recall, _recall),
        (course.check_capacity, _kept),
        (partial(course.check_capacity, num_neurons=200), _kept),
        (course.check_stdp_window, _window_of_arrays),
        (course.check_sanger, _sanger_by_loops),
        (course.check_bcm, _bcm),
        (course.check_selectivity, lambda y: 1 - sum(y) / len(y) / max(y)),
    ],
)
def test_other_styles_pass(check, answer):
    assert check(answer).startswith("Right: ")


# Typical mistakes.


def _raises(*_):
    raise KeyError("w")


def _last_pattern_only(patterns):
    for pattern in patterns:
        weights = np.outer(pattern, pattern) / len(pattern)
    return weights


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda x: x.T @ x / x.shape[1], "diagonal is not 0"),
        (lambda x: x.shape[1] * _hebbian(x), "N times too large"),
        (lambda x: x.T @ x, "N times too large"),
        (lambda x: _hebbian(x) * x.shape[1] / len(x), "divide by the number of patterns"),
        (lambda x: x @ x.T / x.shape[1], "X' X, not X X'"),
        (lambda x: -_hebbian(x), "sign"),
        (_last_pattern_only, "last pattern"),
        (lambda x: _hebbian(x)[:3], "shape"),
        (lambda x: np.full((40, 40), np.nan), "not finite"),
        (lambda x: "weights", "array of numbers"),
        (lambda x: _hebbian(x) ** 2, "W\\["),
        (_raises, "stopped with KeyError"),
        (lambda x: None, "return it"),
        (_hebbian(np.ones((2, 4))), "Pass the function itself"),
        (..., "replace the"),
    ],
)
def test_mistakes_in_hebbs_rule(answer, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_hebbian(answer)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (partial(_recall, updates=1), "Repeat the update"),
        (lambda weights, cue: cue, "the cue itself"),
        (lambda weights, cue: weights @ cue, "take the sign"),
        (lambda weights, cue: -_recall(weights, cue), "overlap with the stored pattern is -1"),
        (lambda weights, cue: np.where(np.arange(400), _recall(weights, cue), 0), "np.sign"),
        (lambda weights, cue: [_recall(weights, cue)] * 2, "after the last update"),
        (partial(_recall, updates=2), "another update would change"),
    ],
)
def test_mistakes_in_recall(answer, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_recall(answer)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (partial(_kept, updates=1), "after one update"),
        (partial(_kept, updates=0), "patterns are lost"),
        (lambda P, N, seed: N * _kept(P, N, seed), "at most 1"),
        (lambda P, N, seed: _kept(P, N, 0), "draw the patterns from the seed"),
        (lambda P, N, seed: 0.9 * _kept(P, N, seed), "theory has"),
        (lambda P, N, seed: [_kept(P, N, seed)] * P, "one number"),
    ],
)
def test_mistakes_in_the_capacity(answer, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_capacity(answer)


def test_a_network_that_forgets_too_late_is_not_right():
    def kept(num_patterns, num_neurons, seed):
        if num_patterns <= 0.1 * num_neurons:
            return _kept(num_patterns, num_neurons, seed)
        return 0.95 if num_patterns < 0.22 * num_neurons else 0.2

    with pytest.raises(AnswerError, match=r"falls below 0\.9 at a load of 0\.200"):
        course.check_capacity(kept)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda w, x, eta: eta * (w @ x) * x, "Hebb's rule"),
        (lambda w, x, eta: eta * (w @ x) * (x - w), "you have y w"),
        (lambda w, x, eta: eta * ((w @ x) * x - w), "you have w"),
        (lambda w, x, eta: eta * (w @ x) * (x + (w @ x) * w), "sign of the decay"),
        (lambda w, x, eta: w + eta * (w @ x) * (x - (w @ x) * w), "only its change"),
        (lambda w, x, eta: (w @ x) * (x - (w @ x) * w), "learning rate"),
        (lambda w, x, eta: eta * (w @ x) * ((w @ x) * w - x), "The sign is wrong"),
        (lambda w, x, eta: 1.1 * eta * (w @ x) * (x - (w @ x) * w), "gives"),
    ],
)
def test_mistakes_in_ojas_rule(answer, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_oja(answer)


def _sanger(W, x, eta, keep=np.tril):
    y = W @ x
    return eta * (np.outer(y, x) - keep(np.outer(y, y)) @ W)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (partial(_sanger, keep=lambda a: a), "subspace rule"),
        (partial(_sanger, keep=np.triu), "upper triangle"),
        (partial(_sanger, keep=partial(np.tril, k=-1)), "diagonal is missing"),
        (partial(_sanger, keep=lambda a: np.diag(np.diag(a))), "Oja's rule in each row"),
        (partial(_sanger, keep=np.zeros_like), "Hebb's rule"),
        (lambda W, x, eta: W + _sanger(W, x, eta), "only its change"),
        (lambda W, x, eta: _sanger(W, x, 1.0), "learning rate"),
        (lambda W, x, eta: _sanger(W, x, eta).T, "shape"),
    ],
)
def test_mistakes_in_sangers_rule(answer, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_sanger(answer)


DATA = np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]])


@pytest.mark.parametrize(
    ("w", "hint"),
    [
        ([0.0, 0.0], "0 everywhere"),
        ([0.5, 0.0], "more often"),
        ([1.5, 0.0], "smaller eta"),
        ([0.0, 1.0], "component 2"),
        ([0.98, 0.2], "degrees"),
        ([1.0], "shape"),
        (..., "replace the"),
    ],
)
def test_mistakes_in_the_first_component(w, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_first_component(w, DATA)


def _changed_bcm(change=None, moved=None):
    """Return the BCM rule with another change of w, or another threshold."""

    def bcm(w, theta, x, eta, tau):
        right = _bcm(w, theta, x, eta, tau)
        y = w @ x
        return (
            right[0] if change is None else change(w, theta, x, y, eta, right[1]),
            right[1] if moved is None else moved(theta, y, tau),
        )

    return bcm


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (_changed_bcm(moved=lambda theta, y, tau: theta + (y - theta) / tau), "follows y"),
        (_changed_bcm(moved=lambda theta, y, tau: (y**2 - theta) / tau), "not its change"),
        (_changed_bcm(moved=lambda theta, y, tau: y**2), "divide by tau"),
        (_changed_bcm(moved=lambda theta, y, tau: theta), "has not moved"),
        (_changed_bcm(moved=lambda theta, y, tau: theta - (y**2 - theta) / tau), "check the sign"),
        (_changed_bcm(lambda w, theta, x, y, eta, new: eta * y * x), "Hebb's rule"),
        (_changed_bcm(lambda w, theta, x, y, eta, new: eta * (y - theta) * x), "factor y"),
        (_changed_bcm(lambda w, theta, x, y, eta, new: eta * y * (y - new) * x), "new threshold"),
        (_changed_bcm(lambda w, theta, x, y, eta, new: eta * y * (theta - y) * x), "sign"),
        (_changed_bcm(lambda w, theta, x, y, eta, new: y * (y - theta) * x), "learning rate"),
        (
            _changed_bcm(lambda w, theta, x, y, eta, new: w + eta * y * (y - theta) * x),
            "only its change",
        ),
        (lambda w, theta, x, eta, tau: theta, "two things"),
    ],
)
def test_mistakes_in_bcm(answer, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_bcm(answer)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda y: np.mean(y) / np.max(y), "Take it from 1"),
        (lambda y: 1 - np.min(y) / np.max(y), "not the least"),
        (lambda y: 1 - np.sum(y) / np.max(y), "not sum"),
        (lambda y: 0.5, "1 - mean/max"),
    ],
)
def test_mistakes_in_the_selectivity(answer, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_selectivity(answer)


@pytest.mark.parametrize(
    ("w", "hint"),
    [
        ([0.0, 0.0, 0.0, 0.0], "no pattern"),
        ([2.0, 2.0, 0.0, 0.0], "2 patterns"),
        ([3.0, 0.0, 0.0, 0.0], "theory has K = 4"),
        ([-4.0, 0.0, 0.0, 0.0], "theory has K = 4"),
        (None, "replace the"),
    ],
)
def test_mistakes_in_the_selective_neuron(w, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_selective(w, np.eye(4))


def _window(lag, A_plus, A_minus, tau_plus, tau_minus):
    if lag > 0:
        return A_plus * np.exp(-lag / tau_plus)
    return -A_minus * np.exp(lag / tau_minus)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda s, a, b, t, u: _window(-s, a, b, t, u), "sides are exchanged"),
        (lambda s, a, b, t, u: -_window(s, a, b, t, u), "sides are exchanged"),
        (lambda s, a, b, t, u: abs(_window(s, a, b, t, u)), "which weakens the synapse"),
        (lambda s, a, b, t, u: _window(s, a, b, u, t), "exchanged"),
        (lambda s, a, b, t, u: a * np.exp(s / t) if s > 0 else -b * np.exp(s / u), "exponent"),
        (lambda s, a, b, t, u: 0.5 * _window(s, a, b, t, u), "formula gives"),
        (lambda s, a, b, t, u: [1.0, 2.0], "one number"),
    ],
)
def test_mistakes_in_the_window(answer, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_stdp_window(answer)


@pytest.mark.parametrize(
    ("A_minus", "hint"),
    [
        (0.0105, "compare the areas"),
        (0.005, "This is the balance"),
        (-0.00525, "without a sign"),
        (0.02, "must be 1.05 times"),
        (..., "replace the"),
        ("much", "array of numbers"),
    ],
)
def test_mistakes_in_the_balance(A_minus, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_balance(A_minus, A_plus=0.01, tau_plus=20.0, tau_minus=40.0)


@pytest.mark.parametrize(
    ("weights", "hint"),
    [
        ([1.0, 1.0, 0.9, 0.9], "potentiation wins"),
        ([0.0, 0.1, 0.0, 0.0], "fallen silent"),
        ([0.6, 0.6, 0.5, 0.5], "not separated"),
        ([2.0, 2.0, 0.0, 0.0], "Bounds"),
        ([1.0, 1.0], "shape"),
    ],
)
def test_mistakes_in_the_competition(weights, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_competition(weights, [True, True, False, False])


def _store(x):
    return np.roll(x, -1, axis=0).T @ x / x.shape[1]


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda x: _store(x).T, "the one before it"),
        (lambda x: x[1:].T @ x[:-1] / x.shape[1], "does not close"),
        (lambda x: x.T @ x / x.shape[1], "patterns that stay"),
        (_hebbian, "patterns that stay"),
        (lambda x: _store(x) * x.shape[1], "number of neurons"),
        (lambda x: _store(x) * x.shape[1] / len(x), "number of patterns"),
        (lambda x: _store(x) * (1 - np.eye(x.shape[1])), "Keep the diagonal"),
        (lambda x: 2 * _store(x), "gives"),
    ],
)
def test_mistakes_in_the_transitions(answer, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_transitions(answer)


def _replay(weights, cue, num_steps):
    states = [cue]
    for _ in range(num_steps):
        states.append(np.sign(weights @ states[-1]))
    return states


def _replay_one_by_one(weights, cue, num_steps):
    states, state = [cue], cue
    for _ in range(num_steps):
        state = state.copy()
        for i in range(len(state)):
            state[i] = np.sign(weights[i] @ state)
        states.append(state)
    return states


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda W, cue, T: _replay(W, cue, T)[1:], "Begin it with the cue"),
        (lambda W, cue, T: _replay(W, cue, T)[-1], "the state after each update"),
        (lambda W, cue, T: _replay(W.T, cue, T), "backwards"),
        (lambda W, cue, T: [cue] * (T + 1), "stays at the first"),
        (lambda W, cue, T: [cue, *[W @ cue] * T], "take the sign"),
        (lambda W, cue, T: [*_replay(W, cue, T)[1:], cue], "The first state is not the cue"),
        (_replay_one_by_one, "one update of all neurons"),
    ],
)
def test_mistakes_in_the_replay(answer, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_replay(answer)


def test_a_replay_with_more_noise_than_theory_is_not_right():
    rng = np.random.default_rng(0)

    def noisy(weights, cue, num_steps):
        states = [cue]
        for _ in range(num_steps):
            flipped = rng.random(len(cue)) < 0.08
            states.append(np.sign(weights @ states[-1]) * np.where(flipped, -1, 1))
        return states

    with pytest.raises(AnswerError, match="chance explains"):
        course.check_replay(noisy)


def _rule(decay):
    """Return a rule whose decay is a function of W and y."""

    @pytree
    class Own(Rule):
        learning_rate: float = param(default=0.01, low=0)

        def step(self, memory, weights, activity):
            growth = contract(activity.post, activity.pre)
            return memory, self.learning_rate * (growth - decay(weights, activity.post))

    return Own()


@pytree
class _Forgetful(Rule):
    """The right rule in its first step, and Hebb's afterwards: it counts steps in its memory."""

    learning_rate: float = param(default=0.01, low=0)
    memory_attrs = ("steps",)
    own_memory = True

    def init(self, weights):
        return (jnp.zeros(()),)

    def step(self, memory, weights, activity):
        (steps,) = memory
        squares = jnp.sum(weights**2, axis=1, keepdims=True)
        decay = jnp.where(steps < 1, squares, 0.5 * squares) * weights
        change = contract(activity.post, activity.pre) - decay
        return (steps + 1,), self.learning_rate * change


@pytree
class _NoPair(Rule):
    learning_rate: float = param(default=0.01, low=0)

    def step(self, memory, weights, activity):
        return self.learning_rate * contract(activity.post, activity.pre)


@pytree
class _NoRate(Rule):
    def step(self, memory, weights, activity):
        return memory, weights


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        (Oja(0.1), "This is Oja's rule"),
        (Hebbian(0.1), "This is Hebb's rule"),
        (_rule(lambda W, y: jnp.sum(W**2) * W), "over all neurons"),
        (_rule(lambda W, y: jnp.sum(W**2, axis=0) * W), "down the columns"),
        (_rule(lambda W, y: jnp.linalg.norm(W, axis=1, keepdims=True) * W), "you have"),
        (_rule(lambda W, y: W**3), "cube"),
        (_rule(lambda W, y: -jnp.sum(W**2, axis=1, keepdims=True) * W), "sign of the decay"),
        (_rule(lambda W, y: W), "gives"),
        (_Forgetful(), "squared lengths"),
        (_NoPair(), "two things"),
        (_NoRate(), "needs the field learning_rate"),
        (_Forgetful, "not the class"),
        (Oja(0.0), "learning rate is 0"),
        ("oja", "subclass"),
        (..., "replace the"),
    ],
)
def test_mistakes_in_an_own_rule(rule, hint):
    with pytest.raises(AnswerError, match=hint):
        course.check_own_rule(rule)
