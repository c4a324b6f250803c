"""Tests of the whole path: laws on a real feeder, a user's own data, bad input."""

import dataclasses

import numpy as np
import pandapower as pp
import pandas as pd
import pytest

import nemogrid as ng
from nemogrid.dispatch import case_a_model, member_prices, solve_case_a, two_prices
from nemogrid.errors import InputError, LabelError, ScenarioError
from nemogrid.feeder.quiet import quiet
from nemogrid.markets import BusinessAsUsual, CommunityPool
from nemogrid.scenario import Assets, Meters
from nemogrid.settlement import gains
from nemogrid.simulation import STAGES, people_of
from nemogrid.tariffs import preset

WEEK = ng.Timeline(pd.Timestamp("2026-06-15", tz="Europe/Zurich"), 0.5, 7 * 48)


@pytest.fixture(scope="module")
def year():
    """Simulate the reference scenario once."""
    return ng.simulate(ng.Scenario())


@pytest.fixture(scope="module")
def usual():
    """Simulate the same year without a market."""
    return ng.simulate(ng.Scenario(market=BusinessAsUsual()))


@pytest.fixture(scope="module")
def week():
    """Simulate a summer week."""
    return ng.simulate(ng.Scenario(timeline=WEEK))


def test_the_reference_year_is_the_feeder_of_the_design(year):
    """44 buses at two voltage levels, 41 customers, 17,520 steps."""
    assert year.state.vm_pu.shape == (17_520, 44)
    assert len(year.clearing.community) == 41
    assert len(year.clearing.community.prosumers) == round(41 / 2)


def test_energy_closes_in_every_step(year):
    """Imports, exports and trades of the members add up to 1e-9 kWh; losses come on top."""
    energy = year.clearing.energy_kwh
    profiles = year.clearing.profiles
    net = (profiles.load_kw - profiles.pv_kw).to_numpy() * 0.5
    Quantity = ng.Quantity
    assert np.abs(energy[Quantity.IMPORTED] - energy[Quantity.EXPORTED] - net).max() < 1e-9
    local = energy[Quantity.LOCAL_BOUGHT].sum(1) - energy[Quantity.LOCAL_SOLD].sum(1)
    assert np.abs(local).max() < 1e-9


def test_postings_of_the_year_sum_to_zero(year):
    """Money is neither made nor lost, to 1e-9."""
    assert abs(year.bills.by_actor().sum()) < 1e-9


def test_the_year_is_sensible(year):
    """Within the bands of physics and field tests (Quartierstrom: 33 % self-sufficiency)."""
    kpis = year.kpis
    owners = [m.pv.yearly_kwh for m in year.clearing.community if m.pv]
    assert kpis["pv_kwh"] == pytest.approx(sum(owners), rel=1e-9)
    assert kpis["demand_kwh"] == pytest.approx(
        sum(m.yearly_kwh for m in year.clearing.community), rel=1e-9
    )
    assert 0.2 < kpis["self_sufficiency_share"] < 0.5
    assert kpis["own_self_sufficiency_share"] < kpis["self_sufficiency_share"]
    assert 0.9 < kpis["vm_min_pu"] < kpis["vm_max_pu"] < 1.1
    assert 0 < kpis["loss_kwh"] < 0.06 * kpis["demand_kwh"]


@pytest.mark.parametrize("outcome", ["year", "usual"])
def test_the_objective_equals_the_bill_over_the_year(outcome, request):
    """What each of the 41 members minimises is what it is billed, to 1e-6, in every market."""
    result = request.getfixturevalue(outcome)
    clearing, names = result.clearing, result.clearing.community.names
    tariff = result.scenario.tariff.ex_ante(clearing.community, clearing.timeline)
    faced = {n: member_prices(clearing, (*tariff, *clearing.charges), n) for n in names}
    net_kwh = clearing.plan.net_kw * 0.5
    objective = {
        name: (prices.import_price * net_kwh[name].clip(lower=0)).sum()
        + (prices.export_price * net_kwh[name].clip(upper=0)).sum()
        + sum(prices.fees.values())
        for name, prices in faced.items()
    }
    bills = result.bills.by_member()
    assert bills["total"].to_dict() == pytest.approx(objective, rel=1e-6)
    if outcome == "usual":
        planned = clearing.plan.certificate.objective + bills["metering"].sum()
        assert planned == pytest.approx(bills["total"].sum(), rel=1e-6)


