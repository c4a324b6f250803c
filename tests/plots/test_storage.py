"""Tests of the pictures of a battery."""

import numpy as np
import pandas as pd
import pytest
from builders import make_timeline
from matplotlib.figure import Figure
from overlaps import outside, overlaps

from nemogrid.errors import InputError, LabelError
from nemogrid.plots import theme
from nemogrid.plots.storage import PLAN_COLUMNS, lines_over, spread_strips, storage_days, value_map
from nemogrid.timeline import Timeline

QUOTED = {"one source": (275.0, 385.0), "another": (600.0, 1000.0)}


def random_plan(days):
    """A table of the right shape."""
    timeline = make_timeline(days)
    rng = np.random.default_rng(1)
    values = rng.uniform(0.0, 3.0, (timeline.n_steps, len(PLAN_COLUMNS)))
    return pd.DataFrame(values, timeline.index, list(PLAN_COLUMNS))


@pytest.mark.parametrize("days", [1, 7])
def test_days_of_a_battery_are_drawn_as_they_are(days):
    """Discharge below zero, stored energy at the end of each step."""
    plan = random_plan(days)
    with theme():
        figure = Figure(figsize=(6.4, 6.4))
        axes = figure.subplots(3, 1, sharex=True)
        assert storage_days(plan, axes) is axes
        np.testing.assert_allclose(axes[0].lines[0].get_ydata()[:-1], plan["net_kw"])
        np.testing.assert_allclose(axes[1].lines[0].get_ydata(), plan["stored_kwh"])
        np.testing.assert_allclose(axes[2].lines[0].get_ydata()[:-1], plan["value"])
        assert axes[0].collections[1].get_paths()[0].vertices[:, 1].min() == pytest.approx(
            -plan["discharge_kw"].max()
        )
        assert axes[2].get_xlim() == (0.0, 24.0 * days)
        assert overlaps(figure) == outside(figure) == []


def test_days_without_a_column_or_an_axes_are_refused(ax):
    """By name."""
    with pytest.raises(LabelError, match="value"):
        storage_days(random_plan(1).drop(columns="value"), [ax] * 3)
    with pytest.raises(InputError, match="2 axes"):
        storage_days(random_plan(1), [ax] * 2)


def test_the_map_of_a_year_has_a_column_per_day(ax):
    """And a row per half-hour."""
    year = Timeline.year(2026)
    value = pd.Series(np.linspace(0.0, 0.3, year.n_steps), year.index)
    assert value_map(value, year, ax) is ax
    assert ax.images[0].get_array().shape == (48, 365)
    assert overlaps(ax.figure) == outside(ax.figure) == []


def test_lines_lie_over_their_bands(ax):
    """One for each column, with the band's name inside it."""
    table = pd.DataFrame(
        {"flat": [600.0, 300.0, 150.0], "spot": [900.0, 500.0, 250.0]}, [2.0, 8.0, 20.0]
    )
    assert lines_over(table, ax, xlabel="capacity [kWh]", ylabel="cost", bands=QUOTED) is ax
    np.testing.assert_allclose([line.get_ydata() for line in ax.lines], table.to_numpy().T)
    assert [text.get_text() for text in ax.texts] == list(QUOTED)
    assert overlaps(ax.figure) == outside(ax.figure) == []
    with pytest.raises(InputError, match="0 columns"):
        lines_over(table[[]], ax, xlabel="x", ylabel="y")


def test_every_member_is_a_mark(ax):
    """With the median of its row."""
    table = pd.DataFrame({"flat": [100.0, 200.0, 600.0], "spot": [150.0, 250.0, 900.0]})
    assert spread_strips(table, ax, xlabel="break-even cost", bands=QUOTED) is ax
    marks = [line for line in ax.lines if line.get_marker() == "o"]
    np.testing.assert_allclose([m.get_xdata() for m in marks], table.to_numpy().T)
    medians = [line.get_xdata()[0] for line in ax.lines if line.get_marker() != "o"]
    assert medians == [200.0, 250.0]
    assert overlaps(ax.figure) == outside(ax.figure) == []
