"""Boltzmann machines: the sampled gradient, what is learnt from few data, and the encoder."""

from functools import partial
from typing import Any, NamedTuple

import jax
import numpy as np

from canns.energy.machines import all_states
from canns.models.brain_inspired import BoltzmannMachine
from canns.reproduce._claim import Claim
from canns.reproduce._draw import split
from canns.reproduce._encoder import CYCLES, Encoders, encoders
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.trainer import BoltzmannTrainer
from canns.typing import AnyArray

__all__ = ["BOLTZMANN"]

_MACHINES, _VISIBLE, _HIDDEN, _CHAINS, _SWEEPS = 12, 8, 4, 1000, 50
_LEARNT, _SAMPLES, _EPOCHS = 6, 2000, 2000
_SEEN = np.array([1, 2, 4, 8, 16, 32, 64, 128, 256])  # epochs after which a machine is looked at
_ENCODERS = 50
_MEDIAN = 110  # cycles: half of the paper's machines took longer


def _gradients(rng: np.random.Generator) -> AnyArray:
    """Return the exact and the sampled derivatives of machines at random, (machines, 2, pairs)."""
    size = _VISIBLE + _HIDDEN
    pairs, found = np.triu_indices(size, 1), []
    machine = BoltzmannMachine(_VISIBLE, _HIDDEN, seed=0)
    for _ in range(_MACHINES):
        _at_random(machine, rng)
        data = rng.integers(0, 2, (100, _VISIBLE))
        seed = int(rng.integers(2**31))
        exact = machine.gradient(data).W[pairs]
        options: Any = {"num_sweeps": _SWEEPS, "num_chains": _CHAINS, "seed": seed}
        found.append([exact, machine.gradient(data, **options).W[pairs]])
    return np.array(found)


class _Learning(NamedTuple):
    """How far machines are from the one that made their data, in nats.

    Args:
        reached: Where exact learning ends, (machines,).
        exact: One of them after some epochs.
        sampled: The same data learnt by sampling, after as many.
    """

    reached: AnyArray
    exact: AnyArray
    sampled: AnyArray


def _learning(rng: np.random.Generator) -> _Learning:
    """Train machines without hidden units on samples of others like them."""
    reached, curves = [], list[AnyArray]()
    for index in range(_MACHINES):
        truth = _at_random(BoltzmannMachine(_LEARNT, seed=0), rng)
        chances = np.asarray(truth.probabilities(), float)
        chances /= chances.sum()
        states = np.asarray(all_states(_LEARNT, np.float32))
        data = states[rng.choice(len(chances), _SAMPLES, p=chances)]
        machine = BoltzmannMachine(_LEARNT, seed=0)
        exact = BoltzmannTrainer(machine, 1.0, exact=True)
        if not index:  # one of them is watched, and learns by sampling too
            other = BoltzmannMachine(_LEARNT, seed=0)
            sampling = BoltzmannTrainer(other, 0.2, num_sweeps=5, persistent=True)
            for trainer, size in ((exact, _SAMPLES), (sampling, 100)):
                curves.append(_watched(trainer, data, size, chances, int(rng.integers(2**31))))
        exact.train(data, epochs=_EPOCHS, batch_size=_SAMPLES, seed=0)
        reached.append(_divergence(exact.model, chances))
    return _Learning(np.array(reached), *curves)


def _watched(
    trainer: BoltzmannTrainer, data: AnyArray, batch_size: int, chances: AnyArray, seed: int
) -> AnyArray:
    """Return the divergence after some epochs."""
    found = []
    for epochs in np.diff(_SEEN, prepend=0).tolist():
        trainer.train(data, epochs=epochs, batch_size=batch_size, seed=seed)
        found.append(_divergence(trainer.model, chances))
    return np.array(found)


def _divergence(machine: BoltzmannMachine, chances: AnyArray) -> float:
    learnt = np.asarray(machine.probabilities(), float)
    return float(chances @ np.log(chances / learnt))


def _at_random(machine: BoltzmannMachine, rng: np.random.Generator) -> BoltzmannMachine:
    size = machine.num_visible + machine.num_hidden
    upper = np.triu(rng.normal(size=(size, size)), 1)
    machine.W.value, machine.b.value = upper + upper.T, rng.normal(size=size)
    return machine


