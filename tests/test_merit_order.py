"""Tests of the merit order."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemogrid.errors import InputError, LabelError
from nemogrid.merit_order import merit_order, stack

FLEET = pd.DataFrame(
    {"capacity_gw": [10.0, 5.0, 20.0], "marginal_cost": [0.05, 0.0, 0.1]},
    index=["coal", "wind", "gas"],
)


def demand(*values: float) -> pd.Series:
    """Name the steps by number."""
    return pd.Series(values, index=range(len(values)), dtype=float)


@st.composite
def fleets(draw):
    """Between one and six plants, often of equal cost."""
    count = draw(st.integers(1, 6))
    capacity = draw(st.lists(st.floats(0.1, 50.0), min_size=count, max_size=count))
    cost = draw(st.lists(st.integers(0, 4), min_size=count, max_size=count))
    names = [f"plant {i}" for i in range(count)]
    return pd.DataFrame(
        {"capacity_gw": capacity, "marginal_cost": np.array(cost) / 10}, index=names
    )


@pytest.mark.parametrize(
    ("gw", "price", "output"),
    [
        (3.0, 0.0, [0.0, 3.0, 0.0]),
        (5.0, 0.0, [0.0, 5.0, 0.0]),
        (9.0, 0.05, [4.0, 5.0, 0.0]),
        (15.0, 0.05, [10.0, 5.0, 0.0]),
        (15.5, 0.1, [10.0, 5.0, 0.5]),
        (35.0, 0.1, [10.0, 5.0, 20.0]),
    ],
)
def test_cheap_plants_run_first_and_the_last_one_sets_the_price(gw, price, output):
    """A full plant sets the price until the next one has to start."""
    got = merit_order(FLEET, demand(gw))
    assert got.price.tolist() == [price]
    assert got.output_gw.loc[0].tolist() == output


def test_without_demand_there_is_no_price():
    """A null market has none, rather than a price of zero."""
    got = merit_order(FLEET, demand(0.0))
    assert np.isnan(got.price[0])
    assert got.output_gw.to_numpy().sum() == 0.0


def test_plants_of_equal_cost_share_in_proportion():
    """So that their order in the table does not matter."""
    fleet = pd.DataFrame(
        {"capacity_gw": [10.0, 30.0], "marginal_cost": [0.05, 0.05]}, index=["a", "b"]
    )
    got = merit_order(fleet, demand(20.0)).output_gw
    assert got.loc[0].tolist() == [5.0, 15.0]


def test_a_shortage_raises_and_names_the_step():
    """There is no price at which the demand is met."""
    with pytest.raises(InputError, match=r"36 GW at 1 exceeds the 35 GW"):
        merit_order(FLEET, demand(1.0, 36.0))


def test_a_trace_of_rounding_does_not_set_the_price():
    """0.1 + 0.2 exceeds 0.3 in floating point; the dear plant is still not needed."""
    fleet = pd.DataFrame(
        {"capacity_gw": [0.3, 1.0], "marginal_cost": [0.0, 0.2]}, index=["sun", "gas"]
    )
    assert merit_order(fleet, demand(0.1 + 0.2)).price.tolist() == [0.0]


@given(fleets(), st.lists(st.floats(0.0, 1.0), min_size=1, max_size=5))
def test_output_covers_demand_within_capacity(fleet, shares):
    """Balance, bounds, and no cheaper plant left idle while a dearer one runs."""
    load = demand(*(share * fleet["capacity_gw"].sum() for share in shares))
    got = merit_order(fleet, load)
    assert np.allclose(got.output_gw.sum(axis=1), load, atol=1e-6)
    assert (got.output_gw.to_numpy() <= fleet["capacity_gw"].to_numpy() + 1e-9).all()
    cost = fleet["marginal_cost"].to_numpy()
    for step in got.price.dropna().index:
        cheaper = cost < got.price[step]
        full = got.output_gw.loc[step].to_numpy() >= fleet["capacity_gw"].to_numpy() - 1e-9
        assert full[cheaper].all()


@given(fleets(), st.floats(0.01, 1.0), st.randoms())
def test_the_order_of_the_table_does_not_matter(fleet, share, random):
    """Relabelling law."""
    names = list(fleet.index)
    random.shuffle(names)
    load = demand(share * fleet["capacity_gw"].sum())
    here, there = merit_order(fleet, load), merit_order(fleet.loc[names], load)
    assert here.price.equals(there.price)
    assert np.allclose(here.output_gw, there.output_gw[fleet.index])


@given(fleets(), st.floats(0.01, 1.0), st.floats(0.0, 50.0))
def test_more_sun_never_raises_the_price(fleet, share, sun_gw):
    """The merit-order effect."""
    load = demand(share * fleet["capacity_gw"].sum())
    sun = pd.DataFrame({"capacity_gw": [sun_gw], "marginal_cost": [0.0]}, index=["sun"])
    assert (
        merit_order(pd.concat([fleet, sun]), load).price[0]
        <= merit_order(fleet, load).price[0]
    )  # fmt: skip


def test_availability_moves_the_stack_step_by_step():
    """Half of the wind is as good as wind of half the capacity."""
    wind = pd.DataFrame({"wind": [1.0, 0.5, 0.0]})
    got = merit_order(FLEET, demand(4.0, 4.0, 12.0), availability=wind)
    assert got.price.tolist() == [0.0, 0.05, 0.1]
    assert got.output_gw["wind"].tolist() == [4.0, 2.5, 0.0]


def test_the_stack_is_the_supply_curve():
    """Sorted by cost, without gaps, in the order of the table where costs are equal."""
    got = stack(FLEET)
    assert list(got.index) == ["wind", "coal", "gas"]
    assert got["from_gw"].tolist() == [0.0, 5.0, 15.0]
    assert got["to_gw"].tolist() == [5.0, 15.0, 35.0]


@pytest.mark.parametrize(
    ("fleet", "complaint"),
    [
        (FLEET.drop(columns="capacity_gw"), r"missing \['capacity_gw'\]"),
        (FLEET.iloc[:0], "expected rows"),
        (pd.concat([FLEET, FLEET.iloc[:1]]), "same plant twice: 'coal'"),
        (FLEET.assign(capacity_gw=[1.0, -1.0, 1.0]), "capacity_gw of 'wind' is -1.0"),
        (FLEET.assign(marginal_cost=[1.0, np.nan, 1.0]), "marginal_cost of 'wind' is nan"),
    ],
)
def test_a_fleet_that_cannot_be_used_is_refused(fleet, complaint):
    """With the plant."""
    with pytest.raises(InputError, match=complaint):
        merit_order(fleet, demand(1.0))


def test_negative_marginal_costs_are_possible():
    """Some plants pay to keep running."""
    fleet = FLEET.assign(marginal_cost=[0.05, -0.06, 0.1])
    assert merit_order(fleet, demand(1.0)).price.tolist() == [-0.06]


@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf])
def test_a_demand_that_is_none_is_refused(wrong):
    """With the step."""
    with pytest.raises(InputError, match="demand at 1 is"):
        merit_order(FLEET, demand(1.0, wrong))


def test_an_availability_must_fit_fleet_demand_and_range():
    """Plants, steps, 0 to 1."""
    load = demand(1.0, 1.0)
    with pytest.raises(LabelError, match="'sun'"):
        merit_order(FLEET, load, availability=pd.DataFrame({"sun": [1.0, 1.0]}))
    with pytest.raises(LabelError, match="steps"):
        merit_order(FLEET, load, availability=pd.DataFrame({"wind": [1.0]}))
    with pytest.raises(InputError, match=r"'wind' at 1 is 1\.5"):
        merit_order(FLEET, load, availability=pd.DataFrame({"wind": [1.0, 1.5]}))
