"""Tests of the checks on tables of steps and members."""

import numpy as np
import pandas as pd
import pytest
from builders import make_timeline

from nemogrid.errors import InputError, LabelError
from nemogrid.tables import check_table, require_same_members

LINE = make_timeline(1)
TABLE = pd.DataFrame(1.0, index=LINE.index, columns=["a", "b"])


def test_a_good_table_passes_and_is_not_changed():
    """The checks only look."""
    before = TABLE.copy()
    check_table(TABLE, LINE, what="load", lowest=0.0)
    require_same_members(TABLE, ["a", "b"], what="load")
    pd.testing.assert_frame_equal(TABLE, before)


def test_the_first_bad_cell_is_named_with_its_limit():
    """What, member, step, value and the least accepted."""
    table = TABLE.copy()
    table.iloc[3, 1] = -2.0
    with pytest.raises(InputError, match=r"load of member 'b' at .*01:30.* is -2.0.*at least 0"):
        check_table(table, LINE, what="load", lowest=0.0)
    check_table(table, LINE, what="load")
    table.iloc[3, 1] = np.nan
    with pytest.raises(InputError, match="is nan"):
        check_table(table, LINE, what="load")


def test_missing_and_unknown_members_are_both_named():
    """One message for the whole difference."""
    with pytest.raises(LabelError, match="no column for 'c'; unknown member 'b'"):
        require_same_members(TABLE, ["a", "c"], what="load")


def test_an_array_and_a_member_with_two_columns_are_refused():
    """Neither says whose number it is."""
    with pytest.raises(InputError, match="load: a ndarray, expected a DataFrame"):
        check_table(TABLE.to_numpy(), LINE, what="load")
    with pytest.raises(LabelError, match="load: more than one column for member 'a'"):
        check_table(TABLE.set_axis(["a", "a"], axis=1), LINE, what="load")
