r"""One store against a price on peaks: the exact engine inside a search of the best peaks.

A price :math:`\pi_P` on the highest power of each period couples its steps. Two views of it:

- **Caps.** If the meter may not pass more than :math:`\kappa_P` in period :math:`P`, the steps are
  free of one another again: what lies above the cap is one more block of the meter, too dear to
  be used. The cost :math:`E(\kappa) + \sum_P \pi_P \kappa_P` is convex in the caps.
- **Surcharges.** Spreading the price over the steps, :math:`u_t \ge 0` with
  :math:`h \sum_{t \in P} u_t \le \pi_P`, and adding :math:`u_t` to the price of energy never asks
  for more than the peak charge does. So the optimum under any such surcharge is a lower bound.

What the price of stored energy says about one more kWh at a step that sits on its cap is the
surcharge of that step; its sum is the slope :math:`-\partial E / \partial \kappa_P`. So every set
of caps that is tried gives a plane below the convex cost of caps. The search first halves an
interval for each cap, all periods at once, which is right where the store carries nothing from one
period to the next. Then it goes on to the lowest point of all planes, until that is as high as the
best plan. The planes that meet there, mixed, are the surcharge that proves it.

Ties are settled as in the exact engine, but under the caps found, which are within a few parts in
:math:`10^{9}` of the best: another plan of the same cost may hold a little more energy.

A cap need not be feasible: what lies above it costs twice the price of the peak, and no surcharge
of the best plan is that high.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

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
from nemogrid.dispatch.peak_prices import peak_surcharges, with_caps, with_surcharges
from nemogrid.dispatch.store import Store
from nemogrid.errors import SolveError
from nemogrid.results import Certificate

_HALVINGS = 45
_PLANES = 200
_PROVEN = 1e-8
_ROUNDING = 1e-12
_ASIDE = 1e-6


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


@dataclass(frozen=True, kw_only=True)
class _Plane:
    """What one set of caps tells: a plane below the cost of all caps."""

    caps: np.ndarray
    cost: float
    height: float
    slopes: np.ndarray
    surcharges: tuple[np.ndarray, ...]


def _search(meter: MeterPrices, net_kwh: np.ndarray, store: Store) -> MemberPlan:
    prices = np.concatenate([peak.price_per_kw for peak in meter.peaks])
    least = np.zeros(len(prices))
    most = np.concatenate([_largest(p, net_kwh, store, meter.step_h) for p in meter.peaks])
    for _ in range(_HALVINGS):
        caps = (least + most) / 2
        raise_it = -_slopes(meter, _try(meter, net_kwh, store, caps)[1]) > prices
        least, most = np.where(raise_it, caps, least), np.where(raise_it, most, caps)
    # On the best caps themselves the slope is any between those on both sides of them.
    sides = [_try(meter, net_kwh, store, most * (1 + aside))[1] for aside in (-_ASIDE, _ASIDE)]
    plan = _proven(meter, net_kwh, store, (most, _mixed(meter, *sides), _HALVINGS))
    if plan.certificate.gap <= _PROVEN:
        return plan
    return _proven(meter, net_kwh, store, _descend(meter, net_kwh, store, most))


def _descend(
    meter: MeterPrices, net_kwh: np.ndarray, store: Store, start: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, ...], int]:
    """Go on to the lowest point of all planes until no plan can be cheaper than the best."""
    prices = np.concatenate([peak.price_per_kw for peak in meter.peaks])
    room = start / 10 + float(start.max()) / 100
    corners = [start, start * (1 - _ASIDE), start * (1 + _ASIDE), start - room, start + room]
    planes = [_plane(meter, net_kwh, store, np.maximum(caps, 0.0)) for caps in corners]
    for _ in range(_PLANES):
        costs = [plane.cost + float(prices @ plane.caps) for plane in planes]
        best = planes[int(np.argmin(costs))].caps
        least, most = np.maximum(best - room, 0.0), best + room
        lowest, caps, weights = _lowest_point(planes, prices, np.column_stack([least, most]))
        held = (caps <= least) & (least > 0) | (caps >= most)
        if min(costs) - lowest <= _PROVEN / 4 * max(abs(lowest), 1.0):
            if not held.any():
                break
            room = room * np.where(held, 8.0, 1.0)
        planes.append(_plane(meter, net_kwh, store, caps))
        promised = min(costs) - lowest
        gained = min(costs) - planes[-1].cost - float(prices @ caps)
        # Where the planes promise more than comes of it, they are trusted less far.
        if gained > 0.5 * promised:
            room = room * np.where(held, 2.0, 1.0)
        elif gained < 0.0:
            room = room * 0.85
    surcharges = tuple(
        _limited(peak, np.asarray(sum(w * p.surcharges[i] for w, p in weights)), meter.step_h)
        for i, peak in enumerate(meter.peaks)
    )
    return best, surcharges, _HALVINGS + len(planes)


def _try(
    meter: MeterPrices, net_kwh: np.ndarray, store: Store, caps: np.ndarray
) -> tuple[float, tuple[np.ndarray, ...]]:
    split = _split(meter, caps)
    plan = _capped(meter, net_kwh, store, split)
    return plan.cost, peak_surcharges(meter, plan, store, split)


def _plane(meter: MeterPrices, net_kwh: np.ndarray, store: Store, caps: np.ndarray) -> _Plane:
    cost, surcharges = _try(meter, net_kwh, store, caps)
    dearer = with_surcharges(meter, surcharges)
    path = follow_levels(dearer, net_kwh, store, storage_levels(dearer, net_kwh, store))
    wear = store.wear_per_kwh * float(path.discharge_kwh.sum())
    return _Plane(
        caps=caps,
        cost=cost,
        height=meter_cost(dearer, net_kwh + path.drawn_kwh, path.discharge_kwh) + wear,
        slopes=_slopes(meter, surcharges),
        surcharges=surcharges,
    )


def _slopes(meter: MeterPrices, surcharges: tuple[np.ndarray, ...]) -> np.ndarray:
    return -meter.step_h * np.concatenate(
        [
            np.bincount(peak.period_of_step, surcharge)
            for peak, surcharge in zip(meter.peaks, surcharges, strict=True)
        ]
    )


def _split(meter: MeterPrices, caps: np.ndarray) -> tuple[np.ndarray, ...]:
    ends = np.cumsum([len(peak.price_per_kw) for peak in meter.peaks])[:-1]
    return tuple(np.split(caps, ends))


def _lowest_point(
    planes: Sequence[_Plane], prices: np.ndarray, around: np.ndarray
) -> tuple[float, np.ndarray, list[tuple[float, _Plane]]]:
    """Find the lowest point above all planes in a box, and the mixture of planes that holds it."""
    from scipy.optimize import linprog

    slopes = np.array([plane.slopes for plane in planes])
    offsets = np.array([plane.height for plane in planes])
    centre = offsets[0]
    answer = linprog(
        np.r_[prices, 1.0],
        A_ub=np.column_stack([slopes, -np.ones(len(planes))]),
        b_ub=centre - offsets,
        bounds=[*around.tolist(), (None, None)],
        method="highs",
    )
    if answer.status != 0:
        raise SolveError(f"search of the best peaks: {answer.message}, expected an optimum")
    weights = -answer.ineqlin.marginals
    mixture = [(float(w), plane) for w, plane in zip(weights, planes, strict=True) if w > 0]
    return float(answer.fun) + centre, answer.x[:-1], mixture


def _proven(
    meter: MeterPrices,
    net_kwh: np.ndarray,
    store: Store,
    found: tuple[np.ndarray, tuple[np.ndarray, ...], int],
) -> MemberPlan:
    """Price the plan under the caps, and bound what any plan could save by a surcharge."""
    caps, surcharges, iterations = found
    # A cap that is too low by rounding would be paid for with all that the store can do.
    caps = caps * (1 + _ROUNDING) + _ROUNDING
    plan = _capped(meter, net_kwh, store, _split(meter, caps))
    (path,) = plan.paths
    wear = store.wear_per_kwh * float(path.discharge_kwh.sum())
    cost = meter_cost(meter, plan.net_kwh, path.discharge_kwh) + wear
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
        iterations=iterations,
    )
    return dataclasses.replace(plan, cost=cost, certificate=certificate)


def _capped(
    meter: MeterPrices, net_kwh: np.ndarray, store: Store, caps: tuple[np.ndarray, ...]
) -> MemberPlan:
    """Solve under caps, with the price of stored energy but without a certificate."""
    capped = with_caps(meter, caps)
    path = follow_levels(capped, net_kwh, store, storage_levels(capped, net_kwh, store))
    planned_kwh = net_kwh + path.drawn_kwh
    wear = store.wear_per_kwh * float(path.discharge_kwh.sum())
    return MemberPlan(
        paths=(path,),
        net_kwh=planned_kwh,
        cost=meter_cost(capped, planned_kwh, path.discharge_kwh) + wear,
        certificate=Certificate(method="exact engine under caps"),
        stored_value=stored_value(capped, net_kwh, store, path),
    )


def _largest(peak: PeriodPeaks, net_kwh: np.ndarray, store: Store, step_h: float) -> np.ndarray:
    limit = store.charge_limit_kwh if peak.sign > 0 else store.discharge_limit_kwh
    highest = np.zeros(len(peak.price_per_kw))
    np.maximum.at(highest, peak.period_of_step, (peak.sign * net_kwh + limit) / step_h)
    return highest


def _mixed(
    meter: MeterPrices, steep: tuple[np.ndarray, ...], gentle: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, ...]:
    """Mix two surcharges so that they sum up to the price of the peak in each period."""
    mixed = []
    for peak, more, less in zip(meter.peaks, steep, gentle, strict=True):
        upper, lower = (meter.step_h * np.bincount(peak.period_of_step, u) for u in (more, less))
        span, wanted = upper - lower, peak.price_per_kw - lower
        part = np.divide(wanted, span, out=np.zeros_like(span), where=span > 0)
        part = np.clip(part, 0.0, 1.0)[peak.period_of_step]
        mixed.append(_limited(peak, part * more + (1 - part) * less, meter.step_h))
    return tuple(mixed)


def _limited(peak: PeriodPeaks, surcharge: np.ndarray, step_h: float) -> np.ndarray:
    """Keep a surcharge within the price of the peak, so that it bounds from below."""
    total = step_h * np.bincount(peak.period_of_step, surcharge)
    share = np.minimum(1.0, peak.price_per_kw / np.maximum(total, 1e-300))
    return np.asarray(surcharge * share[peak.period_of_step])
