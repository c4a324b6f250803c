"""Who gained and who lost between two settlements of the same community."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from nemogrid.community import Community
from nemogrid.errors import LabelError
from nemogrid.results import Bills
from nemogrid.settlement.flows import parties


def gains(bills: Bills, reference: Bills, community: Community) -> pd.DataFrame:
    """Compare the net receipts of every group of actors.

    Parameters
    ----------
    bills, reference : Bills
        Two settlements of the same members in the same currency.
    community : Community
        Tells consumers from prosumers.

    Returns
    -------
    pandas.DataFrame
        Rows consumers, prosumers and the other actors, the installer only where it pays or is
        paid; columns ``reference``, ``scenario`` (net receipts) and ``gain``, which sums to zero
        [money].

    Raises
    ------
    LabelError
        If the settlements are of different members or currencies.
    """
    _require_comparable(bills, reference, community)
    actors = parties(bills, reference)
    table = pd.DataFrame(
        {
            "reference": _by_group(reference, community, actors),
            "scenario": _by_group(bills, community, actors),
        }
    )
    return table.assign(gain=table["scenario"] - table["reference"])


def member_gains(
    bills: Bills, reference: Bills, community: Community, *, fees: Collection[str] = ()
) -> pd.DataFrame:
    """Compare what each member pays.

    Parameters
    ----------
    bills, reference : Bills
        Two settlements of the same members in the same currency.
    community : Community
        Tells consumers from prosumers.
    fees : collection of str
        Lines of `bills` that are fees of the manager, for the column ``before_fees``.

    Returns
    -------
    pandas.DataFrame, shape (N, 5)
        A row per member: ``group`` (``"consumers"`` or ``"prosumers"``), ``reference`` and
        ``scenario`` (what the member pays), ``gain`` (how much less that is), and ``before_fees``
        (the gain had the fees been nothing) [money].

    Raises
    ------
    LabelError
        If the settlements are of different members or currencies, or a fee is on no bill.
    """
    _require_comparable(bills, reference, community)
    lines = bills.by_member()
    unknown = [fee for fee in fees if fee not in lines.columns]
    if unknown:
        raise LabelError(
            f"gains: no line {unknown[0]!r} on the bills; there are {', '.join(lines.columns)}"
        )
    before, after = reference.by_member()["total"], lines["total"]
    groups = ["prosumers" if has else "consumers" for has in community.has_pv]
    return pd.DataFrame(
        {
            "group": groups,
            "reference": before,
            "scenario": after,
            "gain": before - after,
            "before_fees": before - after + lines[list(fees)].sum(axis=1),
        }
    )


def gain_summary(members: pd.DataFrame) -> pd.DataFrame:
    """Count who gains, and average how much, among consumers and among prosumers.

    Parameters
    ----------
    members : pandas.DataFrame
        From `member_gains`.

    Returns
    -------
    pandas.DataFrame
        A row per group that has members: ``members``, ``winners`` (those who gain), ``losers``
        (those who pay more), and mean and median of ``before_fees`` and ``gain`` [money].

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"group": "consumers", "gain": [-1.0, 3.0], "before_fees": [8.0, 12.0]}
    ... )
    >>> gain_summary(table).T["consumers"].to_dict()
    {'members': 2.0, 'winners': 1.0, 'losers': 1.0, 'mean_before_fees': 10.0, \
'median_before_fees': 10.0, 'mean_gain': 1.0, 'median_gain': 1.0}
    """
    by_group = members.groupby("group")
    return pd.DataFrame(
        {
            "members": by_group.size(),
            "winners": (members["gain"] > 0).groupby(members["group"]).sum(),
            "losers": (members["gain"] < 0).groupby(members["group"]).sum(),
            "mean_before_fees": by_group["before_fees"].mean(),
            "median_before_fees": by_group["before_fees"].median(),
            "mean_gain": by_group["gain"].mean(),
            "median_gain": by_group["gain"].median(),
        }
    )


def _require_comparable(bills: Bills, reference: Bills, community: Community) -> None:
    if bills.members != reference.members or bills.members != community.names:
        raise LabelError("gains: the two settlements are of different members")
    if bills.currency != reference.currency:
        raise LabelError(f"gains: {bills.currency} against {reference.currency}, expected one")


def _by_group(bills: Bills, community: Community, actors: tuple[str, ...]) -> pd.Series:
    receipts = bills.by_actor()
    groups = {
        "consumers": receipts[list(community.consumers)].sum(),
        "prosumers": receipts[list(community.prosumers)].sum(),
    }
    return pd.Series({**groups, **{actor: receipts.get(actor, 0.0) for actor in actors}})
