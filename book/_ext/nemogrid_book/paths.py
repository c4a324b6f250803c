"""Where things are."""

from pathlib import Path

BOOK = Path(__file__).resolve().parents[2]
ROOT = BOOK.parent
VENDOR = BOOK / "_assets" / "vendor"
HEADLINES = BOOK / "headlines.json"


def build_dir(app):
    """Return the folder that holds html/, the caches and the collected headline numbers."""
    return Path(app.outdir).parent
