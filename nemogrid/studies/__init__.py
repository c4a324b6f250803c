"""Studies: many scenarios, one tidy table."""

from nemogrid.studies.grid import grid_figures, hosting_limits

__all__ = ["grid_figures", "hosting_limits"]
