"""The program of all members: alone where nothing ties them, within bounds where something does."""

import dataclasses

import numpy as np
import pytest
from dispatch.test_local_control import car, house
from dispatch.test_must_run import random_store
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.dispatch.best_plan import solve_member
from nemogrid.dispatch.central import solve_central
from nemogrid.dispatch.central_program import VoltageRows
from nemogrid.errors import InputError, LabelError, SolveError

T = 12


def village(seed: int, *, n_members: int = 3):
    """Draw members with no store to two, at prices that are not negative."""
    rng = np.random.default_rng(seed)
    kinds = ("battery", "vehicle", "heat_pump", "shiftable")
    members = []
    for n in range(n_members):
        chosen = rng.permutation(kinds)[: rng.integers(0, 3)]
        stores = {str(kind): random_store(int(rng.integers(10**6)), T=T) for kind in chosen}
        members.append(
            house(
                f"m{n}", net_kwh=rng.normal(0, 2, T), stores=stores,
                bought=rng.uniform(0.2, 0.4, T), sold=rng.uniform(0, 0.2, T),
            )
        )  # fmt: skip
    return tuple(members)


def alone(members) -> float:
    """The sum of what each member's own optimum costs."""
    plans = [solve_member(m.meter, m.net_kwh, tuple(m.stores.values())) for m in members]
    return sum(plan.cost for plan in plans)


def peak_of(members) -> float:
    """The peak of the members' own optima together."""
    plans = [solve_member(m.meter, m.net_kwh, tuple(m.stores.values())) for m in members]
    return float(np.abs(sum(plan.net_kwh for plan in plans)).max())


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_without_ties_it_costs_what_members_find_alone(seed):
    """Same bills in total, to the last digits, when nothing couples the members."""
    members = village(seed)
    plan = solve_central(members)
    assert float(plan.bills.sum()) == pytest.approx(alone(members), rel=1e-9, abs=1e-9)
    assert abs(plan.certificate.gap) < 1e-9


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), price=st.floats(0.01, 2.0))
def test_a_price_on_the_peak_trades_bills_for_peak(seed, price):
    """It costs no less than the bound, no less in bills than alone, and no more in all."""
    members = village(seed)
    plan = solve_central(members, peak_price_per_kw=price)
    total = float(plan.bills.sum()) + price * plan.peak_kw
    assert plan.certificate.objective == pytest.approx(total)
    assert float(plan.bills.sum()) >= alone(members) - 1e-7
    lower_bound = total - plan.certificate.gap * max(abs(total), 1.0)
    assert plan.certificate.gap >= -1e-8
    assert lower_bound <= alone(members) + price * peak_of(members) + 1e-7


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_stores_keep_their_bounds_and_burn_nothing(seed):
    """Balances close, bounds are kept, and no store charges and discharges at once."""
    members = village(seed)
    plan = solve_central(members, peak_price_per_kw=1.0)
    for n, member in enumerate(members):
        net_kwh = member.net_kwh.copy()
        assert set(plan.paths[n]) == set(member.stores)
        for kind, store in member.stores.items():
            path = plan.paths[n][kind]
            net_kwh += path.drawn_kwh
            assert np.minimum(path.charge_kwh, path.discharge_kwh).max() < 1e-6
            assert (path.stored_kwh >= store.lower_kwh - 1e-7).all()
            assert (path.stored_kwh <= store.upper_kwh + 1e-7).all()
            expected = (
                store.kept_share * path.stored_kwh[:-1] - store.used_kwh
                + store.charge_efficiency * path.charge_kwh
                - path.discharge_kwh / store.discharge_efficiency
            )  # fmt: skip
            np.testing.assert_allclose(path.stored_kwh[1:], expected, atol=1e-7)
        np.testing.assert_allclose(plan.net_kw[:, n], net_kwh, atol=1e-12)
    assert plan.peak_kw == pytest.approx(np.abs(plan.net_kw.sum(axis=1)).max())


def two_cars():
    """Two cars that each need 8 kWh in six hours, cheapest in the first two."""
    bought = [0.2, 0.2, 0.3, 0.3, 0.3, 0.3]
    return tuple(
        house(
            n, net_kwh=np.ones(6), stores={"vehicle": car(6, need_kwh=8.0, power_kwh=4.0)},
            bought=bought,
        )
        for n in "ab"
    )  # fmt: skip


