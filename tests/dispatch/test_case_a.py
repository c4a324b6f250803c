"""Tests of the Pyomo model of case a: closed form = GLPK = HiGHS = bill."""

import numpy as np
import pytest
from builders import make_community, make_profiles, make_timeline, tariff_charges

from nemogrid.dispatch import (
    case_a_model,
    member_prices,
    meter_cost,
    plan_without_storage,
    solve_case_a,
    two_prices,
)
from nemogrid.dispatch.meter import MeterPrices, PeriodBlocks, PeriodPeaks
from nemogrid.errors import InputError, SolveError
from nemogrid.markets import DESIGNS
from nemogrid.settlement import settle

PROFILES = make_profiles(make_timeline(7))
COMMUNITY = make_community(PROFILES)
CHARGES = tariff_charges(PROFILES)
STEP_H = PROFILES.timeline.step_h


@pytest.fixture(scope="module", params=sorted(DESIGNS))
def clearing(request):
    """Clear the same week under every market design."""
    return DESIGNS[request.param]().clear(COMMUNITY, PROFILES, CHARGES)


def energy_of(member):
    """Load and PV of a member in each step [kWh]."""
    return (table[member].to_numpy() * STEP_H for table in (PROFILES.load_kw, PROFILES.pv_kw))


def model_of(clearing, member):
    """Write case a for one member at the prices that the market gave it."""
    prices = member_prices(clearing, (*CHARGES, *clearing.charges), member)
    meter = two_prices(prices.import_price, prices.export_price, step_h=STEP_H, fees=prices.fees)
    return case_a_model(*energy_of(member), meter)


@pytest.mark.parametrize("engine", ["glpk", "highs"])
@pytest.mark.parametrize("member", ["m0", "m4"])
def test_the_objective_equals_the_bill_and_the_plan_the_closed_form(clearing, engine, member):
    """What the household minimises is what it is billed, to 1e-6 of it."""
    solved = solve_case_a(model_of(clearing, member), engine=engine)
    bills = settle(clearing, CHARGES, currency="CHF")
    assert solved.objective == pytest.approx(bills.by_member().at[member, "total"], rel=1e-6)
    closed = plan_without_storage(PROFILES, CHARGES).net_kw[member] * STEP_H
    assert solved.imported_kwh - solved.exported_kwh == pytest.approx(closed.to_numpy(), abs=1e-9)
    assert np.minimum(solved.imported_kwh, solved.exported_kwh).max() < 1e-9
    assert solved.certificate.gap < 1e-9


@pytest.mark.parametrize("engine", ["glpk", "highs"])
def test_blocks_and_peaks_cost_what_the_meter_says(engine):
    """Blocks of steps and of periods, and peaks, each way: the optimum is the cost at the meter."""
    load_kwh, pv_kwh = energy_of("m0")
    n = len(load_kwh)
    number = np.arange(n) // 100
    limits = np.full((number[-1] + 1, 1), 5.0)
    meter = MeterPrices(
        step_h=STEP_H,
        prices=np.tile([-0.02, 0.05, 0.20, 0.30, 0.50], (n, 1)),
        edges_kwh=np.tile([-0.6, 0.0, 0.3, 0.5], (n, 1)),
        blocks=tuple(
            PeriodBlocks(item="blocks", sign=sign, period_of_step=number, limits_kwh=limits,
                         prices=np.array([0.01, 0.04]))
            for sign in (+1, -1)
        ),
        peaks=tuple(
            PeriodPeaks(item="peak", sign=sign, period_of_step=number,
                        price_per_kw=np.linspace(1.0, 2.0, number[-1] + 1))
            for sign in (+1, -1)
        ),
        fees={"metering": 2.0},
    )  # fmt: skip
    solved = solve_case_a(case_a_model(load_kwh, pv_kwh, meter), engine=engine)
    bare = two_prices(meter.prices[:, 2], meter.prices[:, 1], step_h=STEP_H)
    cost, simple = (meter_cost(prices, load_kwh - pv_kwh) for prices in (meter, bare))
    assert solved.objective == pytest.approx(cost + 2.0, rel=1e-9)
    assert cost > simple + 5.0


@pytest.mark.parametrize("engine", ["glpk", "highs"])
def test_an_unbounded_model_raises(engine):
    """Export that earns a month's first block more than import costs has no optimum."""
    ones = np.ones(4)
    reward = PeriodBlocks(
        item="reward", sign=-1, period_of_step=np.zeros(4, dtype=int),
        limits_kwh=np.zeros((1, 0)), prices=np.array([-0.3]),
    )  # fmt: skip
    meter = MeterPrices(
        step_h=0.5, prices=np.tile([0.1, 0.2], (4, 1)), edges_kwh=np.zeros((4, 1)), blocks=(reward,)
    )
    with pytest.raises(SolveError, match=f"case a without storage, Pyomo with {engine}"):
        solve_case_a(case_a_model(ones, 0 * ones, meter), engine=engine)


def test_arrays_of_different_length_are_refused():
    """The lengths are in the message."""
    ones = np.ones(4)
    with pytest.raises(InputError, match="'pv_kwh': 3"):
        case_a_model(ones, ones[:3], two_prices(ones, ones, step_h=0.5))
