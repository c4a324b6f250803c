"""Tests of the key figures."""

import numpy as np
import pandas as pd
import pytest
from builders import make_community, make_profiles, make_timeline, tariff_charges

from nemogrid.kpis import key_figures
from nemogrid.markets import BusinessAsUsual, CommunityPool
from nemogrid.results import Certificate, FeederState
from nemogrid.settlement import settle

LINE = make_timeline(7)


def figures(profiles, market):
    """Compute the figures of a week with a made-up state of the feeder."""
    charges = tariff_charges(profiles)
    community = make_community(profiles)
    clearing = market.clear(community, profiles, charges)
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
