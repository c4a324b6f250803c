r"""How evenly something is shared: the indices of Gini and of Jain.

Both look at amounts :math:`x_1, \dots, x_N` of at least zero, such as savings of members, and
change with none of them being doubled together. Equal amounts give a Gini index of 0 and a Jain
index of 1; all to one of :math:`N` gives :math:`1 - 1/N` and :math:`1/N`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nemogrid.errors import InputError


def gini(amounts: Sequence[float] | np.ndarray | pd.Series) -> float:
    r"""Measure inequality: the mean difference of two amounts, over twice the mean amount [1]_.

    .. math:: G = \frac{\sum_i \sum_j |x_i - x_j|}{2 N \sum_i x_i}.

    Parameters
    ----------
    amounts : sequence of float, shape (N,)
        At least one, none negative.

    Returns
    -------
    float
        0 (all alike) to below 1, or NaN where there is nothing to share.

    Raises
    ------
    InputError
        For no amounts, or one that is negative or not finite.

    References
    ----------
    .. [1] F. A. Cowell, "Measuring Inequality", 3rd ed., Oxford University Press (2011).

    Examples
    --------
    >>> gini([1.0, 1.0, 1.0]), gini([0.0, 0.0, 0.0, 8.0])
    (0.0, 0.75)
    """
    rising = np.sort(_amounts("gini", amounts))
    ranks = np.arange(1, len(rising) + 1)
    total = rising.sum()
    if total == 0:
        return float("nan")
    # Each amount is counted with how many lie below it less how many lie above it.
    return float((2 * ranks - len(rising) - 1) @ rising / (len(rising) * total))


def jain(amounts: Sequence[float] | np.ndarray | pd.Series) -> float:
    r"""Measure fairness: the share of the members among whom an equal split is as fair [1]_.

    .. math:: J = \frac{(\sum_i x_i)^2}{N \sum_i x_i^2}.

    Parameters
    ----------
    amounts : sequence of float, shape (N,)
        At least one, none negative.

    Returns
    -------
    float
        1 / N (all to one) to 1 (all alike), or NaN where there is nothing to share.

    Raises
    ------
    InputError
        For no amounts, or one that is negative or not finite.

    References
    ----------
    .. [1] R. Jain, D. Chiu, W. Hawe, "A quantitative measure of fairness and discrimination for
       resource allocation in shared computer systems", DEC Research Report TR-301 (1984).
       arXiv:cs/9809099

    Examples
    --------
    >>> jain([2.0, 2.0]), jain([0.0, 0.0, 0.0, 8.0])
    (1.0, 0.25)
    """
    values = _amounts("jain", amounts)
    largest = values.max()
    if largest == 0:
        return float("nan")
    shares = values / largest
    return float(shares.sum() ** 2 / (len(shares) * (shares @ shares)))


def _amounts(what: str, amounts: Sequence[float] | np.ndarray | pd.Series) -> np.ndarray:
    values = np.asarray(amounts, dtype=float)
    if values.ndim != 1 or not values.size:
        raise InputError(f"{what}: expected at least one amount in a row, got {values.shape}")
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if wrong.size:
        raise InputError(
            f"{what}: amount {int(wrong[0])} is {values[wrong[0]]}, expected a finite number of "
            "at least 0"
        )
    return values
