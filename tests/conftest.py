"""What every test relies on: figures are drawn without a screen, and no law is timed."""

import os

from hypothesis import settings

os.environ.setdefault("MPLBACKEND", "agg")
# The first example may compile a kernel or read a cache; speed is measured by the bench alone.
settings.register_profile("nemogrid", deadline=None)
settings.load_profile("nemogrid")
