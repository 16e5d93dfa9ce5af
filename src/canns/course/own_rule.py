"""The check of the exercise on a rule of one's own."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np

from canns.course._answers import AnswerError, Mistake, compare, given
from canns.dynamics import Activity
from canns.errors import CannsError, CannsWarning, DivergenceError
from canns.models.brain_inspired import LinearLayer
from canns.plasticity import Rule
from canns.trainer import RuleTrainer
from canns.typing import AnyArray

__all__ = ["check_own_rule"]

_RATE, _SAMPLES = 0.002, 5000
_DEVIATIONS = np.array([2.0, 1.0, 0.5])  # of the inputs along their principal axes


def check_own_rule(rule: object) -> str:
    r"""Check the rule of Yuille, Kammen and Cohen, written as a subclass of Rule.

    .. math::
        \Delta W_{ij} = \eta\,(y_i x_j - |w_i|^2 W_{ij}), \qquad |w_i|^2 = \sum_j W_{ij}^2

    A step of it is compared with the formula. Then RuleTrainer trains two neurons by it, whose
    rows must reach the stable fixed point: the first eigenvector of the correlation of the
    inputs, with the squared length :math:`\lambda_1`.

    Args:
        rule: The rule, with the field ``learning_rate``.

    Returns:
        A message with the squared length, if the rule is right.

    Raises:
        AnswerError: If it is not; the message says why.

    Example:
        >>> from canns.plasticity import Oja
        >>> check_own_rule(Oja(0.1))
        Traceback (most recent call last):
        ...
        canns.course._answers.AnswerError: This is Oja's rule: its decay is y_i^2 W_ij, ...

    Source: Yuille, Kammen & Cohen (1989), Biol. Cybern. 61:183; Hertz, Krogh & Palmer (1991),
    Introduction to the Theory of Neural Computation, section 8.2.
    """
    answer = given("Your rule", rule)
    if isinstance(answer, type):
        raise AnswerError(f"Pass an object, not the class: {answer.__name__}().")
    if not isinstance(answer, Rule):
        raise AnswerError(f"Your rule must be a subclass of canns.plasticity.Rule; got {answer!r}.")
    if not hasattr(answer, "learning_rate"):
        raise AnswerError("Your rule needs the field learning_rate: float = param(default=0.01).")
    _check_step(answer, float(answer.learning_rate))
    return _check_fixed_point(answer)


def _check_step(rule: Rule, rate: float) -> None:
    """Raise unless one step is that of the formula."""
    if rate == 0:
        raise AnswerError("The learning rate is 0; nothing would be learnt.")
    rng = np.random.default_rng(5)
    W, x = rng.normal(size=(2, 3)), rng.normal(size=3)
    y = W @ x
    activity = Activity(pre=jnp.asarray(x), post=jnp.asarray(y))
    try:
        pair = rule.step(rule.init(jnp.asarray(W)), jnp.asarray(W), activity)
    except Exception as error:
        raise AnswerError(f"step stopped with {type(error).__name__}: {error}.") from error
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise AnswerError("step must return two things: the memory, and the change of W.")
    found = np.asarray(given("The change that step returns", pair[1]), np.float64)
    if found.shape != W.shape:
        raise AnswerError(f"The change has shape {found.shape}; W has {W.shape}: (out, in).")
    squares = (W**2).sum(axis=1, keepdims=True)
    growth, right = np.outer(y, x), np.outer(y, x) - squares * W
    mistakes = [
        Mistake(
            rate * (growth - (y**2)[:, None] * W),
            "This is Oja's rule: its decay is y_i^2 W_ij, and leads to a length of 1. Here it is "
            "|w_i|^2 W_ij.",
        ),
        Mistake(rate * growth, "This is Hebb's rule; the decay |w_i|^2 W_ij is missing."),
        Mistake(
            rate * (growth - (W**2).sum() * W),
            "You sum the squares over all neurons. |w_i|^2 belongs to one row: sum over axis 1.",
        ),
        Mistake(
            rate * (growth - (W**2).sum(axis=0) * W),
            "You sum the squares over neurons, down the columns. |w_i|^2 is a sum along the row.",
        ),
        Mistake(rate * (growth - np.sqrt(squares) * W), "The decay has |w_i|^2; you have |w_i|."),
        Mistake(
            rate * (growth - W**3), "You cube each weight; |w_i|^2 is the sum over the whole row."
        ),
        Mistake(rate * (growth + squares * W), "The sign of the decay is wrong."),
        Mistake(W + rate * right, "This is the new W; return only its change."),
        Mistake(right, "The learning rate is missing: self.learning_rate times the change."),
    ]
    compare("The change", found, rate * right, mistakes, "eta (y_i x_j - |w_i|^2 W_ij)")


def _samples() -> AnyArray:
    rng = np.random.default_rng(6)
    axes = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    # Of signs, so that the variance along an axis does not fluctuate, nor the length of w with it.
    samples: AnyArray = rng.choice([-1.0, 1.0], (_SAMPLES, 3)) * _DEVIATIONS @ axes.T
    return samples


def _check_fixed_point(rule: Rule) -> str:
    """Raise unless training reaches the fixed point of theory."""
    data, layer = _samples(), LinearLayer(3, 2)
    layer.W.value = 0.1 * jax.random.normal(jax.random.key(0), (2, 3))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CannsWarning)
            RuleTrainer(layer, rule, learning_rate=_RATE).train(data)
    except DivergenceError as error:
        raise AnswerError(f"The weights grow without bound: {error}") from error
    except CannsError as error:
        raise AnswerError(f"RuleTrainer refused the rule: {error}") from error
    values, vectors = np.linalg.eigh(data.T @ data / len(data))
    rows = np.asarray(layer.W.value, np.float64)
    squares = (rows**2).sum(axis=1)
    cosines = np.abs(rows @ vectors[:, -1]) / np.sqrt(squares)
    if (cosines < 0.99).any() or (np.abs(squares / values[-1] - 1) > 0.05).any():
        raise AnswerError(
            f"After {_SAMPLES} samples the rows have squared lengths {squares.round(2).tolist()}; "
            f"theory has lambda_1 = {values[-1]:.2f}. Does the rule keep anything from one sample "
            "to the next?"
        )
    lengths = " and ".join(f"{square:.2f}" for square in squares)
    return (
        f"Right: both rows found the first eigenvector, with squared lengths {lengths}; theory has "
        f"lambda_1 = {values[-1]:.2f}."
    )
