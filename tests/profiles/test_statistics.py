"""Tests of the statistics of members and their loads."""

import numpy as np
import pandas as pd
import pytest
from builders import make_profiles, make_timeline

from nemogrid.community import PV, Community, Member
from nemogrid.errors import InputError, LabelError
from nemogrid.profiles.statistics import by_shape, coincidence_factor

MEMBERS = Community(
    (
        Member(name="a", bus=1, yearly_kwh=2000.0, shape="H0-A", pv=PV(peak_kw=2.0)),
        Member(name="b", bus=2, yearly_kwh=3000.0, shape="H0-A"),
        Member(name="c", bus=2, yearly_kwh=40_000.0, shape="G4-A", pv=PV(peak_kw=30.0)),
    )
)


def test_by_shape_adds_up():
    """Members, demand and PV of the groups are those of the community."""
    table = by_shape(MEMBERS, pd.Series({"c": 11.0, "b": 4.0, "a": 3.0}))
    assert table.index.tolist() == ["G4-A", "H0-A"]
    assert table.loc["H0-A"].to_dict() == {
        "members": 2, "rated_kw": 7.0, "yearly_kwh": 5000.0, "mean_kwh": 2500.0, "owners": 1,
        "pv_kw": 2.0,
    }  # fmt: skip
    assert table[["members", "owners"]].sum().tolist() == [3, 2]


def test_by_shape_wants_every_rating():
    """A member without a rated power is named."""
    with pytest.raises(LabelError, match="'c'"):
        by_shape(MEMBERS, pd.Series({"a": 3.0, "b": 4.0}))


def test_coincidence_is_one_for_twins_and_small_for_strangers():
    """The same load in proportion gives 1; loads that never meet give 1/N."""
    one = np.array([1.0, 5.0, 2.0])
    assert coincidence_factor(pd.DataFrame({"a": one, "b": 3 * one})) == pytest.approx(1)
    assert coincidence_factor(pd.DataFrame(np.eye(4))) == 0.25


def test_coincidence_does_not_depend_on_order_or_scale():
    """Relabelling members or doubling all loads changes nothing."""
    load = make_profiles(make_timeline()).load_kw
    factor = coincidence_factor(load)
    assert 1 / 5 < factor < 1
    assert coincidence_factor(load.iloc[:, ::-1]) == pytest.approx(factor, rel=1e-12)
    assert coincidence_factor(load * 2) == pytest.approx(factor, rel=1e-12)


@pytest.mark.parametrize(
    ("values", "message"),
    [([0.0, 0.0], "zero"), ([1.0, -1.0], "at least 0"), ([1.0, np.nan], "finite")],
)  # fmt: skip
def test_coincidence_of_no_load_is_refused(values, message):
    """Nothing can coincide, or the load is none."""
    with pytest.raises(InputError, match=message):
        coincidence_factor(pd.DataFrame({"a": values}))
