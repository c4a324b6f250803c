"""Make docstrings fit on one page together."""

import re


def setup(app):
    app.connect("autodoc-process-docstring", open_with_blank_line, priority=400)
    app.connect("autodoc-process-docstring", number_references, priority=400)


def open_with_blank_line(app, what, name, obj, options, lines):
    """Keep napoleon from taking the first words of a property for its type."""
    if what == "property":
        lines.insert(0, "")


def number_references(app, what, name, obj, options, lines):
    """Turn footnotes into a numbered list: many docstrings of a page have a footnote 1."""
    for place, line in enumerate(lines):
        listed = re.sub(r"^(\s*)\.\. \[(\d+)\] ", r"\1\2. ", line)
        lines[place] = re.sub(r"\[(\d+)\]_", r"[\1]", listed)
