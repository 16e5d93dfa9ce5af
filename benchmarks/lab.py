"""How fast the memory page shows 1024 neurons, in a real browser.

Prints the time from a click on "Step" to the picture of the new state, and the pictures a second of
a run. ``make bench-lab`` runs it in the environment of the browser tests.
"""

import re
import shutil
import statistics
import subprocess
import sys

from playwright.sync_api import Page, sync_playwright

_STEPS, _SECONDS = 15, 10
# Resolves with the ms from a click to the paint of the next state; "show" draws the grid.
_STEP = """() => new Promise(done => {
  const sweep = document.querySelector('[data-fact=sweep]');
  const button = [...document.querySelectorAll('button')].find(b => b.innerText.trim() === 'Step');
  const began = performance.now();
  new MutationObserver((_, observer) => {
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  }).observe(sweep, {childList: true, characterData: true, subtree: true});
  button.click();
})"""


def main() -> None:
    """Measure, and print one line for each number."""
    command = [sys.executable, "-m", "canns", "lab", "--no-browser", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    address = re.search(r"http://[\d.:]+", server.stdout.readline())[0]
    try:
        with sync_playwright() as driver:
            path = shutil.which("chromium") or shutil.which("google-chrome")
            browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
            _measure(browser.new_page(viewport={"width": 1280, "height": 800}), address)
            browser.close()
    finally:
        server.terminate()
        server.wait(30)


def _measure(page: Page, address: str) -> None:
    page.set_default_timeout(60_000)
    page.goto(address)
    page.wait_for_function(
        "document.querySelector('[data-fact=words]').innerText.includes('2 pat')"
    )
    _choose(page, "Neurons N", "32 × 32 = 1024")
    page.wait_for_function("document.querySelector('[data-fact=words]').innerText.includes('1024')")
    _choose(page, "Dynamics", "Glauber: asynchronous, noisy")
    page.get_by_role("slider", name="Sweeps a second, at most").fill("40")
    page.evaluate(_STEP)  # compiles
    times = [page.evaluate(_STEP) for _ in range(_STEPS)]
    print(f"one step of 1024 neurons: median {statistics.median(times):.0f} ms", end=", ")
    print(f"largest of {_STEPS}: {max(times):.0f} ms")
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_timeout(1000)
    before = _sweep(page)
    page.wait_for_timeout(1000 * _SECONDS)
    print(f"run of 1024 neurons: {(_sweep(page) - before) / _SECONDS:.1f} pictures a second")


def _sweep(page: Page) -> int:
    return int(page.locator("[data-fact=sweep]").inner_text())


def _choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


if __name__ == "__main__":
    main()
