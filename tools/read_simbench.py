"""Read SimBench's grids and shapes once, into the user's cache: `python tools/read_simbench.py`.

Reading them takes more memory than a chapter may. After that a chapter reads the cache.
"""

from nemogrid.feeder import load_feeder
from nemogrid.profiles import shape_names

GRIDS = ("rural1", "rural2", "rural3", "semiurb4", "semiurb5", "urban6")

if __name__ == "__main__":
    shape_names()
    for grid in GRIDS:
        load_feeder(f"1-LV-{grid}--0-no_sw")
