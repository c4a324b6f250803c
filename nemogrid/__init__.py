"""nemogrid: peer-to-peer electricity markets in low-voltage communities.

A community on a feeder plans its energy against charges, trades in a market, is billed by
settlement, and the grid says whether the wires could carry it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Blocks": "charges",
    "Charge": "charges",
    "Quantity": "charges",
    "Community": "community",
    "Member": "community",
    "PV": "devices",
    "Battery": "devices",
    "ElectricVehicle": "devices",
    "HeatPump": "devices",
    "ShiftableLoad": "devices",
    "Assets": "assets",
    "Meters": "assets",
    "Bills": "results",
    "Certificate": "results",
    "Clearing": "results",
    "FeederState": "results",
    "Outcome": "outcome",
    "Plan": "results",
    "Profiles": "results",
    "Trades": "results",
    "Period": "timeline",
    "Timeline": "timeline",
    "load_feeder": "feeder",
    "run_power_flow": "feeder",
    "read_meters": "profiles",
    "Planning": "dispatch",
    "optimise_storage": "dispatch",
    "Scenario": "scenario",
    "simulate": "simulation",
    "compare": "simulation",
    "settle": "settlement",
}
_MODULES = (
    "data",
    "dispatch",
    "economics",
    "feeder",
    "markets",
    "merit_order",
    "plots",
    "profiles",
    "settlement",
    "tariffs",
)

__version__ = "0.1.0"
__all__ = sorted([*_HOMES, *_MODULES])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"nemogrid.{name}")
    if name in _HOMES:
        return getattr(import_module(f"nemogrid.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'nemogrid' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
