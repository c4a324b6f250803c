"""The exact engine's arithmetic, compiled: slopes merge, levels are read off, plans follow.

Import this module where it is used: it loads numba. Every array is float64 and contiguous; the
meaning of the arguments is that of `nemogrid.dispatch.store.Store` and `MeterPrices`. A block ``k``
of the meter has the price ``prices[t, k]`` between ``edges[t, k - 1]`` and ``edges[t, k]``. In the
change of stored energy ``x`` (positive: stored) a step costs

- ``eta_d * (prices[t, k] - wear)`` per kWh where it discharges and the meter is in block ``k``,
- ``prices[t, k] / eta_c`` per kWh where it charges and the meter is in block ``k``.

Slopes are compared as pairs: money first, then one for every kWh taken out. The second settles
ties in favour of the plan that cycles less.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def backward(prices, edges, net, charge_max, discharge_max, lower, upper, used, eta, stop):
    """Build the cost-to-go from the end to step ``stop``.

    Parameters
    ----------
    prices, edges : numpy.ndarray, shape (T, M) and (T, M - 1)
        Blocks of the meter.
    net, charge_max, discharge_max, used : numpy.ndarray, shape (T,)
        Net energy without the store, limits on the grid side, energy used [kWh].
    lower, upper : numpy.ndarray, shape (T + 1,)
        Bounds of the stored energy [kWh].
    eta : tuple of float
        Charge efficiency, discharge efficiency, share kept, wear.
    stop : int
        First step to treat.

    Returns
    -------
    levels : numpy.ndarray, shape (T, 2 M)
        Stored energy after the step up to which discharging in block k is held back (first M),
        and up to which charging in block k goes on (last M).
    left : float
        Least stored energy at the start of step ``stop`` [kWh].
    slope, width : numpy.ndarray, shape (K,)
        Pieces of the cost-to-go at the start of step ``stop``: money per kWh and kWh.
    """
    T, M = prices.shape
    eta_c, eta_d, kept, wear = eta
    levels = np.zeros((T, 2 * M))
    size = 64
    slope, cycle, width = np.empty(size), np.empty(size), np.empty(size)
    slope2, cycle2, width2 = np.empty(size), np.empty(size), np.empty(size)
    new_slope, new_cycle, new_width = np.empty(2 * M), np.empty(2 * M), np.empty(2 * M)
    left, count = lower[T], 0
    if upper[T] > lower[T]:
        slope[0], cycle[0], width[0], count = 0.0, 0.0, upper[T] - lower[T], 1
    for t in range(T - 1, stop - 1, -1):
        for k in range(M):
            money = -eta_d * (prices[t, k] - wear)
            levels[t, k] = _level(left, slope, cycle, width, count, money, 1.0)
            money = -prices[t, k] / eta_c
            levels[t, M + k] = _level(left, slope, cycle, width, count, money, 0.0)
        fresh = 0
        for k in range(M - 1, -1, -1):
            room = _overlap(edges, t, k, M, net[t], net[t] + charge_max[t]) * eta_c
            if room > 0.0:
                new_slope[fresh], new_cycle[fresh] = -prices[t, k] / eta_c, 0.0
                new_width[fresh] = room
                fresh += 1
        for k in range(M - 1, -1, -1):
            room = _overlap(edges, t, k, M, net[t] - discharge_max[t], net[t]) / eta_d
            if room > 0.0:
                new_slope[fresh], new_cycle[fresh] = -eta_d * (prices[t, k] - wear), 1.0
                new_width[fresh] = room
                fresh += 1
        if count + fresh > slope2.size:
            size = 2 * (count + fresh)
            slope2, cycle2, width2 = np.empty(size), np.empty(size), np.empty(size)
        position = (left - eta_c * charge_max[t] + used[t]) / kept
        left = min(max(position, lower[t]), upper[t])
        i, j, merged = 0, 0, 0
        while i < count or j < fresh:
            if j >= fresh or (
                i < count and not _before(new_slope[j], new_cycle[j], slope[i], cycle[i])
            ):
                money, cycles, room = slope[i], cycle[i], width[i]
                i += 1
            else:
                money, cycles, room = new_slope[j], new_cycle[j], new_width[j]
                j += 1
            end = position + room / kept
            inside = min(end, upper[t]) - max(position, lower[t])
            position = end
            if inside <= 0.0:
                continue
            money, cycles = money * kept, cycles * kept
            if merged and slope2[merged - 1] == money and cycle2[merged - 1] == cycles:
                width2[merged - 1] += inside
            else:
                slope2[merged], cycle2[merged], width2[merged] = money, cycles, inside
                merged += 1
        count = merged
        slope, slope2 = slope2, slope
        cycle, cycle2 = cycle2, cycle
        width, width2 = width2, width
    return levels, left, slope[:count].copy(), width[:count].copy()


@njit(cache=True)
def forward(
    prices, edges, net, charge_max, discharge_max, lower, upper, used, eta, levels, initial
):
    """Follow the levels from the start to the end.

    Parameters
    ----------
    prices, edges, net, charge_max, discharge_max, lower, upper, used, eta
        As in `backward`; the net energy may be another than the one the levels were made with.
    levels : numpy.ndarray, shape (T, 2 M)
        From `backward`.
    initial : float
        Stored energy at the start [kWh].

    Returns
    -------
    charge, discharge : numpy.ndarray, shape (T,)
        Grid side [kWh].
    stored : numpy.ndarray, shape (T + 1,)
        Stored energy [kWh].
    """
    T, M = prices.shape
    eta_c, eta_d, kept, _ = eta
    charge, discharge, stored = np.zeros(T), np.zeros(T), np.empty(T + 1)
    stored[0] = initial
    for t in range(T):
        rest = kept * stored[t] - used[t]
        change = -discharge_max[t] / eta_d
        done = False
        for k in range(M):
            room = _overlap(edges, t, k, M, net[t] - discharge_max[t], net[t]) / eta_d
            if room > 0.0 and not done:
                wanted = levels[t, k] - rest
                done = wanted < change + room
                change = max(change, min(change + room, wanted))
        if not done:
            change = 0.0
        for k in range(M):
            room = _overlap(edges, t, k, M, net[t], net[t] + charge_max[t]) * eta_c
            if room > 0.0 and not done:
                wanted = levels[t, M + k] - rest
                done = wanted < change + room
                change = max(change, min(change + room, wanted))
        # Only rounding can leave the bounds here, unless the store cannot keep them at all.
        stored[t + 1] = min(max(rest + change, lower[t + 1]), upper[t + 1])
        change = stored[t + 1] - rest
        if change > 0.0:
            charge[t] = change / eta_c
            if charge[t] > charge_max[t]:
                charge[t] = charge_max[t]
                change = charge[t] * eta_c
        elif change < 0.0:
            discharge[t] = -change * eta_d
            if discharge[t] > discharge_max[t]:
                discharge[t] = discharge_max[t]
                change = -discharge[t] / eta_d
        if abs(rest + change - stored[t + 1]) > 1e-12 * (abs(rest) + abs(change)):
            stored[t + 1] = rest + change
    return charge, discharge, stored


@njit(cache=True, inline="always")
def _before(money, cycles, other_money, other_cycles):
    """Whether one slope comes before another."""
    return money < other_money or (money == other_money and cycles < other_cycles)


@njit(cache=True)
def _level(left, slope, cycle, width, count, money, cycles):
    """Find where the cost-to-go becomes steeper than a slope."""
    level = left
    for i in range(count):
        if _before(money, cycles, slope[i], cycle[i]):
            break
        level += width[i]
    return level


@njit(cache=True, inline="always")
def _overlap(edges, t, k, blocks, start, end):
    """Measure how much of an interval of net energy lies in block k."""
    if k > 0:
        start = max(start, edges[t, k - 1])
    if k < blocks - 1:
        end = min(end, edges[t, k])
    return max(end - start, 0.0)
