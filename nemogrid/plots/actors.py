"""Who delivers what to whom: the actors of a local market as a diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from nemogrid.errors import InputError, listed
from nemogrid.plots.theme import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLACES: dict[str, tuple[float, float]] = {
    "wholesale market": (0.15, 0.93),
    "TSO": (0.83, 0.93),
    "retailer": (0.15, 0.66),
    "community manager": (0.48, 0.66),
    "aggregator": (0.83, 0.66),
    "consumer": (0.15, 0.36),
    "prosumer": (0.48, 0.36),
    "prosumager": (0.83, 0.36),
    "DSO": (0.30, 0.07),
    "ESCO": (0.83, 0.07),
}
"""Where each actor stands in the diagram, as shares of its width and height."""

KINDS: dict[str, tuple[str, Literal["-", "--", ":", "-."]]] = {
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
    figure = ax.get_figure(root=True)
    if figure is not None:
        figure.draw_without_rendering()  # arrows end at boxes whose size is then known
    # Opposite arrows between two actors bend to opposite sides, so they do not hide one another.
    for seller, buyer, kind in relations[["seller", "buyer", "kind"]].itertuples(index=False):
        colour, style = KINDS[kind]
        ax.add_patch(
            FancyArrowPatch(
                PLACES[seller], PLACES[buyer], patchA=boxes[seller].get_bbox_patch(),
                patchB=boxes[buyer].get_bbox_patch(), shrinkA=2, shrinkB=3, color=colour,
                linestyle=style, linewidth=1.8, arrowstyle="-|>", mutation_scale=14,
                connectionstyle="arc3,rad=0.12", zorder=2,
            )
        )  # fmt: skip
    used = [kind for kind in KINDS if kind in set(relations["kind"])]
    ax.legend(
        [Line2D([], [], color=KINDS[k][0], linestyle=KINDS[k][1], linewidth=1.8) for k in used],
        used, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, borderaxespad=0.2,
    )  # fmt: skip
    return ax