def test_case_a_of_a_member_over_the_year_equals_its_bill(year):
    """The Pyomo model over 17,520 steps, solved by HiGHS, gives the bill of the market."""
    clearing = year.clearing
    name = clearing.community.prosumers[0]
    charges = year.scenario.tariff.ex_ante(clearing.community, clearing.timeline)
    prices = member_prices(clearing, (*charges, *clearing.charges), name)
    meter = two_prices(prices.import_price, prices.export_price, step_h=0.5, fees=prices.fees)
    load_kwh, pv_kwh = (
        table[name].to_numpy() * 0.5
        for table in (clearing.profiles.load_kw, clearing.profiles.pv_kw)
    )
    solved = solve_case_a(case_a_model(load_kwh, pv_kwh, meter))
    assert solved.objective == pytest.approx(year.bills.by_member().at[name, "total"], rel=1e-6)


def test_without_storage_the_market_moves_money_and_not_power(year, usual):
    """The feeder is in the same state; gains sum to zero; only fees leave the members."""
    pd.testing.assert_frame_equal(year.state.vm_pu, usual.state.vm_pu, check_exact=True)
    table = gains(year.bills, usual.bills, year.clearing.community)["gain"]
    assert table.sum() == pytest.approx(0, abs=1e-6)
    assert table["dso"] == pytest.approx(0, abs=1e-6)


def test_no_member_loses_in_a_pool_without_fees(usual):
    """Individual rationality over a real year, where the design claims it."""
    free = CommunityPool(administration_per_month=0.0, algorithm_per_month=0.0)
    outcome = ng.simulate(ng.Scenario(market=free))
    assert free.individually_rational
    saving = usual.bills.by_member()["total"] - outcome.bills.by_member()["total"]
    assert saving.min() >= -1e-9


def test_the_same_scenario_gives_the_same_outcome(week):
    """To the last digit; another seed gives another community."""
    again = ng.simulate(ng.Scenario(timeline=WEEK))
    pd.testing.assert_frame_equal(again.bills.postings, week.bills.postings, check_exact=True)
    pd.testing.assert_series_equal(again.kpis, week.kpis, check_exact=True)
    other = ng.simulate(ng.Scenario(timeline=WEEK, seed=7))
    assert other.clearing.community.prosumers != week.clearing.community.prosumers


def test_progress_names_the_stages_in_order():
    """The command line shows them."""
    seen = []
    ng.simulate(ng.Scenario(timeline=WEEK), progress=seen.append)
    assert tuple(seen) == STAGES


def test_compare_lays_outcomes_side_by_side(week):
    """By name of the market where the scenarios are called the same."""
    plain = ng.simulate(ng.Scenario(timeline=WEEK, market=BusinessAsUsual()))
    table = ng.compare([plain, week])
    assert list(table.columns) == ["business-as-usual", "community-pool"]
    assert table.loc["local_kwh"].tolist() == [0, week.kpis["local_kwh"]]
    assert ng.compare({"a": week})["a"].equals(week.kpis.rename("a"))
    with pytest.raises(ScenarioError, match="name them"):
        ng.compare([week, week])
    with pytest.raises(ScenarioError, match="no outcomes"):
        ng.compare([])


