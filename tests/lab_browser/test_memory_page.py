"""The memory page, used with a mouse and with keys."""

import numpy as np
import pytest

NUMBER = r"^-?\d"
FIXED = "fixed point"


@pytest.fixture
def page(open_page, tools):
    opened = open_page("/")
    tools.wait_for(opened, "overlap", NUMBER)
    return opened


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def stroke(page, points):
    """Drag the mouse over the grid, through points in shares of its sides."""
    box = page.get_by_role("application").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def test_what_is_drawn_is_stored_corrupted_and_recalled(page, tools):
    button(page, "Clear").click()
    tools.wait_for(page, "words", "Nothing is stored")
    stroke(page, [(0.1, 0.1), (0.9, 0.1), (0.9, 0.6)])
    button(page, "Store").click()
    tools.wait_for(page, "words", "1 patterns")
    stroke(page, [(0.1, 0.9), (0.8, 0.9)])
    button(page, "Store").click()
    tools.wait_for(page, "words", "2 patterns")
    button(page, "Corrupt the chosen pattern").click()
    tools.wait_for(page, "overlap", r"^0\.6")
    button(page, "Run").click()
    tools.wait_for(page, "words", FIXED)
    found = tools.run_code(page)
    assert found["patterns"].shape == (2, 256)
    assert (found["patterns"] == 1).sum(axis=1).min() > 5  # the strokes are in the patterns
    assert f"{found['overlaps'][1]:.3f}" == tools.fact(page, "overlap")


def test_a_step_with_noise_gives_the_overlap_of_the_library(page, tools):
    tools.choose(page, "Dynamics", "Glauber: asynchronous, noisy")
    button(page, "Corrupt the chosen pattern").click()
    tools.wait_for(page, "sweep", "^0$")
    for step in ("^1$", "^2$"):
        button(page, "Step").click()
        tools.wait_for(page, "sweep", step)
    tools.wait_for(page, "words", "2 sweeps")
    found = tools.run_code(page)
    assert f"{found['overlaps'][1]:.3f}" == tools.fact(page, "overlap")
    energy = found["network"].energies(found["state"][None])
    assert f"{float(np.asarray(energy)[0]):.1f}" == tools.fact(page, "energy")


def test_the_mouse_corrupts_the_state(page, tools):
    before = tools.fact(page, "overlap")
    stroke(page, [(0.05, 0.95), (0.95, 0.95)])
    page.wait_for_function(
        "before => document.querySelector('[data-fact=overlap]').innerText !== before", arg=before
    )
    for _ in range(20):  # a stroke is sent in parts, frame by frame
        found = tools.run_code(page)
        if f"{found['overlaps'][1]:.3f}" == tools.fact(page, "overlap"):
            break
        page.wait_for_timeout(200)
    else:
        pytest.fail("the page and its Python do not agree")


def test_another_rule_and_load_are_stored_in_the_network(page, tools):
    tools.choose(page, "Storage rule", "Pseudo-inverse (projection)")
    tools.wait_for(page, "words", "Pseudo-inverse")
    slider = page.get_by_role("slider", name="Patterns P")
    slider.focus()
    for _ in range(4):
        slider.press("ArrowRight")
    tools.wait_for(page, "words", "6 patterns")
    button(page, "Run").click()
    tools.wait_for(page, "words", FIXED)
    assert tools.run_code(page)["patterns"].shape == (6, 256)
    assert "α" in page.get_by_text("P/N = 0.023").inner_text()


def test_keys_alone_are_enough(page, tools):
    button(page, "Clear").focus()
    page.keyboard.press("Enter")
    tools.wait_for(page, "words", "Nothing is stored")
    page.get_by_role("application").focus()
    for key in ("Home", "ArrowDown", "Space", "ArrowRight", "Space", "End", "Space"):
        page.keyboard.press(key)
    assert page.get_by_text("Row 2, column 16: on").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText").strip().endswith("Run")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tools.wait_for(page, "words", "1 patterns")
    found = tools.run_code(page)
    assert np.flatnonzero(found["patterns"][0] == 1).tolist() == [16, 17, 31]


def test_everything_has_a_name_for_a_screen_reader(page):
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, input, [role=slider], canvas')].filter(one =>"
        " !one.ariaLabel && !one.innerText.trim() && !one.labels?.length"
        " && !one.closest('[aria-label]') && one.offsetParent).map(one => one.outerHTML)"
    )
    assert nameless == []


def test_two_tabs_do_not_disturb_each_other(page, open_page, tools):
    other = open_page("/")
    tools.wait_for(other, "overlap", NUMBER)
    tools.choose(other, "Dynamics", "Glauber: asynchronous, noisy")
    button(other, "Run").click()
    tools.wait_for(other, "sweep", r"^[1-9]")
    button(page, "Clear").click()
    tools.wait_for(page, "words", "Nothing is stored")
    tools.wait_for(other, "sweep", r"^\d\d")  # it still runs
    assert "2 patterns" in tools.fact(other, "words")


def wait_for_status(page, server, **expected):
    """Wait until the server says so many tabs are open, or runs go on."""
    page.wait_for_function(
        "async ([address, expected]) => {"
        " const found = await (await fetch(address + '/status')).json();"
        " return Object.entries(expected).every(([name, count]) => found[name] === count) }",
        arg=[server.address, expected],
    )


def test_a_closed_tab_ends_its_run_and_is_freed(page, open_page, server, tools):
    before = server.status()["tabs"]
    other = open_page("/")
    tools.wait_for(other, "overlap", NUMBER)
    tools.choose(other, "Dynamics", "Glauber: asynchronous, noisy")
    button(other, "Run").click()
    wait_for_status(page, server, running=1, tabs=before + 1)
    other.close()
    wait_for_status(page, server, running=0, tabs=before)


def test_a_long_run_is_stopped(page, server, tools):
    tools.choose(page, "Dynamics", "Little: synchronous, noisy")
    button(page, "Run").click()
    tools.wait_for(page, "sweep", r"^[3-9]")
    button(page, "Stop").click()
    wait_for_status(page, server, running=0)
    assert f" {tools.fact(page, 'sweep')} sweeps" in tools.wait_for(page, "words", "[3-9] sweeps")


def test_the_curve_is_measured_until_it_is_stopped(page, server, tools):
    button(page, "Measure the curve").click()
    tools.wait_for(page, "progress", "load 2 of 12")
    button(page, "Stop measuring").click()
    wait_for_status(page, server, running=0)
    tools.wait_for(page, "progress", r"^\d+ loads measured")
