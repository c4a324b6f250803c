"""Laws that every preset obeys."""

import pytest
from builders import make_community, make_profiles, make_timeline

from nemogrid.charges import Quantity
from nemogrid.markets import BusinessAsUsual, CommunityPool
from nemogrid.settlement import settle
from nemogrid.tariffs import preset, preset_names

PROFILES = make_profiles(make_timeline(7))
COMMUNITY = make_community(PROFILES)
METERED = (Quantity.IMPORTED, Quantity.EXPORTED)
pytestmark = pytest.mark.parametrize("name", preset_names())


def test_every_figure_has_a_source_with_its_year_or_is_called_an_assumption(name):
    """A price without a source does not get in."""
    for source in preset(name).table()["source"]:
        assert "20" in source or source.startswith("Assumption"), source


@pytest.mark.parametrize("market", [BusinessAsUsual(), CommunityPool()])
def test_each_kwh_is_supplied_and_charged_exactly_once(name, market):
    """Energy has one supplier; each metered line counts each imported kWh once."""
    charges = preset(name).ex_ante(COMMUNITY, PROFILES.timeline)
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


def test_import_costs_more_than_export_pays(name):
    """Otherwise the plan has no optimum."""
    tariff = preset(name)
    buy = tariff.volumetric_price("imported", "retail_bought")
    assert buy > -tariff.volumetric_price("exported", "retail_sold") > 0


def test_the_retailer_sells_energy_and_the_dso_the_network(name):
    """The two lines every bill has go to the right actors."""
    payees = preset(name).table().set_index("item")["payee"]
    assert (payees["energy"], payees["network"]) == ("retailer", "dso")
