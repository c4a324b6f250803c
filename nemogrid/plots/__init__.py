"""Figures of the book: functions from results and an axes to the axes."""

from nemogrid.plots.bills import bill_composition, gain_bars
from nemogrid.plots.feeder_map import feeder_map
from nemogrid.plots.flows import daily_flows, mean_day
from nemogrid.plots.layout import distance_km
from nemogrid.plots.money import money_flows, price_stack
from nemogrid.plots.theme import COLOURS, rc_params, set_theme, theme
from nemogrid.plots.voltage import voltage_band, voltage_duration

__all__ = [
    "COLOURS",
    "bill_composition",
    "daily_flows",
    "distance_km",
    "feeder_map",
    "gain_bars",
    "mean_day",
    "money_flows",
    "price_stack",
    "rc_params",
    "set_theme",
    "theme",
    "voltage_band",
    "voltage_duration",
]
