"""Tests of drawing payments as arrows."""

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle

from nemogrid.plots.arrows import draw
from nemogrid.plots.ribbons import Flow, arrange
from nemogrid.plots.theme import COLOURS

FLOWS = (
    Flow("consumers", "retailer", 100.0, "100 (0.12)"),
    Flow("consumers", "dso", 80.0, "80 (0.11)"),
    Flow("retailer", "prosumers", 120.0, "120 (0.06)"),
)


@pytest.fixture
def ax():
    """Draw three payments."""
    ax = Figure(figsize=(8, 5)).add_subplot()
    draw(arrange(FLOWS), ax, note="CHF")
    return ax


def test_every_payment_is_one_arrow_in_the_colour_of_its_payee(ax):
    """Nothing is left out, and the colour says who is paid."""
    arrows = [patch for patch in ax.patches if isinstance(patch, PathPatch)]
    assert sorted(to_hex(arrow.get_facecolor()) for arrow in arrows) == sorted(
        to_hex(COLOURS[flow.payee]) for flow in FLOWS
    )


def test_bars_are_as_high_as_the_layout_says(ax):
    """Drawing moves nothing."""
    heights = [patch.get_height() for patch in ax.patches if isinstance(patch, Rectangle)]
    assert heights == pytest.approx([bar.height for bar in arrange(FLOWS).bars])


def test_labels_names_and_the_note_are_all_written(ax):
    """A party that gives more than it gets is said to pay."""
    texts = [text.get_text() for text in ax.texts]
    assert {flow.label for flow in FLOWS} <= set(texts)
    assert "CHF" in texts
    assert any("pays net 20" in text for text in texts)
