"""What a scenario puts on a feeder: photovoltaic systems, kept equipment, meter readings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nemogrid.errors import ScenarioError


@dataclass(frozen=True, kw_only=True)
class Assets:
    """Who owns photovoltaic systems, and how large they are.

    Parameters
    ----------
    pv_share : float
        Share of members with PV, 0..1.
    pv_sizing : float
        Yearly PV energy over the owner's yearly demand.
    pv_yield_kwh_per_kw : float
        Yearly yield [kWh/kW]. Default: mean of Swiss systems, 2018 to 2023.
    pv_max_kw : float or None
        Largest system [kW].
    pv_shape : str
        SimBench shape of the generation.
    existing_pv : str
        What becomes of the generators of the network: ``"replace"`` or ``"keep"``.
    existing_storages : str
        What becomes of the storages of the network: ``"replace"`` leaves them out, ``"keep"``
        makes them batteries of the members on their buses, which store own surplus by rule.
    """

    pv_share: float = 0.5
    pv_sizing: float = 1.0
    pv_yield_kwh_per_kw: float = 946.0
    pv_max_kw: float | None = None
    pv_shape: str = "PV5"
    existing_pv: str = "replace"
    existing_storages: str = "replace"

    def __post_init__(self) -> None:
        if not 0 <= self.pv_share <= 1:
            raise ScenarioError(f"pv_share is {self.pv_share}, expected a share from 0 to 1")
        for name in ("pv_sizing", "pv_yield_kwh_per_kw", "pv_max_kw"):
            value = getattr(self, name)
            if value is not None and not (np.isfinite(value) and value > 0):
                raise ScenarioError(f"{name} is {value}, expected a finite number above 0")
        for name in ("existing_pv", "existing_storages"):
            if getattr(self, name) not in ("replace", "keep"):
                raise ScenarioError(
                    f"{name} is {getattr(self, name)!r}, expected 'replace' or 'keep'"
                )


@dataclass(frozen=True, kw_only=True)
class Meters:
    """Meter readings in CSV files, instead of SimBench shapes.

    Parameters
    ----------
    load : str
        File of the loads: times in the first column, then a column per member.
    unit : str
        ``"kW"`` or ``"kWh"`` per step.
    pv : str or None
        File of the PV generation of the members that have any, in the same form.
    timezone : str or None
        IANA zone of times without an offset.
    """

    load: str
    unit: str
    pv: str | None = None
    timezone: str | None = None

    def __post_init__(self) -> None:
        if self.unit not in ("kW", "kWh"):
            raise ScenarioError(f"meters: unit is {self.unit!r}, expected 'kW' or 'kWh'")
