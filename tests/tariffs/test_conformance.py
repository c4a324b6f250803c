"""Laws that every tariff obeys: the presets, and sheets with blocks, peaks and fees."""

import pytest
from builders import make_community, make_profiles, make_timeline
from charge_lists import scaled

from nemogrid.charges import Blocks, Quantity
from nemogrid.dispatch.meter import meter_cost, read_meter_prices
from nemogrid.markets import BusinessAsUsual, CommunityPool
from nemogrid.scenario import Scenario
from nemogrid.settlement import settle
from nemogrid.tariffs import Rate, Tariff, preset, preset_names

PROFILES = make_profiles(make_timeline(7))
COMMUNITY = make_community(PROFILES)
NAMES = COMMUNITY.names
METERED = (Quantity.IMPORTED, Quantity.EXPORTED)


def rate(item, quantity, price, payee, period="step"):
    """Make a rate that nobody published."""
    return Rate(
        item=item, quantity=quantity, price=price, payee=payee, period=period,
        source="Assumption: for tests",
    )  # fmt: skip


INCLINING = Tariff(
    name="inclining blocks",
    currency="KRW",
    rates=(
        rate("energy", "retail_bought", Blocks((120.0, 214.6, 307.3), (200.0, 400.0)), "retailer",
             "month"),
        rate("network", "imported", 30.0, "dso"),
        rate("buy-back", "retail_sold", Blocks((-90.0, -60.0), (5.0,)), "retailer", "day"),
    ),
)  # fmt: skip
CAPACITY = Tariff(
    name="peaks",
    currency="EUR",
    rates=(
        rate("energy", "retail_bought", 0.15, "retailer"),
        rate("network", "peak_imported", 40.4 / 12, "dso", "month"),
        rate("injection peak", "peak_exported", 20.0, "dso", "year"),
        rate("injection", "exported", Blocks((0.0, 0.05), (2.5,)), "dso"),
        rate("metering", "membership", 15.0, "dso", "year"),
        rate("buy-back", "retail_sold", -0.05, "retailer"),
    ),
)
TARIFFS = {
    **{name: preset(name) for name in preset_names()},
    "blocks": INCLINING,
    "peaks": CAPACITY,
}
pytestmark = pytest.mark.parametrize("tariff", TARIFFS.values(), ids=TARIFFS)


def test_every_figure_has_a_source_with_its_year_or_is_called_an_assumption(tariff):
    """A price without a source does not get in."""
    for source in tariff.table()["source"]:
        assert "20" in source or source.startswith("Assumption"), source


@pytest.mark.parametrize("market", [BusinessAsUsual(), CommunityPool()])
def test_each_kwh_is_supplied_and_charged_exactly_once(tariff, market):
    """Energy has one supplier; each metered line counts each imported kWh once."""
    charges = tariff.ex_ante(COMMUNITY, PROFILES.timeline)
    clearing = market.clear(COMMUNITY, PROFILES, charges)
    postings = settle(clearing, charges, currency="X").postings
    counted = postings.groupby("item")["quantity"].sum()
    energy = {kind: flow.sum() for kind, flow in clearing.energy_kwh.items()}
    supplied = counted["energy"] + counted.get("local purchase", 0.0)
    assert supplied == pytest.approx(energy[Quantity.IMPORTED], rel=1e-12)
    delivered = counted["buy-back"] + counted.get("local sale", 0.0)
    assert delivered == pytest.approx(energy[Quantity.EXPORTED], rel=1e-12)
    for charge in charges:
        if charge.quantity in METERED:
            assert counted[charge.item] == pytest.approx(energy[charge.quantity], rel=1e-12)


def test_what_a_member_minimises_is_its_bill(tariff):
    """The objective reads the same rates as settlement."""
    charges = tariff.ex_ante(COMMUNITY, PROFILES.timeline)
    clearing = BusinessAsUsual().clear(COMMUNITY, PROFILES, charges)
    totals = settle(clearing, charges, currency="X").by_member()["total"]
    net_kwh = clearing.plan.net_kw * PROFILES.timeline.step_h
    for name in NAMES:
        meter = read_meter_prices(charges, PROFILES.timeline, NAMES, name)
        objective = meter_cost(meter, net_kwh[name].to_numpy()) + sum(meter.fees.values())
        assert totals[name] == pytest.approx(objective, rel=1e-9)


def test_twice_the_prices_are_twice_the_bills(tariff):
    """Fees, peaks and blocks included."""
    charges = tariff.ex_ante(COMMUNITY, PROFILES.timeline)
    clearing = BusinessAsUsual().clear(COMMUNITY, PROFILES, charges)
    once = settle(clearing, charges, currency="X").by_member()
    twice = settle(clearing, tuple(scaled(c, 2.0) for c in charges), currency="X").by_member()
    assert twice.to_numpy() == pytest.approx(2.0 * once.to_numpy(), rel=1e-12)


def test_import_costs_more_than_export_pays(tariff):
    """Otherwise the plan has no optimum."""
    buy = tariff.volumetric_price("imported", "retail_bought")
    assert buy > -tariff.volumetric_price("exported", "retail_sold") > 0


def test_the_retailer_sells_energy_and_the_dso_the_network(tariff):
    """The two lines every bill has go to the right actors."""
    payees = tariff.table().groupby("item")["payee"].unique()
    assert (payees["energy"].tolist(), payees["network"].tolist()) == (["retailer"], ["dso"])


def test_a_scenario_with_the_tariff_comes_back_from_its_text(tariff):
    """Every rate as it was, whether a number or blocks."""
    scenario = Scenario(tariff=tariff)
    assert Scenario.from_toml(scenario.to_toml()) == scenario


def test_the_table_shows_every_price(tariff):
    """A row per rate, and one per block with where it begins."""
    table = tariff.table()
    prices = [
        price
        for rate in tariff.rates
        for price in (rate.price.prices if isinstance(rate.price, Blocks) else [rate.price])
    ]
    assert table["price"].tolist() == prices
    assert ("above" in table) == (len(prices) > len(tariff.rates))
    first = table[table["above"] == 0] if "above" in table else table
    for quantity, rows in first.groupby("quantity"):
        assert tariff.volumetric_price(quantity) == pytest.approx(rows["price"].sum())
