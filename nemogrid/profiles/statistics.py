"""Who the members are, and how far they draw at the same time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nemogrid.community import Community
from nemogrid.errors import InputError, LabelError, listed


def by_shape(community: Community, rated_kw: pd.Series) -> pd.DataFrame:
    """Count the members of each load shape, with their demand and their PV.

    Parameters
    ----------
    community : Community
        N members.
    rated_kw : pandas.Series
        Rated power of each load [kW], labelled by the names of the members.

    Returns
    -------
    pandas.DataFrame
        A row per shape; ``members``, ``rated_kw`` (sum) [kW], ``yearly_kwh`` (sum) [kWh],
        ``mean_kwh`` (per member) [kWh], ``owners`` (members with PV) and ``pv_kw`` (sum) [kW].

    Raises
    ------
    LabelError
        If a member has no rated power.

    Examples
    --------
    >>> from nemogrid.community import PV, Member
    >>> house = Member(name="house", bus=1, yearly_kwh=4000.0, shape="H0-A", pv=PV(peak_kw=5.0))
    >>> shop = Member(name="shop", bus=2, yearly_kwh=9000.0, shape="G1-A")
    >>> by_shape(Community((house, shop)), pd.Series({"house": 3.0, "shop": 6.0}))
           members  rated_kw  yearly_kwh  mean_kwh  owners  pv_kw
    shape
    G1-A         1       6.0      9000.0    9000.0       0    0.0
    H0-A         1       3.0      4000.0    4000.0       1    5.0
    """
    missing = [name for name in community.names if name not in rated_kw.index]
    if missing:
        raise LabelError(f"by shape: no rated power of member {listed(missing)}")
    table = pd.DataFrame(
        {
            "shape": [member.shape for member in community],
            "rated_kw": rated_kw.loc[list(community.names)].to_numpy(dtype=float),
            "yearly_kwh": [member.yearly_kwh for member in community],
            "owners": community.has_pv.astype(int),
            "pv_kw": [member.pv.peak_kw if member.pv else 0.0 for member in community],
        }
    )
    groups = table.groupby("shape")
    sums = groups.sum()
    sums.insert(0, "members", groups.size())
    sums.insert(3, "mean_kwh", sums["yearly_kwh"] / sums["members"])
    return sums


def coincidence_factor(load_kw: pd.DataFrame) -> float:
    r"""Compute how much of the members' own peaks falls together.

    The coincidence factor is the peak of the sum over the sum of the peaks,

    .. math:: c = \frac{\max_t \sum_n \ell_{n,t}}{\sum_n \max_t \ell_{n,t}},

    between 1/N, when nobody shares a peak and all peaks are alike, and 1, when all members peak
    together. It depends on the length of the steps: longer steps flatten single members more than
    the sum, and raise it.

    Parameters
    ----------
    load_kw : pandas.DataFrame, shape (T, N)
        Load of each member [kW].

    Returns
    -------
    float

    Raises
    ------
    InputError
        If there is no load above zero, or a value is negative or not a number.

    Examples
    --------
    >>> coincidence_factor(pd.DataFrame({"early": [2.0, 0.0], "late": [1.0, 2.0]}))
    0.75
    """
    values = load_kw.to_numpy(dtype=float)
    if values.size == 0 or not (np.isfinite(values).all() and values.min() >= 0):
        raise InputError("coincidence factor: expected loads that are finite and at least 0")
    peaks_kw = float(values.max(axis=0).sum())
    if peaks_kw == 0:
        raise InputError("coincidence factor: the load is zero throughout")
    return float(values.sum(axis=1).max()) / peaks_kw
