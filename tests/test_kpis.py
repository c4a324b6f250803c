"""Tests of the key figures."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from builders import (
    make_community,
    make_profiles,
    make_timeline,
    stored_clearing,
    tariff_charges,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.charges import ownership_charges
from nemogrid.community import Battery, Community
from nemogrid.dispatch import store_own_surplus
from nemogrid.kpis import key_figures
from nemogrid.markets import BusinessAsUsual, CommunityPool
from nemogrid.results import Certificate, FeederState
from nemogrid.settlement import settle

LINE = make_timeline(7)


def figures(profiles, market):
    """Compute the figures of a week with a made-up state of the feeder."""
    charges = tariff_charges(profiles)
    community = make_community(profiles)
    return figures_of(market.clear(community, profiles, charges), charges)


def figures_of(clearing, charges):
    """Compute the figures of a clearing with a made-up state of the feeder."""
    table = pd.DataFrame({0: np.linspace(0.98, 1.03, LINE.n_steps)}, index=LINE.index)
    state = FeederState(
        vm_pu=table,
        line_loading_share=table / 2,
        transformer_loading_share=table / 4,
        loss_kw=pd.Series(0.5, index=LINE.index),
        certificate=Certificate(method="made up"),
    )
    return key_figures(clearing, state, settle(clearing, charges, currency="CHF"))


def test_shares_agree_with_their_definitions():
    """Self-consumption and self-sufficiency from sums of minima, as in the literature."""
    profiles = make_profiles(LINE)
    got = figures(profiles, CommunityPool())
    load, pv = profiles.load_kw * 0.5, profiles.pv_kw * 0.5
    own = np.minimum(load, pv).to_numpy().sum()
    together = np.minimum(load.sum(axis=1), pv.sum(axis=1)).sum()
    assert got["own_self_consumption_share"] == pytest.approx(own / pv.to_numpy().sum())
    assert got["own_self_sufficiency_share"] == pytest.approx(own / load.to_numpy().sum())
    assert got["self_consumption_share"] == pytest.approx(together / pv.to_numpy().sum())
    assert got["self_sufficiency_share"] == pytest.approx(together / load.to_numpy().sum())


def test_money_and_energy_add_up():
    """What members pay, the others receive; imports are retail and local."""
    got = figures(make_profiles(LINE), CommunityPool())
    receipts = got[[name for name in got.index if name.endswith("_receives")]].sum()
    assert got["members_pay"] == pytest.approx(receipts)
    assert got["members_pay"] == pytest.approx(got["consumers_pay"] + got["prosumers_pay"])
    assert got["imported_kwh"] == pytest.approx(got["retail_bought_kwh"] + got["local_kwh"])
    assert got["exported_kwh"] == pytest.approx(got["retail_sold_kwh"] + got["local_kwh"])


def test_the_feeder_figures_are_extremes_and_a_sum():
    """Extremes over steps and elements; losses in energy."""
    got = figures(make_profiles(LINE), BusinessAsUsual())
    assert (got["vm_min_pu"], got["vm_max_pu"]) == (0.98, 1.03)
    assert got["line_loading_max_share"] == pytest.approx(1.03 / 2)
    assert got["transformer_loading_max_share"] == pytest.approx(1.03 / 4)
    assert got["loss_kwh"] == pytest.approx(0.5 * 7 * 24)


def test_without_pv_the_shares_of_pv_are_missing():
    """Nothing to share is not a share of zero."""
    profiles = make_profiles(LINE, 2)
    dark = type(profiles)(
        timeline=LINE, load_kw=profiles.load_kw, pv_kw=0 * profiles.pv_kw,
        reactive_kvar=profiles.reactive_kvar,
    )  # fmt: skip
    got = figures(dark, CommunityPool())
    assert np.isnan(got["self_consumption_share"])
    assert got["self_sufficiency_share"] == 0
    assert got["peak_export_kw"] == 0


def test_without_devices_there_are_no_figures_of_them():
    """The tables of a community with PV alone stay as they were."""
    got = figures(make_profiles(LINE), CommunityPool())
    kinds = ("storage", "vehicle", "heat_pump", "shifted")
    assert not [name for name in got.index if name.startswith(kinds)]
    assert "installer_receives" not in got


@given(seed=st.integers(0, 2**16))
@settings(deadline=None, max_examples=20)
def test_energy_balances_with_every_kind_of_device(seed):
    """What is made and imported is asked for, exported, or taken by batteries."""
    clearing = stored_clearing(LINE, 4, seed)
    rng, plan = np.random.default_rng(seed), clearing.plan
    pumps = 0.0 * plan.net_kw + rng.uniform(0, 3, plan.net_kw.shape)
    moved = 0.0 * plan.net_kw + rng.uniform(-0.1, 0.1, plan.net_kw.shape)
    plan = dataclasses.replace(
        plan, net_kw=plan.net_kw + pumps + moved,
        drawn_kw={**plan.drawn_kw, "heat_pump": pumps, "shiftable": moved},
    )  # fmt: skip
    clearing = dataclasses.replace(clearing, plan=plan)
    got = figures_of(clearing, ())
    into_stores = got["storage_charged_kwh"] - got["storage_discharged_kwh"]
    assert got["pv_kwh"] + got["imported_kwh"] == pytest.approx(
        got["demand_kwh"] + got["exported_kwh"] + into_stores
    )
    load_kwh = clearing.profiles.load_kw.to_numpy().sum() * 0.5
    moved_kwh = moved.to_numpy().sum() * 0.5
    assert got["demand_kwh"] == pytest.approx(
        load_kwh + got["vehicle_kwh"] + got["heat_pump_kwh"] + moved_kwh
    )
    assert got["vehicle_discharged_kwh"] > 0
    assert got["shifted_kwh"] > abs(moved_kwh)
    assert 0 <= got["own_self_consumption_share"] <= got["self_consumption_share"] <= 1
    assert got["own_self_sufficiency_share"] <= 1


def with_batteries(profiles):
    """Give every owner of PV a battery, run by the rule, and trade nothing."""
    charges = tariff_charges(profiles)
    box = Battery(
        capacity_kwh=6.0, power_kw=2.0, charge_efficiency=0.9, discharge_efficiency=0.8,
        wear_per_kwh=0.1,
    )  # fmt: skip
    community = Community(
        tuple(dataclasses.replace(m, battery=box if m.pv else None)
              for m in make_community(profiles))
    )  # fmt: skip
    clearing = BusinessAsUsual().clear(make_community(profiles), profiles, charges)
    drawn_kw, gained_kwh = 0.0 * profiles.net_kw, 0.0
    for name in community.prosumers:
        drawn_kwh, stored_kwh = store_own_surplus(
            profiles.net_kw[name].to_numpy() * 0.5, box, step_h=0.5
        )
        drawn_kw[name] = drawn_kwh / 0.5
        gained_kwh += stored_kwh[-1] - stored_kwh[0]
    plan = dataclasses.replace(
        clearing.plan, net_kw=profiles.net_kw + drawn_kw, drawn_kw={"battery": drawn_kw}
    )
    return dataclasses.replace(clearing, community=community, plan=plan), gained_kwh


def test_what_batteries_take_is_lost_or_still_in_them():
    """Losses follow from the efficiencies of each way."""
    clearing, gained_kwh = with_batteries(make_profiles(LINE))
    got = figures_of(clearing, ())
    kept = got["storage_charged_kwh"] - got["storage_discharged_kwh"] - got["storage_loss_kwh"]
    assert kept == pytest.approx(gained_kwh)
    assert got["storage_loss_kwh"] > 1


def test_batteries_raise_self_consumption_and_pay_the_installer():
    """Shares count what goes into the store as used, and demand leaves it out."""
    profiles = make_profiles(LINE)
    clearing, _ = with_batteries(profiles)
    charges = (*tariff_charges(profiles), *ownership_charges(clearing.community))
    without, got = figures(profiles, BusinessAsUsual()), figures_of(clearing, charges)
    assert got["demand_kwh"] == without["demand_kwh"]
    surplus = (profiles.pv_kw - profiles.load_kw).clip(lower=0.0).to_numpy().sum() * 0.5
    stored = got["storage_charged_kwh"]
    assert got["own_self_consumption_share"] == pytest.approx(
        1 - (surplus - stored) / got["pv_kwh"]
    )
    assert got["own_self_sufficiency_share"] == pytest.approx(
        without["own_self_sufficiency_share"]
        + got["storage_discharged_kwh"] / without["demand_kwh"]
    )
    assert got["installer_receives"] == pytest.approx(0.1 * got["storage_discharged_kwh"])


def test_what_a_store_exports_is_no_pv():
    """A battery that trades by night leaves the self-consumption of the roof alone."""
    clearing = stored_clearing(LINE, 2)
    night = clearing.profiles.pv_kw.max(axis=1) == 0
    drawn_kw = 0.0 * clearing.plan.net_kw
    drawn_kw.loc[night] = np.where(np.arange(night.sum()) % 2, 3.0, -3.0)[:, None]
    plan = dataclasses.replace(
        clearing.plan, net_kw=clearing.profiles.net_kw + drawn_kw, drawn_kw={"battery": drawn_kw}
    )
    got = figures_of(dataclasses.replace(clearing, plan=plan), ())
    idle = dataclasses.replace(plan, net_kw=clearing.profiles.net_kw, drawn_kw={})
    without = figures_of(dataclasses.replace(clearing, plan=idle), ())
    for share in ("own_self_consumption_share", "self_consumption_share"):
        assert got[share] == pytest.approx(without[share])
    assert got["exported_kwh"] > 2 * without["exported_kwh"]
