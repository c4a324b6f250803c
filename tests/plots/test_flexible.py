"""Tests of the pictures of flexible stores."""

import numpy as np
import pandas as pd
import pytest
from builders import make_timeline
from matplotlib.figure import Figure
from overlaps import outside, overlaps

from nemogrid.errors import InputError, LabelError
from nemogrid.plots import theme
from nemogrid.plots.flexible import panels_over_time, store_corridor

COLUMNS = [
    "lower_kwh", "upper_kwh", "uncontrolled_kw", "uncontrolled_kwh", "optimum_kw", "optimum_kwh",
]  # fmt: skip
STYLES = {"a": ("black", "-"), "b": ("black", "--")}


def corridor(days):
    """A table of the right shape."""
    steps = make_timeline(days).index
    rng = np.random.default_rng(1)
    return pd.DataFrame(rng.uniform(0.0, 3.0, (len(steps), 6)), steps, COLUMNS).assign(
        lower_kwh=0.0, upper_kwh=3.0
    )


@pytest.mark.parametrize("days", [1, 2])
def test_a_store_is_drawn_as_it_runs(days):
    """Power from the start of a step, energy at its end, dear steps shaded in both panels."""
    table = corridor(days)
    price = pd.Series(np.where(table.index.hour < 12, 0.2, 0.3), table.index)
    with theme():
        figure = Figure(figsize=(6.4, 4.6))
        axes = figure.subplots(2, 1, sharex=True)
        assert store_corridor(table, axes, price=price) is axes
        for line, plan in zip(axes[0].lines, ("uncontrolled", "optimum"), strict=False):
            np.testing.assert_allclose(line.get_ydata()[:-1], table[f"{plan}_kw"])
        for line, plan in zip(axes[1].lines, ("uncontrolled", "optimum"), strict=True):
            np.testing.assert_allclose(line.get_ydata(), table[f"{plan}_kwh"])
        assert [len(ax.patches) for ax in axes] == [days, days]
        assert axes[0].patches[0].get_x() == 12.0
        assert axes[0].patches[0].get_width() == 12.0
        assert overlaps(figure) == outside(figure) == []


def test_a_flat_price_shades_nothing():
    """There is no dear hour."""
    table = corridor(1)
    with theme():
        axes = Figure().subplots(2, 1)
        store_corridor(table, axes, price=pd.Series(0.3, table.index))
        assert not axes[0].patches


def test_what_does_not_fit_is_refused(ax):
    """By name."""
    table = corridor(1)
    with pytest.raises(LabelError, match="optimum_kwh"):
        store_corridor(table.drop(columns="optimum_kwh"), [ax, ax])
    with pytest.raises(LabelError, match="other steps"):
        store_corridor(table, [ax, ax], price=pd.Series([0.1, 0.2]))
    with pytest.raises(InputError, match="1 axes"):
        store_corridor(table, [ax])
    with pytest.raises(InputError, match="1 axes for 2 panels"):
        panels_over_time({"x": table, "y": table}, [ax], styles=STYLES)
    with pytest.raises(LabelError, match="lower_kwh"):
        panels_over_time({"x": table}, [ax], styles=STYLES)


def test_panels_share_their_steps_and_one_legend():
    """Each column is a line, named once."""
    steps = make_timeline(1).index
    rng = np.random.default_rng(1)
    panels = {
        name: pd.DataFrame(rng.uniform(size=(len(steps), 2)), steps, ["a", "b"])
        for name in ("voltage [pu]", "power [kW]")
    }
    with theme():
        figure = Figure(figsize=(6.4, 5.0))
        axes = figure.subplots(2, 1, sharex=True)
        assert panels_over_time(panels, axes, styles=STYLES) is axes
        for ax, table in zip(axes, panels.values(), strict=True):
            drawn = [line.get_ydata()[:-1] for line in ax.lines]
            np.testing.assert_allclose(drawn, table.to_numpy().T)
        assert [text.get_text() for text in axes[0].get_legend().get_texts()] == ["a", "b"]
        assert axes[1].get_legend() is None
        assert overlaps(figure) == outside(figure) == []
