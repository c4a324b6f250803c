"""Tests of the pictures of many batteries at once."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from nemogrid.errors import InputError, LabelError
from nemogrid.plots.synchrony import member_map, peak_ranges


@pytest.fixture
def ax():
    """Give axes of a figure of their own."""
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


HOURS = np.arange(0.0, 24.0, 0.5)
SHARES = pd.DataFrame(
    {"a": np.sin(HOURS), "b": np.cos(HOURS), "c": np.zeros(48)}, index=HOURS
)  # fmt: skip
PEAKS = pd.DataFrame(
    {"import_peak_kw": [90.0, 80.0, 150.0, 70.0], "export_peak_kw": [110.0, 60.0, 111.0, 61.0]},
    index=pd.MultiIndex.from_tuples(
        [("flat", "earliest"), ("flat", "calmest"), ("tou", "earliest"), ("tou", "latest")]
    ),
)


def test_member_map_draws_every_member_and_step(ax):
    """A row per member from the top, a column per half-hour, zero in the middle of the scale."""
    assert member_map(SHARES, ax) is ax
    (image,) = ax.images
    np.testing.assert_allclose(image.get_array(), SHARES.to_numpy().T)
    assert (image.norm.vmin, image.norm.vmax) == (-1, 1)
    assert image.get_extent() == [0.0, 24.0, 3.5, 0.5]
    assert len(ax.figure.axes) == 2
    assert "[" in ax.get_xlabel()
    assert "[" in ax.get_ylabel()
    assert "[" in ax.figure.axes[1].get_ylabel()


def test_member_map_can_do_without_its_bar(ax):
    """Of several maps above one another one bar is enough."""
    member_map(SHARES, ax, bar=False)
    assert len(ax.figure.axes) == 1


def test_member_map_refuses_powers(ax):
    """Kilowatts are no shares, and one step is no day."""
    with pytest.raises(InputError, match="shares from -1 to 1"):
        member_map(2 * SHARES, ax)
    with pytest.raises(InputError, match="two steps"):
        member_map(SHARES.iloc[:1], ax)


def test_peak_ranges_mark_every_plan_on_both_sides(ax):
    """Import to the right, export to the left, and a bar between the smallest and the largest."""
    assert peak_ranges(PEAKS, ax, reference=(95.0, 112.0)) is ax
    marks = [
        (float(np.asarray(line.get_xdata()).item()), float(np.asarray(line.get_ydata()).item()))
        for line in ax.lines
        if len(line.get_xdata()) == 1
    ]
    expected = [(90, 0), (80, 0), (150, 1), (70, 1), (-110, 0), (-60, 0), (-111, 1), (-61, 1)]
    assert marks == expected
    bars = [list(line.get_xdata()) for line in ax.lines if line.get_linewidth() == 5]
    assert bars == [[80, 90], [70, 150], [-110, -60], [-111, -61]]
    dashed = [
        line.get_xdata()[0]
        for line in ax.lines
        if line.get_linestyle() == "--" and len(line.get_xdata())
    ]
    assert dashed == [95.0, -112.0]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["flat", "tou"]
    assert "[kW]" in ax.get_xlabel()


def test_peak_ranges_refuse_plans_without_a_mark(ax):
    """A plan that nobody explains is not drawn."""
    strange = PEAKS.rename(index={"latest": "luckiest"})
    with pytest.raises(LabelError, match="luckiest"):
        peak_ranges(strange, ax, reference=(95.0, 112.0))
