import numpy as np
import pandas as pd
import pytest

from nemogrid.errors import InputError
from nemogrid.feeder import en50160
from nemogrid.results import Certificate, FeederState

WEEK = 336


def state_of(vm_pu, *, start="2026-01-01", freq="30min"):
    """A state of which only the voltages matter."""
    index = pd.date_range(start, periods=len(vm_pu), freq=freq, tz="Europe/Zurich")
    none = pd.DataFrame(index=index)
    vm_pu = pd.DataFrame(vm_pu, index=index)
    return FeederState(
        vm_pu=vm_pu,
        line_loading_share=none,
        transformer_loading_share=none,
        loss_kw=pd.Series(0.0, index=index),
        certificate=Certificate(method="given"),
    )


def worst_share_by_hand(vm_pu, steps):
    """The definition: every week there is, one after the other."""
    good = (vm_pu >= 0.9) & (vm_pu <= 1.1)
    return min(good[i : i + steps].mean() for i in range(len(good) - steps + 1))


def test_the_worst_week_is_the_worst_of_all_weeks():
    """The running sums give what the definition gives, at several step lengths."""
    rng = np.random.default_rng(4)
    for freq, steps in (("30min", WEEK), ("1h", 168)):
        vm_pu = 1.0 + 0.06 * rng.standard_normal(3 * steps)
        got = en50160(state_of(vm_pu[:, None], freq=freq))
        assert got.loc[0, "worst_week_share"] == pytest.approx(worst_share_by_hand(vm_pu, steps))


def test_one_bad_week_in_a_good_year_is_enough():
    """5.1 % of one week outside the band fails, although it is 0.1 % of the year."""
    vm_pu = np.ones((52 * WEEK, 2))
    vm_pu[4000:4016, 0] = 0.89
    vm_pu[4000:4018, 1] = 0.89
    table = en50160(state_of(vm_pu))
    assert table["complies"].tolist() == [True, False]
    assert table["worst_week_share"].tolist() == pytest.approx([1 - 16 / 336, 1 - 18 / 336])


@pytest.mark.parametrize(
    ("value", "complies"), [(0.85, True), (0.8499, False), (1.1, True), (1.101, False)]
)
def test_the_outer_band_holds_always(value, complies):
    """A single step below -15 % or above +10 % fails, whatever the share of the week."""
    vm_pu = np.ones((WEEK, 1))
    vm_pu[100] = value
    table = en50160(state_of(vm_pu))
    assert table["complies"].tolist() == [complies]
    assert {table["vm_min_pu"].iloc[0], table["vm_max_pu"].iloc[0]} == {1.0, value}


def test_less_than_a_week_is_judged_as_one():
    """Ten steps, one outside: 90 %."""
    vm_pu = np.ones((10, 1))
    vm_pu[3] = 0.88
    assert en50160(state_of(vm_pu))["worst_week_share"].iloc[0] == pytest.approx(0.9)


def test_the_change_of_the_clock_is_not_a_change_of_the_step():
    """Steps are equally long in absolute time, also over the last Sunday of March."""
    assert en50160(state_of(np.ones((4 * WEEK, 1)), start="2026-03-20"))["complies"].all()


def test_steps_without_times_need_their_length():
    """A plain index does not tell how long a week is; unequal and negative steps are refused."""
    state = state_of(np.ones((10, 1)))
    plain = FeederState(
        vm_pu=state.vm_pu.reset_index(drop=True),
        line_loading_share=state.line_loading_share,
        transformer_loading_share=state.transformer_loading_share,
        loss_kw=state.loss_kw,
        certificate=state.certificate,
    )
    with pytest.raises(InputError, match="give step_h"):
        en50160(plain)
    with pytest.raises(InputError, match="step_h is -1"):
        en50160(plain, step_h=-1)
    assert en50160(plain, step_h=0.5)["complies"].all()
    plain.vm_pu.index = state.vm_pu.index.delete(4).append(
        state.vm_pu.index[-1:] + pd.Timedelta("3h")
    )
    with pytest.raises(InputError, match="not equally long"):
        en50160(plain)
