import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from nemogrid.errors import InputError, LabelError
from nemogrid.profiles import shape_names, simbench, yearly_energy_kwh


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """A cache file of the test's own, filled from the user's without parsing again."""
    shape_names()
    path = tmp_path / "cache" / "shapes.parquet"
    path.parent.mkdir()
    shutil.copy(simbench.cache_file(), path)
    table = pd.read_parquet(path)
    parsed = []
    monkeypatch.setattr(simbench, "cache_file", lambda: path)
    monkeypatch.setattr(simbench, "_parse", lambda: parsed.append(1) or table)
    return path, parsed


def test_names():
    """Households, businesses, farms, heat pumps and chargers are loads; aggregates are not."""
    loads = shape_names()

    assert {"H0-A", "H0-B", "G1-A", "L0-A", "Air_Parallel_1", "HLS_A_3.7"} <= set(loads)
    assert not [name for name in loads if name.startswith(("lv_", "mv_", "hv_", "PV"))]
    assert tuple(f"PV{i}" for i in range(1, 9)) == shape_names("pv")


def test_shapes_are_a_year_of_quarter_hours_up_to_rated_power():
    """Every load shape has 35,136 values from 0 to 1, and some energy."""
    shapes = simbench.read_shapes(shape_names())

    for shape in shapes.values():
        assert shape.shape == (35_136,)
        assert shape.min() >= 0
        assert 0.5 < shape.max() <= 1
        assert shape.mean() > 0


def sunrise_and_sunset_h(day, latitude=51.0, longitude=10.0):
    """Sun over the middle of Germany [h, UTC], by Cooper's declination and equation of time."""
    n = day.dayofyear
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + n) / 365)
    b = 2 * np.pi * (n - 81) / 364
    noon = 12 - longitude / 15 - (9.87 * np.sin(2 * b) - 7.53 * np.cos(b) - 1.5 * np.sin(b)) / 60
    half = np.degrees(np.arccos(-np.tan(np.radians(latitude)) * np.tan(declination))) / 15
    return noon - half, noon + half


def test_pv_rows_are_in_utc():
    """No system runs when the sun is down in UTC, and the western one runs until sunset.

    Were the rows in German time, it would stop more than an hour before sunset in most months.
    """
    shapes = simbench.read_shapes(shape_names("pv"), kind="pv")
    days = pd.date_range("2016-01-01", periods=366)
    left_h = []
    for month in range(1, 13):
        there = np.flatnonzero(days.month == month)
        suns = [sunrise_and_sunset_h(days[i]) for i in there]
        rise, fall = min(r for r, _ in suns), max(f for _, f in suns)
        for shape in shapes.values():
            hours = np.flatnonzero(shape.reshape(366, 24, 4)[there, :, 0].max(axis=0) > 1e-4)
            assert rise - 0.1 < hours[0]
            assert hours[-1] < fall + 0.1
        west = shapes["PV7"].reshape(366, 24, 4)[there, :, 0].max(axis=0)
        left_h.append(fall - np.flatnonzero(west > 1e-4)[-1])

    assert np.median(left_h) < 1


def test_loads_follow_the_clock_and_pv_the_sun():
    """Over the change to summer time businesses start an hour earlier by row, the sun does not."""

    def centre_h(shape, days):
        mean = shape.reshape(366, 96)[days].mean(axis=0)
        mean = mean - mean.min()
        return (mean * np.arange(96)).sum() / mean.sum() / 4

    before, after = slice(72, 86), slice(87, 101)
    business = simbench.read_shapes(["G1-A"])["G1-A"]
    sun = simbench.read_shapes(["PV5"], kind="pv")["PV5"]

    assert centre_h(business, before) - centre_h(business, after) == pytest.approx(1, abs=0.15)
    assert centre_h(sun, before) == pytest.approx(centre_h(sun, after), abs=0.15)


