"""What members use and generate: measured shapes made into kW, or a user's own meter readings."""

from __future__ import annotations

from nemogrid.profiles.build import build_profiles
from nemogrid.profiles.flexible import heat_pump_profiles, vehicle_profiles
from nemogrid.profiles.meters import read_meters, require_members
from nemogrid.profiles.simbench import shape_names, yearly_energy_kwh

__all__ = [
    "build_profiles",
    "heat_pump_profiles",
    "read_meters",
    "require_members",
    "shape_names",
    "vehicle_profiles",
    "yearly_energy_kwh",
]
