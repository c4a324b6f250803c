"""What energy, network and state charge: tariffs as lists of sourced rates."""

from nemogrid.tariffs.presets import preset, preset_names
from nemogrid.tariffs.tariff import Rate, Tariff

__all__ = ["Rate", "Tariff", "preset", "preset_names"]
