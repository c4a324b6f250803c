"""Tests of the figures of prices."""

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from overlaps import outside, overlaps

from nemogrid.data import price_table
from nemogrid.errors import InputError
from nemogrid.merit_order import merit_order, stack
from nemogrid.plots import COLOURS
from nemogrid.plots.prices import PART_COLOURS, price_composition, supply_curve

FLEET = pd.DataFrame(
    {"capacity_gw": [30.0, 0.0, 20.0, 20.0], "marginal_cost": [0.0, 0.01, 0.06, 0.11]},
    index=["sun", "nothing", "coal", "gas"],
)


def test_bars_are_the_parts_and_the_published_total_stands_above(ax):
    """In the unit of the axis; the sum of medians is not passed off as the total."""
    table = price_table("CH")
    assert price_composition(table, ax, unit="Rp per kWh", per_unit=100.0) is ax
    heights = pd.DataFrame(
        {c.get_label(): [bar.get_height() for bar in c] for c in ax.containers}, index=table.index
    )
    pd.testing.assert_frame_equal(heights, 100 * table[list(PART_COLOURS)])
    written = [t.get_text() for t in ax.texts]
    assert {f"{100 * total:.1f}" for total in table["total"]} <= set(written)
    assert ax.get_ylabel() == "price [Rp per kWh]"


def test_parts_are_stacked_without_gaps(ax):
    """Each part begins where the one below it ends."""
    price_composition(price_table("DE"), ax, unit="ct per kWh", per_unit=100.0)
    top = 0.0
    for container in ax.containers:
        assert container[0].get_y() == pytest.approx(top)
        top += container[0].get_height()


def test_without_a_published_total_the_sum_is_written(ax):
    """A table of parts alone."""
    table = pd.DataFrame({"energy": [1.0], "network": [2.0]}, index=[2026])
    price_composition(table, ax, unit="x")
    assert ax.texts[-1].get_text() == "3.0"


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"energy": []}),
        pd.DataFrame({"total": [1.0]}),
        pd.DataFrame({"energy": [1.0], "magic": [1.0]}),
    ],
)
def test_a_table_that_cannot_be_drawn_is_refused(table, ax):
    """No rows, no parts, or a part without a colour."""
    with pytest.raises(InputError, match="price composition"):
        price_composition(table, ax, unit="x")


def test_plants_stand_in_the_merit_order_and_the_sun_in_its_colour(ax):
    """Edges are those of the stack; a plant without capacity is left out."""
    price = merit_order(FLEET, pd.Series([40.0])).price[0]
    assert supply_curve(stack(FLEET), ax, demand_gw=40.0, price=price, per_unit=100.0) is ax
    bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert bars == [(0.0, 30.0), (30.0, 20.0), (50.0, 20.0)]
    assert [bar.get_height() for bar in ax.patches][1:] == [6.0, 11.0]
    assert to_hex(ax.patches[0].get_facecolor()) == COLOURS["pv"].lower()
    assert "price\n6" in [t.get_text() for t in ax.texts]


def test_texts_stay_apart(ax):
    """Nothing is cut off or written over."""
    supply_curve(stack(FLEET), ax, demand_gw=40.0, price=0.06, per_unit=100.0)
    ax.figure.set_size_inches(6.0, 3.4)
    assert overlaps(ax.figure) == []
    assert outside(ax.figure) == []
