"""The command ``python -m nemogrid``, the same as ``nemogrid``."""

import sys

from nemogrid.cli import main

if __name__ == "__main__":
    sys.exit(main())
