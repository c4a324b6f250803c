"""The built book in a real browser: offline, without errors, readable by everybody."""

from __future__ import annotations

from importlib.resources import files

import pytest

from tests.browser import DESKTOP, HTML, PHONE, THEMES, chromium, new_tab, pages, served, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# Without its preload, which asks for style sheets at addresses of its own making.
AXE = "async tags => (await axe.run(document, {runOnly: tags, preload: false})).violations"
# Maths in the sources that is not typeset by the time the page has settled.
RAW_MATHS = "() => [...document.querySelectorAll('.math')].filter(e => !e.querySelector('mjx-container')).length"  # noqa: E501
UNFOLD = """async () => {
  for (const box of document.querySelectorAll("details")) box.open = true;
  for (const box of document.querySelectorAll(".toggle-hidden")) box.classList.remove("toggle-hidden");
  await Promise.all(document.getAnimations().map(animation => animation.finished));
}"""  # noqa: E501
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
NO_ALT = "() => [...document.images].filter(i => !(i.alt || '').trim()).map(i => i.src)"


@pytest.fixture(scope="module")
def address():
    """The built book, served on this machine."""
    if not (HTML / "index.html").exists():
        pytest.fail(f"{HTML} has no book: run `make book` first")
    with served(HTML) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """Chromium, started once."""
    with chromium() as browser:
        yield browser


def pytest_generate_tests(metafunc):
    """Run a test once for each page; without a book, once for its missing start page."""
    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", pages() or ["index.html"])


def watch(tab, address):
    """Collect everything that goes wrong in a tab."""
    wrong = []
    tab.on("console", lambda m: m.type == "error" and wrong.append(f"console: {m.text}"))
    tab.on("pageerror", lambda error: wrong.append(f"exception: {error}"))
    tab.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    tab.on(
        "request",
        lambda r: (
            r.url.startswith((address, "data:", "blob:")) or wrong.append(f"elsewhere: {r.url}")
        ),
    )
    tab.on("response", lambda r: r.status >= 400 and wrong.append(f"{r.status}: {r.url}"))
    return wrong


def test_a_page_loads_whole_and_offline(page, address, browser):
    """A page asks nobody else for anything, misses nothing, raises nothing, and sets its maths."""
    tab = new_tab(browser)
    wrong = watch(tab, address)
    tab.goto(address + page)
    settle(tab)
    assert wrong == []
    assert tab.evaluate(RAW_MATHS) == 0
    assert tab.evaluate(NO_ALT) == []
    tab.context.close()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_page_is_accessible(page, width, theme, address, browser):
    """A page breaks no rule of WCAG A and AA that axe knows, and does not overflow sideways."""
    tab = new_tab(browser, width=width, theme=theme)
    tab.goto(address + page)
    settle(tab)
    assert tab.evaluate("() => document.documentElement.dataset.theme") == theme
    tab.evaluate(UNFOLD)
    assert tab.evaluate(OVERFLOW) <= 0
    tab.add_script_tag(content=files("axe_playwright_python").joinpath("axe.min.js").read_text())
    found = tab.evaluate(AXE, STANDARDS)
    told = [f"{v['id']}: {n['target']} {n['html'][:120]}" for v in found for n in v["nodes"]]
    assert told == []
    tab.context.close()


def test_the_start_page_leads_to_the_preface(address, browser):
    """Whoever opens the folder of the book lands on its first page."""
    tab = new_tab(browser)
    tab.goto(address)
    tab.wait_for_url("**/preface.html")
    assert tab.locator("article h1").inner_text().startswith("Preface")
    tab.context.close()


def test_the_search_works_offline(address, browser):
    """The search finds a term of the glossary without a network."""
    tab = new_tab(browser)
    wrong = watch(tab, address)
    tab.goto(f"{address}search.html?q=prosumager")
    tab.wait_for_selector("#search-results a[href*='glossary']")
    assert wrong == []
    tab.context.close()
