"""Drawing of payments as arrows, where `nemogrid.plots.ribbons` has placed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemogrid.plots.ribbons import BAR_PT, CANVAS_PT, LINE_PT, X_PT, Bar, Layout, Ribbon
from nemogrid.plots.theme import COLOURS, NAMES, money_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

FONT_PT = 11.0


def draw(layout: Layout, ax: Axes, *, note: str) -> None:
    """Draw a layout.

    Parameters
    ----------
    layout : Layout
        From `arrange`.
    ax : Axes
        Where to draw; its axis lines go.
    note : str
        What the numbers are, in the lower left corner.
    """
    from matplotlib.patches import PathPatch, Rectangle

    size = FONT_PT * _scale(ax)
    ax.set_axis_off()
    ax.set_aspect("equal", anchor="N")
    ax.set_xlim(-1.0, CANVAS_PT[0] + 1.0)
    ax.set_ylim(CANVAS_PT[1] + 1.0, -1.0)
    for ribbon in layout.ribbons:
        colour = COLOURS[ribbon.flow.payee]
        ax.add_patch(
            PathPatch(
                _outline(ribbon), facecolor=colour, alpha=0.45, linewidth=0.6, edgecolor=colour
            )
        )
    for ribbon in layout.ribbons:
        ax.text(
            ribbon.points[0][0] + 4.0, ribbon.label_y, ribbon.flow.label, fontsize=size,
            va="center_baseline", zorder=4,
        )  # fmt: skip
    for bar in layout.bars:
        x = X_PT[bar.column]
        ax.add_patch(Rectangle((x, bar.top), BAR_PT, bar.height, color=COLOURS[bar.actor], lw=0))
        _name(bar, ax, size)
    ax.text(0.0, CANVAS_PT[1], note, fontsize=size, va="bottom", color="#444444")


def _name(bar: Bar, ax: Axes, size: float) -> None:
    verb = {"left": "pay", "middle": "keep", "right": "get"}[bar.column]
    verb += "" if bar.actor in ("consumers", "prosumers") else "s"
    if bar.amount < 0:
        verb = "pays net"
    lines = ((NAMES[bar.actor], "bold"), (f"{verb} {money_text(abs(bar.amount))}", "normal"))
    beside = bar.column == "right"
    x = X_PT[bar.column] + (BAR_PT + 5.0 if beside else 0.0)
    first = bar.top + bar.height / 2.0 - LINE_PT / 2.0 if beside else bar.top - 1.5 * LINE_PT
    for i, (text, weight) in enumerate(lines):
        ax.text(
            x, first + i * LINE_PT, text[0].upper() + text[1:] if i == 0 else text,
            fontsize=size, fontweight=weight, va="center_baseline", zorder=4,
        )  # fmt: skip


def _outline(ribbon: Ribbon) -> Path:
    from matplotlib.path import Path

    tip = min(7.0, ribbon.thickness)
    points = [*ribbon.points[:-1], (ribbon.points[-1][0] - tip, ribbon.points[-1][1])]
    bent = [False, *(i % 2 == 0 for i in range(2, len(points) + 1))]
    vertices, codes = [points[0]], [Path.MOVETO]

    def run(path: list[tuple[float, float]], curves: list[bool]) -> None:
        for (x0, y0), (x1, y1), curve in zip(path, path[1:], curves, strict=False):
            half = (x0 + x1) / 2.0
            vertices.extend([(half, y0), (half, y1), (x1, y1)] if curve else [(x1, y1)])
            codes.extend([Path.CURVE4] * 3 if curve else [Path.LINETO])

    run(points, bent)
    end_x, end_y = ribbon.points[-1]
    lower = [(x, y + ribbon.thickness) for x, y in reversed(points)]
    vertices += [(end_x, end_y + ribbon.thickness / 2.0), lower[0]]
    codes += [Path.LINETO, Path.LINETO]
    run(lower, bent[: len(points) - 1][::-1])
    vertices.append(points[0])
    codes.append(Path.CLOSEPOLY)
    return Path(vertices, codes)


def _scale(ax: Axes) -> float:
    """Size of the axes over the size that the layout is made for."""
    figure = ax.get_figure(root=True)
    if figure is None:
        return 1.0
    width, height = figure.get_size_inches() * 72.0
    cell = ax.get_subplotspec()
    if cell is not None and figure.get_layout_engine() is not None:
        rows, columns = cell.get_gridspec().get_geometry()
        width *= len(cell.colspan) / columns * 0.97
        height *= len(cell.rowspan) / rows * 0.97
    else:
        box = ax.get_position()
        width, height = width * box.width, height * box.height
    return float(min(width / CANVAS_PT[0], height / CANVAS_PT[1]))
