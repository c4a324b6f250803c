"""Give the chapters' kernels a profile of their own, whatever the builder's IPython does."""

import os
import shutil
from pathlib import Path

from nemogrid_book.paths import build_dir

PROFILE = Path(__file__).with_name("profile")
PAGE = "NEMOGRID_BOOK_PAGE"
PEAKS = "NEMOGRID_BOOK_PEAKS"
# Kernels give memory back when they free it, so that a page's peak is what it needs at once.
FRUGAL = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_MMAP_THRESHOLD_": "262144"}


def setup(app):
    app.connect("builder-inited", prepare)
    app.connect("source-read", announce_page)


def prepare(app):
    home = build_dir(app) / ".ipython"
    shutil.copytree(PROFILE, home / "profile_default", dirs_exist_ok=True)
    os.environ["IPYTHONDIR"] = str(home)
    os.environ.pop("MPLBACKEND", None)  # one set for tests would leave pages without figures
    os.environ[PEAKS] = str(peak_dir(app))
    for name, value in FRUGAL.items():
        os.environ.setdefault(name, value)


def announce_page(app, docname, source):
    os.environ[PAGE] = docname


def peak_dir(app):
    """Return the folder in which kernels note their peak memory, beside the cached outputs."""
    return Path(app.config.nb_execution_cache_path) / "peaks"


def peak_mib(app, docname):
    """Return the peak memory of a page's kernel [MiB], None where it was not measured."""
    note = peak_dir(app) / f"{docname}.txt"
    return float(note.read_text()) if note.exists() else None
