"""Tests of the figures as files."""

import dataclasses

import pandas as pd
import pytest
from matplotlib.figure import Figure
from overlaps import outside, overlaps

from nemogrid.markets import BusinessAsUsual
from nemogrid.plots import gallery, theme
from nemogrid.scenario import Assets, Scenario
from nemogrid.simulation import simulate
from nemogrid.timeline import Timeline

DAY = Timeline(pd.Timestamp("2026-06-21", tz="Europe/Zurich"), 0.5, 48)


@pytest.fixture
def figures(monkeypatch):
    """Keep the figures that become files."""
    kept = []

    def draw_figure(draw, *, size=gallery.WIDE):
        with theme():
            kept.append(Figure(figsize=size))
            draw(kept[-1].subplots())
            assert overlaps(kept[-1]) == []
            assert outside(kept[-1]) == []
        return b""

    monkeypatch.setattr(gallery, "draw_png", draw_figure)
    return kept


@pytest.mark.parametrize(
    "settings",
    [
        {"assets": Assets(pv_share=0.0)},
        {"assets": Assets(pv_share=1.0)},
        {"tariff": "CH-2026-LEG", "feeder": "1-LV-rural1--0-no_sw"},
        {"assets": Assets(battery_share=1.0, battery_wear_per_kwh=0.03, heat_pump_share=0.2)},
    ],
    ids=["nobody has PV", "everybody has PV", "local discount", "batteries that wear"],
)
def test_figures_can_be_read_at_the_ends_of_the_settings(figures, settings):
    """Without prosumers or consumers, with a credit on the buyer's bill, and with an installer."""
    scenario = Scenario(timeline=DAY, **settings)
    outcome = simulate(scenario)
    reference = simulate(dataclasses.replace(scenario, market=BusinessAsUsual()))
    pictures = gallery.draw_pictures(outcome, reference=reference)
    assert len(figures) == len(pictures) == len({picture.name for picture in pictures}) == 7
    assert not any("-0.00" in picture.alt or "nan" in picture.alt for picture in pictures)


def test_the_sunniest_day_is_shown(year, figures):
    """Of all days, the one with the most PV energy; the words hold its numbers."""
    picture = gallery.draw_pictures(year)[0]
    pv_kwh = year.clearing.profiles.pv_kw.sum(axis=1).groupby(year.clearing.timeline.index.date)
    day = (pv_kwh.sum() * 0.5).idxmax()
    load_kwh = year.clearing.profiles.load_kw.loc[str(day)].to_numpy().sum() * 0.5
    assert str(day) in picture.caption
    assert f"used {load_kwh:.0f} kWh" in picture.alt
    assert f"{day.day} {day:%B}" in figures[0].axes[0].get_xlabel()


def test_without_a_reference_there_is_no_gain(year, figures):
    """Six figures need one outcome only."""
    assert [p.name for p in gallery.draw_pictures(year)] == [
        "daily-flows", "money-flows", "price-of-a-kwh", "bills", "feeder-map", "voltage-band"
    ]  # fmt: skip
