"""Measure, print the table and write it to bench/results.csv."""

from __future__ import annotations

import argparse
import dataclasses
import os
import platform
import sys
from pathlib import Path

import pandas as pd

from bench import power_flow, simulation, storage, storage_growth

RESULTS = Path(__file__).with_name("results.csv")
PARTS = {
    part.__name__.rpartition(".")[2]: part
    for part in (power_flow, simulation, storage, storage_growth)
}


def main() -> int:
    """Run all benchmarks; the exit code tells whether every target was met."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each median (default 3)")
    parser.add_argument("--out", type=Path, default=RESULTS, help="table to write")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts")
    arguments = parser.parse_args()
    rows = [row for part in arguments.only for row in PARTS[part].rows(arguments.runs)]
    table = pd.DataFrame([dataclasses.asdict(row) for row in rows])
    table.insert(0, "python", platform.python_version())
    table.insert(1, "cores", os.cpu_count())
    counts = ["members", "steps", "prices"]
    table[counts] = table[counts].astype("Int64")
    kept_with(table, arguments.out).to_csv(arguments.out, index=False, float_format="%.4g")
    sys.stdout.write(table.drop(columns=["python", "cores"]).to_string(index=False) + "\n")
    missed = table[table["met"].eq(False)]
    for row in missed.itertuples():
        sys.stdout.write(f"missed: {row.case}: {row.value:.3g} {row.unit}, {row.target}\n")
    return int(len(missed) > 0)


def kept_with(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Put new rows in the place of those of the same groups, and keep the others of the file.

    Parameters
    ----------
    table : pandas.DataFrame
        What was measured.
    path : Path
        The table of earlier runs, if there is one.

    Returns
    -------
    pandas.DataFrame
    """
    if not path.exists():
        return table
    counts = {"members": "Int64", "steps": "Int64", "prices": "Int64"}
    old = pd.read_csv(path, dtype=counts)
    others = old[~old["group"].isin(table["group"])]
    order = list(dict.fromkeys([*old["group"], *table["group"]]))
    both = pd.concat([others.astype(object), table.astype(object)])
    both = both.astype({"value": float, "difference": float})
    return both.sort_values("group", key=lambda names: names.map(order.index), kind="stable")


if __name__ == "__main__":
    sys.exit(main())
