"""Random charges of every kind, for laws that must hold for all of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from nemogrid.charges import Blocks, Charge, Quantity
from nemogrid.timeline import Period, Timeline

IMPORTS = (Quantity.IMPORTED, Quantity.RETAIL_BOUGHT)
EXPORTS = (Quantity.EXPORTED, Quantity.RETAIL_SOLD)
PEAKS = (Quantity.PEAK_IMPORTED, Quantity.PEAK_EXPORTED)
SPANS = (Period.DAY, Period.MONTH, Period.YEAR)

# So much that no list of the other charges makes export pay more than import costs.
DEAR = Charge(item="dear", quantity=Quantity.RETAIL_BOUGHT, price=5.0, payee="retailer")


def charge_lists(timeline: Timeline, names: tuple[str, ...]) -> st.SearchStrategy:
    """Draw up to eight charges that a member on its own can be billed for."""
    seeds = st.integers(0, 2**16)
    low, any_price = st.floats(0.0, 0.4), st.floats(-0.3, 0.4)

    def priced(numbers):
        return st.one_of(
            numbers,
            st.builds(lambda lowest, seed: over_steps(timeline, lowest, seed), numbers, seeds),
            st.builds(lambda lowest, seed: over_members(names, lowest, seed), numbers, seeds),
        )

    def charges(quantities, prices, periods=(Period.STEP,)):
        return st.builds(
            Charge, item=st.sampled_from(["a", "b", "c"]), quantity=st.sampled_from(quantities),
            price=prices, payee=st.sampled_from(["retailer", "dso", "state", "installer"]),
            period=st.sampled_from(periods),
        )  # fmt: skip

    one = st.one_of(
        charges((*IMPORTS, *EXPORTS), priced(any_price)),
        charges((*IMPORTS, *EXPORTS), blocks(3.0), (Period.STEP,)),
        charges((*IMPORTS, *EXPORTS), blocks(300.0), SPANS),
        charges(PEAKS, priced(low), SPANS),
        charges((Quantity.MEMBERSHIP,), priced(any_price), SPANS),
        charges((Quantity.DISCHARGED,), low),
        charges((Quantity.DISCHARGED,), st.builds(over_members, st.just(names), low, seeds)),
    )
    return st.lists(one, max_size=7).map(lambda some: (DEAR, *some))


def blocks(widest: float) -> st.SearchStrategy:
    """Draw one to three rising blocks."""
    prices = st.lists(st.floats(-0.3, 0.4), min_size=1, max_size=3).map(sorted)
    widths = st.lists(st.floats(0.01 * widest, widest), min_size=2, max_size=2).map(np.cumsum)
    return st.builds(lambda p, w: Blocks(tuple(p), tuple(w[: len(p) - 1])), prices, widths)


def over_steps(timeline: Timeline, lowest: float, seed: int) -> pd.Series:
    """Draw a price for every hour, constant within it."""
    hours = np.arange(timeline.n_steps) * timeline.step_h
    drawn = np.random.default_rng(seed).uniform(0.0, 0.2, int(hours[-1]) + 1)
    return pd.Series(lowest + drawn[hours.astype(int)], index=timeline.index)


def over_members(names: tuple[str, ...], lowest: float, seed: int) -> pd.Series:
    """Draw a price for every member."""
    drawn = np.random.default_rng(seed).uniform(0.0, 0.2, len(names))
    return pd.Series(lowest + drawn, index=list(names))


def scaled(charge: Charge, factor: float) -> Charge:
    """Multiply the price of a charge."""
    price = charge.price
    if isinstance(price, Blocks):
        price = Blocks(tuple(factor * p for p in price.prices), price.limits)
    else:
        price = factor * price
    return dataclasses.replace(charge, price=price)


def on_steps(charge: Charge, timeline: Timeline) -> Charge:
    """Carry a price per step over to a timeline of finer steps."""
    price = charge.price
    if not (isinstance(price, pd.Series) and isinstance(price.index, pd.DatetimeIndex)):
        return charge
    return dataclasses.replace(charge, price=price.reindex(timeline.index, method="ffill"))


def for_members(charge: Charge, names: tuple[str, ...]) -> Charge:
    """Put a price per member into another order of members."""
    price = charge.price
    if not isinstance(price, pd.Series) or isinstance(price.index, pd.DatetimeIndex):
        return charge
    return dataclasses.replace(charge, price=price[list(names)])
