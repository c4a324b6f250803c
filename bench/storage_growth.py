"""How the time of storage plans grows: with steps, with members, with distinct prices."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.storage import bare_highs
from bench.storage_cases import (
    STEP_H,
    STEPS,
    box_store,
    household_kwh,
    in_levels,
    largest_community,
    meters,
    wave,
)
from bench.table import Row, median, one_core, seconds

MONTHS = (1, 2, 4, 8, 12, 24)
MEMBERS = (1, 4, 16, 41, 118)
PRICES = (1, 2, 4, 16, 64, 256, STEPS)
ENGINES = ("exact engine", "HiGHS on arrays, bare")


def rows(runs: int) -> list[Row]:
    """Measure the growth.

    Parameters
    ----------
    runs : int
        Runs of each median.

    Returns
    -------
    list of Row
    """
    with one_core():
        return [*_steps(runs), *_members(runs), *_prices(runs)]


def tiled(values: np.ndarray, steps: int) -> np.ndarray:
    """Repeat a year, or cut it short.

    Parameters
    ----------
    values : numpy.ndarray, shape (T, ...)
        A year.
    steps : int
        How many steps to have.

    Returns
    -------
    numpy.ndarray, shape (steps, ...)
    """
    return values[np.arange(steps) % len(values)]


def _steps(runs: int) -> list[Row]:
    from nemogrid.dispatch.meter import two_prices

    table = []
    spot = meters()["spot"].prices
    for months in MONTHS:
        steps = STEPS * months // 12
        prices = tiled(spot, steps)
        meter = two_prices(prices[:, 1], prices[:, 0], step_h=STEP_H)
        net_kwh = tiled(household_kwh(), steps)
        table += _both(meter, net_kwh, runs, group="storage growth with steps")
    return table


def _prices(runs: int) -> list[Row]:
    from nemogrid.dispatch.meter import two_prices

    table = []
    every = wave(STEPS, per_day=48)
    for levels in PRICES:
        price = in_levels(every, levels)
        meter = two_prices(price + 0.15, price, step_h=STEP_H)
        table += _both(
            meter, household_kwh(), runs, group="storage growth with prices", prices=levels
        )
    return table


def _both(meter: Any, net_kwh: np.ndarray, runs: int, **labels: Any) -> list[Row]:
    from nemogrid.dispatch.exact import solve_exact
    from nemogrid.dispatch.lp_highs import in_arrays
    from nemogrid.dispatch.lp_model import assemble

    store = box_store(len(net_kwh))
    arrays = in_arrays(assemble(meter, net_kwh, (store,)))
    cost = solve_exact(meter, net_kwh, store).cost
    labels |= {"steps": len(net_kwh), "unit": "s"}
    exact = seconds(lambda: solve_exact(meter, net_kwh, store), runs=5 * runs)
    highs = seconds(lambda: bare_highs(arrays), runs=runs)
    return [
        Row(case=ENGINES[0], value=median(exact), runs=len(exact), difference=0.0, **labels),
        Row(
            case=ENGINES[1], value=median(highs), runs=len(highs),
            difference=abs(bare_highs(arrays) - cost), **labels,
        ),
    ]  # fmt: skip


def _members(runs: int) -> list[Row]:
    from nemogrid.dispatch import plan_members

    table = []
    for members in MEMBERS:
        year = largest_community(members)
        table.append(
            Row(
                group="storage growth with members",
                case="exact engine",
                members=members,
                steps=STEPS,
                value=median(seconds(lambda year=year: plan_members(*year), runs=runs)),
                unit="s",
                runs=runs,
            )
        )
    return table
