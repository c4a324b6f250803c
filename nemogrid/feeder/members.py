"""Putting members on the buses of a feeder, and photovoltaic systems on their roofs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.community import PV, Community, Member
from nemogrid.errors import InputError, LabelError, NetworkError, listed
from nemogrid.feeder.batteries import kept_batteries
from nemogrid.feeder.connections import bus_owners, read_connections, read_generators

_NOT_PV = ("wp", "wind", "wka", "chp", "bm", "biomass", "hydro", "rw")


def place_members(
    network: Any,
    yearly_kwh: pd.Series,
    *,
    pv_share: float = 0.5,
    pv_sizing: float = 1.0,
    pv_yield_kwh_per_kw: float = 946.0,
    pv_max_kw: float | None = None,
    existing_pv: str = "replace",
    existing_storages: str = "replace",
    seed: int,
) -> Community:
    """Make every load of a feeder a member, and a seeded share of them prosumers.

    The rated power of a drawn member's photovoltaic system is

        peak_kw = pv_sizing * yearly_kwh / pv_yield_kwh_per_kw, at most pv_max_kw.

    Who is drawn depends on the names of the loads and the seed, not on their order in the table;
    a larger share adds owners and takes none away.

    Parameters
    ----------
    network : pandapowerNet
        A feeder from `load_feeder`.
    yearly_kwh : pandas.Series
        Electricity use of each load in a normal year [kWh], labelled by the names of the loads.
    pv_share : float
        Share of the members with photovoltaics, 0..1; rounded to whole members.
    pv_sizing : float
        Yearly photovoltaic energy as a multiple of the yearly use.
    pv_yield_kwh_per_kw : float
        Yearly yield per rated power [kWh/kW]. Default: mean of Swiss systems, 2018 to 2023.
    pv_max_kw : float, optional
        Largest system [kW].
    existing_pv : {"replace", "keep"}
        Whether the feeder's own static generators are left out, or become the systems of the
        members on their buses (of the one that uses most, where there are several). Owners of
        kept systems count towards the share; the rest of it is drawn.
    existing_storages : {"replace", "keep"}
        Whether the feeder's own storages are left out, or become the batteries of the members on
        their buses.
    seed : int
        Of the draw.

    Returns
    -------
    Community
        N members in the order of the load table.

    Raises
    ------
    LabelError
        If `yearly_kwh` lacks a load or has an unknown one.
    NetworkError
        If the feeder has no load, a kept generator is not photovoltaic or shares its bus with no
        load, so does a kept storage, or a load is capacitive or purely reactive.
    InputError
        If a setting is out of its range.

    Examples
    --------
    >>> from nemogrid.feeder import load_feeder
    >>> network = load_feeder("1-LV-rural1--0-no_sw")
    >>> use = read_connections(network)["rated_kw"] * 1500
    >>> community = place_members(network, use, pv_share=0.25, seed=1)
    >>> len(community), len(community.prosumers)
    (13, 3)
    """
    _check_settings(pv_share, pv_sizing, pv_yield_kwh_per_kw, pv_max_kw)
    if existing_pv not in ("replace", "keep"):
        raise InputError(f"existing_pv is {existing_pv!r}: expected 'replace' or 'keep'")
    if existing_storages not in ("replace", "keep"):
        raise InputError(
            f"existing_storages is {existing_storages!r}: expected 'replace' or 'keep'"
        )
    loads = read_connections(network)
    if loads.empty:
        raise NetworkError("the feeder has no load in service: nobody can become a member")
    use = _matching(yearly_kwh, loads.index)
    kept = _kept_kw(network, loads, use) if existing_pv == "keep" else {}
    batteries = kept_batteries(network, use) if existing_storages == "keep" else {}
    limit_kw = np.inf if pv_max_kw is None else pv_max_kw
    drawn = _drawn(use.index, set(kept), pv_share, seed)
    peaks = {n: min(pv_sizing * use[n] / pv_yield_kwh_per_kw, limit_kw) for n in drawn} | kept
    pv = {n: PV(peak_kw=float(kw), yield_kwh_per_kw=pv_yield_kwh_per_kw) for n, kw in peaks.items()}
    yearly: dict[Any, float] = use.to_dict()
    return Community(
        tuple(
            Member(
                name=str(name),
                bus=row["bus"],
                yearly_kwh=yearly[name],
                **_shape_and_factor(str(name), row),
                pv=pv.get(name),
                battery=batteries.get(name),
            )
            for name, row in loads.to_dict("index").items()
        )
    )


def pv_order(names: Iterable[Any], *, seed: int) -> list[Any]:
    """Draw the order in which members come by PV.

    Parameters
    ----------
    names : iterable of str
        Of the members, each once; their order does not matter.
    seed : int
        Of the draw.

    Returns
    -------
    list of str

    Examples
    --------
    >>> pv_order("abcd", seed=1) == pv_order("dcba", seed=1)
    True
    """
    ordered = sorted(names)
    return [ordered[i] for i in np.random.default_rng(seed).permutation(len(ordered))]


def _check_settings(share: float, sizing: float, yield_kwh: float, most_kw: float | None) -> None:
    if not 0 <= share <= 1:
        raise InputError(f"pv_share is {share}: expected 0 to 1")
    if not (np.isfinite(sizing) and sizing >= 0):
        raise InputError(f"pv_sizing is {sizing}: expected a finite number of at least 0")
    if not (np.isfinite(yield_kwh) and yield_kwh > 0):
        raise InputError(f"pv_yield_kwh_per_kw is {yield_kwh}: expected a finite number above 0")
    if most_kw is not None and not most_kw >= 0:
        raise InputError(f"pv_max_kw is {most_kw}: expected at least 0")


def _matching(yearly_kwh: pd.Series, names: pd.Index) -> pd.Series:
    missing = [n for n in names if n not in yearly_kwh.index]
    unknown = [n for n in yearly_kwh.index if n not in names]
    twice = list(yearly_kwh.index[yearly_kwh.index.duplicated()])
    if missing or unknown or twice:
        raise LabelError(
            "yearly_kwh: "
            + "; ".join(
                [f"nothing for load {listed(missing)}"] * bool(missing)
                + [f"no load is called {listed(unknown)}"] * bool(unknown)
                + [f"more than one value for {listed(twice)}"] * bool(twice)
            )
        )
    return yearly_kwh.loc[names].astype(float)


def _drawn(names: Iterable[Any], owners: set[Any], share: float, seed: int) -> list[Any]:
    free = [name for name in pv_order(names, seed=seed) if name not in owners]
    return free[: max(round(share * (len(free) + len(owners))) - len(owners), 0)]


def _kept_kw(network: Any, loads: pd.DataFrame, use: pd.Series) -> dict[Any, float]:
    generators = read_generators(network)
    kinds = generators["type"].map(str) + " " + generators["shape"].map(str)
    foreign = generators.index[kinds.str.lower().str.contains(rf"\b(?:{'|'.join(_NOT_PV)})\d*\b")]
    if len(foreign):
        raise NetworkError(
            f"static generator {listed(foreign)} is not photovoltaic and cannot be kept as such"
        )
    alone = generators[~generators["bus"].isin(loads["bus"])]
    if len(alone):
        raise NetworkError(
            f"static generator {listed(alone.index)} is on a bus without a load "
            f"(bus {listed(alone['bus'])}): it belongs to no member; use existing_pv='replace'"
        )
    owner = bus_owners(network, use)
    total = generators.groupby("bus")["rated_kw"].sum()
    return {owner[bus]: float(kw) for bus, kw in total.to_dict().items()}


def _shape_and_factor(name: str, row: dict[Any, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if row["shape"] is not None:
        settings["shape"] = str(row["shape"])
    if row["rated_kvar"] < 0 or row["power_factor"] == 0:
        raise NetworkError(
            f"load {name!r} is rated {row['rated_kw']:g} kW and {row['rated_kvar']:g} kvar: "
            "a member's load is inductive and draws active power"
        )
    if np.isfinite(row["power_factor"]):
        settings["power_factor"] = float(row["power_factor"])
    return settings
