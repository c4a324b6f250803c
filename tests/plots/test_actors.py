"""Tests of the diagram of actors."""

from itertools import pairwise

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch
from overlaps import outside, overlaps

from nemogrid.errors import InputError
from nemogrid.plots.actors import KINDS, PLACES, relations_map


def relations(*rows):
    """Name the columns."""
    return pd.DataFrame(rows, columns=["seller", "buyer", "kind"])


def arrows(ax):
    """List the arrows of a diagram."""
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


def test_each_relation_is_one_arrow_in_the_colour_of_its_kind(ax):
    """And only the actors of the table are shown."""
    table = relations(("prosumer", "retailer", "energy"), ("ESCO", "prosumer", "service"))
    assert relations_map(table, ax) is ax
    colours = [to_hex(arrow.get_edgecolor()) for arrow in arrows(ax)]
    assert colours == [KINDS["energy"][0].lower(), KINDS["service"][0].lower()]
    assert {t.get_text() for t in ax.texts} == {"prosumer", "retailer", "ESCO"}
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["energy", "service"]


def test_arrows_end_at_the_boxes_of_seller_and_buyer(ax):
    """They run the way of the delivery."""
    relations_map(relations(("DSO", "consumer", "network")), ax)
    (arrow,) = arrows(ax)
    texts = {t.get_text(): t.get_bbox_patch() for t in ax.texts}
    assert (arrow.patchA, arrow.patchB) == (texts["DSO"], texts["consumer"])


def test_all_actors_fit_without_touching(ax):
    """The whole cast, in a figure as wide as the page."""
    names = list(PLACES)
    table = relations(*((a, b, "energy") for a, b in pairwise(names)))
    ax.figure.set_size_inches(6.0, 5.4)
    relations_map(table, ax)
    assert overlaps(ax.figure) == []
    assert outside(ax.figure) == []


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (("prosumer", "wizard", "energy"), "'wizard'"),
        (("prosumer", "retailer", "magic"), "'magic'"),
    ],
)
def test_the_unknown_is_refused(row, complaint, ax):
    """By name."""
    with pytest.raises(InputError, match=complaint):
        relations_map(relations(row), ax)
