"""A year of load and generation: by day and hour, by week, by member, and sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nemogrid.community import Community
from nemogrid.errors import InputError, LabelError
from nemogrid.plots.theme import COLOURS
from nemogrid.results import Profiles
from nemogrid.timeline import Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WEEK_H = 168.0


def by_day_and_hour(power_kw: pd.Series, timeline: Timeline) -> pd.DataFrame:
    """Lay a series out by local day and clock time.

    Parameters
    ----------
    power_kw : pandas.Series, shape (T,)
        Power in each step [kW].
    timeline : Timeline
        The T steps.

    Returns
    -------
    pandas.DataFrame
        Rows are clock times [h], columns days from 0. An hour that the change of clocks skips is
        NaN, one that it repeats is the mean of both.

    Raises
    ------
    LabelError
        If the series has other steps than the timeline.
    """
    if not power_kw.index.equals(timeline.index):
        raise LabelError("power [kW]: the steps are not those of the timeline")
    long = pd.DataFrame({"hour": timeline.hour, "day": timeline.day, "kw": power_kw.to_numpy()})
    return long.pivot_table(index="hour", columns="day", values="kw", aggfunc="mean")


def year_map(power_kw: pd.Series, timeline: Timeline, ax: Axes) -> Axes:
    """Draw a year of net load as a map: days to the right, hours upwards, power as colour.

    Parameters
    ----------
    power_kw : pandas.Series, shape (T,)
        Net load of the community [kW], import positive.
    timeline : Timeline
        The T steps.
    ax : Axes
        Where to draw; its figure also gets the colour bar.

    Returns
    -------
    Axes
    """
    from matplotlib.colors import LinearSegmentedColormap

    table = by_day_and_hour(power_kw, timeline)
    largest = float(np.nanmax(np.abs(table.to_numpy())))
    colours = LinearSegmentedColormap.from_list(
        "export and import", ["#7a4a00", COLOURS["pv"], "#ffffff", COLOURS["import"], "#00304d"]
    )
    image = ax.imshow(
        table.to_numpy(), origin="lower", aspect="auto", cmap=colours, vmin=-largest, vmax=largest,
        extent=(0, table.shape[1], 0, 24), interpolation="nearest",
    )  # fmt: skip
    ax.set_yticks([0, 6, 12, 18, 24], ["00:00", "06:00", "12:00", "18:00", "24:00"])
    first = timeline.index[np.flatnonzero(np.r_[True, np.diff(timeline.month) > 0])]
    days = (first.tz_localize(None).normalize() - _midnight(timeline)) // pd.Timedelta(days=1)
    ax.set_xticks(days, [f"{day:%b}" for day in first])
    if len(days) > 7:
        ax.set_xticks(days[::2], [f"{day:%b}" for day in first[::2]])
    ax.set_ylabel("local time")
    ax.set_xlabel(f"day of {timeline.start.year}")
    bar = ax.figure.colorbar(image, ax=ax, label="net load [kW]", pad=0.02, aspect=18)
    bar.outline.set_visible(False)
    return ax


def week(profiles: Profiles, first_day: Any, ax: Axes) -> Axes:
    """Draw the load and the generation of all members over seven days.

    Parameters
    ----------
    profiles : Profiles
        Of N members and T steps.
    first_day : str or Timestamp
        Local calendar day on which the week begins.
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the week is not within the timeline.
    """
    timeline = profiles.timeline
    start = pd.Timestamp(pd.Timestamp(first_day).date(), tz=timeline.start.tz)
    end = start + pd.DateOffset(days=7)
    if start < timeline.start or end > timeline.end:
        raise InputError(f"no week from {start}: {timeline.start} to {timeline.end} is simulated")
    chosen = np.asarray((timeline.index >= start) & (timeline.index < end))
    load = profiles.load_kw[chosen].sum(axis=1).to_numpy()
    pv = profiles.pv_kw[chosen].sum(axis=1).to_numpy()
    days = np.arange(len(load) + 1) * timeline.step_h / 24
    ax.fill_between(days, np.r_[pv, pv[-1]], step="post", color=COLOURS["pv"], alpha=0.75,
                    label="generation")  # fmt: skip
    ax.step(days, np.r_[load, load[-1]], where="post", color=COLOURS["load"], label="load")
    names = [f"{start + pd.DateOffset(days=d):%a}" for d in range(7)]
    ax.set_xticks(np.arange(7) + 0.5, names)
    ax.tick_params(axis="x", length=0)
    for day in range(1, 7):
        ax.axvline(day, color=COLOURS["wire"], linewidth=0.5, alpha=0.6, zorder=0)
    ax.set_xlim(0, days[-1])
    # Axes that share their scale keep room for the higher of their weeks.
    ax.set_ylim(0, max(ax.get_ylim()[1], 1.05 * max(load.max(), pv.max())))
    ax.set_xlabel(f"week from {start.day} {start:%B %Y}")
    ax.set_ylabel("power [kW]")
    return ax


def load_duration(power_kw: pd.Series, ax: Axes, *, rating_kva: float) -> Axes:
    """Draw the net load through the transformer sorted by size, within its rating.

    Parameters
    ----------
    power_kw : pandas.Series, shape (T,)
        Net load of the community [kW], import positive.
    ax : Axes
        Where to draw.
    rating_kva : float
        Rated power of the transformer [kVA].

    Returns
    -------
    Axes
    """
    values = np.sort(power_kw.to_numpy(dtype=float))[::-1]
    share = (np.arange(len(values)) + 0.5) / len(values)
    ax.fill_between(share, values, where=values >= 0, color=COLOURS["import"], alpha=0.35,
                    linewidth=0, label="import")  # fmt: skip
    ax.fill_between(share, values, where=values <= 0, color=COLOURS["pv"], alpha=0.55,
                    linewidth=0, label="export")  # fmt: skip
    ax.plot(share, values, color=COLOURS["load"])
    for limit in (rating_kva, -rating_kva):
        ax.axhline(limit, color=COLOURS["limit"], linestyle="--", linewidth=1.2)
    ax.annotate(
        f"rating of the transformer, {rating_kva:g} kVA", (1.0, rating_kva),
        xycoords=("axes fraction", "data"), xytext=(-3, -4), textcoords="offset points",
        ha="right", va="top", fontsize="small", color=COLOURS["limit"],
    )  # fmt: skip
    ax.set_xlim(0, 1)
    ax.set_xlabel("share of the year at or above [1]")
    ax.set_ylabel("net load [kW]")
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.2)
    return ax


def demand_bars(community: Community, ax: Axes) -> Axes:
    """Draw the yearly demand of every member, sorted, by whether it has PV.

    Parameters
    ----------
    community : Community
        N members.
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes
    """
    mwh = np.array([member.yearly_kwh for member in community]) / 1e3
    order = np.argsort(mwh, kind="stable")
    rank = np.empty(len(mwh), dtype=int)
    rank[order] = np.arange(1, len(mwh) + 1)
    kinds = {"without PV": (~community.has_pv, "consumers"), "with PV": (community.has_pv, "pv")}
    for label, (which, colour) in kinds.items():
        ax.bar(rank[which], mwh[which], 0.85, color=COLOURS[colour], label=label)
    ax.set_xlim(0.2, len(mwh) + 0.8)
    ax.set_xlabel("member, by yearly demand")
    ax.set_ylabel("yearly demand [MWh]")
    ax.legend(loc="upper left")
    return ax


def _midnight(timeline: Timeline) -> pd.Timestamp:
    return timeline.start.tz_localize(None).normalize()
