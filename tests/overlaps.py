"""Which texts of a figure lie on one another, or outside it."""

from collections.abc import Iterator
from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def texts(figure: Figure) -> dict[Text, Bbox]:
    """Draw the figure and measure its texts [pixel]."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    hidden = set(_beyond_the_axis(figure))
    return {
        text: text.get_window_extent(renderer)
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    }


def _beyond_the_axis(figure: Figure) -> Iterator[Text]:
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                if not (axes.axison and low - 1e-9 <= tick.get_loc() <= high + 1e-9):
                    yield from (tick.label1, tick.label2)


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Name the pairs of texts that share more than a pixel."""
    return [
        (one.get_text(), other.get_text())
        for (one, a), (other, b) in combinations(texts(figure).items(), 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1
    ]


def outside(figure: Figure) -> list[str]:
    """Name the texts that the edge of the figure cuts by more than a pixel."""
    width, height = figure.bbox.width, figure.bbox.height
    return [
        text.get_text()
        for text, box in texts(figure).items()
        if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1
    ]
