"""Models and arrays spread over four devices of the host, in one process of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jax
import pytest
from jax.sharding import AxisType, Mesh

from canns.errors import ValidationError
from canns.parallel import make_mesh, shard

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).with_name("spread_checks.py")
FOUR = "--xla_force_host_platform_device_count=4"
CHECKS = [
    "training_and_recall_equal_those_of_one_device",
    "each_device_holds_its_rows_after_all_that_writes",
    "a_second_call_compiles_nothing",
    "no_device_ever_sees_the_whole_matrix",
    "patterns_spread_either_way_recall_the_same",
    "a_pattern_memory_stays_spread_when_it_stores",
    "sweeps_equal_those_of_one_device",
    "members_of_an_ensemble_are_trained_apart",
    "members_of_an_ensemble_tell_each_other_nothing",
    "an_axis_that_does_not_divide_is_refused_and_nothing_moves",
]


@pytest.fixture(scope="module")
def found():
    done = subprocess.run(
        [sys.executable, "-W", "error", SCRIPT],
        env=os.environ | {"XLA_FLAGS": FOUR, "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_check_is_listed(found):
    assert list(found) == CHECKS


@pytest.mark.parametrize("check", CHECKS)
def test_on_four_devices(found, check):
    assert found[check] == "held"


def test_a_device_is_taken_once():
    device = jax.devices()[0]
    for devices in ([], [device, device]):
        with pytest.raises(ValidationError, match="devices must be one or more, all different"):
            make_mesh(devices)


def test_a_mesh_of_explicit_types_is_refused():
    for mesh in (
        jax.make_mesh((1,), ("shard",), (AxisType.Explicit,)),
        Mesh(jax.devices()[:1], "x"),
    ):
        with pytest.raises(ValidationError, match="mesh must be one that make_mesh returned"):
            shard({}, mesh)


def test_the_axis_is_a_whole_number():
    with pytest.raises(ValidationError, match="axis must be"):
        shard({}, make_mesh(), axis=0.5)
