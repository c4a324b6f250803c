"""Tests of the tables that stages hand on."""

import numpy as np
import pandas as pd
import pytest
from builders import make_profiles, make_timeline

from nemogrid.errors import InputError, LabelError, SolveError
from nemogrid.results import Certificate, Profiles

LINE = make_timeline(1)
GOOD = make_profiles(LINE, 3)


def with_load(load_kw):
    """Replace the loads of good profiles."""
    return Profiles(
        timeline=LINE, load_kw=load_kw, pv_kw=GOOD.pv_kw, reactive_kvar=GOOD.reactive_kvar
    )


@pytest.mark.parametrize("value", [np.nan, -0.1, np.inf])
def test_a_bad_load_is_named_by_member_and_step(value):
    """The reader finds the cell."""
    load = GOOD.load_kw.copy()
    load.iloc[7, 1] = value
    with pytest.raises(InputError, match=rf"'m1' at {load.index[7]}".replace("+", r"\+")):
        with_load(load)


def test_text_among_the_loads_is_refused():
    """A column of strings is not converted silently."""
    load = GOOD.load_kw.astype(object)
    load.iloc[0, 2] = "n/a"
    with pytest.raises(InputError, match="expected numbers"):
        with_load(load)


def test_too_few_steps_are_refused():
    """Nothing is filled up."""
    with pytest.raises(LabelError, match="47 steps, expected 48"):
        with_load(GOOD.load_kw.iloc[:-1])


def test_shifted_steps_are_refused():
    """Equal length is not enough: stamps must match."""
    load = GOOD.load_kw.set_axis(LINE.index + pd.Timedelta(minutes=30))
    with pytest.raises(LabelError, match="do not match the timeline"):
        with_load(load)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["m0", "m1", "x"], "unknown member 'm2'|no column for 'x'"),
        (["m1", "m0", "m2"], "another order"),
    ],
)
def test_other_members_are_refused(columns, message):
    """Tables of different members are not aligned silently."""
    with pytest.raises(LabelError, match=message):
        with_load(GOOD.load_kw.set_axis(columns, axis=1))


@pytest.mark.parametrize("field", ["primal_residual", "dual_residual", "gap"])
@pytest.mark.parametrize("value", [1e-3, -1e-3, np.nan])
def test_a_certificate_with_a_residual_raises(field, value):
    """No certificate, no result."""
    with pytest.raises(SolveError, match=field):
        Certificate(method="m", **{field: value}).require(1e-6)
