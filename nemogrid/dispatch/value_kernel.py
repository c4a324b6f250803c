"""Prices of stored energy for a given plan, compiled; import where used, it loads numba."""

from __future__ import annotations

import numpy as np

from nemogrid.dispatch.compile_kernel import compiled, inlined


@compiled
def values(prices, edges, net, charge_max, discharge_max, lower, upper, eta, plan, tolerance):
    """Find prices of stored energy at which no step would rather do otherwise.

    Parameters
    ----------
    prices, edges, net, charge_max, discharge_max, lower, upper, eta
        As in `nemogrid.dispatch.kernel.backward`.
    plan : tuple of numpy.ndarray
        Charge and discharge (T,), stored energy (T + 1,) [kWh].
    tolerance : float
        How near a bound or an edge counts as on it [kWh].

    Returns
    -------
    value : numpy.ndarray, shape (T,)
        Price of energy stored at the end of each step [money per kWh].
    """
    charge, discharge, stored = plan
    T, M = prices.shape
    eta_c, eta_d, kept, wear = eta
    low, high, value = np.empty(T), np.empty(T), np.empty(T)
    for t in range(T):
        below, above = _marginal(prices, edges, net[t] + charge[t] - discharge[t], t, M, tolerance)
        if charge[t] > tolerance:
            low[t], high[t] = below / eta_c, above / eta_c
        elif discharge[t] > tolerance:
            low[t], high[t] = eta_d * (below - wear), eta_d * (above - wear)
        else:
            low[t] = eta_d * (below - wear) if discharge_max[t] > 0.0 else -np.inf
            high[t] = above / eta_c if charge_max[t] > 0.0 else np.inf
            if charge_max[t] <= tolerance and charge_max[t] > 0.0:
                high[t] = np.inf
            if discharge_max[t] <= tolerance and discharge_max[t] > 0.0:
                low[t] = -np.inf
        if charge[t] >= charge_max[t] - tolerance and charge[t] > tolerance:
            high[t] = np.inf
        if discharge[t] >= discharge_max[t] - tolerance and discharge[t] > tolerance:
            low[t] = -np.inf
        if t == 0:
            continue
        if stored[t] > lower[t] + tolerance:  # cannot be worth less than it was before
            low[t] = max(low[t], low[t - 1] / kept)
        if stored[t] < upper[t] - tolerance:
            high[t] = min(high[t], high[t - 1] / kept)
        if low[t] > high[t]:  # not optimal, or rounding: the gap will tell
            low[t] = high[t] = 0.5 * (low[t] + high[t])
    wanted = 0.0
    for t in range(T - 1, -1, -1):
        value[t] = min(max(wanted, low[t]), high[t])
        wanted = kept * value[t]
    return value


@compiled
def slacks(prices, edges, net, charge_max, discharge_max, lower, upper, eta, plan, value):
    """Measure what each step and each bound leaves on the table at given prices.

    Parameters
    ----------
    prices, edges, net, charge_max, discharge_max, lower, upper, eta, plan
        As in `values`.
    value : numpy.ndarray, shape (T,)
        Any prices of stored energy.

    Returns
    -------
    float
        Sum of the slacks [money]: an upper bound on what any other plan could save.
    """
    charge, discharge, stored = plan
    T, M = prices.shape
    eta_c, eta_d, kept, wear = eta
    total = 0.0
    for t in range(T):
        # Most steps are content: the price lies between the slopes on both sides of the plan. An
        # edge or a limit that is missed by rounding counts as met, and is paid for in full.
        energy = net[t] + charge[t] - discharge[t]
        near = 1e-13 * (abs(net[t]) + charge_max[t] + discharge_max[t])
        below, above = _marginal(prices, edges, energy, t, M, near)
        if above > below:
            missed = near
            for k in range(M - 1):
                missed = min(missed, abs(energy - edges[t, k]))
            total += (above - below) * missed / (eta_c * eta_d)
        if charge[t] > 0.0:
            low, high = below / eta_c, above / eta_c
            if charge_max[t] - charge[t] <= near:
                total += max(value[t] - high, 0.0) * (charge_max[t] - charge[t]) * eta_c
                high = np.inf
        elif discharge[t] > 0.0:
            low, high = eta_d * (below - wear), eta_d * (above - wear)
            if discharge_max[t] - discharge[t] <= near:
                total += max(low - value[t], 0.0) * (discharge_max[t] - discharge[t]) / eta_d
                low = -np.inf
        else:
            low = eta_d * (below - wear) if discharge_max[t] > 0.0 else -np.inf
            high = above / eta_c if charge_max[t] > 0.0 else np.inf
        if not low <= value[t] <= high:
            total += _step_slack(
                prices, edges, net[t], charge[t], discharge[t], charge_max[t], discharge_max[t],
                eta, value[t], t,
            )  # fmt: skip
        worth = value[t] - (kept * value[t + 1] if t + 1 < T else 0.0)
        if worth > 0.0:
            total += worth * (stored[t + 1] - lower[t + 1])
        else:
            total += -worth * (upper[t + 1] - stored[t + 1])
    return total


@compiled
def _step_slack(prices, edges, net, charge, discharge, charge_max, discharge_max, eta, value, t):
    """Add up what moving on from the plan, block by block to the limits, would save in a step."""
    eta_c, eta_d, _, wear = eta
    M, total = prices.shape[1], 0.0
    for k in range(M):
        slope = eta_d * (prices[t, k] - wear)
        start, end = _inside(edges, t, k, M, net - discharge_max, net)
        here = min(max(net - discharge, start), end)
        given = value - slope
        total += (given * (end - here) if given > 0.0 else given * (start - here)) / eta_d
        slope = prices[t, k] / eta_c
        start, end = _inside(edges, t, k, M, net, net + charge_max)
        here = min(max(net + charge, start), end)
        taken = value - slope
        total += (taken * (end - here) if taken > 0.0 else taken * (start - here)) * eta_c
    return total


@inlined
def _marginal(prices, edges, energy, t, blocks, tolerance):
    """Read the price of the meter just below and just above an energy."""
    k = 0
    while k < blocks - 1 and energy > edges[t, k] + tolerance:
        k += 1
    below, above = prices[t, k], prices[t, k]
    while k < blocks - 1 and energy >= edges[t, k] - tolerance:
        k += 1
        above = prices[t, k]
    return below, above


@inlined
def _inside(edges, t, k, blocks, start, end):
    """Cut an interval of net energy to block k."""
    if k > 0:
        start = max(start, edges[t, k - 1])
    if k < blocks - 1:
        end = min(end, edges[t, k])
    return start, max(start, end)
