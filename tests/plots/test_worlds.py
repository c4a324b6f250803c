"""Tests of the pictures of four worlds."""

import numpy as np
import pandas as pd
import pytest
from builders import make_timeline
from matplotlib.figure import Figure
from overlaps import outside, overlaps

from nemogrid.errors import InputError, LabelError
from nemogrid.plots import theme
from nemogrid.plots.worlds import (
    WORLD_STYLES,
    settling,
    world_loads,
    world_peaks,
    world_strips,
)


def test_every_world_is_a_line(ax):
    """In its own colour."""
    steps = make_timeline(2).index
    rng = np.random.default_rng(1)
    values = rng.uniform(-50.0, 100.0, (len(steps), 4))
    load_kw = pd.DataFrame(values, steps, list(WORLD_STYLES))
    assert world_loads(load_kw, ax) is ax
    drawn = [line.get_ydata()[:-1] for line in ax.lines[:4]]
    np.testing.assert_allclose(drawn, load_kw.to_numpy().T)
    assert [line.get_color() for line in ax.lines[:4]] == [s[0] for s in WORLD_STYLES.values()]
    assert overlaps(ax.figure) == outside(ax.figure) == []


def test_every_figure_is_a_strip_of_its_own():
    """With a mark for each world at its value."""
    peaks, bills = [139.0, 146.0, 117.0, 98.0], [7579.0, 7479.0, 7581.0, 7488.0]
    figures = {"largest import [kW]": peaks, "bills [CHF]": bills}
    table = pd.DataFrame(figures, list(WORLD_STYLES))
    with theme():
        figure = Figure(figsize=(6.4, 3.6))
        axes = figure.subplots(2, 1)
        assert world_strips(table, axes) is axes
        for ax, column in zip(axes, table, strict=True):
            marks = [line for line in ax.lines if line.get_marker() not in ("None", None)]
            np.testing.assert_allclose([m.get_xdata()[0] for m in marks], table[column])
        assert [t.get_text() for t in axes[0].get_legend().get_texts()] == list(WORLD_STYLES)
        assert overlaps(figure) == outside(figure) == []


def test_other_worlds_are_refused(ax):
    """By name."""
    steps = make_timeline(1).index
    with pytest.raises(LabelError, match="utopia"):
        world_loads(pd.DataFrame({"utopia": np.zeros(len(steps))}, steps), ax)
    with pytest.raises(InputError, match="1 axes for 2 figures"):
        world_strips(pd.DataFrame({"a": [1.0], "b": [1.0]}, ["central"]), [ax])


@pytest.fixture
def figures():
    """Peaks of four weeks in four worlds."""
    weeks = ["winter", "spring", "summer", "autumn"]
    index = pd.MultiIndex.from_product([weeks, list(WORLD_STYLES)], names=["week", "world"])
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "peak_import_kw": rng.uniform(30, 140, 16),
            "peak_export_kw": rng.uniform(0, 90, 16),
        },
        index=index,
    )


def test_bars_are_the_peaks(figures, ax):
    """Import above zero, export below, four worlds for each week."""
    assert world_peaks(figures, ax) is ax
    heights = np.array([patch.get_height() for patch in ax.patches]).reshape(4, 2, 4)
    for i, world in enumerate(WORLD_STYLES):
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


def test_worlds_of_another_name_are_drawn_too(figures, ax):
    """Variants of the rule have no colour of their own and still differ."""
    world_peaks(figures.rename(index={"prices": "deaf", "central": "hasty"}), ax)
    assert len({patch.get_facecolor() for patch in ax.patches}) == 4


def test_missing_columns_are_named(figures, ax):
    """Whichever figure needs them."""
    with pytest.raises(LabelError, match="no column 'peak_export_kw'"):
        world_peaks(figures[["peak_import_kw"]], ax)
    with pytest.raises(LabelError, match="no column 'change_pu'"):
        settling(pd.DataFrame({"change_kw": [1.0]}), ax)