def test_the_transformer_is_not_overloaded():
    """Alone both cars charge first; within 6 kW they take turns, at what the wait costs."""
    free, bound = solve_central(two_cars()), solve_central(two_cars(), transformer_kw=6.0)
    assert free.peak_kw == pytest.approx(10.0)
    assert bound.peak_kw == pytest.approx(6.0)
    # Eight of the sixteen kWh wait for the dear hours.
    assert float(bound.bills.sum() - free.bills.sum()) == pytest.approx(8 * 0.1)
    with pytest.raises(SolveError, match="infeasible"):
        solve_central(two_cars(), transformer_kw=4.0)


def test_voltages_stay_in_their_band():
    """The member with the larger sensitivity makes room, and no more than it has to."""
    slopes = np.array([-0.001, -0.004])
    rows = VoltageRows(
        step=np.arange(6), base_pu=np.full(6, 1.0), base_kw=np.zeros((6, 2)),
        pu_per_kw=np.tile(slopes, (6, 1)), lower_pu=0.98, upper_pu=1.02,
    )  # fmt: skip
    plan = solve_central(two_cars(), voltages=rows)
    volts = 1.0 + plan.net_kw @ slopes
    assert volts.min() == pytest.approx(0.98)
    assert plan.net_kw[:2, 0].tolist() == pytest.approx([5.0, 5.0])
    assert plan.net_kw[:2, 1].tolist() == pytest.approx([3.75, 3.75])
    moved = dataclasses.replace(
        rows, base_kw=np.ones((6, 2)), base_pu=np.full(6, 1.0 + slopes.sum())
    )
    assert solve_central(two_cars(), voltages=moved).bills.sum() == pytest.approx(plan.bills.sum())


def test_a_battery_does_not_burn_to_cut_an_export_peak():
    """The program would charge and discharge at once; the plan does not, and says what it lost."""
    store = random_store(1, T=4)
    store = dataclasses.replace(
        store, charge_limit_kwh=np.full(4, 2.0), discharge_limit_kwh=np.full(4, 2.0),
        lower_kwh=np.zeros(5), upper_kwh=np.full(5, 1.0), initial_kwh=1.0, kept_share=1.0,
        used_kwh=np.zeros(4), charge_efficiency=0.8, discharge_efficiency=0.8,
    )  # fmt: skip
    members = (house(net_kwh=[-5.0, -5.0, 1.0, 1.0], stores={"battery": store}),)
    plan = solve_central(members, peak_price_per_kw=10.0)
    path = plan.paths[0]["battery"]
    assert np.minimum(path.charge_kwh, path.discharge_kwh).max() < 1e-6
    # A full battery cannot take either peak: discharging 0.4 to charge later would raise the first.
    assert plan.peak_kw == pytest.approx(5.0)
    assert plan.certificate.gap > 1e-3


def test_members_without_stores_only_add_their_load():
    """With nothing to decide the plan is the load, and the bound is exact."""
    members = tuple(house(n, net_kwh=[1.0, -3.0]) for n in "ab")
    plan = solve_central(members, peak_price_per_kw=2.0)
    assert plan.peak_kw == pytest.approx(6.0)
    assert plan.bills.tolist() == pytest.approx([0.0, 0.0])
    assert plan.certificate.gap == pytest.approx(0.0)


def test_wrong_input_is_named():
    """Nobody, a negative price, voltages of other members, a store that cannot be run."""
    with pytest.raises(InputError, match="no households"):
        solve_central(())
    with pytest.raises(InputError, match="peak_price_per_kw is -1"):
        solve_central(two_cars(), peak_price_per_kw=-1.0)
    rows = VoltageRows(
        step=np.zeros(1, dtype=int), base_pu=np.ones(1), base_kw=np.zeros((1, 3)),
        pu_per_kw=np.zeros((1, 3)), lower_pu=0.9, upper_pu=1.1,
    )  # fmt: skip
    with pytest.raises(LabelError, match="voltages of 3 members, expected 2"):
        solve_central(two_cars(), voltages=rows)
    full = (house("b", stores={"vehicle": car(12, need_kwh=40.0)}),)
    with pytest.raises(SolveError, match="member 'b': vehicle: it begins with 0 kWh"):
        solve_central(full)
