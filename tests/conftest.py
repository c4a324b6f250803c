"""What every test relies on: figures are drawn without a screen."""

import os

os.environ.setdefault("MPLBACKEND", "agg")
