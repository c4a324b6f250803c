"""Who delivers what to whom: the actors of a local market as a diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from nemogrid.errors import InputError, listed
from nemogrid.plots.theme import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLACES: dict[str, tuple[float, float]] = {
    "wholesale market": (0.16, 0.92),
    "TSO": (0.84, 0.92),
    "retailer": (0.16, 0.65),
    "aggregator": (0.50, 0.65),
    "DSO": (0.84, 0.65),
    "community manager": (0.50, 0.40),
    "ESCO": (0.88, 0.40),
    "consumer": (0.14, 0.08),
    "prosumer": (0.50, 0.08),
    "prosumager": (0.86, 0.08),
}
"""Where each actor stands in the diagram, as shares of its width and height."""

KINDS: dict[str, tuple[str, str]] = {
    "energy": (COLOURS["retailer"], "-"),
    "network": (COLOURS["dso"], "--"),
    "flexibility": (COLOURS["tso"], ":"),
    "service": (COLOURS["manager"], "-."),
}
"""What can be delivered: colour and line of its arrows."""


def relations_map(relations: pd.DataFrame, ax: Axes) -> Axes:
    """Draw an arrow from everyone who delivers something to everyone who gets it.

    Money goes the other way.

    Parameters
    ----------
    relations : pandas.DataFrame
        A row per relation with the columns ``seller``, ``buyer`` (named as in `PLACES`) and
        ``kind`` (one of `KINDS`).
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If an actor has no place in the diagram, or a kind no colour.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import FancyArrowPatch

    actors = list(dict.fromkeys([*relations["seller"], *relations["buyer"]]))
    unknown = [name for name in actors if name not in PLACES]
    strange = [kind for kind in relations["kind"].unique() if kind not in KINDS]
    if unknown or strange:
        raise InputError(
            f"relations: actors without a place {listed(unknown) or 'none'}, kinds without a "
            f"colour {listed(strange) or 'none'}; known are {listed(PLACES, most=20)} and "
            f"{listed(KINDS)}"
        )
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    boxes = {
        name: ax.text(
            *PLACES[name], name.replace(" ", "\n"), ha="center", va="center", zorder=3,
            bbox={"boxstyle": "round,pad=0.4", "facecolor": "white",
                  "edgecolor": COLOURS["load"], "linewidth": 1.2},
        )
        for name in actors
    }  # fmt: skip
    ax.figure.draw_without_rendering()
    pairs: dict[frozenset[str], int] = {}
    for seller, buyer, kind in relations[["seller", "buyer", "kind"]].itertuples(index=False):
        earlier = pairs.get(frozenset((seller, buyer)), 0)
        pairs[frozenset((seller, buyer))] = earlier + 1
        colour, style = KINDS[kind]
        bend = (0.08, 0.2, 0.32)[min(earlier, 2)]
        ax.add_patch(
            FancyArrowPatch(
                PLACES[seller], PLACES[buyer], patchA=boxes[seller].get_bbox_patch(),
                patchB=boxes[buyer].get_bbox_patch(), shrinkA=2, shrinkB=3, color=colour,
                linestyle=style, linewidth=1.8, arrowstyle="-|>", mutation_scale=14,
                connectionstyle=f"arc3,rad={bend}", zorder=2,
            )
        )  # fmt: skip
    used = [kind for kind in KINDS if kind in set(relations["kind"])]
    ax.legend(
        [Line2D([], [], color=KINDS[k][0], linestyle=KINDS[k][1], linewidth=1.8) for k in used],
        used, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, borderaxespad=0.2,
    )  # fmt: skip
    return ax
