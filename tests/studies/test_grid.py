"""Tests of the figures of several feeders, and of the limits read off them."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import nemogrid as ng
from nemogrid.errors import InputError, LabelError, ScenarioError
from nemogrid.markets import BusinessAsUsual
from nemogrid.scenario import Assets, Scenario
from nemogrid.studies import grid_figures, hosting_limits

DAY = ng.Timeline(pd.Timestamp("2026-06-21", tz="Europe/Zurich"), 0.5, 48)
VILLAGE = Scenario(feeder="1-LV-rural1--0-no_sw", timeline=DAY)


def with_pv(sizing):
    """Scale the roofs of the village."""
    return dataclasses.replace(VILLAGE, assets=Assets(pv_share=1.0, pv_sizing=sizing))


def test_figures_are_those_of_the_whole_simulation():
    """A market without storage changes nothing about the wires."""
    figures = grid_figures({"village": VILLAGE}).loc["village"]
    outcome = ng.simulate(dataclasses.replace(VILLAGE, market=BusinessAsUsual()))
    same = {
        "demand_kwh": "demand_kwh", "pv_kwh": "pv_kwh", "peak_import_kw": "peak_import_kw",
        "peak_export_kw": "peak_export_kw", "vm_min_pu": "vm_min_pu", "vm_max_pu": "vm_max_pu",
        "line_share": "line_loading_max_share", "loss_kwh": "loss_kwh",
        "transformer_share": "transformer_loading_max_share",
    }  # fmt: skip
    for ours, theirs in same.items():
        assert figures[ours] == pytest.approx(outcome.kpis[theirs], rel=1e-12), ours
    assert figures["members"] == 13
    assert figures["pv_kw"] == pytest.approx(
        sum(m.pv.peak_kw for m in outcome.clearing.community if m.pv)
    )


def test_the_year_in_parts_is_the_year(monkeypatch):
    """Where a part ends makes no difference, not even in the last digit of a voltage."""
    whole = grid_figures({"village": VILLAGE})
    monkeypatch.setattr("nemogrid.studies.grid._STEPS_AT_ONCE", 7)
    pd.testing.assert_frame_equal(grid_figures({"village": VILLAGE}), whole, rtol=1e-12)


def test_more_pv_lifts_the_voltage():
    """Rows come in the order given, and PV grows in proportion to its sizing."""
    table = grid_figures({sizing: with_pv(sizing) for sizing in (1.0, 2.0, 4.0)})
    assert table.index.tolist() == [1.0, 2.0, 4.0]
    np.testing.assert_allclose(table["pv_kw"] / table["pv_kw"].iloc[0], table.index)
    assert (np.diff(table["vm_max_pu"]) > 0).all()
    assert len(set(table["demand_kwh"])) == 1


def test_labels_may_be_pairs():
    """A pair of settings is one label."""
    assert grid_figures({(0.5, "half"): VILLAGE}).index.tolist() == [(0.5, "half")]


def test_no_scenarios_are_refused():
    """An empty table would say nothing."""
    with pytest.raises(ScenarioError, match="no scenarios"):
        grid_figures({})


FIGURES = pd.DataFrame(
    {
        "pv_kw": [10.0, 20.0, 40.0],
        "vm_max_pu": [1.02, 1.04, 1.12],
        "line_share": [0.1, 0.2, 0.4],
        "transformer_share": [1.0, 1.5, 2.0],
    }
)


def test_limits_are_read_between_the_rows():
    """A line through two rows, nothing beyond the last, the first where it starts above."""
    limits = hosting_limits(FIGURES)
    assert limits["voltage"] == pytest.approx(35)
    assert np.isnan(limits["line"])
    assert limits["transformer"] == 10
    assert hosting_limits(FIGURES, loading_share=0.2)["line"] == pytest.approx(20)


def test_limits_want_growing_pv_and_all_columns():
    """A table that is no sweep of PV is refused."""
    with pytest.raises(InputError, match="growing"):
        hosting_limits(FIGURES.iloc[::-1])
    with pytest.raises(InputError, match="two or more"):
        hosting_limits(FIGURES.iloc[:1])
    with pytest.raises(LabelError, match="line_share"):
        hosting_limits(FIGURES.drop(columns="line_share"))
