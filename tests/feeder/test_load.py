import copy
import sys

import pandapower as pp
import pandapower.networks as pn
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from nemogrid.errors import NetworkError
from nemogrid.feeder import load, load_feeder, read_connections
from nemogrid.feeder.quiet import quiet

CODE = "1-LV-rural1--0-no_sw"


def assert_same_network(one, other):
    """Hold all tables of elements against each other."""
    for name, table in one.items():
        if isinstance(table, pd.DataFrame) and not name.startswith(("_", "res_")):
            tables = [t.astype(object).where(t.notna(), None) for t in (table, other[name])]
            assert_frame_equal(*tables)


@pytest.fixture(scope="module")
def parsed():
    """A grid as simbench parses it, which takes seconds: once for all tests."""
    return load._parse_simbench(CODE)


@pytest.fixture
def parses(parsed, monkeypatch):
    """Codes that were parsed in this test."""
    codes = []
    monkeypatch.setattr(load, "_parse_simbench", lambda code: codes.append(code) or parsed)
    return codes


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """A cache directory with nothing in it."""
    path = tmp_path / "cache"
    monkeypatch.setattr(load, "cache_directory", lambda: path)
    return path


def test_a_network_is_copied_and_not_changed(village):
    """What load_feeder sets is set on a copy."""
    village.load["name"] = None
    before = copy.deepcopy(village)
    feeder = load_feeder(village)
    assert feeder is not village
    assert_same_network(before, village)
    assert feeder.load["name"].tolist() == ["load 0", "load 1", "load 2", "load 3"]


@pytest.mark.parametrize("as_text", [True, False])
def test_a_file_gives_the_same_network_as_the_object(village, tmp_path, as_text):
    """Round trip: what pandapower writes is read back whole, from a path or its text."""
    path = tmp_path / "village.json"
    with quiet():
        pp.to_json(village, str(path))
    assert_same_network(load_feeder(village), load_feeder(str(path) if as_text else path))


def test_a_file_with_results_and_geodata_is_read(tmp_path):
    """Results are dropped; coordinates, which are JSON in a text, stay."""
    with quiet():
        net = pn.create_cigre_network_lv()
        pp.runpp(net)
        pp.to_json(net, str(tmp_path / "cigre.json"))
    feeder = load_feeder(tmp_path / "cigre.json")
    assert feeder.res_bus.empty
    assert feeder.bus["geo"].tolist() == net.bus["geo"].tolist()
    assert len(feeder.load) == len(net.load)


def test_simbench_is_parsed_once(empty_cache, parses):
    """The second load reads the cache and gives the same to the last digit."""
    first = load_feeder(CODE)
    assert [file.name for file in empty_cache.iterdir()] == [f"{CODE}.json"]
    second = load_feeder(CODE)
    assert parses == [CODE]
    assert_same_network(first, second)
    assert "profiles" not in second
    assert len(second.bus) == 15


def test_the_package_is_not_needed_when_the_cache_is_there(empty_cache, parses, monkeypatch):
    """Reading the cache does not import simbench, which takes seconds."""
    load_feeder(CODE)
    monkeypatch.setitem(sys.modules, "simbench", None)
    assert len(load_feeder(CODE).load) == 13


@pytest.mark.parametrize("damage", [lambda text: text[:1000], lambda _: '{"_module": "os"}'])
def test_a_damaged_cache_is_parsed_anew(empty_cache, parses, damage):
    """A file cut off half-way, or with something else in it, does no harm and is replaced."""
    first = load_feeder(CODE)
    file = empty_cache / f"{CODE}.json"
    whole = file.read_text()
    file.write_text(damage(whole))
    assert_same_network(first, load_feeder(CODE))
    assert parses == [CODE, CODE]
    assert file.read_text() == whole


def test_a_cache_that_cannot_be_kept_does_no_harm(empty_cache, parses):
    """Where no directory can be made, every load parses."""
    empty_cache.write_text("a file in the place of the directory")
    assert len(load_feeder(CODE).bus) == 15
    assert len(load_feeder(CODE).bus) == 15
    assert parses == [CODE, CODE]


