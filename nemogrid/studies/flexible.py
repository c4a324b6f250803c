"""What each flexible device of a house is worth to its owner, alone and with the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from nemogrid.charges import Charge
from nemogrid.community import Member
from nemogrid.dispatch import solve_member
from nemogrid.dispatch.member_plan import MemberPlan
from nemogrid.dispatch.member_stores import KINDS, member_stores, uncontrolled
from nemogrid.dispatch.meter import MeterPrices, meter_cost, read_meter_prices
from nemogrid.dispatch.must_run import safe_kwh
from nemogrid.dispatch.store import Store
from nemogrid.errors import InputError, LabelError
from nemogrid.results import Profiles
from nemogrid.timeline import Timeline

TOGETHER = "together"
"""Name of the row in which all devices of the house are planned as one."""

_YEAR_H = 8760.0


def device_values(
    house: Member, profiles: Profiles, charges: tuple[Charge, ...], *, together: bool = True
) -> pd.DataFrame:
    """Hold the best plan of every device of a house against nobody controlling it.

    Uncontrolled, a car charges on arrival, a heat pump follows the demand and appliances run at
    once; a battery is not there. Each device is first alone in the house, then all are together.

    Parameters
    ----------
    house : Member
        What it owns.
    profiles : Profiles
        Its load and PV, and what its car and heat pump draw when nobody shifts them.
    charges : tuple of Charge
        What it pays.
    together : bool
        Whether to plan all devices as one too, which takes seconds for a year.

    Returns
    -------
    pandas.DataFrame
        A row per kind of device, and one named `TOGETHER` if there are several: ``usual`` and
        ``best``, what the house pays for energy, peaks and wear without and with the plan, and
        ``saving``, their difference [money per year]; ``moved_kwh``, energy that is drawn at
        another time (of a battery: given back) [kWh per year]; ``method``, by which the plan was
        found.

    Raises
    ------
    InputError
        If the house owns nothing flexible.
    SolveError
        If a plan cannot be found or proved.

    Examples
    --------
    >>> import nemogrid as ng
    >>> from nemogrid.community import Community, HeatPump, ShiftableLoad
    >>> from nemogrid.profiles import build_profiles
    >>> house = Member(name="a", bus=1, yearly_kwh=4500.0, heat_pump=HeatPump(),
    ...                shiftable=ShiftableLoad())
    >>> week = ng.Timeline(pd.Timestamp("2026-01-12", tz="Europe/Zurich"), 0.5, 336)
    >>> profiles = build_profiles(Community((house,)), week, seed=1)
    >>> charges = ng.tariffs.preset("CH-2026").ex_ante(Community((house,)), week)
    >>> device_values(house, profiles, charges)["saving"].abs().round(6).to_dict()
    {'heat_pump': 0.0, 'shiftable': 0.0, 'together': 0.0}
    """
    owned = [kind for kind in KINDS if getattr(house, kind) is not None]
    if not owned:
        raise InputError(f"member {house.name!r} owns nothing flexible")
    names = tuple(profiles.load_kw.columns)
    meter = read_meter_prices(charges, profiles.timeline, names, house.name)
    cases = {kind: [kind] for kind in owned}
    if together and len(owned) > 1:
        cases[TOGETHER] = owned
    rows = {
        name: _value(_owning(house, kinds), profiles, meter) for name, kinds in cases.items()
    }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("device")


def plan_house(house: Member, profiles: Profiles, meter: MeterPrices) -> MemberPlan:
    """Find the cheapest plan of a house and keep the paths of its stores.

    Parameters
    ----------
    house : Member
        What it owns.
    profiles : Profiles
        Its load and PV, and what its car and heat pump draw when nobody shifts them.
    meter : MeterPrices
        What energy through its meter costs.

    Returns
    -------
    MemberPlan
        Paths in the order of `nemogrid.dispatch.member_stores.KINDS`.
    """
    stores = member_stores(house, profiles)
    net_kwh = profiles.net_kw[house.name].to_numpy() * profiles.timeline.step_h
    if "shiftable" in stores:
        net_kwh = net_kwh - stores["shiftable"].used_kwh
    return solve_member(meter, net_kwh, tuple(stores.values()))


def store_table(
    store: Store, timeline: Timeline, drawn_kwh: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Lay out over time how a store may run, and how it does, for figures.

    Parameters
    ----------
    store : Store
        Bounds and limits of T steps.
    timeline : Timeline
        The T steps.
    drawn_kwh : mapping of str to numpy.ndarray, shape (T,)
        Energy drawn in each step by name of the plan [kWh], charging positive.

    Returns
    -------
    pandas.DataFrame, shape (T, 2 + 2 x plans)
        By start of the step: ``lower_kwh`` and ``upper_kwh``, between which stored energy must lie
        at the end of the step for all later bounds to be kept, and for each plan ``<name>_kw`` and
        ``<name>_kwh``, the stored energy at the end of the step.

    Raises
    ------
    LabelError
        If a plan has another length.

    Examples
    --------
    >>> night = Timeline(pd.Timestamp("2026-05-05", tz="UTC"), 1.0, 3)
    >>> car = Store(name="car", charge_limit_kwh=np.full(3, 4.0), discharge_limit_kwh=np.zeros(3),
    ...             lower_kwh=np.array([0.0, 0.0, 0.0, 6.0]), upper_kwh=np.full(4, 6.0),
    ...             initial_kwh=0.0)
    >>> store_table(car, night, {"late": np.array([0.0, 2.0, 4.0])}).to_dict("list")
    {'lower_kwh': [0.0, 2.0, 6.0], 'upper_kwh': [6.0, 6.0, 6.0], 'late_kw': [0.0, 2.0, 4.0],
     'late_kwh': [0.0, 2.0, 6.0]}
    """
    lower_kwh, upper_kwh = safe_kwh(store)
    table = pd.DataFrame(
        {"lower_kwh": lower_kwh[1:], "upper_kwh": upper_kwh[1:]}, index=timeline.index
    )
    for name, drawn in drawn_kwh.items():
        if len(drawn) != timeline.n_steps:
            raise LabelError(
                f"plan {name!r} has {len(drawn)} steps, expected {timeline.n_steps}"
            )  # fmt: skip
        table[f"{name}_kw"] = drawn / timeline.step_h
        table[f"{name}_kwh"] = _stored(store, drawn)
    return table


