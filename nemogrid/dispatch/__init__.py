"""Objective functions: what a household minimises, in closed form and as models to read."""

from nemogrid.dispatch.case_a import CaseA, case_a_model, solve_case_a
from nemogrid.dispatch.prices import MemberPrices, member_prices
from nemogrid.dispatch.self_consumption import plan_members, store_own_surplus
from nemogrid.dispatch.without_storage import plan_without_storage

__all__ = [
    "CaseA",
    "MemberPrices",
    "case_a_model",
    "member_prices",
    "plan_members",
    "plan_without_storage",
    "solve_case_a",
    "store_own_surplus",
]
