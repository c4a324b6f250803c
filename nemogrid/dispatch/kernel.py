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

from nemogrid.dispatch.compile_kernel import compiled, inlined


@compiled
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
    levels, at = np.empty((T, 2 * M)), np.empty(2 * M, np.int64)
    # The pieces lie from first to last in the middle of longer arrays, so that both ends can grow.
    size = 64 + 8 * M
    slope, cycle, width, start = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    first = last = size // 2
    left = lower[T]
    if upper[T] > lower[T]:
        slope[first], cycle[first], width[first] = 0.0, 0.0, upper[T] - lower[T]
        last += 1
    for t in range(T - 1, stop - 1, -1):
        if first < 2 * M or last + 2 * M >= size:
            size = 64 + 8 * M + 2 * (last - first)
            slope, cycle = _centred(slope, first, last, size), _centred(cycle, first, last, size)
            width, start = _centred(width, first, last, size), np.empty(size)
            first, last = (size - last + first) // 2, (size - last + first) // 2 + last - first
        right = left
        for i in range(first, last):
            start[i] = right
            right += width[i]
        start[last] = right
        for k in range(M):
            at[k] = _after(slope, cycle, first, last, -eta_d * (prices[t, k] - wear), 1.0)
            at[M + k] = _after(slope, cycle, first, last, -prices[t, k] / eta_c, 0.0)
            levels[t, k], levels[t, M + k] = start[at[k]], start[at[M + k]]
        moved = 0
        for new in range(2 * M):  # what the step can do, from the steepest fall of the cost on
            k = M - 1 - new % M
            if new < M:
                room = _overlap(edges, t, k, M, net[t], net[t] + charge_max[t]) * eta_c
                money, cycles, i = -prices[t, k] / eta_c, 0.0, at[M + k] + moved
            else:
                room = _overlap(edges, t, k, M, net[t] - discharge_max[t], net[t]) / eta_d
                money, cycles, i = -eta_d * (prices[t, k] - wear), 1.0, at[k] + moved
            if room <= 0.0:
                continue
            right += room
            if i > first and slope[i - 1] == money and cycle[i - 1] == cycles:
                width[i - 1] += room
                continue
            if i - first < last - i:
                first, i = first - 1, i - 1
                for j in range(first, i):
                    slope[j], cycle[j], width[j] = slope[j + 1], cycle[j + 1], width[j + 1]
            else:
                for j in range(last, i, -1):
                    slope[j], cycle[j], width[j] = slope[j - 1], cycle[j - 1], width[j - 1]
                last, moved = last + 1, moved + 1
            slope[i], cycle[i], width[i] = money, cycles, room
        right -= eta_c * charge_max[t]
        left = (left - eta_c * charge_max[t] + used[t]) / kept
        right = (right + used[t]) / kept
        if kept < 1.0:
            for i in range(first, last):
                slope[i], cycle[i], width[i] = slope[i] * kept, cycle[i] * kept, width[i] / kept
        surplus = right - upper[t]
        while surplus > 0.0 and last > first:
            last -= 1
            if width[last] > surplus:
                width[last] -= surplus
                last += 1
                break
            surplus -= width[last]
        surplus = lower[t] - left
        while surplus > 0.0 and last > first:
            if width[first] > surplus:
                width[first] -= surplus
                break
            surplus -= width[first]
            first += 1
        left = min(max(left, lower[t]), upper[t])
    return levels, left, slope[first:last].copy(), width[first:last].copy()


@compiled
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
            if room > 0.0:
                wanted = levels[t, k] - rest
                done = wanted < change + room
                change = max(change, min(change + room, wanted))
                if done:
                    break
        if not done:
            change = 0.0
            for k in range(M):
                room = _overlap(edges, t, k, M, net[t], net[t] + charge_max[t]) * eta_c
                if room > 0.0:
                    wanted = levels[t, M + k] - rest
                    done = wanted < change + room
                    change = max(change, min(change + room, wanted))
                    if done:
                        break
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


@inlined
def _after(slope, cycle, first, last, money, cycles):
    """Find the first piece that is steeper than a slope."""
    while first < last:
        middle = (first + last) >> 1
        if money < slope[middle] or (money == slope[middle] and cycles < cycle[middle]):
            last = middle
        else:
            first = middle + 1
    return first


@compiled
def _centred(values, first, last, size):
    """Copy values into the middle of a longer array."""
    centred = np.empty(size)
    begin = (size - last + first) // 2
    centred[begin : begin + last - first] = values[first:last]
    return centred


@inlined
def _overlap(edges, t, k, blocks, start, end):
    """Measure how much of an interval of net energy lies in block k."""
    if k > 0:
        start = max(start, edges[t, k - 1])
    if k < blocks - 1:
        end = min(end, edges[t, k])
    return max(end - start, 0.0)
