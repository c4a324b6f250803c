"""Costs over time, the cost of storage, and how evenly money is shared."""

from nemogrid.economics.fairness import gini, jain
from nemogrid.economics.present_value import annuity, deferral_value, lcoe, npv
from nemogrid.economics.storage import battery_lease, battery_life_years, lcos

__all__ = [
    "annuity",
    "battery_lease",
    "battery_life_years",
    "deferral_value",
    "gini",
    "jain",
    "lcoe",
    "lcos",
    "npv",
]
