"""What a scenario puts on a feeder: PV, batteries, cars, heat pumps; or meter readings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nemogrid.errors import ScenarioError

_SHARES = (
    "pv_share", "battery_share", "vehicle_share", "heat_pump_share", "shiftable_share",
    "shiftable_load_share",
)  # fmt: skip
_ABOVE_ZERO = ("pv_sizing", "pv_yield_kwh_per_kw", "pv_max_kw", "battery_hours")
_AT_LEAST_ZERO = (
    "battery_kwh_per_kw", "battery_wear_per_kwh", "vehicle_yearly_kwh", "vehicle_capacity_kwh",
    "vehicle_charger_kw", "heat_pump_yearly_kwh", "heat_pump_power_kw", "heat_pump_store_kwh",
    "shiftable_delay_h",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Assets:
    """Who owns what, and how large it is.

    Owners of each kind are drawn with the scenario's seed, each kind by itself: a larger share
    adds owners and moves nobody, and one kind does not change who owns another. Devices of one
    kind are alike; photovoltaic systems and batteries grow with their owners.

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
        makes them batteries of the members on their buses.
    battery_share : float
        Share of the members with PV who have a battery, 0..1.
    battery_kwh_per_kw : float
        Usable capacity per rated power of the owner's PV [kWh/kW].
    battery_hours : float
        Capacity over power [h].
    battery_round_trip_share : float
        Energy that comes back over energy put in, above 0 and at most 1; both ways lose alike.
        Default: the middle of the 85 to 95 % of German home batteries in 2025.
    battery_wear_per_kwh : float
        What a discharged kWh uses up of a battery [money per kWh], of kept ones and of the cars
        that feed back too.
    vehicle_share : float
        Share of members with a car that is charged at home, 0..1.
    vehicle_yearly_kwh : float
        Energy that the charger of a car draws in a year [kWh].
    vehicle_capacity_kwh : float
        Usable energy of a car's battery [kWh].
    vehicle_charger_kw : float
        Largest power of a charger [kW].
    vehicle_bidirectional : bool
        Whether cars can feed back.
    heat_pump_share : float
        Share of members with a heat pump, 0..1.
    heat_pump_yearly_kwh : float
        Electricity that a heat pump uses in a year, on top of the member's load [kWh].
    heat_pump_power_kw : float
        Largest electric power of a heat pump [kW].
    heat_pump_store_kwh : float
        Heat that tank and house can hold, in kWh of electricity.
    shiftable_share : float
        Share of members with appliances that may run later, 0..1.
    shiftable_load_share : float
        Share of their load that may, 0..1.
    shiftable_delay_h : float
        Longest delay [h].
    """

    pv_share: float = 0.5
    pv_sizing: float = 1.0
    pv_yield_kwh_per_kw: float = 946.0
    pv_max_kw: float | None = None
    pv_shape: str = "PV5"
    existing_pv: str = "replace"
    existing_storages: str = "replace"
    battery_share: float = 0.0
    battery_kwh_per_kw: float = 1.0
    battery_hours: float = 2.0
    battery_round_trip_share: float = 0.9
    battery_wear_per_kwh: float = 0.0
    vehicle_share: float = 0.0
    vehicle_yearly_kwh: float = 2_500.0
    vehicle_capacity_kwh: float = 60.0
    vehicle_charger_kw: float = 11.0
    vehicle_bidirectional: bool = False
    heat_pump_share: float = 0.0
    heat_pump_yearly_kwh: float = 5_000.0
    heat_pump_power_kw: float = 4.0
    heat_pump_store_kwh: float = 4.0
    shiftable_share: float = 0.0
    shiftable_load_share: float = 0.1
    shiftable_delay_h: float = 6.0

    def __post_init__(self) -> None:
        for name in _SHARES:
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise ScenarioError(f"{name} is {value}, expected a share from 0 to 1")
        if not 0 < self.battery_round_trip_share <= 1:
            raise ScenarioError(
                f"battery_round_trip_share is {self.battery_round_trip_share}, expected above 0 "
                "and at most 1"
            )
        for name in _ABOVE_ZERO:
            value = getattr(self, name)
            if value is not None and not (np.isfinite(value) and value > 0):
                raise ScenarioError(f"{name} is {value}, expected a finite number above 0")
        for name in _AT_LEAST_ZERO:
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                raise ScenarioError(f"{name} is {value}, expected a finite number of at least 0")
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
