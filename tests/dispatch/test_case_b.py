"""Tests of the Pyomo model of case b: GLPK = HiGHS = the bill, and no family is idle."""

import dataclasses
from functools import cache

import numpy as np
import pandas as pd
import pytest
from builders import make_community, make_profiles, make_timeline

from nemogrid.charges import Blocks, Charge
from nemogrid.devices import Battery
from nemogrid.dispatch import (
    battery_store,
    case_a_model,
    case_b_model,
    meter_cost,
    read_meter_prices,
    solve_case_a,
    solve_case_b,
    two_prices,
)
from nemogrid.dispatch.exact import burning_steps, solve_exact
from nemogrid.dispatch.linear_program import solve_lp
from nemogrid.dispatch.store import Store
from nemogrid.errors import InputError, SolveError
from nemogrid.results import Clearing, Trades
from nemogrid.results import Plan as MembersPlan
from nemogrid.settlement import settle

LINE = make_timeline(7)
PROFILES = make_profiles(LINE)
COMMUNITY = make_community(PROFILES)
NAMES = COMMUNITY.names
MEMBER = "m0"
T, STEP_H = LINE.n_steps, LINE.step_h
LOAD_KWH, PV_KWH = (
    table[MEMBER].to_numpy() * STEP_H for table in (PROFILES.load_kw, PROFILES.pv_kw)
)
BOX = Battery(capacity_kwh=6.0, power_kw=3.0, charge_efficiency=0.95, discharge_efficiency=0.93)
STORE = battery_store(BOX, T, step_h=STEP_H)


def charge(quantity, price, period="step", payee="retailer"):
    """Make a charge that is called after what it counts."""
    return Charge(
        item=f"{quantity} {period}", quantity=quantity, price=price, payee=payee, period=period
    )


DAYTIME = pd.Series(np.where((LINE.hour >= 7) & (LINE.hour < 21), 0.30, 0.15), index=LINE.index)
SPOT = pd.Series(np.random.default_rng(5).normal(0.10, 0.08, T).clip(0.001), index=LINE.index)
FLAT = (charge("imported", 0.27), charge("exported", -0.06))
KINDS = {
    "flat": FLAT,
    "time-of-use": (charge("imported", DAYTIME), charge("exported", -0.06)),
    "spot": (charge("imported", SPOT + 0.08), charge("exported", -SPOT)),
    "monthly blocks": (
        charge("retail_bought", Blocks((0.10, 0.20, 0.35), (40.0, 100.0)), "month"),
        charge("exported", Blocks((-0.06, -0.02), (60.0,)), "month"),
        charge("imported", DAYTIME - 0.1),
    ),
    "monthly peaks": (
        *FLAT,
        charge("peak_imported", 6.0, "month", "dso"),
        charge("peak_exported", 2.0, "month", "dso"),
    ),
    "injection blocks": (
        charge("imported", Blocks((0.0, 0.1), (1.5,)), payee="dso"),
        charge("imported", SPOT + 0.1),
        charge("exported", Blocks((-0.06, 0.0, 0.02), (1.0, 2.0)), payee="dso"),
    ),
    "fees": (*FLAT, charge("membership", 5.0, "month"), charge("membership", 24.0, "year")),
    "wear": (
        charge("imported", DAYTIME),
        charge("exported", -0.06),
        charge("discharged", 0.03, payee="installer"),
    ),
}


def meter_of(kind):
    """Read the prices of one kind of charge."""
    return read_meter_prices(KINDS[kind], LINE, NAMES, MEMBER)


def solved(meter, store=STORE, **options):
    """Write and solve the week of the member."""
    return solve_case_b(case_b_model(LOAD_KWH, PV_KWH, meter, store), **options)


@cache
def week(kind, engine="highs"):
    """Solve the week of the member for one kind of charge, once."""
    return solved(meter_of(kind), engine=engine)


