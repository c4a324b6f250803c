"""Feeders: pandapower networks, members on their buses, and a year of AC power flows."""

from nemogrid.feeder.batteries import kept_batteries
from nemogrid.feeder.connections import read_connections, read_generators, read_storages
from nemogrid.feeder.equipment import equip
from nemogrid.feeder.load import load_feeder
from nemogrid.feeder.members import place_members
from nemogrid.feeder.power_flow import run_power_flow
from nemogrid.feeder.voltage import en50160

__all__ = [
    "en50160",
    "equip",
    "kept_batteries",
    "load_feeder",
    "place_members",
    "read_connections",
    "read_generators",
    "read_storages",
    "run_power_flow",
]
