"""Photograph pages of the built book: `python -m tests.screenshots OUT [PAGE ...] [--html DIR]`.

Every page is taken at the width of a desktop and of a phone, in the light and the dark theme.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path

from tests.browser import DESKTOP, HTML, PHONE, THEMES, chromium, new_tab, pages, served, settle


def photograph(html: Path, out: Path, names: list[str]) -> list[Path]:
    """Write a full-page picture of each page, width and theme; return the files."""
    out.mkdir(parents=True, exist_ok=True)
    taken = []
    with served(html) as address, chromium() as browser:
        for (label, width), theme in product((("desktop", DESKTOP), ("phone", PHONE)), THEMES):
            tab = new_tab(browser, width=width, theme=theme)
            for name in names:
                tab.goto(address + name)
                settle(tab)
                stem = name.removesuffix(".html").replace("/", "-")
                taken.append(out / f"{stem}-{label}-{theme}.png")
                tab.screenshot(path=taken[-1], full_page=True)
            tab.context.close()
    return taken


def main() -> None:
    """Read the command line and photograph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("pages", nargs="*", help="such as back/glossary.html; default: all")
    parser.add_argument("--html", type=Path, default=HTML)
    options = parser.parse_args()
    for path in photograph(options.html, options.out, options.pages or pages(options.html)):
        print(path)  # noqa: T201


if __name__ == "__main__":
    main()
