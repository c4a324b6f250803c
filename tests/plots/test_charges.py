"""Tests of the figures of kinds of charges."""

import numpy as np
import pandas as pd
import pytest
from builders import make_timeline
from overlaps import outside, overlaps

from nemogrid.charges import Blocks
from nemogrid.dispatch.meter import MeterPrices, meter_cost
from nemogrid.errors import InputError, LabelError
from nemogrid.plots.charges import (
    block_months,
    cost_change_strips,
    month_peaks,
    price_day,
    step_cost,
)
from nemogrid.timeline import Period, Timeline

YEAR = Timeline.year(2026)
NET_KW = np.random.default_rng(3).uniform(-2.0, 3.0, YEAR.n_steps)
HOURS = pd.Index(np.arange(0.0, 24.0, 0.5))


def test_prices_are_steps_to_the_end_of_the_day(ax):
    """In the unit of the axis, each price held until the next."""
    table = pd.DataFrame({"flat": 0.2, "low and high": np.where(HOURS < 7, 0.1, 0.2)}, index=HOURS)
    assert price_day(table, ax, unit="Rp per kWh", per_unit=100.0) is ax
    flat, varying = ax.lines
    assert set(flat.get_ydata()) == {20.0}
    assert varying.get_xdata()[[0, -1]].tolist() == [0.0, 24.0]
    np.testing.assert_allclose(varying.get_ydata()[:-1], 100 * table["low and high"])
    assert ax.get_ylabel() == "price [Rp per kWh]"
    assert overlaps(ax.figure) == outside(ax.figure) == []


@pytest.mark.parametrize("columns", [0, 6])
def test_too_few_and_too_many_lines_are_refused(ax, columns):
    """More lines than can be told apart are not drawn."""
    with pytest.raises(InputError, match="price day"):
        price_day(pd.DataFrame(1.0, index=HOURS, columns=range(columns)), ax, unit="x")


def test_import_of_a_month_begins_at_nothing(ax):
    """The line ends each month at its sum."""
    imported = np.maximum(NET_KW, 0.0) * YEAR.step_h
    assert block_months({"a": imported}, Blocks((1.0, 2.0), (200.0,)), YEAR, ax) is ax
    first = YEAR.first_steps(Period.MONTH)
    climb = ax.lines[0].get_ydata()
    ends = np.flatnonzero(np.diff(climb) < 0)
    np.testing.assert_allclose(climb[[*ends, -1]], np.add.reduceat(imported, first), rtol=1e-12)
    assert ax.lines[1].get_ydata()[0] == 200.0
    assert overlaps(ax.figure) == outside(ax.figure) == []


def test_peaks_of_months_are_the_highest_of_their_days(ax):
    """Twelve marks, none above a bar, none below the highest."""
    assert month_peaks(NET_KW, YEAR, ax) is ax
    marks = ax.lines[0]
    expected = np.maximum.reduceat(NET_KW, YEAR.first_steps(Period.MONTH))
    np.testing.assert_allclose(marks.get_ydata(), expected)
    heights = np.array([bar.get_height() for bar in ax.patches])
    np.testing.assert_allclose(heights[marks.get_xdata().astype(int)], expected)
    assert overlaps(ax.figure) == outside(ax.figure) == []


def test_the_cost_of_a_step_is_that_of_the_meter(ax):
    """At every corner, and nothing at no energy."""
    meter = MeterPrices(
        step_h=0.5, prices=np.array([[-0.05, 0.06, 0.27]]), edges_kwh=np.array([[-1.5, 0.0]])
    )
    assert step_cost({"injection": meter}, ax, power_kw=6.0, unit="CHF") is ax
    power, cost = ax.lines[0].get_data()
    assert power.tolist() == [-6.0, -3.0, 0.0, 6.0]
    np.testing.assert_allclose(
        cost, [meter_cost(meter, np.array([kw * 0.5])) for kw in power], atol=1e-12
    )
    with pytest.raises(InputError, match="power_kw"):
        step_cost({"injection": meter}, ax, power_kw=0.0, unit="CHF")


def test_every_member_is_one_mark_in_each_row(ax):
    """Prosumers below consumers, and a line at each median."""
    shares = pd.DataFrame(
        {"peak": [0.2, -0.3, 0.1], "fee": [1.4, 0.0, -0.2]}, index=["a", "b", "c"]
    )
    assert cost_change_strips(shares, ["a"], ax) is ax
    marks = [line for line in ax.lines if line.get_marker() in "os"]
    drawn = np.concatenate([line.get_xdata() for line in marks])
    np.testing.assert_allclose(np.sort(drawn), np.sort(100 * shares.to_numpy().ravel()))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["peak", "fee"]
    assert overlaps(ax.figure) == outside(ax.figure) == []
    with pytest.raises(LabelError, match="'z'"):
        cost_change_strips(shares, ["z"], ax)


@pytest.mark.parametrize(
    "draw", [month_peaks, lambda x, t, ax: block_months({"a": x}, BLOCKS, t, ax)]
)
def test_series_of_another_length_are_refused(draw, ax):
    """They belong to other steps."""
    with pytest.raises(LabelError, match="expected"):
        draw(NET_KW[:-1], YEAR, ax)


BLOCKS = Blocks((1.0, 2.0), (200.0,))


def test_a_short_timeline_can_be_drawn(ax):
    """A week over a month's end."""
    week = make_timeline(7)
    month_peaks(NET_KW[: week.n_steps], week, ax)
    assert len(ax.lines[0].get_xdata()) == 2
