"""Tests of the figures of voltages."""

import numpy as np
import pandas as pd
import pytest
from overlaps import outside, overlaps

from nemogrid.errors import LabelError
from nemogrid.plots import distance_km, voltage_band, voltage_duration


def test_marks_are_the_extremes_of_each_bus(year, ax):
    """Highest, median and lowest voltage stand above the distance of the bus."""
    distance = distance_km(year.network)
    assert voltage_band(year.state, ax, distance_km=distance) is ax
    lines = {line.get_label(): line for line in ax.lines}
    order = distance.sort_values(kind="stable").index
    voltages = year.state.vm_pu[order]
    assert lines["highest"].get_ydata() == pytest.approx(voltages.max().to_numpy())
    assert lines["median"].get_ydata() == pytest.approx(voltages.median().to_numpy())
    assert lines["lowest"].get_ydata() == pytest.approx(voltages.min().to_numpy())
    assert lines["lowest"].get_xdata() == pytest.approx(1000 * distance[order].to_numpy())
    assert "[m]" in ax.get_xlabel()


def test_limits_are_shown_whatever_the_voltages(year, ax):
    """The band of +-10 % is in the figure, with its name."""
    voltage_duration(year.state, ax)
    low, high = ax.get_ylim()
    assert low < 0.9
    assert high > 1.1
    levels = [line.get_ydata()[0] for line in ax.lines if line.get_linestyle() == "--"]
    assert levels == [0.9, 1.1]
    assert "[pu]" in ax.get_ylabel()
    assert overlaps(ax.figure) == []
    assert outside(ax.figure) == []


def test_a_duration_curve_falls_and_keeps_its_values(year, ax):
    """Sorting loses no step."""
    assert voltage_duration(year.state, ax) is ax
    curve = next(line for line in ax.lines if line.get_label() == "highest bus").get_ydata()
    highest = year.state.vm_pu.to_numpy().max(axis=1)
    assert (np.diff(curve) <= 0).all()
    assert np.sort(curve) == pytest.approx(np.sort(highest))


def test_a_bus_without_voltage_is_named(year, ax):
    """Distances of other buses are refused."""
    with pytest.raises(LabelError, match="no voltage of bus '99999'"):
        voltage_band(year.state, ax, distance_km=pd.Series({99999: 0.1}))
