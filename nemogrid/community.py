"""Who is on the feeder: members, their connection and what they own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nemogrid.devices import PV, Battery, ElectricVehicle, HeatPump, ShiftableLoad
from nemogrid.errors import InputError, listed

__all__ = [
    "ACTORS",
    "HOUSEHOLD",
    "PV",
    "Battery",
    "Community",
    "ElectricVehicle",
    "HeatPump",
    "Member",
    "ShiftableLoad",
]

ACTORS = ("retailer", "dso", "tso", "state", "manager", "installer")
"""Names of the parties on a bill that are not members."""

HOUSEHOLD = "H0-A"
"""Load shape of a member of whom nothing else is known."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """A customer of the feeder.

    Parameters
    ----------
    name : str
        Unique label; columns of every table carry it.
    bus : int
        Index of the member's bus in the network.
    yearly_kwh : float
        Electricity used in a normal year [kWh].
    shape : str
        Name of the load shape, for example ``"H0-A"`` of SimBench.
    power_factor : float
        Of the load, inductive, 0..1.
    pv : PV or None
        The member's photovoltaic system.
    battery : Battery or None
        The member's battery.
    vehicle : ElectricVehicle or None
        The member's car, charged at home.
    heat_pump : HeatPump or None
        The member's heat pump and its thermal store.
    shiftable : ShiftableLoad or None
        The part of the member's load that may run later.
    """

    name: str
    bus: int
    yearly_kwh: float
    shape: str = HOUSEHOLD
    power_factor: float = 0.93
    pv: PV | None = None
    battery: Battery | None = None
    vehicle: ElectricVehicle | None = None
    heat_pump: HeatPump | None = None
    shiftable: ShiftableLoad | None = None

    def __post_init__(self) -> None:
        if self.name in ACTORS:
            raise InputError(f"member name {self.name!r} is the name of an actor: choose another")
        if not (np.isfinite(self.yearly_kwh) and self.yearly_kwh >= 0):
            raise InputError(
                f"member {self.name!r} uses {self.yearly_kwh} kWh a year: "
                "expected a finite number of at least 0"
            )
        if not 0 < self.power_factor <= 1:
            raise InputError(
                f"member {self.name!r} has power factor {self.power_factor}: expected 0 to 1"
            )


@dataclass(frozen=True)
class Community:
    """The members of one feeder, in a fixed order.

    Parameters
    ----------
    members : tuple of Member
        N members with different names.

    Examples
    --------
    >>> house = Member(name="house", bus=3, yearly_kwh=4500.0, pv=PV(peak_kw=5.0))
    >>> flat = Member(name="flat", bus=4, yearly_kwh=2000.0)
    >>> Community((house, flat)).prosumers
    ('house',)
    """

    members: tuple[Member, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", tuple(self.members))
        if not self.members:
            raise InputError("a community of no members: expected at least one")
        twice = [name for name, count in Counter(self.names).items() if count > 1]
        if twice:
            raise InputError(f"members with the same name: {listed(twice)}")

    def __len__(self) -> int:
        return len(self.members)

    def __iter__(self) -> Iterator[Member]:
        return iter(self.members)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Labels of the members, in order."""
        return tuple(member.name for member in self.members)

    @cached_property
    def buses(self) -> tuple[int, ...]:
        """Bus of each member, in order."""
        return tuple(member.bus for member in self.members)

    @cached_property
    def has_pv(self) -> np.ndarray:
        """Whether each member owns a photovoltaic system, shape (N,)."""
        return np.array([m.pv is not None and m.pv.peak_kw > 0 for m in self.members])

    @property
    def is_flexible(self) -> bool:
        """Whether any member owns something that can store or shift energy."""
        return any(
            device is not None
            for m in self.members
            for device in (m.battery, m.vehicle, m.heat_pump, m.shiftable)
        )

    @property
    def prosumers(self) -> tuple[str, ...]:
        """Names of the members with photovoltaic systems."""
        return tuple(n for n, pv in zip(self.names, self.has_pv, strict=True) if pv)

    @property
    def consumers(self) -> tuple[str, ...]:
        """Names of the members without."""
        return tuple(n for n, pv in zip(self.names, self.has_pv, strict=True) if not pv)