def test_nothing_heavy_is_imported_once_cached():
    """With the cache in place neither SimBench nor pandapower is loaded."""
    shape_names()
    code = (
        "import sys; from nemogrid.profiles import simbench; simbench.read_shapes(['H0-A']);"
        "sys.exit(bool({'simbench', 'pandapower'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_good_cache_is_read_and_not_parsed(own_cache):
    """A good file is enough."""
    _, parsed = own_cache

    simbench.read_shapes(["H0-A"])

    assert parsed == []


@pytest.mark.parametrize("damage", ["absent", "empty", "cut", "garbage", "flipped", "short"])
def test_damaged_cache_is_rebuilt(own_cache, damage):
    """Whatever happened to the file, the shapes are right and the file is good again."""
    path, parsed = own_cache
    expected = simbench.read_shapes(["H0-A"])["H0-A"]
    content = path.read_bytes()
    if damage == "absent":
        path.unlink()
    elif damage == "short":
        pd.read_parquet(path).iloc[:100].to_parquet(path)
    else:
        column = bytearray(content)
        column[2_000_000:2_001_000] = bytes(1000)
        path.write_bytes(
            {"empty": b"", "cut": content[:1000], "garbage": b"x" * 5000, "flipped": column}[damage]
        )

    names = shape_names()
    everything = simbench.read_shapes(names)

    assert parsed
    np.testing.assert_array_equal(everything["H0-A"], expected)
    parsed.clear()
    simbench.read_shapes(names)
    assert parsed == []
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_unwritable_cache_warns_and_works(own_cache, monkeypatch):
    """Without a place for the cache the shapes are still there, with a warning."""
    path, _ = own_cache
    path.unlink()

    def refuse(*_):
        raise OSError("read-only file system")

    monkeypatch.setattr(simbench, "_write", refuse)
    with pytest.warns(UserWarning, match="not kept .* read-only file system"):
        shape = simbench.read_shapes(["H0-A"])["H0-A"]

    assert shape.max() == 1


def test_failed_write_leaves_nothing_behind(own_cache, monkeypatch):
    """A cache is written whole or not at all."""
    path, _ = own_cache
    path.unlink()

    def refuse(*_):
        raise OSError("disk full")

    monkeypatch.setattr(simbench.os, "replace", refuse)
    with pytest.warns(UserWarning, match="disk full"):
        shape_names()

    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("H0-Z", "load", "no load shape 'H0-Z': did you mean 'H0-"),
        ("PV9", "pv", "no photovoltaic shape 'PV9': did you mean 'PV"),
        ("PV5", "load", "no load shape 'PV5'"),
        ("????????", "load", "known are 'BL-H'"),
    ],
)
def test_unknown_shape(name, kind, message):
    """A name that SimBench does not have raises and suggests near ones of the same kind."""
    with pytest.raises(InputError) as caught:
        simbench.read_shapes([name], kind=kind)

    assert message in str(caught.value)


def test_yearly_energy():
    """Rated power times mean times 8760 h, under the label of the load."""
    rated = pd.Series({7: 2.0, 3: 4.0, 5: 0.0})
    shapes = pd.Series({7: "H0-A", 3: "G1-A", 5: "H0-A"})
    mean = {name: shape.mean() for name, shape in simbench.read_shapes(shapes).items()}

    energy = yearly_energy_kwh(rated, shapes)

    expected = pd.Series({7: 2 * mean["H0-A"] * 8760, 3: 4 * mean["G1-A"] * 8760, 5: 0.0})
    pd.testing.assert_series_equal(energy, expected.rename("yearly_kwh"), rtol=1e-12)


def test_yearly_energy_of_bad_input():
    """Labels must match, and rated powers be numbers of at least 0."""
    with pytest.raises(LabelError, match="different labels"):
        yearly_energy_kwh(pd.Series({1: 1.0}), pd.Series({2: "H0-A"}))
    for bad in (-1.0, np.nan, np.inf):
        with pytest.raises(InputError, match=r"rated power of load '4' is (-1|nan|inf)"):
            yearly_energy_kwh(pd.Series({4: bad}), pd.Series({4: "H0-A"}))
