"""Who is on the feeder: members, their connection, photovoltaic systems and batteries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nemogrid.errors import InputError, listed

ACTORS = ("retailer", "dso", "tso", "state", "manager")
"""Names of the parties on a bill that are not members."""

HOUSEHOLD = "H0-A"
"""Load shape of a member of whom nothing else is known."""


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

    def __post_init__(self) -> None:
        for name in ("capacity_kwh", "power_kw"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise InputError(f"battery {name} is {value}: expected a finite number above 0")
        for name in ("charge_efficiency", "discharge_efficiency"):
            if not 0 < getattr(self, name) <= 1:
                raise InputError(
                    f"battery {name} is {getattr(self, name)}: expected above 0 and at most 1"
                )
        if not 0 <= self.initial_soc_share <= 1:
            raise InputError(
                f"battery initial_soc_share is {self.initial_soc_share}: expected 0 to 1"
            )


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
    """

    name: str
    bus: int
    yearly_kwh: float
    shape: str = HOUSEHOLD
    power_factor: float = 0.93
    pv: PV | None = None
    battery: Battery | None = None

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
    def prosumers(self) -> tuple[str, ...]:
        """Names of the members with photovoltaic systems."""
        return tuple(n for n, pv in zip(self.names, self.has_pv, strict=True) if pv)

    @property
    def consumers(self) -> tuple[str, ...]:
        """Names of the members without."""
        return tuple(n for n, pv in zip(self.names, self.has_pv, strict=True) if not pv)
