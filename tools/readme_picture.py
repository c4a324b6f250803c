"""Draw the picture of the README: `python tools/readme_picture.py`."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt

import nemogrid as ng
from nemogrid import plots

PICTURE = Path(__file__).parents[1] / "book" / "_assets" / "readme.png"


def main() -> None:
    """Simulate the reference year and draw one of its June days beside the feeder."""
    outcome = ng.simulate(ng.Scenario())
    community = outcome.clearing.community
    owners = {m.bus for m in community if m.pv}
    june = outcome.clearing.profiles.pv_kw.loc["2026-06"].sum(axis=1)
    sunny = june.groupby(june.index.strftime("%Y-%m-%d")).sum().idxmax()
    with plots.theme():
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(12, 4.6), width_ratios=[1.25, 1], layout="constrained"
        )
        plots.daily_flows(outcome, sunny, left)
        plots.feeder_map(
            outcome.network,
            outcome.state.vm_pu.max(),
            right,
            pv_buses=owners,
            label="highest voltage of the year [pu]",
        )
        figure.savefig(PICTURE, dpi=130)


if __name__ == "__main__":
    main()
