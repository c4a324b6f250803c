"""Tests of where buses are drawn."""

import copy

import numpy as np
import pytest

from nemogrid.errors import NetworkError
from nemogrid.feeder import load_feeder
from nemogrid.plots.layout import distance_km, positions, source_bus


@pytest.fixture(scope="module")
def network():
    """Load a feeder of 15 buses."""
    return load_feeder("1-LV-rural1--0-no_sw")


def without_coordinates(network):
    """Copy the feeder without its map."""
    bare = copy.deepcopy(network)
    bare.bus = bare.bus.drop(columns="geo")
    return bare


def test_distance_is_the_length_of_line_to_the_transformer(network):
    """Each bus is as far as the one before it, and the line between."""
    distance = distance_km(network)
    assert distance[source_bus(network)] == 0.0
    assert len(distance) == len(network.bus) - 1
    ends = (
        distance[network.line["to_bus"]].to_numpy(),
        distance[network.line["from_bus"]].to_numpy(),
    )
    lengths = network.line["length_km"].to_numpy()
    assert np.abs(ends[0] - ends[1]) == pytest.approx(lengths)


def test_coordinates_of_the_network_are_used(network):
    """Every bus has a place of its own, north is up."""
    places = positions(network)
    assert not places.duplicated().any()
    assert (places.min() == 0).all()


def test_a_tree_is_drawn_where_coordinates_are_missing(network):
    """Buses lie at their distance, without crossing branches, the same every time."""
    bare = without_coordinates(network)
    places = positions(bare)
    assert places["x"].to_numpy() == pytest.approx(distance_km(bare).to_numpy())
    assert places.equals(positions(bare))
    ends = network.line[["from_bus", "to_bus"]].to_numpy()
    assert not places.loc[np.unique(ends)].duplicated().any()


def test_coordinates_that_coincide_are_not_used(network):
    """Two buses at one place would hide one another."""
    twice = copy.deepcopy(network)
    twice.bus["geo"] = twice.bus["geo"].iloc[0]
    assert positions(twice).equals(positions(without_coordinates(network)))


def test_a_ring_is_walked_along_its_shorter_side(network):
    """Distances in a mesh are the shortest."""
    ring = copy.deepcopy(network)
    far = distance_km(ring).idxmax()
    row = ring.line.iloc[0].copy()
    row["from_bus"], row["to_bus"], row["length_km"] = source_bus(ring), far, 0.001
    ring.line.loc[ring.line.index.max() + 1] = row
    assert distance_km(ring)[far] == pytest.approx(0.001)


def test_a_line_without_length_is_refused(network):
    """The message names its buses."""
    broken = copy.deepcopy(network)
    broken.line.loc[broken.line.index[0], "length_km"] = np.nan
    with pytest.raises(NetworkError, match="line between buses"):
        distance_km(broken)
