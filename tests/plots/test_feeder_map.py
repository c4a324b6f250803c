"""Tests of the map of the feeder."""

import pytest
from overlaps import outside, overlaps

from nemogrid.errors import LabelError
from nemogrid.plots import feeder_map
from nemogrid.plots.layout import positions, source_bus


def pv_buses(outcome):
    """List the buses of members with PV."""
    return {member.bus for member in outcome.clearing.community if member.pv}


def test_every_bus_is_drawn_with_its_value(year, ax):
    """Colours hold the voltages; buses with PV and the transformer have their own marks."""
    values = year.state.vm_pu.max()
    assert feeder_map(year.network, values, ax, pv_buses=pv_buses(year)) is ax
    marks = {c.get_label(): c for c in ax.collections}
    places = positions(year.network)
    assert sum(len(c.get_offsets()) for c in marks.values()) == len(places)
    assert len(marks["bus with PV"].get_offsets()) == len(pv_buses(year))
    assert marks["transformer"].get_array()[0] == pytest.approx(values[source_bus(year.network)])
    drawn = {
        tuple(p): v
        for c in marks.values()
        for p, v in zip(c.get_offsets(), c.get_array(), strict=True)
    }
    for bus, place in places.iterrows():
        assert drawn[tuple(place)] == pytest.approx(values[bus])


def test_all_marks_share_one_colour_scale_with_a_unit(year, ax):
    """The bar beside the map holds for every mark."""
    feeder_map(year.network, year.state.vm_pu.max(), ax, pv_buses=pv_buses(year), limits=(0.9, 1.1))
    assert {c.get_clim() for c in ax.collections} == {(0.9, 1.1)}
    assert ax.figure.axes[1].get_ylabel() == "voltage [pu]"


def test_every_line_is_drawn(year, ax):
    """Lines join the places of their buses."""
    feeder_map(year.network, year.state.vm_pu.max(), ax)
    assert len(ax.lines) == len(year.network.line)


def test_texts_are_apart(year, ax):
    """Legend and colour bar can be read."""
    feeder_map(year.network, year.state.vm_pu.max(), ax, pv_buses=pv_buses(year))
    assert overlaps(ax.figure) == []
    assert outside(ax.figure) == []


def test_a_bus_without_value_is_named(year, ax):
    """Nothing is filled in silently."""
    values = year.state.vm_pu.max().drop(source_bus(year.network))
    with pytest.raises(LabelError, match="no value for bus"):
        feeder_map(year.network, values, ax)
