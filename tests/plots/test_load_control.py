"""Tests of the figures of load control."""

import numpy as np
import pandas as pd
import pytest
from overlaps import outside, overlaps

from nemogrid.errors import LabelError
from nemogrid.plots.load_control import settling, world_peaks
from nemogrid.plots.worlds import WORLD_STYLES


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


def test_wrong_input_is_named(figures, ax):
    """Missing columns."""
    with pytest.raises(LabelError, match="no column 'peak_export_kw'"):
        world_peaks(figures[["peak_import_kw"]], ax)
    with pytest.raises(LabelError, match="no column 'change_pu'"):
        settling(pd.DataFrame({"change_kw": [1.0]}), ax)
