"""Small communities and profiles that several tests share; every number in them is a draw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nemogrid.charges import Charge
from nemogrid.community import PV, Community, Member
from nemogrid.results import Certificate, Clearing, Plan, Profiles, Trades
from nemogrid.tariffs import preset
from nemogrid.timeline import Timeline

START = pd.Timestamp("2026-03-27", tz="Europe/Zurich")


def make_timeline(days: int = 7, step_h: float = 0.5) -> Timeline:
    """Span a few days over the change to daylight-saving time and a month's end."""
    return Timeline(START, step_h, round(days * 24 / step_h))


def make_profiles(timeline: Timeline, n_members: int = 5, seed: int = 1) -> Profiles:
    """Draw loads and PV; the first half of the members has PV."""
    rng = np.random.default_rng(seed)
    names = [f"m{i}" for i in range(n_members)]
    shape = (timeline.n_steps, n_members)
    sun = np.clip(np.sin((timeline.hour - 6) / 12 * np.pi), 0, None)[:, None]
    owners = (np.arange(n_members) < (n_members + 1) // 2).astype(float)
    load = rng.gamma(2.0, 0.3, shape)
    pv = sun * owners * rng.uniform(0, 5, shape)
    return Profiles(
        timeline=timeline,
        load_kw=pd.DataFrame(load, index=timeline.index, columns=names),
        pv_kw=pd.DataFrame(pv, index=timeline.index, columns=names),
        reactive_kvar=pd.DataFrame(0.1 * load, index=timeline.index, columns=names),
    )


def make_community(profiles: Profiles) -> Community:
    """Make the members that own the profiles."""
    return Community(
        tuple(
            Member(
                name=name,
                bus=bus,
                yearly_kwh=4000.0,
                pv=PV(peak_kw=5.0) if profiles.pv_kw[name].any() else None,
            )
            for bus, name in enumerate(profiles.load_kw.columns)
        )
    )


def stored_clearing(timeline: Timeline, n_members: int = 3, seed: int = 1) -> Clearing:
    """Draw what members, their batteries and their cars do without a market."""
    profiles = make_profiles(timeline, n_members, seed)
    rng = np.random.default_rng(seed)
    net_kw = profiles.net_kw.copy()
    drawn_kw = {}
    for kind in ("battery", "vehicle"):
        drawn = np.repeat(rng.normal(0.0, 2.0, (_hours(timeline), n_members)), _steps(timeline), 0)
        drawn_kw[kind] = net_kw * 0.0 + drawn[: timeline.n_steps]
        net_kw = net_kw + drawn_kw[kind]
    nothing = 0.0 * net_kw
    return Clearing(
        market="by hand",
        community=make_community(profiles),
        profiles=profiles,
        plan=Plan(net_kw=net_kw, certificate=Certificate(method="drawn"), drawn_kw=drawn_kw),
        trades=Trades(
            bought_kwh=nothing, sold_kwh=nothing, price=pd.Series(np.nan, index=timeline.index)
        ),
        charges=(),
    )


def _steps(timeline: Timeline) -> int:
    return round(1 / timeline.step_h)


def _hours(timeline: Timeline) -> int:
    return -(-timeline.n_steps // _steps(timeline))


def tariff_charges(profiles: Profiles, name: str = "CH-2026") -> tuple[Charge, ...]:
    """Charges of a preset for these profiles."""
    return preset(name).ex_ante(make_community(profiles), profiles.timeline)
