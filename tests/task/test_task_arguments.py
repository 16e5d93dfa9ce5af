"""Functions name a bad argument before they draw anything."""

import numpy as np
import pytest

from canns import task
from canns.errors import ValidationError

ONES = np.ones((2, 12))

DRAWING = [
    (task.random_patterns, (0, 5), {}, "num_patterns"),
    (task.random_patterns, (2, 5.0), {}, "num_neurons"),
    (task.sparse_patterns, (2, 5, 0.0), {}, "coding_level"),
    (task.sparse_patterns, (2, 5, 1.0), {}, "coding_level"),
    (task.sparse_patterns, (2, 5, 0.5), {"exact": 1}, "exact"),
    (task.correlated_patterns, (2, 5, -0.1), {}, "correlation"),
    (task.correlated_patterns, (2, 5, 1.1), {}, "correlation"),
    (task.hierarchical_patterns, (0, 2, 5, 0.5), {}, "num_classes"),
    (task.hierarchical_patterns, (2, 0, 5, 0.5), {}, "num_per_class"),
    (task.hierarchical_patterns, (2, 2, 0, 0.5), {}, "num_neurons"),
    (task.hierarchical_patterns, (2, 2, 5, 2), {}, "overlap"),
    (task.flip, (ONES, 1.5), {}, "share"),
    (task.flip, (ONES, -0.1), {}, "share"),
    (task.flip, (0.5 * ONES, 0.1), {}, "patterns"),
    (task.flip, (np.ones((2, 3, 4)), 0.1), {}, "patterns"),
    (task.flip, (1.0, 0.1), {}, "patterns"),
    (task.flip, ([], 0.1), {}, "patterns"),
    (task.mask, (ONES, "0.1"), {}, "share"),
    (task.mask, (ONES, 0.1), {"value": np.inf}, "value"),
    (task.mask, (ONES, 0.1), {"value": 1e300}, "value"),
    (task.mask, ([[1.0, np.nan]], 0.1), {}, "patterns"),
    (task.occlude, (ONES, (3, 5), 0.1), {}, "shape"),
    (task.occlude, (ONES, 12, 0.1), {}, "shape"),
    (task.occlude, (ONES, (3, 2, 2), 0.1), {}, "shape"),
    (task.occlude, (ONES, (-3, -4), 0.1), {}, "shape"),
    (task.occlude, (ONES, (3, 4), 1.1), {}, "share"),
    (task.occlude, (ONES, (3, 4), 0.1), {"value": None}, "value"),
    (task.add_gaussian, (ONES, -1.0), {}, "sigma"),
    (task.natural_patches, (0,), {}, "num_patches"),
    (task.natural_patches, (5, 1), {}, "size"),
    (task.natural_patches, (5, 8), {"whiten": "yes"}, "whiten"),
    (task.bars, (0,), {}, "num_samples"),
    (task.bars, (5, 0), {}, "size"),
    (task.bars, (5, 4, 1.5), {}, "probability"),
    (task.poisson_spikes, ([-1.0], 10), {}, "rates"),
    (task.poisson_spikes, ([[1.0]], 10), {}, "rates"),
    (task.poisson_spikes, ([np.inf], 10), {}, "rates"),
    (task.poisson_spikes, ([1.0], 0), {}, "num_steps"),
    (task.poisson_spikes, ([1.0], 10), {"dt": 0.0}, "dt"),
    (task.sequence_spikes, (0, 10), {}, "num_neurons"),
    (task.sequence_spikes, (11, 10), {}, "num_steps"),
    (task.sequence_spikes, (5, 10), {"jitter": -1.0}, "jitter"),
]

FIXED = [
    (task.latency_spikes, ([1.1], 10), {}, "intensities"),
    (task.latency_spikes, ([-0.1], 10), {}, "intensities"),
    (task.latency_spikes, ([[0.5]], 10), {}, "intensities"),
    (task.latency_spikes, ([0.5], 0), {}, "num_steps"),
    (task.latency_spikes, ([0.5], 10), {"latest": 10}, "latest"),
    (task.latency_spikes, ([0.5], 10), {"latest": -1}, "latest"),
    (task.oriented_gratings, ([[0.0]], 8), {"spatial_frequency": 1}, "orientations"),
    (task.oriented_gratings, ([0.0], 1), {"spatial_frequency": 1}, "size"),
    (task.oriented_gratings, ([0.0], 8), {"spatial_frequency": 0}, "spatial_frequency"),
    (task.oriented_gratings, ([0.0], 8), {"spatial_frequency": 4}, "spatial_frequency"),
    (task.oriented_gratings, ([0.0], 8), {"spatial_frequency": 1, "phase": np.nan}, "phase"),
    (task.oriented_gratings, ([0.0], 8), {"spatial_frequency": 1, "aperture": 0}, "aperture"),
    (task.binarize, (np.ones((2, 2, 4)),), {}, "image"),
    (task.binarize, ([1.0, 2.0],), {}, "image"),
    (task.binarize, ([[0.0, 1.0]],), {"threshold": True}, "threshold"),
    (task.load_image, (3,), {}, "path"),
    (task.load_image, ("x.png", 1), {}, "size"),
    (task.bundled_images, (1,), {}, "size"),
    (task.digits, (), {"binary": "yes"}, "binary"),
]


@pytest.mark.parametrize(("function", "args", "options", "argument"), DRAWING)
def test_invalid_argument_is_named_and_nothing_is_drawn(function, args, options, argument):
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    with pytest.raises(ValidationError, match=argument) as caught:
        function(*args, **options, seed=rng)
    assert caught.value.argument.startswith(argument)
    assert rng.bit_generator.state == before


@pytest.mark.parametrize(("function", "args", "options", "argument"), FIXED)
def test_invalid_argument_is_named(function, args, options, argument):
    with pytest.raises(ValidationError) as caught:
        function(*args, **options)
    assert caught.value.argument == argument


@pytest.mark.parametrize("seed", [-1, 1.5, "0", True, np.random.RandomState(0)])
def test_seed_of_another_kind_is_refused(seed):
    with pytest.raises(ValidationError, match="seed"):
        task.random_patterns(2, 3, seed=seed)