@pytest.mark.parametrize("unit", ["kW", "kWh"])
def test_meter_readings_of_the_same_week_give_the_same_bills(week, tmp_path, unit):
    """A researcher's own readings go through the same path, from files and from tables."""
    factor = 1.0 if unit == "kW" else 0.5
    profiles = week.clearing.profiles
    (profiles.load_kw * factor).to_csv(tmp_path / "load.csv")
    owners = list(week.clearing.community.prosumers)
    (profiles.pv_kw[owners] * factor).to_csv(tmp_path / "pv.csv")
    text = (
        f'[meters]\nload = "load.csv"\npv = "pv.csv"\nunit = "{unit}"\ntimezone = "Europe/Zurich"\n'
    )
    (tmp_path / "own.toml").write_text(text)
    scenario = ng.Scenario.from_toml(tmp_path / "own.toml")
    own = ng.simulate(scenario)
    pd.testing.assert_frame_equal(own.bills.by_member(), week.bills.by_member(), rtol=1e-9)
    assert own.kpis["vm_max_pu"] == pytest.approx(week.kpis["vm_max_pu"], abs=1e-9)
    in_memory = ng.simulate(ng.Scenario(meters=profiles))
    pd.testing.assert_frame_equal(in_memory.bills.by_member(), week.bills.by_member(), rtol=1e-9)


def test_meters_that_do_not_fit_the_feeder_are_refused(week, tmp_path):
    """One column per load of the feeder, by name."""
    profiles = week.clearing.profiles
    first, second = profiles.load_kw.columns[:2]
    profiles.load_kw.rename(columns={first: "somebody"}).to_csv(tmp_path / "load.csv")
    meters = Meters(load=str(tmp_path / "load.csv"), unit="kW", timezone="Europe/Zurich")
    with pytest.raises(LabelError, match=f"'somebody'.*'{first}'"):
        ng.simulate(ng.Scenario(meters=meters))
    assert second in week.bills.members


def test_bad_settings_stop_before_the_year_is_simulated():
    """A margin outside the window, a shape that does not exist, a feeder nobody knows."""
    wide = CommunityPool(margin_per_kwh=0.2)
    with pytest.raises(ScenarioError, match="window"):
        ng.simulate(ng.Scenario(timeline=WEEK, market=wide))
    with pytest.raises(InputError, match="PV55"):
        ng.simulate(ng.Scenario(timeline=WEEK, assets=Assets(pv_shape="PV55")))
    with pytest.raises(InputError, match="semiurb4"):
        ng.simulate(ng.Scenario(timeline=WEEK, feeder="1-LV-semiurb4--0-nosw"))


def test_a_network_object_is_a_feeder_and_stays_unchanged():
    """A researcher's own net goes in as it is and is not modified."""
    net = ng.load_feeder("1-LV-rural1--0-no_sw")
    before = {name: net[name].copy() for name in ("bus", "load", "line", "trafo")}
    outcome = ng.simulate(ng.Scenario(feeder=net, timeline=WEEK, tariff=preset("DE-2025")))
    assert outcome.bills.currency == "EUR"
    for name, table in before.items():
        pd.testing.assert_frame_equal(net[name], table)


def test_halving_the_step_keeps_energy_and_volumetric_bills(week):
    """Quarter-hours of the same days carry the same demand; only coincidence may differ."""
    fine = ng.simulate(ng.Scenario(timeline=dataclasses.replace(WEEK, step_h=0.25, n_steps=672)))
    assert fine.kpis["demand_kwh"] == pytest.approx(week.kpis["demand_kwh"], rel=1e-9)
    assert fine.kpis["pv_kwh"] == pytest.approx(week.kpis["pv_kwh"], rel=1e-9)


