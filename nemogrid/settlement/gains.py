"""Who gained and who lost between two settlements of the same community."""

from __future__ import annotations

import pandas as pd

from nemogrid.community import ACTORS, Community
from nemogrid.errors import LabelError
from nemogrid.results import Bills


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
        Rows consumers, prosumers and the other actors; columns ``reference``, ``scenario`` (net
        receipts) and ``gain``, which sums to zero [money].

    Raises
    ------
    LabelError
        If the settlements are of different members or currencies.
    """
    if bills.members != reference.members or bills.members != community.names:
        raise LabelError("gains: the two settlements are of different members")
    if bills.currency != reference.currency:
        raise LabelError(f"gains: {bills.currency} against {reference.currency}, expected one")
    table = pd.DataFrame(
        {
            "reference": _by_group(reference, community),
            "scenario": _by_group(bills, community),
        }
    )
    return table.assign(gain=table["scenario"] - table["reference"])


def _by_group(bills: Bills, community: Community) -> pd.Series:
    receipts = bills.by_actor()
    groups = {
        "consumers": receipts[list(community.consumers)].sum(),
        "prosumers": receipts[list(community.prosumers)].sum(),
    }
    return pd.Series({**groups, **{actor: receipts.get(actor, 0.0) for actor in ACTORS}})
