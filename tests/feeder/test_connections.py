import pandapower as pp
import pytest

from nemogrid.errors import NetworkError
from nemogrid.feeder import read_connections, read_generators, read_storages


def test_connections_are_the_loads_in_service(village):
    """Rated powers are in kW, scaled, and loads out of service are no connections."""
    village.load["scaling"] = [1.0, 0.5, 1.0, 1.0]
    village.load.loc[3, "in_service"] = False
    table = read_connections(village)
    assert table.index.tolist() == ["house1", "house2", "house3"]
    assert table["bus"].tolist() == [2, 3, 4]
    assert table["rated_kw"].tolist() == pytest.approx([4.0, 2.0, 4.0])
    assert table["rated_kvar"].tolist() == pytest.approx([1.0, 0.5, 1.0])
    assert table["power_factor"].tolist() == pytest.approx([4 / 17**0.5] * 3)
    assert table["shape"].tolist() == [None] * 3


def test_shapes_are_read_where_there_are_any(village):
    """The name of a profile is the shape; a load without has none."""
    village.load["profile"] = ["H0-A", None, "G1-B", float("nan")]
    assert read_connections(village)["shape"].tolist() == ["H0-A", None, "G1-B", None]


def test_a_load_without_power_has_no_power_factor(village):
    """Nothing over nothing is not a number, and no warning."""
    village.load.loc[0, ["p_mw", "q_mvar"]] = 0.0
    assert read_connections(village)["power_factor"].isna().tolist() == [True, False, False, False]


@pytest.mark.parametrize("name", ["house2", None, ""])
def test_loads_without_a_name_of_their_own_are_refused(village, name):
    """A network that has not been through load_feeder may have such loads."""
    village.load["name"] = ["house1", "house2", name, "house5"]
    with pytest.raises(NetworkError, match="without a name of their own"):
        read_connections(village)


def test_generators_are_those_in_service(village):
    """A row per static generator, in kW."""
    pp.create_sgen(village, 2, p_mw=0.003, in_service=False)
    table = read_generators(village)
    assert table[["name", "bus", "rated_kw", "type"]].to_numpy().tolist() == [
        ["roof", 6, 5.0, "PV"]
    ]


def test_storages_tell_power_and_capacity(village):
    """A row per storage, in kW and kWh."""
    assert read_storages(village).empty
    pp.create_storage(village, 3, p_mw=0.002, max_e_mwh=0.009, name="box")
    table = read_storages(village)
    assert table[["name", "bus", "rated_kw", "capacity_kwh"]].to_numpy().tolist() == [
        ["box", 3, 2.0, 9.0]
    ]


@pytest.mark.parametrize("column", ["p_mw", "q_mvar", "scaling"])
@pytest.mark.parametrize("value", [float("nan"), "x"])
def test_powers_that_are_no_numbers_are_refused(village, column, value):
    """A reactive power that is missing is not taken for a usual power factor."""
    village.load[column] = village.load[column].astype(object)
    village.load.loc[1, column] = value
    with pytest.raises(NetworkError, match=f"load '1': .*{value}.*finite"):
        read_connections(village)
