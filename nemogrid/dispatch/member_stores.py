"""Everything flexible that a member owns, and what it does when nobody controls it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nemogrid.community import Member
from nemogrid.dispatch.heat_store import heat_store
from nemogrid.dispatch.self_consumption import store_own_surplus
from nemogrid.dispatch.shiftable_store import shiftable_store
from nemogrid.dispatch.store import Store, battery_store
from nemogrid.dispatch.vehicle_store import vehicle_store
from nemogrid.errors import LabelError
from nemogrid.results import Profiles

KINDS = ("battery", "vehicle", "heat_pump", "shiftable")
"""Kinds of stores, in the order in which they are listed everywhere."""


def member_stores(member: Member, profiles: Profiles) -> dict[str, Store]:
    """Describe what a member owns as flexible stores.

    Parameters
    ----------
    member : Member
        What it owns.
    profiles : Profiles
        Its load, and what its car and heat pump draw when nobody shifts them.

    Returns
    -------
    dict of str to Store
        By kind, in the order of `KINDS`; kinds that it does not own are missing.

    Raises
    ------
    LabelError
        If the profiles lack the member, its car or its heat pump.
    InputError
        If a profile does not fit its device.

    Notes
    -----
    A member's net energy in a step is its load less its PV, plus charge less discharge of every
    store, less what ``"shiftable"`` was asked for, which is part of the load.
    """
    timeline = profiles.timeline
    stores: dict[str, Store] = {}
    if member.battery is not None:
        stores["battery"] = battery_store(
            member.battery, timeline.n_steps, step_h=timeline.step_h
        )  # fmt: skip
    if member.vehicle is not None:
        drawn_kw = _column(profiles.vehicle_kw, member, "car")
        stores["vehicle"] = vehicle_store(member.vehicle, drawn_kw, timeline)
    if member.heat_pump is not None:
        drawn_kw = _column(profiles.heat_pump_kw, member, "heat pump")
        stores["heat_pump"] = heat_store(member.heat_pump, drawn_kw, step_h=timeline.step_h)
    if member.shiftable is not None:
        load_kw = _column(profiles.load_kw, member, "load")
        stores["shiftable"] = shiftable_store(member.shiftable, load_kw, step_h=timeline.step_h)
    return stores


def uncontrolled(member: Member, profiles: Profiles) -> dict[str, np.ndarray]:
    """Tell what a member's devices draw when nobody controls them.

    The car charges when it comes home, the heat pump follows the demand, appliances run when they
    are asked to, and the battery stores the surplus that all these leave of the member's own PV,
    by the rule of `nemogrid.dispatch.store_own_surplus`.

    Parameters
    ----------
    member : Member
        What it owns.
    profiles : Profiles
        Its load and PV, and what its car and heat pump draw.

    Returns
    -------
    dict of str to numpy.ndarray, shape (T,)
        Power by kind [kW], in the order of `KINDS`: charging positive; of ``"shiftable"`` what
        runs less what was asked for, which is zero.

    Raises
    ------
    LabelError
        If the profiles lack the member, its car or its heat pump.

    Examples
    --------
    >>> from nemogrid.community import Battery
    >>> from nemogrid.timeline import Timeline
    >>> two = Timeline(pd.Timestamp("2026-06-21 12:00", tz="UTC"), 1.0, 2)
    >>> load_kw, pv_kw = (pd.DataFrame({"a": x}, two.index) for x in ([1.0, 1.0], [3.0, 0.0]))
    >>> box = Battery(capacity_kwh=4.0, power_kw=4.0, charge_efficiency=1.0,
    ...               discharge_efficiency=1.0, initial_soc_share=0.0)
    >>> profiles = Profiles(timeline=two, load_kw=load_kw, pv_kw=pv_kw, reactive_kvar=0 * load_kw)
    >>> uncontrolled(Member(name="a", bus=1, yearly_kwh=1.0, battery=box), profiles)
    {'battery': array([ 2., -1.])}
    """
    step_h = profiles.timeline.step_h
    drawn_kw: dict[str, np.ndarray] = {}
    net_kw = _column(profiles.load_kw, member, "load") - _column(profiles.pv_kw, member, "PV")
    if member.vehicle is not None:
        drawn_kw["vehicle"] = _column(profiles.vehicle_kw, member, "car")
        net_kw = net_kw + drawn_kw["vehicle"]
    if member.heat_pump is not None:
        drawn_kw["heat_pump"] = _column(profiles.heat_pump_kw, member, "heat pump")
        net_kw = net_kw + drawn_kw["heat_pump"]
    if member.shiftable is not None:
        drawn_kw["shiftable"] = np.zeros(profiles.timeline.n_steps)
    if member.battery is not None:
        stored, _ = store_own_surplus(net_kw * step_h, member.battery, step_h=step_h)
        drawn_kw = {"battery": stored / step_h} | drawn_kw
    return drawn_kw


def _column(table: pd.DataFrame | None, member: Member, what: str) -> np.ndarray:
    if table is None or member.name not in table.columns:
        raise LabelError(f"profiles: nothing for the {what} of member {member.name!r}")
    return np.asarray(table[member.name].to_numpy(dtype=float))
