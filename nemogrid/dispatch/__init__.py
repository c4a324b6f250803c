"""Objective functions: what a household minimises, in closed form and as models to read."""

from nemogrid.dispatch.best_plan import solve_member
from nemogrid.dispatch.case_a import CaseA, case_a_model, solve_case_a
from nemogrid.dispatch.case_b import case_b_model, solve_case_b
from nemogrid.dispatch.exact import cost_to_go, solve_exact, stored_value
from nemogrid.dispatch.horizons import naive_forecast, plan_ahead
from nemogrid.dispatch.member_plan import MemberPlan, StorePath
from nemogrid.dispatch.member_stores import member_stores
from nemogrid.dispatch.meter import MeterPrices, meter_cost, read_meter_prices, two_prices
from nemogrid.dispatch.planning import Planning
from nemogrid.dispatch.plans import plan_members
from nemogrid.dispatch.prices import MemberPrices, member_prices
from nemogrid.dispatch.printed_formula import (
    compare_formulas,
    corrected_expenditure,
    literal_case_b_model,
    literal_expenditure,
)
from nemogrid.dispatch.self_consumption import store_own_surplus
from nemogrid.dispatch.storage import StoragePlan, optimise_storage
from nemogrid.dispatch.store import Store, battery_store
from nemogrid.dispatch.without_storage import plan_without_storage

__all__ = [
    "CaseA",
    "MemberPlan",
    "MemberPrices",
    "MeterPrices",
    "Planning",
    "StoragePlan",
    "Store",
    "StorePath",
    "battery_store",
    "case_a_model",
    "case_b_model",
    "compare_formulas",
    "corrected_expenditure",
    "cost_to_go",
    "literal_case_b_model",
    "literal_expenditure",
    "member_prices",
    "member_stores",
    "meter_cost",
    "naive_forecast",
    "optimise_storage",
    "plan_ahead",
    "plan_members",
    "plan_without_storage",
    "read_meter_prices",
    "solve_case_a",
    "solve_case_b",
    "solve_exact",
    "solve_member",
    "store_own_surplus",
    "stored_value",
    "two_prices",
]
