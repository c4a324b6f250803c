"""What members own: photovoltaic systems, and everything that can store or shift energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nemogrid.errors import InputError


@dataclass(frozen=True, kw_only=True)
class PV:
    """A photovoltaic system.

    Parameters
    ----------
    peak_kw : float
        Rated power [kW].
    yield_kwh_per_kw : float
        Yearly yield per rated power [kWh/kW]. Default: mean of Swiss systems, 2018 to 2023.
    """

    peak_kw: float
    yield_kwh_per_kw: float = 946.0

    def __post_init__(self) -> None:
        for name in ("peak_kw", "yield_kwh_per_kw"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                raise InputError(f"PV {name} is {value}: expected a finite number of at least 0")

    @property
    def yearly_kwh(self) -> float:
        """Energy of a normal year [kWh]."""
        return self.peak_kw * self.yield_kwh_per_kw


@dataclass(frozen=True, kw_only=True)
class Battery:
    """A battery behind a member's meter.

    Parameters
    ----------
    capacity_kwh : float
        Usable energy [kWh].
    power_kw : float
        Largest power on the grid side, each way [kW].
    charge_efficiency, discharge_efficiency : float
        Of each way, above 0 and at most 1; their product is the round trip.
    initial_soc_share : float
        Stored energy at the start as a share of the capacity, 0..1.
    wear_per_kwh : float
        What a discharged kWh uses up of the battery [money per kWh]: its levelised cost of
        storage without the electricity, `nemogrid.economics.lcos`.

    Examples
    --------
    >>> box = Battery(capacity_kwh=8.5, power_kw=4.0, charge_efficiency=0.95,
    ...               discharge_efficiency=0.95)
    >>> box.initial_soc_share
    0.5
    """

    capacity_kwh: float
    power_kw: float
    charge_efficiency: float
    discharge_efficiency: float
    initial_soc_share: float = 0.5
    wear_per_kwh: float = 0.0

    def __post_init__(self) -> None:
        _require(self, "battery", finite=("capacity_kwh", "power_kw", "wear_per_kwh"))
        _require_shares(
            self, "battery", above_zero=("charge_efficiency", "discharge_efficiency"),
            any_share=("initial_soc_share",),
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ElectricVehicle:
    """A car that is charged at home.

    Parameters
    ----------
    yearly_kwh : float
        Energy that the charger draws in a year [kWh].
    capacity_kwh : float
        Usable energy of the car's battery [kWh].
    charger_kw : float
        Largest power on the grid side [kW].
    shape : str
        SimBench charging profile, from which the sessions are read.
    charge_efficiency, discharge_efficiency : float
        Of each way, above 0 and at most 1.
    bidirectional : bool
        Whether the car can feed back.
    wear_per_kwh : float
        What a kWh fed back uses up of the car's battery [money per kWh].
    departure_hour : float
        Local clock time before which the car is left alone at home in the morning [h].
    """

    yearly_kwh: float = 2_500.0
    capacity_kwh: float = 60.0
    charger_kw: float = 11.0
    shape: str = "HLS_A_11.0"
    charge_efficiency: float = 0.92
    discharge_efficiency: float = 0.92
    bidirectional: bool = False
    wear_per_kwh: float = 0.0
    departure_hour: float = 7.0

    def __post_init__(self) -> None:
        finite = ("yearly_kwh", "capacity_kwh", "charger_kw", "wear_per_kwh")
        _require(self, "electric vehicle", finite=finite)
        efficiencies = ("charge_efficiency", "discharge_efficiency")
        _require_shares(self, "electric vehicle", above_zero=efficiencies)
        if not 0 <= self.departure_hour < 24:
            raise InputError(
                f"electric vehicle departure_hour is {self.departure_hour}: expected 0 to 24"
            )


@dataclass(frozen=True, kw_only=True)
class HeatPump:
    """A heat pump with a thermal store; heat is counted in the electricity that makes it.

    Parameters
    ----------
    yearly_kwh : float
        Electricity used in a year [kWh].
    power_kw : float
        Largest electric power [kW].
    store_kwh : float
        Heat that the tank and the house can hold between the comfort bounds, in kWh of
        electricity.
    loss_share_per_h : float
        Share of the stored heat that is lost in an hour, 0..1.
    shape : str
        SimBench heat-pump profile.
    """

    yearly_kwh: float = 5_000.0
    power_kw: float = 4.0
    store_kwh: float = 4.0
    loss_share_per_h: float = 0.01
    shape: str = "Air_Alternative_1"

    def __post_init__(self) -> None:
        _require(self, "heat pump", finite=("yearly_kwh", "power_kw", "store_kwh"))
        if not 0 <= self.loss_share_per_h < 1:
            raise InputError(
                f"heat pump loss_share_per_h is {self.loss_share_per_h}: expected 0 to below 1"
            )


@dataclass(frozen=True, kw_only=True)
class ShiftableLoad:
    """Appliances that may run later than they were asked to.

    Parameters
    ----------
    share : float
        Share of the member's load in every step, 0..1.
    delay_h : float
        Longest delay [h].
    power_kw : float
        Largest power of the appliances together [kW].
    """

    share: float = 0.1
    delay_h: float = 6.0
    power_kw: float = 3.0

    def __post_init__(self) -> None:
        _require(self, "shiftable load", finite=("delay_h", "power_kw"))
        _require_shares(self, "shiftable load", any_share=("share",))


def _require(device: object, what: str, *, finite: tuple[str, ...]) -> None:
    for name in finite:
        value = getattr(device, name)
        if not (np.isfinite(value) and value >= 0):
            raise InputError(f"{what} {name} is {value}: expected a finite number of at least 0")


def _require_shares(
    device: object, what: str, *, above_zero: tuple[str, ...] = (), any_share: tuple[str, ...] = ()
) -> None:
    for name in above_zero:
        if not 0 < getattr(device, name) <= 1:
            raise InputError(
                f"{what} {name} is {getattr(device, name)}: expected above 0 and at most 1"
            )
    for name in any_share:
        if not 0 <= getattr(device, name) <= 1:
            raise InputError(f"{what} {name} is {getattr(device, name)}: expected 0 to 1")
