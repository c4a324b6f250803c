"""Tests of the figures of the four worlds."""

import numpy as np
import pandas as pd
import pytest
from overlaps import outside, overlaps

from nemogrid.errors import InputError, LabelError
from nemogrid.plots.worlds import WORLD_COLOURS, settling, world_loads, world_peaks

TIMES = pd.date_range("2026-01-12 10:00", periods=96, freq="30min", tz="Europe/Zurich")


@pytest.fixture
def loads():
    """Two days of a load in four worlds."""
    wave = 60 + 50 * np.sin(np.arange(96) / 96 * 4 * np.pi)
    return {w: pd.Series(wave / (i + 1), index=TIMES) for i, w in enumerate(WORLD_COLOURS)}


@pytest.fixture
def figures():
    """Peaks of four weeks in four worlds."""
    weeks = ["winter", "spring", "summer", "autumn"]
    index = pd.MultiIndex.from_product([weeks, list(WORLD_COLOURS)], names=["week", "world"])
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "peak_import_kw": rng.uniform(30, 140, 16),
            "peak_export_kw": rng.uniform(0, 90, 16).round() * (index.get_level_values(0) != "w"),
        },
        index=index,
    )


def test_each_world_has_its_line(loads, ax):
    """In its colour, with a step per value, over the hours of the clock."""
    assert world_loads(loads, ax) is ax
    drawn = {patch.get_label(): patch for patch in ax.patches}
    assert list(drawn) == list(WORLD_COLOURS)
    for world, patch in drawn.items():
        np.testing.assert_allclose(patch.get_data().values, loads[world])
        assert patch.get_data().edges[-1] == 48.0
    assert [tick.get_text() for tick in ax.get_xticklabels()][:3] == ["12", "18", "00"]
    assert "[kW]" in ax.get_ylabel()
    assert overlaps(ax.figure) == []
    assert outside(ax.figure) == []


def test_a_week_is_labelled_by_days(ax):
    """More than two days get the names of the days."""
    times = pd.date_range("2026-01-12 10:00", periods=336, freq="30min", tz="Europe/Zurich")
    world_loads({"prices": pd.Series(1.0, index=times)}, ax)
    assert [tick.get_text() for tick in ax.get_xticklabels()][:2] == ["Tue", "Wed"]
    assert overlaps(ax.figure) == []


def test_bars_are_the_peaks(figures, ax):
    """Import above zero, export below, four worlds for each week."""
    assert world_peaks(figures, ax) is ax
    heights = np.array([patch.get_height() for patch in ax.patches]).reshape(4, 2, 4)
    for i, world in enumerate(WORLD_COLOURS):
        own = figures.xs(world, level=1)
        np.testing.assert_allclose(heights[i, 0], own["peak_import_kw"])
        np.testing.assert_allclose(heights[i, 1], -own["peak_export_kw"])
    assert overlaps(ax.figure) == []
    assert outside(ax.figure) == []


def test_settling_shows_both_changes(ax):
    """On a logarithmic axis; the last change of zero leaves a gap."""
    history = pd.DataFrame(
        {"change_kw": [17.0, 0.3, 1e-4, 0.0], "change_pu": [1e-4, 1e-6, 1e-9, 1e-13]},
        index=pd.RangeIndex(1, 5, name="iteration"),
    )
    assert settling(history, ax) is ax
    assert ax.get_yscale() == "log"
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [17.0, 0.3, 1e-4, np.nan])
    np.testing.assert_allclose(ax.lines[1].get_ydata(), history["change_pu"])
    assert overlaps(ax.figure) == []
    assert outside(ax.figure) == []


def test_wrong_input_is_named(loads, figures, ax):
    """No world, other times, missing columns."""
    with pytest.raises(InputError, match="no worlds"):
        world_loads({}, ax)
    with pytest.raises(LabelError, match="the times of 'prices'"):
        world_loads(loads | {"prices": loads["prices"].iloc[1:]}, ax)
    with pytest.raises(LabelError, match="no column 'peak_export_kw'"):
        world_peaks(figures[["peak_import_kw"]], ax)
    with pytest.raises(LabelError, match="no column 'change_pu'"):
        settling(pd.DataFrame({"change_kw": [1.0]}), ax)
