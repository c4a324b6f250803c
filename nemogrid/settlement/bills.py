r"""Bills as double-entry postings.

A charge with price :math:`p` on a quantity :math:`q_{n,t}` makes, for member :math:`n` and billing
period :math:`P`, one posting of :math:`\sum_{t \in P} p_{n,t}\, q_{n,t}` from the member to the
payee, or back where the sum is negative. Each posting has a payer and a payee, so the net receipts
of all actors sum to zero.

A charge that spans a day, month or year (a fee, a peak, an energy in blocks) is worked out for
each of its periods first,

.. math::

   p\,\alpha_P, \qquad p\,\alpha_P \max_{t \in P} \frac{q_{n,t}}{h}, \qquad
   B\Big(\sum_{t \in P} q_{n,t};\ \alpha_P\Big),

with the covered share :math:`\alpha_P` of the period, a price per step read at the first step of
the period, and the limits of the blocks :math:`B` scaled by that share. It is then booked in the
billing period in which its own period begins: with bills by the day, the peak of a month stands on
the bill of the month's first day.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nemogrid.charges import Blocks, Charge, Quantity
from nemogrid.errors import InputError
from nemogrid.results import Bills, Clearing
from nemogrid.settlement.rules import Rules
from nemogrid.timeline import Period, Timeline

_TOLERANCE_KWH = 1e-9
_PEAK_OF = {
    Quantity.PEAK_IMPORTED: Quantity.IMPORTED,
    Quantity.PEAK_EXPORTED: Quantity.EXPORTED,
}


def settle(
    clearing: Clearing, charges: tuple[Charge, ...], *, rules: Rules | None = None, currency: str
) -> Bills:
    """Bill every member for every charge.

    Parameters
    ----------
    clearing : Clearing
        Plans, trades and the charges of the market.
    charges : tuple of Charge
        Charges of the tariff.
    rules : Rules, optional
        Billing period; monthly by default.
    currency : str
        ISO code.

    Returns
    -------
    Bills

    Raises
    ------
    InputError
        If the trades do not balance in a step, or a member trades more than it imports or
        exports.
    """
    rules = rules or Rules()
    require_sound_trades(clearing)
    tables = [
        post(charge, clearing, rules.billing_period) for charge in (*charges, *clearing.charges)
    ]
    columns = ["period", "payer", "payee", "item", "quantity", "amount"]
    postings = (
        pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    )[columns]  # fmt: skip
    return Bills(postings=postings, members=clearing.community.names, currency=currency)


def post(charge: Charge, clearing: Clearing, billing: Period) -> pd.DataFrame:
    """Post one charge for all members.

    Parameters
    ----------
    charge : Charge
        What is charged.
    clearing : Clearing
        Quantities, timeline and members.
    billing : Period
        Span of a posting.

    Returns
    -------
    pandas.DataFrame
        A row per period and member with a quantity; see `Bills`.
    """
    names = clearing.community.names
    first, counted, due = count(charge, clearing)
    bins, labels = billing_bins(clearing.timeline, billing, first)
    quantity = np.add.reduceat(counted, bins, axis=0)
    amount = np.add.reduceat(due, bins, axis=0)
    row, column = np.nonzero((quantity != 0) | (amount != 0))
    amounts = amount[row, column]
    member = np.asarray(names, dtype=object)[column]
    paid_back = amounts < 0
    return pd.DataFrame(
        {
            "period": labels[row],
            "payer": np.where(paid_back, charge.payee, member),
            "payee": np.where(paid_back, member, charge.payee),
            "item": charge.item,
            "quantity": quantity[row, column],
            "amount": np.abs(amounts),
        }
    )


def count(charge: Charge, clearing: Clearing) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count and price a charge in each of its own periods.

    Parameters
    ----------
    charge : Charge
        What is charged, in P periods: as many as there are steps, days, months or years.
    clearing : Clearing
        Energies of T steps and N members.

    Returns
    -------
    first : numpy.ndarray of int, shape (P,)
        First step of each period.
    quantity : numpy.ndarray, shape (P, N)
        Energy [kWh]; for a peak its power times the covered share of the period [kW]; for a
        membership the share itself [periods].
    amount : numpy.ndarray, shape (P, N)
        What is due [money]; negative where the member is paid.
    """
    timeline, names = clearing.timeline, clearing.community.names
    first = timeline.first_steps(charge.period)
    share = timeline.covered_share(charge.period)[:, None]
    if charge.quantity is Quantity.MEMBERSHIP:
        quantity = np.repeat(share, len(names), axis=1)
    elif charge.quantity.is_peak:
        energy = clearing.energy_kwh[_PEAK_OF[charge.quantity]]
        quantity = share * np.maximum.reduceat(energy, first, axis=0) / timeline.step_h
    elif charge.period is Period.STEP:
        quantity = clearing.energy_kwh[charge.quantity]
        share = np.array(timeline.step_h)
    else:
        quantity = np.add.reduceat(clearing.energy_kwh[charge.quantity], first, axis=0)
    if isinstance(charge.price, Blocks):
        return first, quantity, charge.price.totals(quantity, share)
    prices = charge.prices(timeline, names)
    return first, quantity, quantity * (prices[first] if len(prices) > 1 else prices)


def billing_bins(
    timeline: Timeline, billing: Period, first: np.ndarray
) -> tuple[np.ndarray, pd.PeriodIndex]:
    """Group rows that begin at given steps into billing periods.

    Parameters
    ----------
    timeline : Timeline
        T steps.
    billing : Period
        Day, month or year.
    first : numpy.ndarray of int
        First step of each row, increasing.

    Returns
    -------
    bins : numpy.ndarray of int, shape (P,)
        First row of each billing period, for `numpy.add.reduceat`.
    labels : pandas.PeriodIndex, shape (P,)
        The billing periods.
    """
    numbers = timeline.number(billing)[first]
    bins = np.flatnonzero(np.r_[True, np.diff(numbers) > 0])
    code = {Period.DAY: "D", Period.MONTH: "M", Period.YEAR: "Y"}[billing]
    return bins, timeline.index[first[bins]].tz_localize(None).to_period(code)


def require_sound_trades(clearing: Clearing) -> None:
    """Refuse trades that do not balance or exceed what a member draws or feeds in.

    Parameters
    ----------
    clearing : Clearing
        Plans and trades.

    Raises
    ------
    InputError
        Naming the first member and step.
    """
    energy = clearing.energy_kwh
    for kind in (
        Quantity.RETAIL_BOUGHT,
        Quantity.RETAIL_SOLD,
        Quantity.LOCAL_BOUGHT,
        Quantity.LOCAL_SOLD,
    ):
        wrong = np.argwhere(~(energy[kind] >= -_TOLERANCE_KWH))
        if wrong.size:
            step, column = (int(i) for i in wrong[0])
            raise InputError(
                f"member {clearing.community.names[column]!r} at {clearing.timeline.index[step]}: "
                f"{kind} is {energy[kind][step, column]:.6g} kWh, expected at least 0; its trades "
                "exceed its meter"
            )
    difference = energy[Quantity.LOCAL_BOUGHT].sum(axis=1) - energy[Quantity.LOCAL_SOLD].sum(axis=1)
    worst = int(np.argmax(np.abs(difference)))
    if not abs(difference[worst]) <= _TOLERANCE_KWH:
        raise InputError(
            f"local purchases at {clearing.timeline.index[worst]} exceed local sales by "
            f"{difference[worst]:.6g} kWh, expected a balance"
        )
