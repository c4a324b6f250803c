"""Every number that a chapter glues is a test.

At the end of a build the glued numbers and texts of all pages are collected into
`_build/headlines.json` and compared with the accepted ones in `book/headlines.json`. One that
moved, appeared or vanished is a warning that names the page and the key, and fails the strict
build. After looking at the change, accept it with

    python book/_ext/nemogrid_book/headlines.py --accept
"""

import argparse
import ast
import json
import math
import sys
from pathlib import Path

DEFAULT_REL_TOL = 1e-6
RICH = ("image/png", "image/svg+xml", "text/html", "text/latex", "text/markdown")


def setup(app):
    app.connect("build-finished", check_headlines)


def check_headlines(app, exception):
    from sphinx.util import logging

    from nemogrid_book.paths import HEADLINES, build_dir

    if exception is not None:
        return
    logger = logging.getLogger(__name__)
    pages = sorted(app.env.found_docs)
    computed, unusable = collect(build_dir(app) / "jupyter_execute", pages)
    write_json(build_dir(app) / "headlines.json", computed)
    for sentence in unusable + differences(computed, read_json(HEADLINES)):
        logger.warning("headline: %s", sentence, type="headline")


def collect(folder, pages):
    """Return ({page: {key: value}}, [sentences on what cannot stand in a sentence])."""
    computed, unusable = {}, []
    for page in pages:
        glued = read_json(folder / f"{page}.glue.json")
        for key, output in glued.items():
            bundle = output["data"]
            if any(kind in bundle for kind in RICH):
                continue
            try:
                value = scalar(bundle["text/plain"])
            except ValueError:
                unusable.append(
                    f"page {page}, key {key}: glue a number or a text, got {bundle['text/plain']}"
                )
            else:
                computed.setdefault(page, {})[key] = value
    return computed, unusable


def scalar(text):
    """Return the number, text or truth value that a kernel printed."""
    if text in ("nan", "inf", "-inf"):
        return text
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        raise ValueError(text) from None
    if isinstance(value, bool | int | float | str):
        return value
    raise ValueError(text)


def differences(computed, accepted):
    """Return a sentence for each value that moved, appeared or vanished."""
    found = []
    for page in sorted(computed.keys() | accepted.keys()):
        now, before = computed.get(page, {}), accepted.get(page, {})
        for key in sorted(now.keys() | before.keys()):
            where = f"page {page}, key {key}"
            if key not in before:
                found.append(f"{where}: new value {now[key]!r}, not accepted yet")
            elif key not in now:
                found.append(f"{where}: expected {before[key]['value']!r}, got nothing")
            elif not agrees(now[key], before[key]):
                expected, tolerance = before[key]["value"], before[key].get("rel_tol")
                within = "" if tolerance is None else f" (relative tolerance {tolerance:g})"
                found.append(f"{where}: expected {expected!r}, got {now[key]!r}{within}")
    return found


def agrees(value, accepted):
    expected = accepted["value"]
    if not (is_number(value) and is_number(expected)):
        return type(value) is type(expected) and value == expected
    room = max(
        accepted.get("rel_tol", DEFAULT_REL_TOL) * abs(expected), accepted.get("abs_tol", 0.0)
    )
    return math.isfinite(value) and abs(value - expected) <= room


def is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def accept(computed, accepted):
    """Return the values to accept: the computed ones, with the tolerances set before."""
    return {
        page: {
            key: accepted_entry(value, accepted.get(page, {}).get(key, {}))
            for key, value in sorted(values.items())
        }
        for page, values in sorted(computed.items())
    }


def accepted_entry(value, before):
    if not is_number(value):
        return {"value": value}
    tolerances = {name: before[name] for name in ("rel_tol", "abs_tol") if name in before}
    if tolerances and agrees(value, before):
        return before
    default = {"rel_tol": DEFAULT_REL_TOL if isinstance(value, float) else 0}
    return {"value": value} | (tolerances or default)


def read_json(path):
    return json.loads(path.read_text(encoding="utf8")) if path.exists() else {}


def write_json(path, content):
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf8")


def main(arguments):
    root = Path(__file__).resolve().parents[3]
    parser = argparse.ArgumentParser(description="Compare the book's numbers, or accept them.")
    parser.add_argument("--accept", action="store_true", help="write book/headlines.json anew")
    parser.add_argument("--computed", type=Path, default=root / "_build" / "headlines.json")
    parser.add_argument("--accepted", type=Path, default=root / "book" / "headlines.json")
    options = parser.parse_args(arguments)
    if not options.computed.exists():
        parser.error(f"{options.computed} is missing: build the book first")
    computed, before = read_json(options.computed), read_json(options.accepted)
    found = differences(computed, before)
    for sentence in found:
        print(sentence)
    if options.accept:
        write_json(options.accepted, accept(computed, before))
        return 0
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
