"""Random members with stores, and their least cost by a program of another shape."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.optimize import linprog

from nemogrid.dispatch.meter import MeterPrices, PeriodBlocks, PeriodPeaks
from nemogrid.dispatch.store import Store


def random_stores(rng, n_steps, number, *, lossless=False):
    """Draw stores that can be run: each can at least be left alone."""
    stores = []
    for k in range(number):
        capacity = rng.uniform(1, 6)
        start = rng.uniform(0.2, 0.8) * capacity
        lower = np.r_[np.zeros(n_steps), rng.uniform(0, start)]
        into, out_of, kept = (1.0, 1.0, 1.0) if lossless else rng.uniform(0.7, 1, 3)
        stores.append(
            Store(
                name=f"box {k}",
                charge_limit_kwh=rng.uniform(0, 3, n_steps),
                discharge_limit_kwh=rng.uniform(0, 3, n_steps),
                lower_kwh=np.minimum(lower, start * kept**n_steps - 1e-6),
                upper_kwh=np.full(n_steps + 1, capacity),
                initial_kwh=start,
                charge_efficiency=into,
                discharge_efficiency=out_of,
                kept_share=kept,
                wear_per_kwh=rng.choice([0.0, 0.02]),
            )
        )
    return tuple(stores)


def random_meter(rng, n_steps, *, lowest=0.0, coupled=True, block_from=0.0):
    """Draw prices in three to five blocks, and blocks and peaks of two periods."""
    export, imported = rng.integers(1, 3, 2)
    edges = np.r_[-np.cumsum(rng.uniform(0.5, 2, export - 1))[::-1], 0.0]
    edges = np.r_[edges, np.cumsum(rng.uniform(0.5, 2, imported))]
    prices = np.sort(rng.uniform(lowest, 0.5, (n_steps, len(edges) + 1)), axis=1)
    period = (np.arange(n_steps) >= n_steps // 2).astype(int)
    blocks = tuple(
        PeriodBlocks(
            item=f"block {sign}",
            sign=sign,
            period_of_step=period,
            limits_kwh=np.cumsum(rng.uniform(0.5, 3, (2, 2)), axis=1),
            prices=np.sort(rng.uniform(block_from, 0.3, 3)),
        )
        for sign in (1, -1)
        if coupled and rng.random() < 0.6
    )
    peaks = tuple(
        PeriodPeaks(
            item=f"peak {sign}",
            sign=sign,
            period_of_step=period,
            price_per_kw=rng.uniform(0, 0.5, 2),
        )
        for sign in (1, -1)
        if coupled and rng.random() < 0.6
    )
    return MeterPrices(
        step_h=0.5,
        prices=prices,
        edges_kwh=np.broadcast_to(edges, (n_steps, len(edges))),
        blocks=blocks,
        peaks=peaks,
        wear_per_kwh=rng.choice([0.0, 0.01]),
    )


def least_cost(meter, net_kwh, stores, *, charging=None, importing=None):
    """Solve for the lowest cost with costs above tangents, and stored energies written out.

    With `charging` (per store and step) and `importing` (per step) the directions are given;
    without, only what is convex in the net energy is solved rightly. Infinite if infeasible.
    """
    T, K = meter.n_steps, len(stores)
    periods = 2 * (len(meter.blocks) + len(meter.peaks))
    names = {"c": K * T, "d": K * T, "im": T, "ex": T, "money": T, "period": periods}
    starts = dict(zip(names, np.cumsum([0, *names.values()])[:-1], strict=True))
    n = sum(names.values())

    def unit(name, i):
        row = np.zeros(n)
        row[starts[name] + i] = 1.0
        return row

    low, high, cost = np.zeros(n), np.full(n, np.inf), np.zeros(n)
    above, below, equal, right = [], [], [], []
    free = slice(starts["money"], n)
    low[free], cost[free] = -np.inf, 1.0
    for k, store in enumerate(stores):
        span = slice(k * T, (k + 1) * T)
        for name, limit in (("c", store.charge_limit_kwh), ("d", store.discharge_limit_kwh)):
            place = slice(starts[name] + k * T, starts[name] + (k + 1) * T)
            high[place] = limit
            if charging is not None:
                high[place] = limit * (charging[k] if name == "c" else 1 - charging[k])
        cost[starts["d"] + k * T : starts["d"] + (k + 1) * T] = (
            store.wear_per_kwh + meter.wear_per_kwh
        )
        held, fixed = np.zeros(n), store.initial_kwh
        for t in range(T):
            change = store.charge_efficiency * unit("c", span.start + t)
            change -= unit("d", span.start + t) / store.discharge_efficiency
            held = store.kept_share * held + change
            fixed = store.kept_share * fixed - store.used_kwh[t]
            above += [held, -held]
            below += [store.upper_kwh[t + 1] - fixed, fixed - store.lower_kwh[t + 1]]
    for t in range(T):
        net = sum((unit("c", k * T + t) - unit("d", k * T + t) for k in range(K)), np.zeros(n))
        equal.append(unit("im", t) - unit("ex", t) - net)
        right.append(net_kwh[t])
        if importing is not None:
            high[starts["ex" if importing[t] else "im"] + t] = 0.0
        zero = int(np.flatnonzero(meter.edges_kwh[t] == 0)[0])
        for m, price in enumerate(meter.prices[t]):
            # The tangent of block m, from the costs of the edges between it and 0.
            edges, prices = meter.edges_kwh[t], meter.prices[t]
            inner = range(zero, m) if m > zero else range(m, zero)
            at = sum(
                (prices[i] - prices[i + 1]) * edges[i] * (1 if m > zero else -1) for i in inner
            )
            above.append(price * (unit("im", t) - unit("ex", t)) - unit("money", t))
            below.append(-at)
    number = 0
    for term in (*meter.blocks, *meter.peaks):
        name = "im" if term.sign > 0 else "ex"
        for period in range(2):
            steps = np.flatnonzero(term.period_of_step == period)
            if isinstance(term, PeriodBlocks):
                total, at, start = sum(unit(name, t) for t in steps), 0.0, 0.0
                for j, price in enumerate(term.prices):
                    above.append(price * total - unit("period", number))
                    below.append(price * start - at)
                    if j < len(term.prices) - 1:
                        at += price * (term.limits_kwh[period, j] - start)
                        start = term.limits_kwh[period, j]
            else:
                price = term.price_per_kw[period] / meter.step_h
                low[starts["period"] + number] = 0.0
                for t in steps:
                    above.append(price * unit(name, t) - unit("period", number))
                    below.append(0.0)
            number += 1
    answer = linprog(
        cost,
        A_ub=np.array(above),
        b_ub=np.array(below),
        A_eq=np.array(equal),
        b_eq=np.array(right),
        bounds=np.column_stack([low, high]),
    )
    return answer.fun if answer.status == 0 else np.inf


def least_cost_by_enumeration(meter, net_kwh, stores):
    """Try every direction of every store and of the meter in every step."""
    T, K = meter.n_steps, len(stores)
    return min(
        least_cost(
            meter,
            net_kwh,
            stores,
            charging=np.array(way[: K * T]).reshape(K, T),
            importing=way[K * T :],
        )
        for way in product((0, 1), repeat=(K + 1) * T)
    )
