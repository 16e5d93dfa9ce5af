"""Spiking neurons learn digits without labels: the protocol of the paper, on other digits.

The paper learns MNIST, of 28 x 28 pixels, in 60,000 images and up to 6400 neurons. Here are the
digits of scikit-learn, of 8 x 8 pixels, so its shares are not to be compared with ours. From the
paper are: Poisson input, 350 ms an image, raised until 5 spikes answer; the rule with a target
trace; thresholds that rise with each spike; lateral inhibition; weights of one sum for each neuron;
and classes that neurons are given after learning. Changed are:
- A pixel stands for about 12 of MNIST, so it fires at four times 63.75 Hz, and traces of inputs
  decay four times as fast.
- Synapses are currents, not conductances, and inhibition holds others at rest for 2 ms.
- 1200 images are shown once, and 600 of them name the neurons. Thresholds rise by more, and decay
  in 1000 s, not 10,000 s.
- In place of the rest of 150 ms, potentials, currents and traces are set to rest.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.stats import binomtest

from canns import task
from canns._extras import require
from canns.dynamics import AdaptiveLIF, LateralInhibition
from canns.plasticity import Bounds, Learner, RowSums, Setup, TargetTraceSTDP
from canns.plasticity.learning import Fixed, Samples, advance
from canns.reproduce._claim import FALSE_ALARM, Claim
from canns.reproduce._draw import split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.typing import AnyArray, Array

__all__ = ["DIEHL_COOK"]

_HELD_OUT, _NAMING, _RATE, _STEPS, _LEAST, _TRIES = 597, 600, 4 * 63.75, 350, 5, 6
_W_MAX, _SHARE = 20.0, 0.19  # mV; the mean weight, as a share of it
_THRESHOLD = 100.0  # mV of rise of all neurons together, if each of them fires once
_RULE = TargetTraceSTDP(0.1 * _W_MAX**0.5, 0.3, mu=0.5, w_max=_W_MAX, tau_pre=5.0)


class _Task(NamedTuple):
    """Number of neurons, and after how many images their classes are read."""

    neurons: int
    stages: tuple[int, ...]


class _Stage(NamedTuple):
    """What is read after some images: weights, classes of neurons, and answers to held-out ones."""

    shown: int
    weights: AnyArray
    owners: AnyArray
    answers: AnyArray


def _setup(size: int, *, learns: bool) -> Setup:
    rise = _THRESHOLD / size if learns else 0.0
    lif = AdaptiveLIF(
        tau_m=100.0,
        E_L=-65.0,
        V_th=-52.0,
        V_reset=-60.0,
        t_ref=5.0,
        theta_plus=rise,
        tau_theta=1e6,
    )
    neuron = LateralInhibition(lif, V_inh=-65.0, duration=2.0)
    return Setup(_RULE, neuron, Bounds(0.0, _W_MAX)) if learns else Setup(Fixed(), neuron)


def _at_rest(setup: Setup, weights: Array, theta: Array) -> Learner:
    """Return a learner at rest with given weights and thresholds."""
    rest = setup.start(weights)
    inner = rest.state.neuron._replace(theta=theta)
    return rest._replace(state=rest.state._replace(neuron=inner))


def _shown(
    setup: Setup, learner: Learner, image: Array, strength: float | Array, key: Array
) -> tuple[Learner, Array]:
    """Return the learner after an image, and the spikes of each neuron."""
    chance = -jnp.expm1(-image * strength * _RATE / 1000)
    spikes = jax.random.uniform(key, (_STEPS, len(image))) < chance

    def step(carry: tuple[Learner, Array], x: Array) -> tuple[tuple[Learner, Array], None]:
        learner, counts = carry
        learner = advance(setup, learner, Samples(x.astype(image.dtype)))
        return (learner, counts + learner.activity[1]), None

    start = learner, jnp.zeros(len(learner.weights), image.dtype)
    (after, counts), _ = jax.lax.scan(step, start, spikes)
    return _at_rest(setup, after.weights, after.state.neuron.theta), counts


@jax.jit
def _learnt(setup: Setup, learner: Learner, images: Array, keys: Array) -> Learner:
    """Return the learner after images; each is shown again, stronger, until enough spikes answer.

    All images are shown in one compiled scan.
    """
    total = _SHARE * _W_MAX * images.shape[1]

    def one(learner: Learner, image_and_key: tuple[Array, Array]) -> tuple[Learner, None]:
        image, key = image_and_key

        def silent(carry: tuple[Array, Learner, Array]) -> Array:
            tries, _, count = carry
            return (count < _LEAST) & (tries < _TRIES)

        def again(carry: tuple[Array, Learner, Array]) -> tuple[Array, Learner, Array]:
            tries, learner, _ = carry
            drawn = jax.random.fold_in(key, tries)
            learner, counts = _shown(setup, learner, image, 1 + 0.5 * tries, drawn)
            return tries + 1, learner, counts.sum()

        learner = learner._replace(weights=RowSums(total)(learner.weights))
        start = jnp.asarray(0), learner, jnp.zeros((), image.dtype)
        return jax.lax.while_loop(silent, again, start)[1], None

    after: Learner = jax.lax.scan(one, learner, (images, keys))[0]
    return after._replace(weights=RowSums(total)(after.weights))


@jax.jit
def _answers(setup: Setup, learner: Learner, images: Array, keys: Array) -> Array:
    """Return the spikes with which neurons answer each image, without learning, (images, N)."""
    idle = _at_rest(setup, learner.weights, learner.state.neuron.theta)
    answers: Array = jax.lax.map(
        lambda one: _shown(setup, idle, one[0], 1.0, one[1])[1], (images, keys), batch_size=100
    )
    return answers


def _stages(images: AnyArray, labels: AnyArray, key: Array, work: _Task) -> list[_Stage]:
    """Return what is read at each stage; the first images name neurons, the last are held out."""
    first, *keys = jax.random.split(key, 1 + len(images))
    weights = jax.random.uniform(first, (work.neurons, images.shape[1]), maxval=0.3 * _W_MAX)
    learns, reads = (_setup(work.neurons, learns=learns) for learns in (True, False))
    learner = _at_rest(learns, weights, jnp.zeros(work.neurons))
    rows, each = jnp.asarray(images), jnp.stack(keys)
    naming, stages, before = slice(_NAMING), list[_Stage](), 0
    asked = np.r_[:_NAMING, len(images) - _HELD_OUT : len(images)]
    for shown in work.stages:
        learner = _learnt(learns, learner, rows[before:shown], each[before:shown])
        counts = np.asarray(_answers(reads, learner, rows[asked], each[asked]))
        owners = task.label_neurons(counts[naming], labels[naming], num_classes=10)
        answers = task.classify_by_labels(counts[_NAMING:], owners, num_classes=10)
        stages.append(_Stage(shown, np.asarray(learner.weights), owners, answers))
        before = shown
    return stages


def _others(images: AnyArray, labels: AnyArray) -> dict[str, AnyArray]:
    """Return which held-out images two classifiers read right that learn with labels."""
    linear = require("sklearn.linear_model", "data").LogisticRegression(max_iter=2000)
    nearest = require("sklearn.neighbors", "data").KNeighborsClassifier(3)
    train = len(images) - _HELD_OUT
    return {
        name: model.fit(images[:train], labels[:train]).predict(images[train:]) == labels[train:]
        for name, model in (("3 nearest neighbours", nearest), ("linear classifier", linear))
    }


def _interval(right: AnyArray) -> list[float]:
    return [*binomtest(int(right.sum()), len(right)).proportion_ci(1 - FALSE_ALARM)]


def _diehl_cook(seed: int, work: _Task) -> Findings:
    images, labels = task.digits()
    order = np.random.default_rng(seed).permutation(len(images))
    images, labels = images[order], labels[order]
    stages = _stages(images, labels, jax.random.key(seed), work)
    held = labels[-_HELD_OUT:]
    right = {stage.shown: stage.answers == held for stage in stages}
    others = _others(images, labels)
    last = stages[-1]
    hits = int(right[last.shown].sum())
    alone = int((right[last.shown] & ~right[work.stages[0]]).sum())
    either = int((right[last.shown] ^ right[work.stages[0]]).sum())
    named = f"held-out digits that {work.neurons} neurons read right"
    claims = [
        Claim.of_share(named, "our simulation", 0.8, hits, _HELD_OUT, "at least"),
        Claim.of_share(
            f"digits read only after {last.shown} or only after {work.stages[0]} images: by more",
            "our simulation",
            0.5,
            alone,
            either,
            "at least",
        ),
    ]
    confusion = np.zeros((10, 11), int)
    np.add.at(confusion, (held, last.answers), 1)  # -1, no answer, is the last column
    data = {
        "neurons": work.neurons,
        "images shown": work.stages,
        "share right": [right[shown].mean() for shown in work.stages],
        "99.9 % interval": [_interval(right[shown]) for shown in work.stages],
        **{f"share right, {name}": row.mean() for name, row in others.items()},
        **{f"99.9 % interval, {name}": _interval(row) for name, row in others.items()},
        "no answer": float((last.answers < 0).mean()),
        "confusion": confusion,
        "classes of neurons": last.owners,
        "weights": last.weights,
    }
    draw = partial(_draw, last=last, right=right, others=others, confusion=confusion)
    return Findings(claims, data, draw)


def _draw(
    canvas: Canvas,
    last: _Stage,
    right: dict[int, AnyArray],
    others: dict[str, AnyArray],
    confusion: AnyArray,
) -> None:
    fields, side = split(canvas, 1, 2, (1.2, 1))
    axes: Any = fields.subplots()
    axes.imshow(_mosaic(last), cmap="gray_r")
    axes.set_title("Weights of neurons, by the class they were given", fontsize=10)
    axes.set_axis_off()
    curve, table = side.subplots(2, 1, height_ratios=(1, 1.5))
    shown = [*right]
    share = np.array([100 * row.mean() for row in right.values()])
    reach = np.abs(100 * np.array([_interval(row) for row in right.values()]).T - share)
    curve.errorbar(shown, share, reach, fmt="o-", capsize=3, color="#D55E00", label="spiking")
    for (name, row), colour in zip(others.items(), ("#0072B2", "#7F7F7F"), strict=True):
        curve.axhline(100 * row.mean(), color=colour, ls="--", lw=1, label=f"{name}, labels")
    curve.set(xlabel="Images shown without labels", ylabel="Read right (%)", ylim=(0, 103))
    curve.legend(frameon=False, fontsize=8, loc="lower right")
    curve.spines[["top", "right"]].set_visible(False)
    table.imshow(confusion, cmap="Blues", vmax=confusion.max())
    for (row, column), count in np.ndenumerate(confusion):
        if count:
            ink = "white" if count > confusion.max() / 2 else "black"
            table.text(column, row, count, ha="center", va="center", fontsize=7, color=ink)
    table.set_xticks(range(11), [*map(str, range(10)), "none"], fontsize=8)
    table.set_yticks(range(10), [*map(str, range(10))], fontsize=8)
    table.set(xlabel="Read as", ylabel="Digit")


def _mosaic(stage: _Stage) -> AnyArray:
    """Return the weights as pictures beside each other, sorted by class, those of none last."""
    classes = np.where(stage.owners < 0, 10, stage.owners)
    tiles = stage.weights[np.argsort(classes, kind="stable")].reshape(-1, 8, 8)
    side = int(np.sqrt(len(tiles)))
    framed = np.pad(tiles[: side * side], ((0, 0), (0, 1), (0, 1)))
    mosaic: AnyArray = framed.reshape(side, side, 9, 9).swapaxes(1, 2).reshape(side * 9, side * 9)
    return mosaic[:-1, :-1]


DIEHL_COOK = PublishedFigure(
    name="diehl-cook",
    paper="Diehl & Cook (2015), Front. Comput. Neurosci. 9:99; its protocol on other digits",
    shows="Spiking neurons learn digits without labels, by STDP and homeostasis.",
    against=("our simulation",),
    seconds=40,
    run=partial(_diehl_cook, work=_Task(144, (100, 400, 1200))),
    run_in_full=partial(_diehl_cook, work=_Task(400, (50, 150, 300, 600, 1200))),
    seconds_in_full=200,
)
