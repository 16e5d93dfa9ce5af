"""What a rule predicts: the learning loop along an experiment, with the observed output if any."""

import jax
import jax.numpy as jnp

from canns._precision import full_precision
from canns.dynamics import Activity, Neuron, RandomSpikes
from canns.inference.experiment import Observed
from canns.plasticity import Learner, Setup
from canns.plasticity.learning import Samples, advance, healthy
from canns.typing import Array, PyTree

__all__ = ["frozen", "in_range", "predict", "states"]

_LARGEST = 1e6  # a weight beyond it is on its way out of all range


def in_range(learner: Learner) -> Array:
    """Return whether all numbers are finite, and no weight is on its way out of all range."""
    largest = [jnp.abs(part).max() for part in jax.tree.leaves(learner.weights)]
    return healthy(learner) & (jnp.stack(largest).max() < _LARGEST)


def frozen(before: Learner, after: Learner, fine: Array, running: Array) -> tuple[Learner, Array]:
    """Return the learner after a sample, and whether it was in range so far.

    Out of range, or after the last sample, it stays what it was before, so that no infinite number
    enters a sum.

    Args:
        before: The learner before the sample.
        after: The learner after it.
        fine: Whether it was in range until then.
        running: Whether the sample belongs to the run.
    """
    sound = in_range(after)
    moves = running & fine & sound
    kept: Learner = jax.tree.map(lambda new, old: jnp.where(moves, new, old), after, before)
    return kept, fine & (sound | ~running)


@full_precision
def predict(
    setup: Setup,
    kind: Observed,
    start: Array,
    samples: Samples,
    seen: Array,
    length: Array,
    forced: Array,
) -> tuple[Array, Array]:
    """Return the predictions along one experiment, and whether the weights stayed in range.

    Args:
        setup: The rule, neuron and constraint.
        kind: What was observed.
        start: The start weights, (out, in).
        samples: Inputs, (T, in), and rewards, (T,), or None.
        seen: What was observed, (T, ...), NaN for nothing.
        length: Number of samples to run; after it all stays as it is.
        forced: Whether observed weights replace those of the run after each sample, so that each
            step starts from what was observed.

    Returns:
        Predicted weights, (T, out, in), or activity, or probabilities, (T, out).
    """

    def body(carry: tuple[Learner, Array], at: PyTree) -> tuple[PyTree, PyTree]:
        learner, fine = carry
        i, x, reward, observed = at
        state, activity, predicted = _respond(setup.neuron, kind, learner, x, observed)
        after = advance(setup, learner, Samples(x, reward), (state, activity))
        if kind == "weights":
            predicted = after.weights
            known = forced & jnp.isfinite(observed)
            after = after._replace(weights=jnp.where(known, observed, after.weights))
        return frozen(learner, after, fine, i < length), predicted

    steps = jnp.arange(len(samples.x))
    first = setup.start(start), jnp.asarray(True)
    (_, fine), predictions = jax.lax.scan(body, first, (steps, samples.x, samples.reward, seen))
    return predictions, fine


def states(
    setup: Setup, kind: Observed, start: Array, samples: Samples, seen: Array, length: Array
) -> tuple[Array, Activity]:
    """Return the weights before each sample, (T, out, in), and the activity that the rule reads."""

    def body(carry: tuple[Learner, Array], at: PyTree) -> tuple[PyTree, PyTree]:
        learner, fine = carry
        i, x, reward, observed = at
        state, activity, _ = _respond(setup.neuron, kind, learner, x, observed)
        after = advance(setup, learner, Samples(x, reward), (state, activity))
        kept = frozen(learner, after, fine, i < length)
        return kept, (learner.weights, activity._replace(reward=reward))

    steps = jnp.arange(len(samples.x))
    first = setup.start(start), jnp.asarray(True)
    _, found = jax.lax.scan(body, first, (steps, samples.x, samples.reward, seen))
    weights, activity = found
    return weights, activity


def _respond(
    neuron: Neuron, kind: Observed, learner: Learner, x: Array, seen: Array
) -> tuple[PyTree, Activity, Array]:
    """Return the neuron's state, the activity that the rule reads, and what is predicted.

    Spikes and choices that were observed are what the rule reads; their chance is predicted. For
    one that was not observed it reads the chance.
    """
    if kind in ("weights", "activity"):
        state, activity = neuron.step(learner.state, learner.weights, x)
        return state, activity, activity.post
    if isinstance(neuron, RandomSpikes):
        potential = learner.weights @ x
        chance = neuron.chance(potential)
        taken = jnp.where(jnp.isfinite(seen), seen, chance)
        return learner.state, neuron.show(x, taken, potential), chance
    state, activity = neuron.step(learner.state, learner.weights, x)
    taken = jnp.where(jnp.isfinite(seen), seen, activity.post)
    return state, activity._replace(post=taken), activity.post
