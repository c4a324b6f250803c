"""Tests of plans that cost the same: laws of the lattice, and what the calmest one is worth."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from builders import make_community, make_profiles, make_timeline
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from nemogrid.charges import Charge
from nemogrid.community import Community
from nemogrid.devices import ElectricVehicle
from nemogrid.dispatch import plan_members
from nemogrid.errors import InputError, SolveError
from nemogrid.studies.equal_plans import calmest_plan, earliest_plan, latest_plan
from nemogrid.studies.storage import home_battery

DAYS = make_timeline(days=4)
PROFILES = make_profiles(DAYS)


def with_batteries(capacity_kwh=4.0, wear_per_kwh=0.0):
    """Give everybody with PV a battery."""
    box = home_battery(capacity_kwh, wear_per_kwh=wear_per_kwh)
    return Community(
        tuple(
            dataclasses.replace(member, battery=box) if member.pv else member
            for member in make_community(PROFILES)
        )
    )


def two_charges(buy=0.27, sell=0.06):
    """Price import and export."""
    return (
        Charge(item="energy", quantity="imported", price=buy, payee="retailer"),
        Charge(item="buy-back", quantity="exported", price=-sell, payee="retailer"),
    )


LOW = pd.Series(np.where((DAYS.hour < 7) | (DAYS.hour >= 20), 0.2, 0.3), index=DAYS.index)
COMMUNITY = with_batteries()


def stored_kwh(plan, community=COMMUNITY):
    """Follow the stored energy of every battery."""
    drawn = plan.storage_kw.to_numpy() * DAYS.step_h
    change = np.zeros_like(drawn)
    start = np.zeros(len(community))
    for n, member in enumerate(community):
        if member.battery:
            into, out_of = member.battery.charge_efficiency, member.battery.discharge_efficiency
            change[:, n] = np.where(drawn[:, n] > 0, into * drawn[:, n], drawn[:, n] / out_of)
            start[n] = member.battery.initial_soc_share * member.battery.capacity_kwh
    return start + np.cumsum(change, axis=0)


@pytest.mark.parametrize("buy", [0.27, LOW])
def test_the_earliest_plan_is_the_one_that_members_choose(buy):
    """The tie-break of the library."""
    charges = two_charges(buy)
    ours, theirs = (f(COMMUNITY, PROFILES, charges) for f in (earliest_plan, plan_members))
    pd.testing.assert_frame_equal(ours.net_kw, theirs.net_kw)
    assert ours.certificate.objective == pytest.approx(
        theirs.certificate.objective - bare_cost(charges), abs=1e-9
    )


def bare_cost(charges):
    """Cost of the members without a battery, which the plans here leave out."""
    from nemogrid.dispatch.equal_cost import member_costs

    bare = [member.name for member in COMMUNITY if member.battery is None]
    return float(member_costs(charges, PROFILES)[bare].sum())


@settings(max_examples=10, deadline=None, phases=[Phase.generate])
@given(
    seed=st.integers(0, 10_000),
    capacity_kwh=st.floats(0.5, 12.0),
    sell=st.floats(0.01, 0.15),
    levels=st.lists(st.sampled_from([0.18, 0.22, 0.30]), min_size=24, max_size=24),
)
def test_all_cost_the_same_and_lie_between_earliest_and_latest(seed, capacity_kwh, sell, levels):
    """The lattice: no plan of least cost holds more than the earliest, or less than the latest."""
    profiles = make_profiles(DAYS, seed=seed)
    community = with_batteries(capacity_kwh)
    prices = pd.Series(np.array(levels)[DAYS.hour.astype(int)], index=DAYS.index)
    charges = two_charges(prices, sell)
    plans = [
        earliest_plan(community, profiles, charges),
        calmest_plan(community, profiles, charges, rounds=2),
        latest_plan(community, profiles, charges),
    ]
    costs = [plan.certificate.objective for plan in plans]
    np.testing.assert_allclose(costs, costs[0], atol=1e-7)
    held = [stored_kwh(plan, community) for plan in plans]
    assert (held[0] >= held[1] - 1e-7).all()
    assert (held[1] >= held[2] - 1e-7).all()


def test_the_calmest_plan_is_calmer_with_every_round():
    """The sum of the squares falls, the bills do not move."""
    seen = []
    charges = two_charges()
    plan = calmest_plan(COMMUNITY, PROFILES, charges, rounds=5, progress=seen.append)
    first = earliest_plan(COMMUNITY, PROFILES, charges)
    squares = [float((p.net_kw.sum(axis=1) ** 2).sum() * DAYS.step_h) for p in (first, plan)]
    assert [seen[0], seen[-1]] == pytest.approx(squares)
    assert (np.diff(seen) <= 1e-9).all()
    assert seen[-1] < 0.98 * seen[0]
    assert plan.certificate.objective == pytest.approx(first.certificate.objective, abs=1e-9)


def test_the_calmest_plan_of_one_home_is_that_of_a_quadratic_program():
    """Least squares over the plans of least cost, by HiGHS."""
    import highspy

    one = Community((dataclasses.replace(COMMUNITY.members[0]),))
    steps = slice(0, 48)
    day = dataclasses.replace(DAYS, n_steps=48)
    profiles = dataclasses.replace(
        PROFILES, timeline=day,
        **{name: getattr(PROFILES, name).iloc[steps, :1] for name in
           ("load_kw", "pv_kw", "reactive_kvar")},
    )  # fmt: skip
    ours = calmest_plan(one, profiles, two_charges(), rounds=400)
    net = profiles.net_kw.to_numpy()[:, 0] * 0.5
    box = one.members[0].battery
    T, inf = 48, highspy.kHighsInf
    cost = ours.certificate.objective
    # Columns: charge, discharge, import, export, stored after the step.
    h = highspy.Highs()
    h.silent()
    limit = box.power_kw * 0.5
    stored = box.initial_soc_share * box.capacity_kwh
    for upper in (limit, limit, inf, inf, box.capacity_kwh):
        for t in range(T):
            last = upper == box.capacity_kwh and t == T - 1
            h.addVar(stored if last else 0.0, upper)
    c, d, m, x, s = (np.arange(k * T, (k + 1) * T) for k in range(5))
    for t in range(T):
        h.addRow(net[t], net[t], 4, np.r_[m[t], x[t], c[t], d[t]], np.array([1.0, -1, -1, 1]))
        ids, values = (
            [s[t], c[t], d[t]],
            [1.0, -box.charge_efficiency, 1 / box.discharge_efficiency],
        )
        if t:
            ids, values = [*ids, s[t - 1]], [*values, -1.0]
        start = 0.0 if t else stored
        h.addRow(start, start, len(ids), np.array(ids), np.array(values))
    h.addRow(-inf, cost + 1e-9, 2 * T, np.r_[m, x], np.r_[np.full(T, 0.27), np.full(T, -0.06)])
    hessian = highspy.HighsHessian()
    hessian.dim_, hessian.format_ = 5 * T, highspy.HessianFormat.kTriangular
    starts, index, value = [], [], []
    for j in range(5 * T):
        starts.append(len(index))
        if 2 * T <= j < 4 * T:
            index.append(j)
            value.append(2.0)
    hessian.start_, hessian.index_, hessian.value_ = (
        np.array([*starts, len(index)]), np.array(index), np.array(value)
    )  # fmt: skip
    h.passHessian(hessian)
    h.run()
    assert h.getModelStatus() == highspy.HighsModelStatus.kOptimal
    squares = float(((ours.net_kw.to_numpy()[:, 0] * 0.5) ** 2).sum())
    assert squares == pytest.approx(h.getInfo().objective_function_value, rel=2e-3)


def test_wear_is_paid_once():
    """Where a charge asks for wear, the store does not ask again."""
    community = with_batteries(wear_per_kwh=0.05)
    wear = Charge(item="storage wear", quantity="discharged", price=0.05, payee="installer")
    charges = (*two_charges(), wear)
    ours, theirs = (f(community, PROFILES, charges) for f in (earliest_plan, plan_members))
    pd.testing.assert_frame_equal(ours.net_kw, theirs.net_kw)


def test_what_has_no_lattice_is_refused():
    """Peaks couple the steps; a car is another device; nobody has a battery; no round."""
    peak = Charge(
        item="peak", quantity="peak_imported", price=5.0, payee="dso", period="month"
    )  # fmt: skip
    with pytest.raises(SolveError, match="'peak' couple steps"):
        latest_plan(COMMUNITY, PROFILES, (*two_charges(), peak))
    bare = make_community(PROFILES)
    with pytest.raises(InputError, match="nobody in the community has a battery"):
        latest_plan(bare, PROFILES, two_charges())
    car = ElectricVehicle(capacity_kwh=60.0, charger_kw=11.0)
    driving = Community((dataclasses.replace(bare.members[0], vehicle=car), *bare.members[1:]))
    with pytest.raises(InputError, match="'m0' has more than a battery"):
        earliest_plan(driving, PROFILES, two_charges())
    with pytest.raises(InputError, match="expected at least 1"):
        calmest_plan(COMMUNITY, PROFILES, two_charges(), rounds=0)
