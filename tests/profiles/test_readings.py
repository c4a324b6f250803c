import numpy as np
import pandas as pd
import pytest

from nemogrid.errors import InputError, LabelError
from nemogrid.profiles import read_meters

GOOD = """time,a,b
2026-05-01T00:00+02:00,1.5,0
2026-05-01T00:30+02:00,2,0.25
2026-05-01T01:00+02:00,1e-3,7
"""


def read(folder, text, **settings):
    """Read a file with these bytes or this text."""
    path = folder / "load.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_meters(path, unit="kW", **settings)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD.rstrip("\n"),
        GOOD + "\n\n",
        GOOD.replace("1.5", '"1.5"').replace("time", ""),
        GOOD.replace("T", " "),
    ],
)
def test_good_files(tmp_path, text):
    """Line ends, a byte-order mark, quotes and blank last lines make no difference."""
    profiles = read(tmp_path, text)

    assert list(profiles.load_kw.columns) == ["a", "b"]
    assert profiles.load_kw["a"].tolist() == [1.5, 2.0, 0.001]
    assert profiles.load_kw["b"].tolist() == [0.0, 0.25, 7.0]
    assert profiles.timeline.step_h == 0.5


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("", "no reading"),
        ("  ", "no reading"),
        ("nan", r"no reading \(NaN\)"),
        ("-0.1", "-0.1 is negative; generation is given by pv="),
        ("inf", "the reading is infinite"),
        ("n/a", "'n/a' is not a number"),
        ("1_000", "'1_000' is not a number"),
        ('"1,5"', "'1,5' is not a number"),
        ("0x1", "'0x1' is not a number"),
        ("=1+1", r"'=1\+1' is not a number"),
    ],
)
def test_bad_cell_of_a_file(tmp_path, cell, fault):
    """The message names file, line, member, step and what is wrong."""
    where = r"load\.csv, line 3: member 'b' at 2026-05-01 00:30:00\+02:00: "
    with pytest.raises(InputError, match=where + fault):
        read(tmp_path, GOOD.replace("0.25", cell))


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (np.nan, "no reading"),
        (None, "no reading"),
        (pd.NA, "no reading"),
        ("", "no reading"),
        (-1.0, "-1 is negative"),
        (np.inf, "the reading is infinite"),
        ("many", "'many' is not a number"),
        (True, "True is not a number"),
        ([1.0], r"\[1.0\] is not a number"),
    ],
)
def test_bad_cell_of_a_table(cell, fault):
    """A table's message names row, member and step."""
    times = pd.date_range("2026-05-01", periods=3, freq="30min", tz="UTC")
    table = pd.DataFrame({"a": [1, 2, 3], "b": [1.0, cell, 3.0]}, index=times)

    where = r"load readings, row 1: member 'b' at 2026-05-01 00:30:00\+00:00: "
    with pytest.raises(InputError, match=where + fault):
        read_meters(table, unit="kW")


def test_numbers_of_any_type_in_a_table():
    """Integers, small floats, nullable numbers and digits as text are numbers."""
    times = pd.date_range("2026-05-01", periods=2, freq="30min", tz="UTC")
    table = pd.DataFrame(
        {
            "a": np.array([1, 2], dtype=np.uint8),
            "b": np.array([1, 2], dtype=np.float32),
            "c": pd.array([1, 2], dtype="Int64"),
        },
        index=times,
    )

    for source in (table, table.assign(d=["1.0", "2"])):
        assert (read_meters(source, unit="kW").load_kw.T == [1.0, 2.0]).all(axis=None)


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("", InputError, r"load\.csv: empty"),
        ("\n\n", InputError, r"load\.csv: empty"),
        ("time,a,b\n", InputError, r"load\.csv: a header and no readings"),
        (GOOD.replace("time,a,b", "time,a,a"), LabelError, "line 1: more than one .* member 'a'"),
        (GOOD.replace("time,a,b", "time,a,"), InputError, "line 1: column 3 is named ''"),
        (GOOD.replace("time,a,b", "time,a, b"), InputError, "line 1: column 3 is named ' b'"),
        (GOOD.replace(",0.25", ""), InputError, "line 3: 2 fields, expected 3"),
        (GOOD.replace("0.25", "0,25"), InputError, "line 3: 4 fields, expected 3"),
        (GOOD.replace("\n2026-05-01T01", "\n\n2026-05-01T01"), InputError, "line 4: 0 fields"),
        (GOOD.replace(",", ";"), InputError, "line 1: one field, .* with commas between"),
        (GOOD.partition("\n")[2], InputError, "line 1: a reading, expected a header"),
        (GOOD.replace("0.25", '"0.25'), InputError, r"load\.csv, line \d: "),
        (b"time,a\n2026\xff", InputError, r"load\.csv: not a text file in UTF-8 \(byte 11\)"),
    ],
)
def test_bad_file(tmp_path, text, kind, message):
    """A file that is not a table of readings is refused with file and line."""
    with pytest.raises(kind, match=message):
        read(tmp_path, text)


def test_absent_file(tmp_path):
    """A path to nothing, or to a folder, says which."""
    with pytest.raises(InputError, match=r"nowhere\.csv: No such file"):
        read_meters(tmp_path / "nowhere.csv", unit="kW")
    with pytest.raises(InputError, match="Is a directory"):
        read_meters(tmp_path, unit="kW")


@pytest.mark.parametrize("source", [None, 5, [[1, 2]], b"load.csv"])
def test_source_of_another_type(source):
    """Only paths and tables are read."""
    with pytest.raises(InputError, match="load readings are a .* expected a path or a DataFrame"):
        read_meters(source, unit="kW")


@pytest.mark.parametrize(
    ("columns", "kind", "message"),
    [
        (["a", "a"], LabelError, "load readings: more than one column for member 'a'"),
        (["a", 7], InputError, "column 3 is named 7"),
        (["a", ("b", "c")], InputError, r"column 3 is named \('b', 'c'\)"),
    ],
)
def test_bad_columns_of_a_table(columns, kind, message):
    """Members of a table are texts that differ."""
    times = pd.date_range("2026-05-01", periods=2, freq="30min", tz="UTC")
    table = pd.DataFrame(np.ones((2, 2)), index=times)
    table.columns = pd.Index(columns, tupleize_cols=False)
    with pytest.raises(kind, match=message):
        read_meters(table, unit="kW")


def test_empty_tables():
    """A table of no members, or of no steps, is refused."""
    times = pd.date_range("2026-05-01", periods=2, freq="30min", tz="UTC")
    with pytest.raises(InputError, match="load readings: one field"):
        read_meters(pd.DataFrame(), unit="kW")
    with pytest.raises(InputError, match="load readings: one field"):
        read_meters(pd.DataFrame(index=times), unit="kW")
    with pytest.raises(InputError, match="load readings: empty"):
        read_meters(pd.DataFrame({"a": []}, index=times[:0]), unit="kW")


def test_source_is_left_as_it_was():
    """Reading changes nothing in a table, and the profiles do not share its memory."""
    times = pd.date_range("2026-05-01", periods=2, freq="30min", tz="UTC")
    table = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}, index=times)
    before = table.copy()
    profiles = read_meters(table, unit="kW")
    table.iloc[0, 0] = 99.0

    assert profiles.load_kw["a"].tolist() == [1.0, 2.0]
    table.iloc[0, 0] = 1.0
    pd.testing.assert_frame_equal(table, before)