@pytest.mark.parametrize("with_profiles", [True, False])
def test_a_network_of_ones_own_needs_neither_lines_nor_profiles(with_profiles):
    """Loads without a shape are households; the loading of no line is not defined."""
    with quiet():
        network = pp.create_empty_network()
        mv, lv = pp.create_bus(network, 20.0, index=7), pp.create_bus(network, 0.4, index=3)
        pp.create_ext_grid(network, mv)
        pp.create_transformer(network, mv, lv, "0.25 MVA 20/0.4 kV")
        pp.create_load(network, lv, p_mw=0.003, q_mvar=0.001, scaling=2.0)
    if with_profiles:
        network.load["profile"] = "H0-A"
    outcome = ng.simulate(ng.Scenario(feeder=network, timeline=WEEK))
    member = outcome.clearing.community.members[0]
    assert (member.shape, member.bus, round(member.yearly_kwh)) == ("H0-A", 3, 7312)
    assert np.isnan(outcome.kpis["line_loading_max_share"])
    assert 0 < outcome.kpis["transformer_loading_max_share"] < 1


def test_kept_storages_and_generators_run_through_the_whole_path():
    """A SimBench grid with a battery: kept, it stores; replaced, it is not there."""
    code = "1-LV-semiurb4--1-no_sw"
    keep = Assets(pv_share=0.0, existing_pv="keep", existing_storages="keep")
    kept = ng.simulate(ng.Scenario(feeder=code, timeline=WEEK, assets=keep))
    (owner,) = [m for m in kept.clearing.community if m.battery]
    assert kept.clearing.plan.storage_kw is not None
    assert abs(kept.bills.by_actor().sum()) < 1e-9
    assert len(kept.clearing.community.prosumers) == 1
    replaced = ng.simulate(ng.Scenario(feeder=code, timeline=WEEK))
    assert all(member.battery is None for member in replaced.clearing.community)
    assert owner.name in replaced.bills.members


DEVICES = Assets(
    battery_share=0.5, vehicle_share=0.3, heat_pump_share=0.3, shiftable_share=0.3
)  # fmt: skip


def test_devices_change_neither_who_owns_pv_nor_what_anybody_uses(week):
    """Load and PV are bit for bit those of the reference; cars and heat pumps come on top."""
    network = ng.load_feeder("1-LV-semiurb4--0-no_sw")
    timeline = week.clearing.timeline
    community, profiles = people_of(ng.Scenario(timeline=timeline, assets=DEVICES), network)
    plain = week.clearing.profiles
    for name in ("load_kw", "pv_kw", "reactive_kvar"):
        pd.testing.assert_frame_equal(
            getattr(profiles, name), getattr(plain, name), check_exact=True
        )
    owned = {
        kind: sum(getattr(member, kind) is not None for member in community)
        for kind in ("pv", "battery", "vehicle", "heat_pump", "shiftable")
    }
    assert owned == {"pv": 20, "battery": 10, "vehicle": 12, "heat_pump": 12, "shiftable": 12}
    for kind in ("vehicle", "heat_pump"):
        drawn = getattr(profiles, f"{kind}_kw").any()
        assert {n for n in community.names if drawn[n]} <= {
            member.name for member in community if getattr(member, kind) is not None
        }
        assert drawn.sum() >= 10


def test_metered_members_get_devices_from_the_settings_or_from_their_readings(week):
    """Cars are drawn and made as without readings; measured ones belong to who drew their power."""
    network = ng.load_feeder("1-LV-semiurb4--0-no_sw")
    timeline, plain = week.clearing.timeline, week.clearing.profiles
    community, profiles = people_of(ng.Scenario(timeline=timeline, assets=DEVICES), network)
    metered, of_metered = people_of(ng.Scenario(meters=plain, assets=DEVICES), network)
    for kind in ("vehicle", "heat_pump", "shiftable"):
        assert [getattr(m, kind) for m in metered] == [getattr(m, kind) for m in community]
    pd.testing.assert_frame_equal(of_metered.vehicle_kw, profiles.vehicle_kw, check_exact=True)
    pd.testing.assert_frame_equal(of_metered.heat_pump_kw, profiles.heat_pump_kw, check_exact=True)

    again, of_again = people_of(ng.Scenario(meters=profiles), network)
    assert of_again.vehicle_kw is profiles.vehicle_kw
    drawn = profiles.vehicle_kw.any()
    assert [m.vehicle is not None for m in again] == [bool(drawn[n]) for n in again.names]
