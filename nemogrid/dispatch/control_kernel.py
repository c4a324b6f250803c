"""The compiled loop of `nemogrid.dispatch.local_control`: steps, households, stores.

Import this module where it is used: it loads numba. Energies are in kWh on the grid side, charging
positive. T steps, N households, K stores; the tuples below hold what the loop reads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nemogrid.dispatch.compile_kernel import compiled

EVEN, FULL, HOLD, TRADE = 0, 1, 2, 3
"""Habits of stores in calm steps: an even pace, fill up, keep the level, follow the price."""


class Homes(NamedTuple):
    """What each household measures and pays: (T, N), and its delay in steps, (N,)."""

    net_kwh: np.ndarray
    import_price: np.ndarray
    export_price: np.ndarray
    delay: np.ndarray


class Stores(NamedTuple):
    """Every store: whose it is and its habit, (K,), limits and bounds, (T or T + 1, K)."""

    owner: np.ndarray
    habit: np.ndarray
    charge_kwh: np.ndarray
    discharge_kwh: np.ndarray
    lower_kwh: np.ndarray
    upper_kwh: np.ndarray
    used_kwh: np.ndarray
    soon_kwh: np.ndarray
    initial_kwh: np.ndarray
    efficiencies: np.ndarray
    wear: np.ndarray


class Grid(NamedTuple):
    """Voltages and loads of the known state, (T, N), and the sensitivities, (N, N)."""

    base_pu: np.ndarray
    base_kw: np.ndarray
    pu_per_kw: np.ndarray


class Settings(NamedTuple):
    """Of `LocalControl`, with the memory as the weight of one step."""

    enter: float
    leave: float
    gain: float
    calm_share: float
    ramp: float
    price_band: float
    memory: float
    look_ahead: int
    learns: bool
    reference: float
    least_spread: float
    serves_feeder: bool


@compiled
def follow(wish: int, switch: np.ndarray, delay: int) -> None:
    """Move a switch (state, what is asked for, how long) once asked in more than `delay` steps."""
    if wish == switch[0]:
        switch[1], switch[2] = wish, 0
        return
    switch[2] = switch[2] + 1 if wish == switch[1] else 1
    switch[1] = wish
    if switch[2] > delay:
        switch[0], switch[2] = wish, 0


@compiled
def wish_of(deviation: float, state: int, enter: float, leave: float) -> int:
    """Ask for a state: outside the outer threshold, or still outside the inner one."""
    if deviation >= enter or (state == 1 and deviation >= leave):
        return 1
    if deviation <= -enter or (state == -1 and deviation <= -leave):
        return -1
    return 0


@compiled
def grid_side(change: float, into: float, out_of: float) -> float:
    """Turn a change of the stored energy into energy on the grid side."""
    return change / into if change >= 0 else change * out_of


@compiled
def even_pace(stores: Stores, t: int, k: int, stored: float, look_ahead: int) -> float:
    """Find the least constant charge that keeps the lower bounds ahead, plugged in as now."""
    into, _, kept = stores.efficiencies[k]
    pace = 0.0
    for later in range(t, min(t + look_ahead, len(stores.charge_kwh))):
        if stores.charge_kwh[later, k] == 0.0:
            break
        stored = kept * stored - stores.used_kwh[later, k]
        missing = stores.lower_kwh[later + 1, k] - stored
        pace = max(pace, missing / (into * (later + 1 - t)))
    return pace


@compiled
def fill_up(net: float, price: int, start: float, low: float, most: float) -> float:
    """Take `start` in a calm step; later at a high price, most at a low one; own surplus always."""
    action = most if price > 0 else 0.0 if price < 0 else start
    return min(max(action, -net, low), most)


@compiled
def follow_price(
    net: float, bought: float, sold: float, wear: float, worth: float, into: float, out_of: float
) -> float:
    """Charge where energy costs less than it is worth in the store, discharge where more."""
    if bought < into * worth:
        return np.inf
    if out_of * (sold - wear) > worth:
        return -np.inf
    if net < 0 and sold < into * worth:
        return -net
    if net > 0 and out_of * (bought - wear) > worth:
        return -net
    return 0.0


@compiled
def run(homes: Homes, stores: Stores, grid: Grid, settings: Settings, step_h: float):  # type: ignore[no-untyped-def]
    """Run every household through every step.

    A step uses voltages of earlier steps, and prices and net loads of this and earlier ones.

    Returns
    -------
    drawn_kwh : numpy.ndarray, shape (T, K)
    stored_kwh : numpy.ndarray, shape (T + 1, K)
    state : numpy.ndarray of int, shape (T, N)
    voltage_pu, meter_kwh : numpy.ndarray, shape (T, N)
    """
    T, N = homes.net_kwh.shape
    K = len(stores.owner)
    drawn, stored = np.zeros((T, K)), np.zeros((T + 1, K))
    stored[0] = stores.initial_kwh
    states = np.zeros((T, N), dtype=np.int64)
    voltage, meter = np.zeros((T, N)), homes.net_kwh.copy()
    mean, variance = np.full(N, settings.reference), np.zeros(N)
    mean_bought, mean_sold = np.zeros(N), np.zeros(N)
    volts, price = np.zeros((N, 3), dtype=np.int64), np.zeros((N, 3), dtype=np.int64)
    response = np.zeros(N)
    for t in range(T):
        for n in range(N):
            weight = max(1.0 / (t + 1.0), settings.memory)
            mean_bought[n] += weight * (homes.import_price[t, n] - mean_bought[n])
            mean_sold[n] += weight * (homes.export_price[t, n] - mean_sold[n])
            above = homes.import_price[t, n] - mean_bought[n]
            band = settings.price_band * abs(mean_bought[n])
            follow(int(above < -band) - int(above > band), price[n], homes.delay[n])
            if t > 0:
                seen = voltage[t - 1, n]
                if settings.learns:
                    weight = max(1.0 / t, settings.memory)
                    off = seen - mean[n]
                    mean[n] += weight * off
                    variance[n] = (1.0 - weight) * (variance[n] + weight * off * off)
                spread = max(np.sqrt(variance[n]), settings.least_spread)
                deviation = (seen - mean[n]) / spread
                wish = wish_of(deviation, volts[n, 0], settings.enter, settings.leave)
                follow(wish, volts[n], homes.delay[n])
                if volts[n, 0] == 0:
                    response[n] = 0.0
                elif volts[n, 0] == wish:
                    # Not while it waits to leave the state: that is what spreads the returns.
                    beyond = volts[n, 0] * deviation - settings.leave
                    wanted = min(max(settings.gain * beyond, 0.0), 1.0)
                    response[n] += settings.ramp * (wanted - response[n])
            states[t, n] = volts[n, 0]
        for k in range(K):
            n, habit = stores.owner[k], stores.habit[k]
            into, out_of, kept = stores.efficiencies[k]
            rest = kept * stored[t, k] - stores.used_kwh[t, k]
            low = grid_side(stores.lower_kwh[t + 1, k] - rest, into, out_of)
            high = grid_side(stores.upper_kwh[t + 1, k] - rest, into, out_of)
            low = min(max(low, -stores.discharge_kwh[t, k]), stores.charge_kwh[t, k])
            high = max(min(high, stores.charge_kwh[t, k]), low)
            net = meter[t, n]
            most, least = high, low
            if not settings.serves_feeder:
                least = max(low, -max(net, 0.0))
            if habit == TRADE:
                action = follow_price(
                    net, homes.import_price[t, n], homes.export_price[t, n], stores.wear[k],
                    0.5 * (mean_bought[n] + mean_sold[n]), into, out_of,
                )  # fmt: skip
                if not settings.serves_feeder:
                    most = min(high, max(-net, 0.0))
            else:
                start = high
                if habit == EVEN:
                    start = even_pace(stores, t, k, stored[t, k], settings.look_ahead)
                elif habit == HOLD:
                    start = grid_side(stores.initial_kwh[k] - rest, into, out_of)
                    # Heat that is not used soon is lost.
                    soon = stores.initial_kwh[k] + stores.soon_kwh[t, k] - kept * stored[t, k]
                    most = max(min(high, max(soon / into, start)), low)
                action = fill_up(net, price[n, 0], start, low, most)
            action = min(max(action, low), high)
            if habit == TRADE and action > 0 and settings.gain > 0:
                action *= settings.calm_share
            if volts[n, 0] > 0:
                action += response[n] * (most - action)
            elif volts[n, 0] < 0:
                action += response[n] * (least - action)
            action = min(max(action, low), high)
            end = rest + (into * action if action >= 0 else action / out_of)
            # The band is exact but for rounding, and rounding must not add up.
            end = min(max(end, stores.lower_kwh[t + 1, k]), stores.upper_kwh[t + 1, k])
            stored[t + 1, k], drawn[t, k] = end, action
            meter[t, n] += action
        for n in range(N):
            total = grid.base_pu[t, n]
            for m in range(N):
                total += grid.pu_per_kw[n, m] * (meter[t, m] / step_h - grid.base_kw[t, m])
            voltage[t, n] = total
    return drawn, stored, states, voltage, meter
