"""Key the execution cache by the library: a changed library makes every cached page stale.

jupyter-cache matches notebooks by their own cells only, and would serve results of the old code.
"""

import hashlib
import shutil

from nemogrid_book.paths import ROOT, build_dir

WATCHED = ("nemogrid", "requirements.lock")
KEPT = 3


def setup(app):
    app.connect("config-inited", choose_cache)


def choose_cache(app, config):
    caches = build_dir(app) / ".jupyter_cache"
    chosen = caches / fingerprint(ROOT, WATCHED)
    chosen.mkdir(parents=True, exist_ok=True)
    chosen.touch()
    # The value counts as part of the environment, so that Sphinx reads every page again.
    config.nb_execution_cache_path = str(chosen)
    drop_oldest(caches, kept=KEPT)


def fingerprint(root, watched):
    """Return a short hash of the names and contents of all watched files."""
    digest = hashlib.sha256()
    for path in sorted(watched_files(root, watched)):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def watched_files(root, watched):
    for name in watched:
        start = root / name
        candidates = start.rglob("*") if start.is_dir() else [start]
        for path in candidates:
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def drop_oldest(caches, *, kept):
    """Remove all but the most recently used caches."""
    by_age = sorted((p for p in caches.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
    for old in by_age[:-kept]:
        shutil.rmtree(old)
