"""Tests of the printed formula against the bill."""

import dataclasses

import numpy as np
import pytest

from nemogrid.devices import Battery
from nemogrid.dispatch import (
    battery_store,
    case_b_model,
    compare_formulas,
    corrected_expenditure,
    literal_case_b_model,
    literal_expenditure,
    solve_case_b,
    two_prices,
)
from nemogrid.dispatch.meter import MeterPrices, PeriodPeaks
from nemogrid.errors import SolveError

T, STEP_H, LCOE, LCOS = 96, 0.5, 0.13, 0.08
RNG = np.random.default_rng(11)
LOAD_KWH = RNG.gamma(2.0, 0.3, T)
PV_KWH = np.clip(np.sin((np.arange(T) % 48 - 12) / 24 * np.pi), 0, None) * RNG.uniform(0.5, 2.5, T)
SURPLUS_KWH = PV_KWH - LOAD_KWH
BOX = Battery(
    capacity_kwh=4.0, power_kw=2.0, charge_efficiency=0.95, discharge_efficiency=0.93,
    wear_per_kwh=LCOS,
)  # fmt: skip
STORE = battery_store(BOX, T, step_h=STEP_H)


def flat(export_price=0.06, import_price=0.27, **more):
    """Make a meter with one price each way."""
    meter = two_prices(
        np.full(T, import_price), np.full(T, export_price), step_h=STEP_H, fees={"algorithm": 2.0}
    )
    return dataclasses.replace(meter, **more)


def bill_of(plan, meter):
    """Money that the household pays, with fees."""
    return plan.cost + sum(meter.fees.values())


@pytest.mark.parametrize(
    "meter",
    [
        flat(),
        flat(export_price=0.12),
        flat(peaks=(PeriodPeaks(item="peak", sign=1, period_of_step=np.arange(T) // 48,
                                price_per_kw=np.ones(2)),)),
        MeterPrices(step_h=STEP_H, prices=np.tile([-0.02, 0.06, 0.27, 0.4], (T, 1)),
                    edges_kwh=np.tile([-0.8, 0.0, 0.6], (T, 1))),
    ],
    ids=["flat", "dear export", "peaks", "blocks"],
)  # fmt: skip
@pytest.mark.parametrize("objective", ["bill", "printed formula"])
def test_the_corrected_formula_is_the_bill_on_any_plan(meter, objective):
    """On the plan that it makes best, and on the one that the printed formula makes best."""
    if objective == "bill":
        model = case_b_model(LOAD_KWH, PV_KWH, meter, STORE)
    else:
        model = literal_case_b_model(LOAD_KWH, PV_KWH, meter, STORE, p_charge=LCOE)
    plan = solve_case_b(model)
    corrected = corrected_expenditure(plan, meter, surplus_kwh=SURPLUS_KWH, p_storage=LCOS)
    assert corrected.sum() == pytest.approx(bill_of(plan, meter), rel=1e-9)


@pytest.mark.parametrize("engine", ["glpk", "highs"])
def test_the_model_of_the_printed_formula_minimises_what_is_evaluated(engine):
    """Its objective is the formula on its plan; dear wear is no reason for it not to cycle."""
    meter, store = flat(), dataclasses.replace(STORE, wear_per_kwh=0.25)
    terms = {"surplus_kwh": SURPLUS_KWH, "p_charge": LCOE, "p_storage": 0.25}
    model = literal_case_b_model(LOAD_KWH, PV_KWH, meter, store, p_charge=LCOE)
    as_printed = solve_case_b(model, engine=engine)
    printed = literal_expenditure(as_printed, meter, **terms).sum()
    assert as_printed.certificate.objective == pytest.approx(printed, rel=1e-9)
    billed = solve_case_b(case_b_model(LOAD_KWH, PV_KWH, meter, store), engine=engine)
    assert printed < literal_expenditure(billed, meter, **terms).sum() - 1e-3
    assert bill_of(as_printed, meter) > bill_of(billed, meter) + 1e-3


def test_the_table_explains_the_difference_term_by_term():
    """By hand: charging at LCOE, discharge at home sold as well, wear without a quantity."""
    meter = flat()
    plan = solve_case_b(case_b_model(LOAD_KWH, PV_KWH, meter, STORE))
    (path,) = plan.paths
    table = compare_formulas(
        plan, meter, surplus_kwh=SURPLUS_KWH, p_charge=LCOE, p_storage=LCOS
    )  # fmt: skip
    difference = table["difference"]
    at_home = np.minimum(path.discharge_kwh, np.maximum(-SURPLUS_KWH, 0.0)).sum()
    assert path.charge_kwh.sum() > 1
    assert difference["charging"] == pytest.approx(LCOE * path.charge_kwh.sum())
    assert difference["discharging"] == pytest.approx(-0.06 * at_home)
    assert difference["storage"] == pytest.approx(LCOS * (1 - path.discharge_kwh.sum()))
    same = difference[["import", "PV exported", "blocks and peaks", "fees"]]
    assert same.to_numpy() == pytest.approx(np.zeros(4), abs=1e-12)
    total = table.loc["total", ["literal", "corrected"]]
    assert total.to_numpy(dtype=float) == pytest.approx(
        table.drop("total")[["literal", "corrected"]].sum().to_numpy()
    )
    assert (table["why"].drop("total").str.len() > 0).all()


def test_what_the_battery_exports_is_sold_once():
    """Dear export at night: the battery sells, and both formulas count it once."""
    import_price, export_price = np.full(T, 0.5), np.where(np.arange(T) % 48 > 36, 0.45, 0.01)
    meter = two_prices(import_price, export_price, step_h=STEP_H)
    plan = solve_case_b(case_b_model(0 * LOAD_KWH, PV_KWH, meter, STORE))
    table = compare_formulas(plan, meter, surplus_kwh=PV_KWH, p_charge=0.0, p_storage=0.0)
    assert plan.paths[0].discharge_kwh.sum() > 1
    assert table.loc["discharging", "literal"] == pytest.approx(
        table.loc["discharging", "corrected"]
    )


def test_minimised_as_printed_the_formula_pays_for_burning_energy():
    """Where a discharged kWh is sold at more than LCOE, charging and discharging at once pays."""
    meter = flat(export_price=0.26)
    solve_case_b(case_b_model(LOAD_KWH, PV_KWH, meter, STORE))
    free = literal_case_b_model(LOAD_KWH, PV_KWH, meter, STORE, p_charge=LCOE)
    with pytest.raises(
        SolveError,
        match="as printed.*: doing opposite things at once pays: .* charge and discharge",
    ):
        solve_case_b(free)