def _boltzmann(seed: int) -> Findings:
    rng = np.random.default_rng(seed)
    gradients = _gradients(rng)
    slopes = [float(sampled @ exact / (exact @ exact)) for exact, sampled in gradients]
    learning = _learning(rng)
    coders = encoders(_ENCODERS, jax.random.key(seed))
    by_median = int((coders.found <= _MEDIAN).sum())
    # Maximum likelihood with k weights is k/2P nats from the truth, to first order in 1/P.
    num_weights = _LEARNT * (_LEARNT + 1) // 2
    least = num_weights / (2 * _SAMPLES)
    claims = [
        Claim.of_mean(
            f"slope of sampled over exact derivatives, N = {_VISIBLE + _HIDDEN}",
            "our theory",
            1.0,
            slopes,
        ),
        Claim.of_share(
            f"encoders with four codes by cycle {_MEDIAN}",
            "paper's number",
            0.5,
            by_median,
            _ENCODERS,
        ),
        Claim.of_mean(
            f"divergence from the truth after {_SAMPLES} samples, N = {_LEARNT} (nats)",
            "our theory",
            least,
            learning.reached,
            room=(2 * least) ** 2,
            why="the next order in the number of samples",
        ),
    ]
    data = {
        "exact derivatives": gradients[:, 0],
        "sampled derivatives": gradients[:, 1],
        "divergence after exact learning": learning.reached,
        "divergence by epoch, exact": learning.exact,
        "divergence by epoch, sampled": learning.sampled,
        "cycle of four codes": np.where(np.isinf(coders.found), -1, coders.found),
        "weights of an encoder": coders.example,
    }
    return Findings(claims, data, partial(_draw, gradients, learning, least, coders))


def _draw(
    gradients: AnyArray, learning: _Learning, least: float, coders: Encoders, canvas: Canvas
) -> None:
    parts = split(canvas, 2, 2)
    _draw_gradients(parts[0].subplots(), gradients)
    _draw_learning(parts[1].subplots(), learning, least)
    _draw_times(parts[2].subplots(), coders)
    _draw_weights(parts[3], coders.example)


def _draw_gradients(axes: Any, gradients: AnyArray) -> None:
    exact, sampled = gradients[:, 0].ravel(), gradients[:, 1].ravel()
    ends = np.array([exact.min(), exact.max()])
    axes.plot(ends, ends, color="0.6", linewidth=1, label="equal")
    axes.plot(exact, sampled, ".", markersize=3, label=f"{_MACHINES} machines at random")
    axes.set(
        title=f"Sampling finds the gradient, N = {_VISIBLE + _HIDDEN}",
        xlabel=r"Exact $\partial\langle\ln P\rangle/\partial w$",
        ylabel="Sampled",
    )
    axes.legend(frameon=False)


def _draw_learning(axes: Any, learning: _Learning, least: float) -> None:
    axes.plot(_SEEN, learning.exact, "o-", label="exact, 1 step an epoch")
    axes.plot(_SEEN, learning.sampled, "s-", label="by sampling, 20 steps")
    axes.axhline(least, color="0.4", linestyle="--", linewidth=1.2, label="expected at best")
    axes.set(
        xscale="log",
        yscale="log",
        ylim=(least / 2, 4000 * least),
        title=f"What {_SAMPLES} samples teach, N = {_LEARNT}",
        xlabel="Epoch",
        ylabel="Divergence\nfrom the truth (nats)",
    )
    axes.legend(frameon=False, loc="upper right")


def _draw_times(axes: Any, coders: Encoders) -> None:
    times = np.sort(coders.found[np.isfinite(coders.found)])
    share = np.arange(1, len(times) + 1) / len(coders.found)
    axes.step(np.append(times, CYCLES), np.append(share, share[-1]), where="post", label="ours")
    axes.plot(_MEDIAN, 0.5, "s", color="#D55E00", label="Ackley et al.")
    axes.set(
        xscale="log",
        xlim=(8, 1000),
        ylim=(0, 1.05),
        title="Encoders with four codes",
        xlabel="Learning cycle",
        ylabel=f"Share of {len(coders.found)}",
    )
    axes.legend(frameon=False, loc="upper left")


def _draw_weights(canvas: Canvas, weights: AnyArray) -> None:
    """Draw the weights between the hidden units and the two groups."""
    axes: Any = canvas.subplots()
    shown = weights[8:, :8]
    largest = np.abs(shown).max()
    image = axes.imshow(shown, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto")
    axes.axvline(3.5, color="black", linewidth=1)
    names = [f"{group}{unit}" for group in "AB" for unit in range(1, 5)]
    axes.set_xticks(range(8), names)
    axes.set_yticks(range(2), ["hidden 1", "hidden 2"])
    axes.set(
        title="Weights of one of them",
        xlabel="Visible units of both groups",
    )
    canvas.colorbar(image, ax=axes, label="Weight")


BOLTZMANN = PublishedFigure(
    name="boltzmann",
    paper="Ackley, Hinton & Sejnowski (1985), Cognitive Science 9:147",
    shows="A Boltzmann machine finds a code for four patterns in two hidden units.",
    against=("paper's number", "our theory"),
    seconds=60,
    run=_boltzmann,
)
