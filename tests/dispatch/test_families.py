"""No family of constraints or costs is idle: a model without it answers wrongly."""

import inspect

import numpy as np
import pytest

from nemogrid.devices import Battery
from nemogrid.dispatch import battery_store, case_b, costs, families, household_model, meter_cost
from nemogrid.dispatch.meter import MeterPrices, PeriodBlocks, PeriodPeaks
from nemogrid.errors import SolveError

HOMES = (families, costs)
FAMILIES = {
    name: value
    for home in HOMES
    for name, value in vars(home).items()
    if inspect.isfunction(value) and value.__module__ == home.__name__ and name != "flow"
} | {"energy_balance": case_b.energy_balance}
T, STEP_H = 96, 0.5
RNG = np.random.default_rng(3)
LOAD_KWH = RNG.gamma(2.0, 0.4, T)
PV_KWH = np.clip(np.sin((np.arange(T) % 48 - 12) / 24 * np.pi), 0, None) * RNG.uniform(1.0, 4.0, T)
DAYS = np.arange(T) // 48
METER = MeterPrices(
    step_h=STEP_H,
    prices=np.column_stack(
        [np.full(T, 0.02), np.full(T, 0.05), RNG.uniform(0.1, 0.4, T), np.full(T, 0.6)]
    ),
    edges_kwh=np.tile([-1.2, 0.0, 1.5], (T, 1)),
    blocks=(
        PeriodBlocks(item="blocks", sign=+1, period_of_step=DAYS,
                     limits_kwh=np.full((2, 2), [5.0, 10.0]), prices=np.array([0.0, 0.1, 0.2])),
    ),
    peaks=(
        PeriodPeaks(item="peak", sign=+1, period_of_step=DAYS, price_per_kw=np.array([0.2, 0.3])),
    ),
    wear_per_kwh=0.01,
    fees={"metering": 3.0},
)  # fmt: skip
BOX = Battery(
    capacity_kwh=3.0, power_kw=2.0, charge_efficiency=0.95, discharge_efficiency=0.93,
    wear_per_kwh=0.01,
)  # fmt: skip
STORE = battery_store(BOX, T, step_h=STEP_H)


def complaints(*, grid_charging):
    """Solve, and check the answer without the model."""
    model = case_b.case_b_model(LOAD_KWH, PV_KWH, METER, STORE, grid_charging=grid_charging)
    plan = case_b.solve_case_b(model)
    (path,) = plan.paths
    change = 0.95 * path.charge_kwh - path.discharge_kwh / 0.93
    price = meter_cost(METER, plan.net_kwh, path.discharge_kwh) + 0.01 * path.discharge_kwh.sum()
    allowed = np.inf if grid_charging else np.maximum(LOAD_KWH - PV_KWH, 0.0)
    errors = {
        "energy": np.abs(plan.net_kwh - (LOAD_KWH - PV_KWH) - path.drawn_kwh).max(),
        "stored": np.abs(np.diff(path.stored_kwh) - change).max(),
        "power": max(path.charge_kwh.max(), path.discharge_kwh.max()) - 1.0,
        "bounds": max(-path.stored_kwh.min(), path.stored_kwh.max() - 3.0),
        "end": 1.5 - path.stored_kwh[-1],
        "grid": (np.maximum(plan.net_kwh, 0.0) - allowed).max(),
        "price": abs(plan.certificate.objective - price - 3.0),
    }
    return [what for what, error in errors.items() if error > 1e-6]


def dropped(name):
    """Stand in for a family that was forgotten."""
    import pyomo.environ as pyo

    def forgotten(*index):
        if name == "stored_energy_bounds":
            return None, None
        if name in ("charge_limits", "discharge_limits"):
            return 0.0, None
        return 0.0 if name.endswith(("_cost", "_revenue", "_due")) else pyo.Constraint.Skip

    return forgotten


@pytest.mark.parametrize("grid_charging", [True, False])
def test_with_all_families_the_answer_is_right(grid_charging):
    """Nothing to complain of, so that the test below can only fail for what it drops."""
    assert complaints(grid_charging=grid_charging) == []


@pytest.mark.parametrize("name", FAMILIES)
def test_without_a_family_the_answer_is_wrong(monkeypatch, name):
    """Every family binds somewhere: without it a law is broken, or there is no answer at all."""
    homes = [home for home in (case_b, household_model) if hasattr(home, name)]
    assert homes
    for home in homes:
        monkeypatch.setattr(home, name, dropped(name))
    try:
        found = complaints(grid_charging=name != "unmet_demand")
    except (SolveError, KeyError):  # without its balance a store has no value either
        found = ["no answer"]
    assert found


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_short_and_carries_its_equation(name):
    """At most forty lines, with the mathematics in the docstring."""
    family = FAMILIES[name]
    assert len(inspect.getsource(family).splitlines()) <= 40
    assert ".. math::" in inspect.getdoc(family)


def test_the_symbol_table_names_every_component():
    """Each variable and parameter that a family reads is explained on top of the module."""
    import ast

    read = {
        node.attr
        for home in HOMES
        for node in ast.walk(ast.parse(inspect.getsource(home)))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "model"
    }
    plain = {"way_of_blocks", "way_of_peaks", "steps_of_blocks", "period_of_peaks", "before"}
    assert sorted(name for name in read - plain if name not in families.__doc__) == []
