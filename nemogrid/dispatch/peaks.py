r"""One store against a price on peaks: the exact engine inside a search of the best peaks.

A price :math:`\pi_P` on the highest power of each period couples its steps. Two views of it:

- **Caps.** If the meter may not pass more than :math:`\kappa_P` in period :math:`P`, the steps are
  free of one another again: what lies above the cap is one more block of the meter, at a price
  nobody pays. The cost :math:`E(\kappa) + \sum_P \pi_P \kappa_P` is convex in the caps.
- **Surcharges.** Spreading the price over the steps, :math:`u_t \ge 0` with
  :math:`h \sum_{t \in P} u_t \le \pi_P`, and adding :math:`u_t` to the price of energy never asks
  for more than the peak charge does. So the optimum under any such surcharge is a lower bound.

What the price of stored energy says about one more kWh at a step that sits on its cap is the
surcharge of that step; its sum is the slope :math:`-\partial E / \partial \kappa_P`. The search
halves an interval for each cap, all periods at once, until the slope passes :math:`\pi_P` within
rounding. The slopes on both sides then make the surcharge that proves the plan.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from nemogrid.dispatch.exact import (
    burning_steps,
    follow_levels,
    path_residual,
    solve_exact,
    storage_levels,
    stored_value,
)
from nemogrid.dispatch.member_plan import MemberPlan
from nemogrid.dispatch.meter import MeterPrices, PeriodPeaks, meter_cost
from nemogrid.dispatch.store import Store
from nemogrid.results import Certificate

_NOBODY_PAYS = 1e9
_HALVINGS = 60
_PROVEN = 1e-9
_ROUNDING = 1e-12


def solve_with_peaks(meter: MeterPrices, net_kwh: np.ndarray, store: Store) -> MemberPlan:
    """Find the cheapest plan of one store where peaks are priced.

    Parameters
    ----------
    meter : MeterPrices
        Prices of steps, and peaks of periods, but no blocks of periods.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy without the store [kWh], import positive.
    store : Store
        What can be charged and discharged.

    Returns
    -------
    MemberPlan
        The certificate names the method: the search, or HiGHS where the search proves no optimum
        or two prices apply to the same peaks.
    """
    from nemogrid.dispatch.linear_program import solve_lp

    signs = [peak.sign for peak in meter.peaks]
    if len(set(signs)) == len(signs):
        plan = _search(meter, net_kwh, store)
        if plan.certificate.gap <= _PROVEN:
            return plan
    return solve_lp(meter, net_kwh, (store,))


def with_caps(meter: MeterPrices, caps_kw: tuple[np.ndarray, ...]) -> MeterPrices:
    """Forbid what lies above the caps of the peaks, and drop their price.

    Parameters
    ----------
    meter : MeterPrices
        With peaks.
    caps_kw : tuple of numpy.ndarray, shape (P,)
        A cap per period, for each of the peaks [kW].

    Returns
    -------
    MeterPrices
        With a block more for each of the peaks, whose price nobody pays.
    """
    edges, prices = meter.edges_kwh, meter.prices
    for peak, cap in zip(meter.peaks, caps_kw, strict=True):
        limit = peak.sign * cap[peak.period_of_step][:, None] * meter.step_h
        more = np.sort(np.hstack([edges, limit]), axis=1)
        # A block is known by a point inside it, or by its finite end.
        starts = np.hstack([np.full((len(more), 1), -np.inf), more])
        block = (starts[:, :, None] >= edges[:, None, :]).sum(axis=2)
        prices = np.take_along_axis(prices, block, axis=1)
        if peak.sign > 0:
            prices = np.where(starts >= limit, _NOBODY_PAYS, prices)
        else:
            prices = np.where(starts < limit, -_NOBODY_PAYS, prices)
        edges = more
    return dataclasses.replace(meter, edges_kwh=edges, prices=prices, peaks=())


def with_surcharges(meter: MeterPrices, surcharges: tuple[np.ndarray, ...]) -> MeterPrices:
    """Put the price of peaks on energy, step by step.

    Parameters
    ----------
    meter : MeterPrices
        With peaks.
    surcharges : tuple of numpy.ndarray, shape (T,)
        For each of the peaks [money per kWh], not negative.

    Returns
    -------
    MeterPrices
        Without peaks.
    """
    prices = meter.prices.copy()
    edges = np.hstack([np.full((len(prices), 1), -np.inf), meter.edges_kwh])
    imports = edges >= 0
    for peak, surcharge in zip(meter.peaks, surcharges, strict=True):
        counted = imports if peak.sign > 0 else ~imports
        prices += peak.sign * counted * surcharge[:, None]
    return dataclasses.replace(meter, prices=prices, peaks=())


def peak_surcharges(
    meter: MeterPrices, plan: MemberPlan, store: Store, caps_kw: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, ...]:
    """Read off what one more kWh would be worth in each step that sits on its cap.

    Parameters
    ----------
    meter : MeterPrices
        With peaks.
    plan : MemberPlan
        The best plan under the caps, with the price of its stored energy.
    store : Store
        What runs.
    caps_kw : tuple of numpy.ndarray, shape (P,)
        For each of the peaks [kW].

    Returns
    -------
    tuple of numpy.ndarray, shape (T,)
        For each of the peaks [money per kWh]; zero where the cap does not bind.
    """
    (path,) = plan.paths
    wear = meter.wear_per_kwh + store.wear_per_kwh
    worth = np.where(
        path.discharge_kwh > 0,
        np.asarray(plan.stored_value) / store.discharge_efficiency + wear,
        np.asarray(plan.stored_value) * store.charge_efficiency,
    )
    steps = np.arange(meter.n_steps)
    surcharges = []
    for peak, cap in zip(meter.peaks, caps_kw, strict=True):
        limit = cap[peak.period_of_step] * meter.step_h
        slack = 1e-9 * np.maximum(limit, 1e-6)
        binds = peak.sign * plan.net_kwh >= limit - slack
        breaks = peak.sign * plan.net_kwh > limit + slack
        inside = peak.sign * limit[:, None]
        beyond = meter.edges_kwh < inside if peak.sign > 0 else meter.edges_kwh <= inside
        price = meter.prices[steps, beyond.sum(axis=1)]
        surcharge = np.where(binds, np.maximum(peak.sign * (worth - price), 0.0), 0.0)
        surcharges.append(np.where(breaks, _NOBODY_PAYS, surcharge))
    return tuple(surcharges)


def _search(meter: MeterPrices, net_kwh: np.ndarray, store: Store) -> MemberPlan:
    least = [np.zeros(len(peak.price_per_kw)) for peak in meter.peaks]
    most = [_largest(peak, net_kwh, store, meter.step_h) for peak in meter.peaks]
    steep, gentle = (
        [np.zeros(meter.n_steps) for _ in meter.peaks] for _ in range(2)
    )  # surcharges just below and just above the best caps
    for _ in range(_HALVINGS):
        caps = tuple((low + high) / 2 for low, high in zip(least, most, strict=True))
        surcharges = peak_surcharges(meter, _capped(meter, net_kwh, store, caps), store, caps)
        for i, (peak, surcharge) in enumerate(zip(meter.peaks, surcharges, strict=True)):
            slope = meter.step_h * np.bincount(peak.period_of_step, surcharge)
            raise_it = slope > peak.price_per_kw
            least[i] = np.where(raise_it, caps[i], least[i])
            most[i] = np.where(raise_it, most[i], caps[i])
            up = raise_it[peak.period_of_step]
            steep[i] = np.where(up, surcharge, steep[i])
            gentle[i] = np.where(up, gentle[i], surcharge)
    # A cap that is too low by rounding would be paid for with all that the store can do.
    caps = tuple(cap * (1 + _ROUNDING) + _ROUNDING for cap in most)
    return _proven(meter, net_kwh, store, caps, (steep, gentle))


def _proven(
    meter: MeterPrices,
    net_kwh: np.ndarray,
    store: Store,
    caps: tuple[np.ndarray, ...],
    sides: tuple[list[np.ndarray], list[np.ndarray]],
) -> MemberPlan:
    """Price the plan under the caps, and bound what any plan could save by a surcharge."""
    plan = _capped(meter, net_kwh, store, caps)
    (path,) = plan.paths
    wear = store.wear_per_kwh * float(path.discharge_kwh.sum())
    cost = meter_cost(meter, plan.net_kwh, path.discharge_kwh) + wear
    surcharges = tuple(
        _mixed(peak, steep, gentle, meter.step_h)
        for peak, steep, gentle in zip(meter.peaks, *sides, strict=True)
    )
    dearer = with_surcharges(meter, surcharges)
    if burning_steps(dearer, net_kwh, store).size:
        bound = -np.inf  # to burn energy would lower the peak of export: not for this search
    else:
        bound = solve_exact(dearer, net_kwh, store).cost
    certificate = Certificate(
        method="exact engine inside a search of the best peaks",
        objective=cost,
        primal_residual=path_residual(store, path),
        gap=max(cost - bound, 0.0) / max(abs(cost), 1.0),
        iterations=_HALVINGS,
    )
    return dataclasses.replace(plan, cost=cost, certificate=certificate)


def _capped(
    meter: MeterPrices, net_kwh: np.ndarray, store: Store, caps: tuple[np.ndarray, ...]
) -> MemberPlan:
    """Solve under caps, with the price of stored energy but without a certificate."""
    capped = with_caps(meter, caps)
    path = follow_levels(capped, net_kwh, store, storage_levels(capped, net_kwh, store))
    certificate = Certificate(method="exact engine under caps")
    return MemberPlan(
        paths=(path,),
        net_kwh=net_kwh + path.drawn_kwh,
        cost=float("nan"),
        certificate=certificate,
        stored_value=stored_value(capped, net_kwh, store, path),
    )


def _largest(peak: PeriodPeaks, net_kwh: np.ndarray, store: Store, step_h: float) -> np.ndarray:
    limit = store.charge_limit_kwh if peak.sign > 0 else store.discharge_limit_kwh
    highest = np.zeros(len(peak.price_per_kw))
    np.maximum.at(highest, peak.period_of_step, (peak.sign * net_kwh + limit) / step_h)
    return highest


def _mixed(peak: PeriodPeaks, steep: np.ndarray, gentle: np.ndarray, step_h: float) -> np.ndarray:
    """Mix two surcharges so that they sum up to the price of the peak in each period."""
    more, less = (step_h * np.bincount(peak.period_of_step, side) for side in (steep, gentle))
    span = more - less
    part = np.divide(peak.price_per_kw - less, span, out=np.zeros_like(span), where=span > 0)
    part = np.clip(part, 0.0, 1.0)[peak.period_of_step]
    mixed = part * steep + (1 - part) * gentle
    total = (step_h * np.bincount(peak.period_of_step, mixed)) / np.maximum(
        peak.price_per_kw, 1e-300
    )
    return np.asarray(mixed / np.maximum(total, 1.0)[peak.period_of_step])
