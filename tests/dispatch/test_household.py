"""What a household refuses."""

import numpy as np
import pytest
from dispatch.test_local_control import car, house

from nemogrid.dispatch.household import HABITS
from nemogrid.dispatch.member_stores import KINDS
from nemogrid.errors import InputError, LabelError


def test_there_is_a_habit_for_every_kind_of_store():
    """And for no other."""
    assert set(HABITS) == set(KINDS)


def test_wrong_input_is_named():
    """Steps that differ, values that are none, and kinds that nobody knows."""
    with pytest.raises(LabelError, match="'b': vehicle has 5 steps, expected 12"):
        house("b", stores={"vehicle": car(5, need_kwh=0.0)})
    with pytest.raises(InputError, match="'b': net_kwh is not a row of finite numbers"):
        house("b", net_kwh=[np.nan] * 12)
    with pytest.raises(InputError, match="'b': store 'kettle', expected vehicle"):
        house("b", stores={"kettle": car(12, need_kwh=0.0)})
