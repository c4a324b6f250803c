"""Small communities and profiles that several tests share; every number in them is a draw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nemogrid.charges import Charge
from nemogrid.community import PV, Community, Member
from nemogrid.results import Profiles
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


def tariff_charges(profiles: Profiles, name: str = "CH-2026") -> tuple[Charge, ...]:
    """Charges of a preset for these profiles."""
    return preset(name).ex_ante(make_community(profiles), profiles.timeline)
