"""Batteries, cars, heat pumps and appliances that can wait, given to the members of a community."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pandas as pd

from nemogrid.assets import Assets
from nemogrid.community import Community, Member
from nemogrid.devices import Battery, ElectricVehicle, HeatPump, ShiftableLoad
from nemogrid.feeder.members import pv_order
from nemogrid.results import Profiles


def equip(
    community: Community, assets: Assets, *, seed: int, measured: Profiles | None = None
) -> Community:
    """Give a seeded share of the members devices that store or shift energy.

    Who has PV may have a battery, in the order in which PV was drawn, so that neither more PV nor
    more batteries take one away (where systems of the network are kept, more PV may). Members who
    brought a battery along keep it, and count towards the share. Cars, heat pumps and shiftable
    appliances are drawn among all members, whatever their load is: an order per kind that depends
    on the seed and the names.

    Parameters
    ----------
    community : Community
        N members and their PV.
    assets : Assets
        Shares and sizes.
    seed : int
        Of the draws.
    measured : Profiles, optional
        Readings. Where they have the power of cars or of heat pumps, the owners are those who drew
        any, the yearly energy is theirs, and the share is not used.

    Returns
    -------
    Community
        The same members in the same order, with what they own.

    Notes
    -----
    Cars and heat pumps that a network brings along as loads stay members of their own, as in
    SimBench's scenarios 1 and 2: loads with the shapes ``HLS_*``, ``APLS_*``, ``Air_*`` and
    ``Soil_*``, each on the bus of another load. To make them devices, that load's member would get
    one of their rated power and shape, with rated power x mean of the shape x 8760 h a year.

    Examples
    --------
    >>> from nemogrid.community import PV
    >>> pair = Community((Member(name="a", bus=1, yearly_kwh=4500.0, pv=PV(peak_kw=8.0)),
    ...                   Member(name="b", bus=2, yearly_kwh=2500.0)))
    >>> rich = equip(pair, Assets(battery_share=1.0, vehicle_share=1.0), seed=1)
    >>> rich.members[0].battery.capacity_kwh, rich.members[1].battery
    (8.0, None)
    >>> [member.vehicle.yearly_kwh for member in rich]
    [2500.0, 2500.0]
    """
    names = community.names
    prosumers = set(community.prosumers)
    brought = {member.name for member in community if member.battery is not None}
    free = [name for name in pv_order(names, seed=seed) if name in prosumers - brought]
    n_batteries = round(assets.battery_share * len(prosumers)) - len(brought)
    batteries = set(free[: max(n_batteries, 0)])
    cars_kwh = _energies(
        names, "vehicle", assets.vehicle_share, assets.vehicle_yearly_kwh, seed,
        None if measured is None else measured.vehicle_kw,
    )  # fmt: skip
    heat_kwh = _energies(
        names, "heat pump", assets.heat_pump_share, assets.heat_pump_yearly_kwh, seed,
        None if measured is None else measured.heat_pump_kw,
    )  # fmt: skip
    waiting = _owners(names, "shiftable load", assets.shiftable_share, seed)
    return Community(
        tuple(
            replace(
                member,
                battery=_battery(member, assets, new=member.name in batteries),
                vehicle=_vehicle(assets, cars_kwh.get(member.name)) or member.vehicle,
                heat_pump=_heat_pump(assets, heat_kwh.get(member.name)) or member.heat_pump,
                shiftable=_shiftable(assets) if member.name in waiting else member.shiftable,
            )
            for member in community
        )
    )


def _energies(
    names: tuple[str, ...], kind: str, share: float, yearly_kwh: float, seed: int,
    measured_kw: pd.DataFrame | None,
) -> dict[str, float]:  # fmt: skip
    """Tell the yearly energy of those who own a device: drawn, or read off measurements."""
    if measured_kw is None:
        return dict.fromkeys(_owners(names, kind, share, seed), yearly_kwh)
    mean_kw = zip(names, measured_kw.mean().loc[list(names)].tolist(), strict=True)
    return {name: kw * 8760.0 for name, kw in mean_kw if kw > 0}


def _owners(names: tuple[str, ...], kind: str, share: float, seed: int) -> list[str]:
    """Draw round(share N) names by an order that is the kind's own."""
    rank = {n: hashlib.sha256(f"{seed} {kind} of {n}".encode()).digest() for n in names}
    return sorted(names, key=rank.__getitem__)[: round(share * len(names))]


def _battery(member: Member, assets: Assets, *, new: bool) -> Battery | None:
    if new and member.pv is not None:
        capacity_kwh = assets.battery_kwh_per_kw * member.pv.peak_kw
        each_way = assets.battery_round_trip_share**0.5
        return Battery(
            capacity_kwh=capacity_kwh,
            power_kw=capacity_kwh / assets.battery_hours,
            charge_efficiency=each_way,
            discharge_efficiency=each_way,
            wear_per_kwh=assets.battery_wear_per_kwh,
        )
    if member.battery is None:
        return None
    return replace(member.battery, wear_per_kwh=assets.battery_wear_per_kwh)


def _vehicle(assets: Assets, yearly_kwh: float | None) -> ElectricVehicle | None:
    if yearly_kwh is None:
        return None
    return ElectricVehicle(
        yearly_kwh=yearly_kwh,
        capacity_kwh=assets.vehicle_capacity_kwh,
        charger_kw=assets.vehicle_charger_kw,
        bidirectional=assets.vehicle_bidirectional,
        wear_per_kwh=assets.battery_wear_per_kwh,
    )


def _heat_pump(assets: Assets, yearly_kwh: float | None) -> HeatPump | None:
    if yearly_kwh is None:
        return None
    return HeatPump(
        yearly_kwh=yearly_kwh,
        power_kw=assets.heat_pump_power_kw,
        store_kwh=assets.heat_pump_store_kwh,
    )


def _shiftable(assets: Assets) -> ShiftableLoad:
    return ShiftableLoad(share=assets.shiftable_load_share, delay_h=assets.shiftable_delay_h)
