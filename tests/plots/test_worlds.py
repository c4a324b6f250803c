"""Tests of the pictures of four worlds."""

import numpy as np
import pandas as pd
import pytest
from builders import make_timeline
from matplotlib.figure import Figure
from overlaps import outside, overlaps

from nemogrid.errors import InputError, LabelError
from nemogrid.plots import theme
from nemogrid.plots.worlds import WORLD_STYLES, world_loads, world_strips


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