def _owning(house: Member, kinds: Iterable[str]) -> Member:
    own = set(kinds)
    return replace(
        house,
        battery=house.battery if "battery" in own else None,
        vehicle=house.vehicle if "vehicle" in own else None,
        heat_pump=house.heat_pump if "heat_pump" in own else None,
        shiftable=house.shiftable if "shiftable" in own else None,
    )


def _value(house: Member, profiles: Profiles, meter: MeterPrices) -> dict[str, float | str]:
    step_h, hours = profiles.timeline.step_h, profiles.timeline.hours
    idle = replace(house, battery=None)
    usual_kwh = {kind: power * step_h for kind, power in uncontrolled(idle, profiles).items()}
    net_kwh = profiles.net_kw[house.name].to_numpy() * step_h
    usual = meter_cost(meter, net_kwh + sum(usual_kwh.values(), start=np.zeros(len(net_kwh))))
    plan = plan_house(house, profiles, meter)
    moved_kwh = 0.0
    for (kind, store), path in zip(
        member_stores(house, profiles).items(), plan.paths, strict=True
    ):  # fmt: skip
        if kind == "battery":
            moved_kwh += float(path.discharge_kwh.sum())
            continue
        before = store.used_kwh if kind == "shiftable" else usual_kwh[kind]
        moved_kwh += 0.5 * float(np.abs(path.drawn_kwh - before).sum())
    return {
        "usual": usual * _YEAR_H / hours,
        "best": plan.cost * _YEAR_H / hours,
        "saving": (usual - plan.cost) * _YEAR_H / hours,
        "moved_kwh": moved_kwh * _YEAR_H / hours,
        "method": plan.certificate.method,
    }


def _stored(store: Store, drawn_kwh: np.ndarray) -> np.ndarray:
    put_in = store.charge_efficiency * np.maximum(drawn_kwh, 0.0)
    taken = np.maximum(-drawn_kwh, 0.0) / store.discharge_efficiency
    stored, level = np.empty(len(drawn_kwh)), store.initial_kwh
    for t, change in enumerate(put_in - taken - store.used_kwh):
        level = store.kept_share * level + change
        stored[t] = level
    return stored
