"""The plasticity page: spikes that are dragged, synapses that compete, fields that grow."""

import numpy as np
import pytest


@pytest.fixture
def page(open_page, tools):
    opened = open_page("/plasticity")
    tools.wait_for(opened, "change", r"^[+-]\d")
    return opened


def run(page, title):
    """Return the panel of a name, after its run has begun."""
    panel = page.get_by_role("region", name=title)
    panel.get_by_role("button", name="Run", exact=True).click()
    return panel


def test_the_lag_of_a_pair_is_moved_by_keys_and_by_mouse(page, tools):
    assert tools.fact(page, "lag") == "+10 ms"
    slider = page.get_by_role("slider", name="Lag", exact=True)
    slider.focus()
    slider.press("ArrowLeft")
    tools.wait_for(page, "lag", r"\+9 ms")
    box = page.get_by_label("Change of the weight against the lag").bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"], steps=3)
    page.mouse.up()
    tools.wait_for(page, "change", "^-")
    tools.wait_for(page, "pair-words", "weaker")
    found = tools.run_code(page, "pair-code")
    assert f"{found['lag']:+d} ms" == tools.fact(page, "lag")
    assert f"{found['change']:+.3f}" == tools.fact(page, "change")


def test_a_window_out_of_range_is_refused(page, tools):
    before = tools.fact(page, "change")
    field = page.get_by_label("A₊")
    field.fill("-1")
    field.press("Tab")
    assert "A_plus must be" in page.locator(".q-notification__message").inner_text()
    assert tools.fact(page, "change") == before


def test_fields_grow_as_in_the_library(page, tools):
    tools.choose(page, "Learning rule", "Competitive")
    panel = run(page, "Fields grow")
    tools.wait_for(page, "patches", r"^\d,\d")
    panel.get_by_role("button", name="Stop").click()
    tools.wait_for(page, "field-code", "trainer")
    found = tools.run_code(page, "field-code")
    change = np.linalg.norm(found["record"].weight_change[-1])
    assert f"{change:.3f}" == tools.fact(page, "norm")


def test_synapses_compete_as_in_the_library(page, tools):
    panel = run(page, "Spikes compete")
    tools.wait_for(page, "time", r"^[3-9] s|^\d\d")
    panel.get_by_role("button", name="Stop").click()
    tools.wait_for(page, "competition-code", "weights")
    found = tools.run_code(page, "competition-code")
    assert f"{found['weights'].mean():.3f}" == tools.fact(page, "mean")