def complaints(plan, meter, store, load_kwh=LOAD_KWH, pv_kwh=PV_KWH):
    """Check a plan without the model: balances, limits, bounds and price."""
    (path,) = plan.paths
    charge_kwh, discharge_kwh, stored = path.charge_kwh, path.discharge_kwh, path.stored_kwh
    change = store.charge_efficiency * charge_kwh - discharge_kwh / store.discharge_efficiency
    expected = store.kept_share * stored[:-1] + change - store.used_kwh
    price = meter_cost(meter, plan.net_kwh, discharge_kwh)
    price += store.wear_per_kwh * discharge_kwh.sum()
    errors = {
        "energy": np.abs(plan.net_kwh - (load_kwh - pv_kwh) - path.drawn_kwh).max(),
        "stored energy": np.abs(stored[1:] - expected).max(),
        "start": abs(stored[0] - store.initial_kwh),
        "charge": np.maximum(-charge_kwh, charge_kwh - store.charge_limit_kwh).max(),
        "discharge": np.maximum(-discharge_kwh, discharge_kwh - store.discharge_limit_kwh).max(),
        "bounds": np.maximum(store.lower_kwh - stored, stored - store.upper_kwh).max(),
        "at once": np.minimum(charge_kwh, discharge_kwh).max(),
        "cost": abs(plan.cost - price),
        "objective": abs(plan.certificate.objective - price - sum(meter.fees.values())),
    }
    return [what for what, error in errors.items() if error > 1e-7]


@pytest.mark.parametrize("kind", KINDS)
def test_both_solvers_find_one_plan_that_keeps_every_rule(kind):
    """GLPK = HiGHS in cost to 1e-6 of it and in plan to 1e-6 kWh, and the objective is the cost."""
    meter = meter_of(kind)
    glpk, highs = (week(kind, engine) for engine in ("glpk", "highs"))
    assert glpk.cost == pytest.approx(highs.cost, rel=1e-6)
    assert glpk.net_kwh == pytest.approx(highs.net_kwh, abs=1e-6)
    assert glpk.paths[0].stored_kwh == pytest.approx(highs.paths[0].stored_kwh, abs=1e-6)
    for plan in (glpk, highs):
        assert complaints(plan, meter, STORE) == []
        assert abs(plan.certificate.gap) < 1e-9
        assert plan.certificate.dual_residual < 1e-9


