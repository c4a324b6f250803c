"""Tests of the figures of bills."""

import pytest
from matplotlib.colors import to_hex
from overlaps import outside, overlaps

from nemogrid.errors import InputError
from nemogrid.plots import COLOURS, bill_composition, gain_bars
from nemogrid.plots.bills import mean_bills
from nemogrid.settlement import gains


def sums(ax):
    """Add the bars up by their height on the axis: payments, credits."""
    table = {}
    for bar in ax.patches:
        y = bar.get_y() + bar.get_height() / 2
        paid, credit = table.get(y, (0.0, 0.0))
        width = bar.get_width()
        table[y] = (paid + max(width, 0), credit + min(width, 0))
    return [table[y] for y in sorted(table, reverse=True)]


def test_bars_add_up_to_the_mean_bills(year, usual, ax):
    """Payments less credits are what the group pays, over its members."""
    assert bill_composition({"as usual": usual, "pool": year}, ax) is ax
    community = year.clearing.community
    expected = [
        outcome.kpis[f"{group}_pay"] / len(getattr(community, group))
        for group in ("consumers", "prosumers")
        for outcome in (usual, year)
    ]
    bars = sums(ax)
    assert [paid + credit for paid, credit in bars] == pytest.approx(expected)
    assert bars[2][1] < 0
    assert [t.get_text() for t in ax.texts] == [f"to pay\n{value:,.0f}" for value in expected]


def test_each_line_has_its_own_colour(year, ax):
    """Items of one payee differ in shade, and small lines are put together."""
    bill_composition(year, ax)
    colours = {}
    for container in ax.containers:
        colours.setdefault(container.get_label(), set()).update(
            to_hex(bar.get_facecolor()) for bar in container
        )
    assert all(len(found) == 1 for found in colours.values())
    assert len({next(iter(found)) for found in colours.values()}) == len(colours)
    assert "other lines" in colours
    assert "administration" not in colours


def test_the_axis_carries_the_currency_and_texts_are_apart(year, usual, ax):
    """The figure of two outcomes can be read."""
    ax.figure.set_size_inches(6.0, 4.6)
    bill_composition({"business as usual": usual, "community pool": year}, ax)
    assert ax.get_xlabel() == "mean bill per member [CHF]"
    assert overlaps(ax.figure) == []
    assert outside(ax.figure) == []


def test_mean_bills_keep_the_order_of_the_bill(year):
    """Columns stand as in the postings, and nothing is missing."""
    table = mean_bills({"pool": year})
    assert list(table.columns) == list(year.bills.by_member().columns.drop("total"))


def test_no_outcome_is_refused(ax):
    """A figure of nothing says so."""
    with pytest.raises(InputError, match="no currency"):
        bill_composition({}, ax)


def test_gains_are_drawn_for_every_actor(year, usual, ax):
    """Bars are the gains, in the actors' colours, and sum to zero."""
    table = gains(year.bills, usual.bills, year.clearing.community)
    assert gain_bars(table, ax, currency="CHF") is ax
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(list(table["gain"]))
    assert sum(bar.get_width() for bar in ax.patches) == pytest.approx(0.0, abs=1e-6)
    shown = [to_hex(bar.get_facecolor()).upper() for bar in ax.patches]
    assert shown == [COLOURS[group].upper() for group in table.index]
    assert ax.get_xlabel() == "gain against the reference [CHF]"
    assert overlaps(ax.figure) == []
    assert outside(ax.figure) == []
