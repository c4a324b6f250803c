"""Figures of the book: functions from results and an axes to the axes."""

from nemogrid.plots.actors import relations_map
from nemogrid.plots.bills import bill_composition, gain_bars
from nemogrid.plots.charges import (
    block_months,
    cost_change_strips,
    month_peaks,
    price_day,
    step_cost,
)
from nemogrid.plots.feeder_map import feeder_map
from nemogrid.plots.flexible import panels_over_time, store_corridor
from nemogrid.plots.flows import daily_flows, mean_day
from nemogrid.plots.layout import distance_km
from nemogrid.plots.money import money_flows, price_stack
from nemogrid.plots.prices import price_composition, supply_curve
from nemogrid.plots.profiles import demand_bars, load_duration, week, year_map
from nemogrid.plots.slopes import cost_curve, merged_stairs, step_curve, value_stairs
from nemogrid.plots.storage import lines_over, spread_strips, storage_days, value_map
from nemogrid.plots.synchrony import member_map, peak_ranges
from nemogrid.plots.theme import COLOURS, rc_params, set_theme, theme
from nemogrid.plots.voltage import voltage_band, voltage_duration
from nemogrid.plots.worlds import settling, world_loads, world_peaks, world_strips

__all__ = [
    "COLOURS",
    "bill_composition",
    "block_months",
    "cost_change_strips",
    "cost_curve",
    "daily_flows",
    "demand_bars",
    "distance_km",
    "feeder_map",
    "gain_bars",
    "lines_over",
    "load_duration",
    "mean_day",
    "member_map",
    "merged_stairs",
    "money_flows",
    "month_peaks",
    "panels_over_time",
    "peak_ranges",
    "price_composition",
    "price_day",
    "price_stack",
    "rc_params",
    "relations_map",
    "set_theme",
    "settling",
    "spread_strips",
    "step_cost",
    "step_curve",
    "storage_days",
    "store_corridor",
    "supply_curve",
    "theme",
    "value_map",
    "value_stairs",
    "voltage_band",
    "voltage_duration",
    "week",
    "world_loads",
    "world_peaks",
    "world_strips",
    "year_map",
]