def test_the_parsed_grid_is_that_of_simbench(parsed):
    """What is cached has the tables of the SimBench data set, without its time series."""
    feeder = load.parse_network(parsed, CODE)
    assert (len(feeder.bus), len(feeder.line), len(feeder.load), len(feeder.sgen)) == (
        15,
        13,
        13,
        4,
    )
    assert feeder.load["profile"].str.match(r"[HGL]\d").all()
    assert "profiles" not in feeder


def test_the_cache_is_in_the_users_directory(monkeypatch, tmp_path):
    """It is kept by the version of the SimBench package, apart from other programs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert load.cache_directory().parent.name == "nemogrid"
    assert load.cache_directory().name.startswith("simbench-1.")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("1-LV-semiurb4--0-nosw", "did you mean '1-LV-semiurb4--0-no_sw'"),
        ("1-LV-rural4--0-no_sw", "did you mean '1-LV-rural"),
        ("1-MV-rural--0-no_sw", "unknown feeder '1-MV-rural--0-no_sw'"),
        ("Bern", "there are '1-LV-rural1--0-sw'"),
        ("../../etc/passwd", "unknown feeder"),
    ],
)
def test_an_unknown_code_is_refused_with_near_ones(code, message, empty_cache):
    """A misspelt code is told from the known ones, and nothing is written."""
    with pytest.raises(NetworkError, match=message):
        load_feeder(code)
    assert not empty_cache.exists()


def test_a_code_too_long_for_a_file_name_is_unknown(empty_cache):
    """The cache is asked for it before SimBench is."""
    with pytest.raises(NetworkError, match="unknown feeder 'aaa"):
        load_feeder("a" * 300)


def test_something_else_is_refused():
    """A number is no feeder."""
    with pytest.raises(NetworkError, match="got int"):
        load_feeder(4)


def test_an_unsuitable_network_is_refused(village):
    """The checks are run on every source."""
    village.ext_grid = village.ext_grid.iloc[:0]
    with pytest.raises(NetworkError, match="no external grid"):
        load_feeder(village)


def test_three_phase_networks_are_refused():
    """The IEEE European feeder has single-phase loads: refused, not read as a feeder without."""
    with quiet():
        net = pn.ieee_european_lv_asymmetric()
    with pytest.raises(NetworkError, match="asymmetric_load"):
        load_feeder(net)


def test_loads_get_names_of_their_own(village):
    """Empty and repeated names are made different; good ones stay."""
    village.load["name"] = ["house", "", "house", "load 1"]
    feeder = load_feeder(village)
    assert feeder.load["name"].tolist() == ["house 0", "load 1'", "house 2", "load 1"]
    assert read_connections(feeder).index.is_unique


@pytest.mark.parametrize(
    ("std_type", "given", "shift", "expected"),
    [
        ("0.4 MVA 20/0.4 kV Dyn5 ASEA", None, 150.0, "Dyn5"),
        ("0.25 MVA 20/0.4 kV", None, 150.0, "Yzn5"),
        ("0.25 MVA 20/0.4 kV", "Dyn11", 330.0, "Dyn11"),
        (None, None, 30.0, "Dyn1"),
        ("home made", None, 0.0, "Yyn0"),
        ("home made", None, 45.0, None),
    ],
)
def test_vector_groups_are_set_where_missing(village, std_type, given, shift, expected):
    """From the name of the standard type, its library, or the phase shift, in this order."""
    village.trafo["std_type"] = std_type
    village.trafo["vector_group"] = given
    village.trafo["shift_degree"] = shift
    assert load_feeder(village).trafo["vector_group"].tolist() == [expected]


def test_a_feeder_read_twice_is_two_networks():
    """A change to one copy does not reach the next reader."""
    first = load_feeder("1-LV-rural1--0-no_sw")
    first.load["p_mw"] = -1.0
    first.bus = first.bus.iloc[3:]
    second = load_feeder("1-LV-rural1--0-no_sw")
    assert (second.load["p_mw"] > 0).all()
    assert len(second.bus) == 15
