"""What the book needs beyond Jupyter Book, one concern a module."""

from nemogrid_book import cache, docstrings, headlines, html, kernel, plotly_pages, status, vendor


def setup(app):
    parts = (vendor, cache, docstrings, kernel, plotly_pages, html, status, headlines)
    for part in parts:
        part.setup(app)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
