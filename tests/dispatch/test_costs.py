"""Tests of the terms of a household's bill."""

import numpy as np
import pytest

from nemogrid.devices import Battery
from nemogrid.dispatch import battery_store, case_b_model, costs, meter_cost, solve_case_b
from nemogrid.dispatch.meter import MeterPrices, PeriodBlocks, PeriodPeaks

N = 6
NET_KWH = np.array([1.0, 0.2, -2.0, -0.5, 0.7, 0.1])
DAY = np.arange(N) // 3
METER = MeterPrices(
    step_h=0.5,
    prices=np.tile([-0.02, 0.05, 0.25, 0.40], (N, 1)),
    edges_kwh=np.tile([-1.5, 0.0, 0.6], (N, 1)),
    blocks=(
        PeriodBlocks(item="blocks", sign=1, period_of_step=DAY, limits_kwh=np.full((2, 1), 0.8),
                     prices=np.array([0.01, 0.03])),
    ),
    peaks=(PeriodPeaks(item="peak", sign=-1, period_of_step=DAY, price_per_kw=np.ones(2)),),
    wear_per_kwh=0.02,
    fees={"metering": 3.0, "algorithm": 1.0},
)  # fmt: skip


@pytest.fixture(scope="module")
def model():
    """Solve six steps of a household whose battery is idle: it can neither charge nor discharge."""
    box = Battery(capacity_kwh=1.0, power_kw=0.0, charge_efficiency=1.0, discharge_efficiency=1.0)
    load_kwh, pv_kwh = np.maximum(NET_KWH, 0.0), np.maximum(-NET_KWH, 0.0)
    written = case_b_model(load_kwh, pv_kwh, METER, battery_store(box, N, step_h=0.5))
    solve_case_b(written)
    return written


@pytest.mark.parametrize(
    ("term", "by_hand"),
    [
        ("import_cost", 2.0 * 0.25),
        ("export_revenue", 2.5 * 0.05),
        ("meter_block_cost", (0.4 + 0.1) * 0.15 + 0.5 * 0.07),
        ("period_block_cost", 2.0 * 0.01 + (1.2 - 0.8) * 0.02),
        ("peak_cost", 4.0 + 1.0),
        ("wear_cost", 0.0),
        ("fees_due", 4.0),
    ],
)
def test_a_term_is_what_it_is_by_hand(model, term, by_hand):
    """Each on its own, so that no error in one makes up for that in another."""
    from pyomo.environ import value

    assert value(getattr(costs, term)(model)) == pytest.approx(by_hand, abs=1e-12)


def test_wear_is_due_for_what_is_discharged(model):
    """Two kWh out of the store, at the wear of the meter's charge."""
    from pyomo.environ import value

    before = model.P_discharge[1, 1].value
    model.P_discharge[1, 1].set_value(2.0, skip_validation=True)
    assert value(costs.wear_cost(model)) == pytest.approx(2.0 * 0.02)
    model.P_discharge[1, 1].set_value(before, skip_validation=True)


def test_the_terms_add_up_to_the_cost_at_the_meter(model):
    """Nothing is missing and nothing is counted twice."""
    from pyomo.environ import value

    terms = {name: value(getattr(costs, name)(model)) for name in (
        "import_cost", "export_revenue", "meter_block_cost", "period_block_cost", "peak_cost",
    )}  # fmt: skip
    total = sum(terms.values()) - 2 * terms["export_revenue"]
    assert total == pytest.approx(meter_cost(METER, NET_KWH), rel=1e-12)
