"""Copy MathJax and plotly's script out of their wheels, so that the book needs no network."""

import shutil
from importlib.metadata import distribution
from pathlib import Path

from nemogrid_book.paths import VENDOR

# What tex-chtml.js may ask for while a page is read: fonts, rare TeX packages, and the parts
# that a reader switches on in MathJax's own menu (zoom, speech in English).
MATHJAX = (
    "tex-chtml.js",
    "output/chtml/",
    "input/tex/extensions/",
    "a11y/",
    "ui/",
    "sre/mathmaps/base.json",
    "sre/mathmaps/en.json",
)


def setup(app):
    app.connect("config-inited", vendor)


def vendor(app, config):
    copy_files(mathjax_files(), VENDOR / "mathjax")
    copy_files(plotly_files(), VENDOR)


def mathjax_files():
    """Return {name below the target folder: file} of the parts of MathJax that pages need."""
    found = files_below("sphinx-mathjax-offline", "static/mathjax/")
    return {name: path for name, path in found.items() if name.startswith(MATHJAX)}


def plotly_files():
    """Return {name: file} of plotly's script."""
    found = files_below("plotly", "package_data/")
    return {"plotly.min.js": found["plotly.min.js"]}


def files_below(package, folder):
    """Return {name below folder: file} for the files a distribution installed there."""
    found = {}
    for entry in distribution(package).files or ():
        _, inside, name = entry.as_posix().partition(f"/{folder}")
        if inside:
            found[name] = Path(entry.locate())
    if not found:
        raise FileNotFoundError(f"{package} installed no file below {folder}")
    return found


def copy_files(files, target):
    """Copy {name: file} below target, skipping what is there in the same size and age."""
    for name, source in files.items():
        copy = target / name
        if not is_same(source, copy):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)


def is_same(source, copy):
    if not copy.exists():
        return False
    one, other = source.stat(), copy.stat()
    return one.st_size == other.st_size and int(one.st_mtime) == int(other.st_mtime)
