"""Open the built book in Chromium, offline: shared by the browser tests and by `screenshots.py`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

HTML = Path(__file__).resolve().parents[1] / "_build" / "html"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = 1400, 390
REDIRECT = 'http-equiv="Refresh"'
THEMES = ("light", "dark")


def pages(html: Path = HTML) -> list[str]:
    """Return the addresses of all pages of the built book, without those that only redirect."""
    found = [page for page in html.rglob("*.html") if REDIRECT not in page.read_text("utf8")]
    names = (page.relative_to(html).as_posix() for page in found)
    return sorted(name for name in names if not name.startswith("_static/"))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on the loopback interface and yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the system's Chromium and yield it."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise FileNotFoundError("no Chromium on the path: install the package 'chromium'")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def new_tab(browser: Any, *, width: int = DESKTOP, theme: str = "light") -> Any:
    """Open an empty tab of a given width in which the book shows a given theme."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
    )
    context.add_init_script(
        f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}');"
    )
    return context.new_page()


def settle(tab: Any) -> None:
    """Wait until a page has loaded, its maths is typeset and its figures are drawn."""
    tab.wait_for_load_state("load")
    tab.evaluate("async () => { if (window.MathJax?.startup) await MathJax.startup.promise; }")
    tab.wait_for_function(
        "() => [...document.querySelectorAll('.interactive-figure')]"
        ".every(box => box.querySelector('svg.main-svg'))",
        timeout=15_000,
    )
