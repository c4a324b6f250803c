"""Tests of the figures of money."""

import dataclasses

import numpy as np
import pytest
from matplotlib.figure import Figure
from overlaps import outside, overlaps

from nemogrid.charges import Charge
from nemogrid.errors import InputError
from nemogrid.plots import money_flows, price_stack
from nemogrid.plots.money import MONEY_FLOWS_SIZE
from nemogrid.results import Bills
from nemogrid.settlement import settle
from nemogrid.settlement.flows import payments


def written(ax):
    """List the texts of the axes."""
    return [text.get_text() for text in ax.texts]


@pytest.fixture
def large(ax):
    """Give an axes of the size that the figure is made for."""
    return Figure(figsize=MONEY_FLOWS_SIZE).subplots()


def test_every_payment_is_written_with_its_amount_and_price(year, large):
    """Amounts come from the postings, prices from them and the energy."""
    assert money_flows(year, large) is large
    table = payments(year.bills, year.clearing.community)
    for payer in ("consumers", "prosumers"):
        for payee in ("retailer", "dso", "tso", "state", "manager"):
            amount = table.at[payer, payee]
            assert any(t.startswith(f"{amount:,.0f} (0.") for t in written(large)), (payer, payee)
    assert f"{table.at['retailer', 'prosumers']:,.0f} (0.060)" in written(large)
    assert f"{table.at['manager', 'prosumers']:,.0f} (0.111)" in written(large)
    assert f"pay {table.loc['consumers'].sum():,.0f}" in written(large)
    assert f"gets {year.kpis['dso_receives']:,.0f}" in written(large)
    assert f"keeps {year.kpis['retailer_receives']:,.0f}" in written(large)
    assert "CHF in the year 2026; in brackets CHF per kWh, fees included" in written(large)


@pytest.mark.parametrize("which", ["year", "usual"])
def test_no_text_meets_another_or_the_edge(request, large, which):
    """The layout keeps room for every label."""
    money_flows(request.getfixturevalue(which), large)
    assert overlaps(large.figure) == []
    assert outside(large.figure) == []


def test_a_small_figure_shrinks_its_text(year, ax):
    """In a common figure nothing overlaps either."""
    money_flows(year, ax)
    assert overlaps(ax.figure) == []
    assert outside(ax.figure) == []


def with_wear(year):
    """Let owners of PV pay for the wear of what gives back a kilowatt in every step."""
    clearing = year.clearing
    back = 0.0 * clearing.plan.net_kw - 1.0 * clearing.community.has_pv
    plan = dataclasses.replace(clearing.plan, drawn_kw={"battery": back})
    clearing = dataclasses.replace(clearing, plan=plan)
    wear = Charge(item="storage wear", quantity="discharged", price=0.08, payee="installer")
    tariff = year.scenario.tariff.ex_ante(clearing.community, clearing.timeline)
    bills = settle(clearing, (*tariff, wear), currency="CHF")
    return dataclasses.replace(year, clearing=clearing, bills=bills)


def test_the_installer_is_paid_by_the_kilowatt_hour_given_back(year, large):
    """One more arrow, whose price is that of the wear, and room for every label."""
    worn = with_wear(year)
    money_flows(worn, large)
    amount = 0.08 * 8760 * len(worn.clearing.community.prosumers)
    assert f"{amount:,.0f} (0.080)" in written(large)
    assert "Installer" in written(large)
    assert f"gets {amount:,.0f}" in written(large)
    assert overlaps(large.figure) == []
    assert outside(large.figure) == []


def test_the_wear_of_storage_is_no_part_of_the_price_of_a_kilowatt_hour(year, ax):
    """It is paid for what a store gives back, and not for what passes the meter."""
    price_stack(with_wear(year), ax)
    assert written(ax) == ["0.266", "0.256", "0.111", "0.060"]


def test_an_outcome_without_money_is_refused(year, ax):
    """There is nothing to draw."""
    empty = Bills(postings=year.bills.postings.iloc[:0], members=year.bills.members, currency="CHF")
    with pytest.raises(InputError, match="nobody pays"):
        money_flows(dataclasses.replace(year, bills=empty), ax)


def test_the_price_of_a_kilowatt_hour_adds_up(year, ax):
    """Bars end at the tariff's price, a margin below it, the local price and the buy-back."""
    assert price_stack(year, ax) is ax
    assert written(ax) == ["0.266", "0.256", "0.111", "0.060"]
    ends = {}
    for bar in ax.patches:
        y = round(bar.get_y() + bar.get_height() / 2)
        ends[y] = max(ends.get(y, 0.0), bar.get_x() + bar.get_width())
    assert [ends[y] for y in (3, 2, 1, 0)] == pytest.approx([0.2662, 0.2562, 0.1111, 0.06])
    assert ax.get_xlabel() == "price [CHF per kWh]"
    assert overlaps(ax.figure) == []
    assert outside(ax.figure) == []


def test_without_local_trade_there_are_two_bars(usual, ax):
    """Business as usual knows one price to buy at and one to sell at."""
    price_stack(usual, ax)
    assert written(ax) == ["0.266", "0.060"]


def test_colours_of_the_lines_differ(year, ax):
    """No two lines of the bill look the same."""
    price_stack(year, ax)
    colours = {tuple(np.round(h.patches[0].get_facecolor(), 3)) for h in ax.containers}
    labels = {h.get_label() for h in ax.containers}
    assert len(colours) == len(labels)
