"""What members pay, line by line, and who gains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nemogrid.errors import InputError
from nemogrid.outcome import Outcome
from nemogrid.plots.theme import (
    COLOURS,
    NAMES,
    amount_formatter,
    item_colours,
    money_text,
    signed_text,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WRAP = 14
_CRUMB = 0.015
_OTHER = "other lines"
_OTHER_COLOUR = "#F0E442"


def bill_composition(outcomes: Outcome | Mapping[str, Outcome], ax: Axes) -> Axes:
    """Draw the mean bill of consumers and prosumers, line by line.

    Payments are stacked to the right, credits to the left; a mark shows what remains to pay. Lines
    below 1.5 % of the longest bar in all bars are put together.

    Parameters
    ----------
    outcomes : Outcome or mapping of str to Outcome
        One simulated scenario, or several with the names to print, in one currency.
    ax : Axes
        Where to draw.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no outcome, or the outcomes are in different currencies.
    """
    named = outcomes if isinstance(outcomes, Mapping) else {"": outcomes}
    currencies = {outcome.bills.currency for outcome in named.values()}
    if len(currencies) != 1:
        raise InputError(f"bills in {sorted(currencies) or 'no currency'}: expected one currency")
    bars = _without_crumbs(mean_bills(named))
    lines = dict(line for outcome in named.values() for line in _counterparties(outcome))
    colours = {_OTHER: _OTHER_COLOUR, **item_colours(lines.items())}
    y = _positions(bars.index)
    for sign in (1.0, -1.0):
        left = np.zeros(len(bars))
        for item in bars.columns:
            width = np.where(sign * bars[item] > 0, bars[item], 0.0)
            if width.any():
                ax.barh(y, width, 0.8, left=left, color=colours[item], label=item)
                left = left + width
    total = bars.sum(axis=1).to_numpy()
    ends = bars.clip(lower=0.0).sum(axis=1).to_numpy()
    ax.scatter(
        total, y, s=55, marker="D", color="white", edgecolor=COLOURS["load"], linewidth=1.6,
        zorder=4, label="to pay",
    )  # fmt: skip
    for yi, value, end in zip(y, total, np.maximum(ends, total), strict=True):
        ax.annotate(
            f"to pay\n{money_text(value)}", (end, yi), xytext=(9, 0), textcoords="offset points",
            va="center", fontsize="small", linespacing=1.1,
        )  # fmt: skip
    ax.axvline(0.0, color=COLOURS["load"], linewidth=0.8)
    ax.set_yticks(y, [_wrap(f"{NAMES[g]}, {n}" if n else NAMES[g]) for g, n in bars.index])
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(right=1.17 * ends.max())
    ax.set_xlabel(f"mean bill per member [{currencies.pop()}]")
    ax.xaxis.set_major_formatter(amount_formatter)
    _legend_once(ax)
    return ax


def mean_bills(outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """Average the bills of consumers and of prosumers.

    Parameters
    ----------
    outcomes : mapping of str to Outcome
        Simulated scenarios.

    Returns
    -------
    pandas.DataFrame
        Rows (group, name of the outcome), columns the lines of the bill [money per member];
        groups without members are left out.
    """
    rows = {}
    for group in ("consumers", "prosumers"):
        for name, outcome in outcomes.items():
            members = list(getattr(outcome.clearing.community, group))
            if members:
                bills = outcome.bills.by_member().drop(columns="total")
                rows[group, name] = bills.loc[members].mean()
    items = list(dict.fromkeys(item for bills in rows.values() for item in bills.index))
    values = [[bills.get(item, 0.0) for item in items] for bills in rows.values()]
    index = pd.MultiIndex.from_tuples(list(rows), names=["group", "outcome"])
    return pd.DataFrame(values, index=index, columns=items)


def gain_bars(gains: pd.DataFrame, ax: Axes, *, currency: str) -> Axes:
    """Draw who gained and who lost against the reference.

    Parameters
    ----------
    gains : pandas.DataFrame
        From `nemogrid.settlement.gains`: rows are groups of actors, with a column ``gain``.
    ax : Axes
        Where to draw.
    currency : str
        ISO code, for the axis.

    Returns
    -------
    Axes
    """
    values = gains["gain"].to_numpy(dtype=float)
    y = np.arange(len(gains))[::-1]
    ax.barh(y, values, 0.7, color=[COLOURS[group] for group in gains.index])
    ax.axvline(0.0, color=COLOURS["load"], linewidth=0.8)
    for yi, value in zip(y, values, strict=True):
        ax.annotate(
            signed_text(value), (value, yi),
            xytext=(4 if value >= 0 else -4, 0), textcoords="offset points", va="center",
            ha="left" if value >= 0 else "right", fontsize="small",
        )  # fmt: skip
    ax.set_yticks(y, [NAMES[group] for group in gains.index])
    ax.tick_params(axis="y", length=0)
    ax.margins(x=0.18)
    ax.set_xlabel(f"gain against the reference [{currency}]")
    ax.xaxis.set_major_formatter(amount_formatter)
    return ax


def _counterparties(outcome: Outcome) -> list[tuple[str, str]]:
    members = set(outcome.bills.members)
    lines = outcome.bills.postings[["item", "payer", "payee"]].drop_duplicates()
    return [
        (item, payee if payer in members else payer)
        for item, payer, payee in lines.itertuples(index=False)
    ]


def _positions(index: pd.Index) -> np.ndarray:
    groups = index.get_level_values("group")
    breaks = np.r_[0.0, np.cumsum(groups[1:] != groups[:-1])]
    return -(np.arange(len(index)) + 0.5 * breaks)


def _without_crumbs(bars: pd.DataFrame) -> pd.DataFrame:
    """Put the lines together that are too small to be seen in any bar."""
    longest = bars.clip(lower=0.0).sum(axis=1).max()
    small = [item for item in bars.columns if bars[item].abs().max() < _CRUMB * longest]
    if len(small) < 2:
        return bars
    return bars.drop(columns=small).assign(**{_OTHER: bars[small].sum(axis=1)})


def _wrap(name: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(name, _WRAP))


def _legend_once(ax: Axes) -> None:
    handles, labels = ax.get_legend_handles_labels()
    first = dict(zip(labels[::-1], handles[::-1], strict=True))
    names = list(dict.fromkeys(labels))
    ax.legend(
        [first[name] for name in names], names, loc="lower left", bbox_to_anchor=(-0.1, 1.0),
        ncols=2, borderaxespad=0.2, handlelength=1.2, columnspacing=1.2, labelspacing=0.3,
    )  # fmt: skip