@pytest.mark.parametrize("kind", KINDS)
def test_the_other_engines_find_this_plan(kind):
    """HiGHS fed with arrays for every charge, and the exact engine for those that it takes."""
    meter, plan, net_kwh = meter_of(kind), week(kind), LOAD_KWH - PV_KWH
    others = [solve_lp(meter, net_kwh, (STORE,))]
    if not meter.couples_steps and burning_steps(meter, net_kwh, STORE).size == 0:
        others.append(solve_exact(meter, net_kwh, STORE))
    assert len(others) == 2 or kind in ("monthly blocks", "monthly peaks", "injection blocks")
    for other in others:
        assert plan.cost == pytest.approx(other.cost, rel=1e-6)
        assert plan.net_kwh == pytest.approx(other.net_kwh, abs=1e-6)
        assert plan.paths[0].stored_kwh == pytest.approx(other.paths[0].stored_kwh, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_objective_is_the_bill(kind):
    """What the household minimises is what settlement asks of it."""
    plan = week(kind)
    drawn_kw = 0.0 * PROFILES.net_kw
    drawn_kw[MEMBER] = plan.paths[0].drawn_kwh / STEP_H
    clearing = Clearing(
        market="alone",
        community=COMMUNITY,
        profiles=PROFILES,
        plan=MembersPlan(
            net_kw=PROFILES.net_kw + drawn_kw,
            certificate=plan.certificate,
            drawn_kw={"battery": drawn_kw},
        ),
        trades=Trades(
            bought_kwh=0.0 * drawn_kw,
            sold_kwh=0.0 * drawn_kw,
            price=pd.Series(np.nan, index=LINE.index),
        ),
        charges=(),
    )
    bill = settle(clearing, KINDS[kind], currency="CHF").by_member().at[MEMBER, "total"]
    assert plan.certificate.objective == pytest.approx(bill, rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_without_capacity_case_b_is_case_a(kind):
    """No box changes neither the cost nor the plan; with one the household pays less."""
    meter = meter_of(kind)
    nothing = dataclasses.replace(BOX, capacity_kwh=0.0, power_kw=0.0)
    empty = battery_store(nothing, T, step_h=STEP_H)
    without = solve_case_a(case_a_model(LOAD_KWH, PV_KWH, meter))
    plan = solved(meter, empty)
    assert plan.certificate.objective == pytest.approx(without.objective, rel=1e-9)
    assert plan.net_kwh == pytest.approx(LOAD_KWH - PV_KWH, abs=1e-9)
    assert week(kind).certificate.objective < without.objective


@pytest.mark.parametrize("kind", ["flat", "monthly peaks"])
def test_the_tie_break_moves_no_money_and_cycles_least(kind):
    """Same cost as the solver's own choice, no more discharge, and with it no less stored."""
    meter = meter_of(kind)
    chosen, any_plan = week(kind), solved(meter, tie_break=False)
    assert chosen.cost == pytest.approx(any_plan.cost, rel=1e-9)
    out, other = (plan.paths[0].discharge_kwh.sum() for plan in (chosen, any_plan))
    assert out <= other + 1e-9
    assert complaints(any_plan, meter, STORE) == []


def test_among_plans_that_cycle_alike_the_one_that_holds_most_is_chosen():
    """Two sunny and two dark steps, one kWh to move: charge in the first, discharge in the last."""
    load, pv = np.array([0.0, 0.0, 1.0, 1.0]), np.array([2.0, 2.0, 0.0, 0.0])
    box = dataclasses.replace(BOX, capacity_kwh=1.0, initial_soc_share=0.0)
    meter = two_prices(np.full(4, 0.3), np.full(4, 0.1), step_h=STEP_H)
    store = battery_store(box, 4, step_h=STEP_H)
    for engine in ("glpk", "highs"):
        path = solve_case_b(case_b_model(load, pv, meter, store), engine=engine).paths[0]
        assert path.stored_kwh == pytest.approx([0.0, 1.0, 1.0, 1.0, 0.0], abs=1e-9)


def test_idle_cycles_are_left_out():
    """At one price both ways and no losses, the battery stands still at no extra cost."""
    meter = two_prices(np.full(48, 0.2), np.full(48, 0.2), step_h=STEP_H)
    box = dataclasses.replace(BOX, charge_efficiency=1.0, discharge_efficiency=1.0)
    store = battery_store(box, 48, step_h=STEP_H)
    for engine in ("glpk", "highs"):
        model = case_b_model(LOAD_KWH[:48], PV_KWH[:48], meter, store)
        plan = solve_case_b(model, engine=engine)
        assert plan.paths[0].discharge_kwh.max() == 0
        any_plan = solve_case_b(model, engine=engine, tie_break=False)
        assert any_plan.cost == pytest.approx(plan.cost, rel=1e-9)


def test_the_value_of_stored_energy_is_what_one_more_kwh_saves():
    """Against the difference of two optima, where a little more is found in the store."""
    meter, plan = meter_of("spot"), week("spot")
    for step in (10, 300):
        used = np.zeros(T)
        used[step] = -1e-3
        more = solved(meter, dataclasses.replace(STORE, used_kwh=used), tie_break=False)
        assert (plan.cost - more.cost) / 1e-3 == pytest.approx(plan.stored_value[step], abs=1e-6)


def test_a_store_that_loses_and_is_used_keeps_its_rules():
    """Heat leaks, a tank is emptied, bounds move, discharge is barred: the exact engine agrees."""
    used = np.where(LINE.hour == 7, 0.8, 0.0)
    lower = np.where(np.arange(T + 1) % 48 == 40, 1.0, 0.0)
    tank = Store(
        name="heat pump",
        charge_limit_kwh=np.full(T, 1.0),
        discharge_limit_kwh=np.zeros(T),
        lower_kwh=lower,
        upper_kwh=np.full(T + 1, 3.0),
        initial_kwh=0.5,
        kept_share=0.98,
        used_kwh=used,
    )
    meter = meter_of("spot")
    plans = [solved(meter, tank, engine=engine) for engine in ("glpk", "highs")]
    exact = solve_exact(meter, LOAD_KWH - PV_KWH, tank)
    for plan in plans:
        assert plan.cost == pytest.approx(exact.cost, rel=1e-9)
        assert plan.net_kwh == pytest.approx(exact.net_kwh, abs=1e-6)
        assert complaints(plan, meter, tank) == []


def test_without_grid_charging_import_is_limited_to_unmet_demand():
    """Cheap nights fill the store from the grid only where that is allowed."""
    meter, free = meter_of("time-of-use"), week("time-of-use")
    model = case_b_model(LOAD_KWH, PV_KWH, meter, STORE, grid_charging=False)
    bound = solve_case_b(model)
    unmet = np.maximum(LOAD_KWH - PV_KWH, 0.0)
    assert (bound.net_kwh <= unmet + 1e-9).all()
    assert (free.net_kwh > unmet + 0.1).any()
    assert bound.cost > free.cost + 0.1


@pytest.mark.parametrize("engine", ["glpk", "highs"])
def test_burning_energy_is_refused_and_the_step_is_named(engine):
    """Where export is fined far enough, a real battery cannot do what the model would."""
    export = np.full(T, 0.05)
    noon = int(np.argmax(PV_KWH - LOAD_KWH))
    export[noon] = -0.8
    meter = two_prices(np.full(T, 0.3), export, step_h=STEP_H)
    small = battery_store(dataclasses.replace(BOX, capacity_kwh=0.2), T, step_h=STEP_H)
    with pytest.raises(
        SolveError, match=f"at once pays: at step {noon} .*charge and discharge.*-0.8000"
    ):
        solved(meter, small, engine=engine, tie_break=False)


def test_wear_makes_the_relaxation_tight_down_to_a_negative_price():
    """At p = -eta_d w / (1/eta_c - eta_d) burning gains nothing; below, it does."""
    load, pv = np.zeros(2), np.array([2.0, 0.0])
    wear = 0.05
    box = dataclasses.replace(BOX, capacity_kwh=1.0, initial_soc_share=1.0, wear_per_kwh=wear)
    store = battery_store(box, 2, step_h=STEP_H)
    least = -0.93 * wear / (1 / 0.95 - 0.93)

    def plan(price):
        meter = two_prices(np.array([0.3, 0.3]), np.array([price, 0.0]), step_h=STEP_H)
        return solve_case_b(case_b_model(load, pv, meter, store))

    assert plan(least + 1e-4).paths[0].discharge_kwh.sum() == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(SolveError, match="at once pays: at step 0 .*charge and discharge"):
        plan(least - 1e-4)


@pytest.mark.parametrize("engine", ["glpk", "highs"])
def test_importing_to_export_is_refused(engine):
    """A reward for a month's first exported kWh above the price of import is no plan."""
    meter = meter_of("monthly blocks")
    (block,) = [b for b in meter.blocks if b.sign < 0]
    generous = dataclasses.replace(
        block, prices=np.array([-0.9, 0.0]), limits_kwh=np.full((2, 1), 500.0)
    )
    with pytest.raises(SolveError, match="at once pays: .* import and export"):
        solved(dataclasses.replace(meter, blocks=(generous,)), engine=engine, tie_break=False)


@pytest.mark.parametrize("engine", ["glpk", "highs"])
def test_a_store_that_cannot_keep_its_bounds_has_no_plan(engine):
    """The message names the model, the engine and what was found."""
    lower = np.zeros(T + 1)
    lower[1] = 5.9
    with pytest.raises(SolveError, match=f"case b with a battery, Pyomo with {engine}"):
        solved(meter_of("flat"), dataclasses.replace(STORE, lower_kwh=lower), engine=engine)


def test_a_store_of_another_length_is_refused():
    """Both lengths are in the message."""
    with pytest.raises(InputError, match="expected the 336 steps of the meter, got 335"):
        solved(meter_of("flat"), battery_store(BOX, T - 1, step_h=STEP_H))


@pytest.mark.parametrize("engine", ["glpk", "highs"])
def test_the_model_is_left_as_it_was(engine):
    """Solving twice gives the same: the rows and bounds that the tie-break held are released."""
    meter = meter_of("injection blocks")
    day = dataclasses.replace(meter, prices=meter.prices[:48], edges_kwh=meter.edges_kwh[:48])
    store = battery_store(BOX, 48, step_h=STEP_H)
    model = case_b_model(LOAD_KWH[:48], PV_KWH[:48], day, store)
    first, second = (solve_case_b(model, engine=engine) for _ in range(2))
    assert second.net_kwh == pytest.approx(first.net_kwh, abs=1e-12)
    assert first.paths[0].discharge_kwh.sum() > 0
    assert {model.P_charge[s].bounds for s in model.steps} == {(0.0, store.charge_limit_kwh[0])}
    assert not any(row.equality for row in model.meter_blocks.values())


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("engine", ["glpk", "highs"])
def test_a_year_of_half_hours_is_the_same_for_every_engine(engine):
    """17,520 steps at spot prices: GLPK = HiGHS = the exact engine, in cost and in plan."""
    line = make_timeline(365)
    profiles = make_profiles(line)
    load_kwh, pv_kwh = (
        table[MEMBER].to_numpy() * line.step_h for table in (profiles.load_kw, profiles.pv_kw)
    )
    store = battery_store(BOX, line.n_steps, step_h=line.step_h)
    spot = np.random.default_rng(6).normal(0.10, 0.08, line.n_steps).clip(0.001)
    meter = two_prices(spot + 0.1, spot, step_h=line.step_h)
    exact = solve_exact(meter, load_kwh - pv_kwh, store)
    plan = solve_case_b(case_b_model(load_kwh, pv_kwh, meter, store), engine=engine)
    assert plan.cost == pytest.approx(exact.cost, rel=1e-6)
    assert plan.net_kwh == pytest.approx(exact.net_kwh, abs=1e-6)
    assert complaints(plan, meter, store, load_kwh, pv_kwh) == []
