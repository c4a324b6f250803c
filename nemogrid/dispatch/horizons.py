"""How far a household sees when it plans: the whole timeline, a day, or a day and the next.

The planner of a day knows the prices. It knows the net load, or takes it to be the mean of
yesterday's and last week's at the same time (naive foresight). With one store, a plan made with a
forecast is not a list of powers: it is a list of levels, up to which the store acts on what the
meter really sees. With several stores it is a list of powers, kept whatever comes.

The rule for the stored energy at midnight: a battery ends each day, or the window of a rolling
plan, with at least the energy it began with. Other stores may end with any energy from which
everything that is asked of them later is still possible.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from nemogrid.dispatch.best_plan import solve_member
from nemogrid.dispatch.exact import (
    burning_steps,
    follow_levels,
    path_residual,
    solve_exact,
    storage_levels,
)
from nemogrid.dispatch.member_plan import MemberPlan, StorePath
from nemogrid.dispatch.meter import MeterPrices, meter_cost
from nemogrid.dispatch.must_run import safe_kwh
from nemogrid.dispatch.planning import Planning
from nemogrid.dispatch.store import Store
from nemogrid.errors import SolveError
from nemogrid.results import Certificate
from nemogrid.timeline import Period, Timeline


def plan_ahead(
    meter: MeterPrices,
    net_kwh: np.ndarray,
    stores: tuple[Store, ...],
    timeline: Timeline,
    *,
    planning: Planning,
) -> MemberPlan:
    """Plan the stores of a member with the horizon and the foresight of the settings.

    Parameters
    ----------
    meter : MeterPrices
        What energy through its meter costs.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy without the stores [kWh], as it turns out.
    stores : tuple of Store
        What can be shifted.
    timeline : Timeline
        T steps.
    planning : Planning
        Horizon, look-ahead and foresight.

    Returns
    -------
    MemberPlan
        The cost is that of what really happens. The gap of the certificate is the largest of any
        window against the best plan of that window; plans made with a forecast have none to show.

    Raises
    ------
    SolveError
        If charges couple steps beyond the horizon, or a store cannot keep its bounds.
    """
    if planning.horizon == "whole" or not stores:
        return solve_member(meter, net_kwh, stores)
    if meter.couples_steps:
        raise SolveError(
            f"a plan of single days cannot see {meter.coupling}, which span more; expected the "
            "horizon 'whole'"
        )
    bounds = [safe_kwh(store) for store in stores]
    safe = tuple(
        dataclasses.replace(store, lower_kwh=lower, upper_kwh=upper)
        for store, (lower, upper) in zip(stores, bounds, strict=True)
    )
    look_ahead = (
        round(planning.look_ahead_h / timeline.step_h) if planning.horizon == "rolling" else 0
    )
    level = [store.initial_kwh for store in stores]
    days: list[tuple[StorePath, ...]] = []
    gap, methods = 0.0, set[str]()
    for start, end in day_spans(timeline):
        last = min(end + look_ahead, timeline.n_steps)
        window = tuple(
            _window(store, start, last, energy) for store, energy in zip(safe, level, strict=True)
        )
        seen_kwh = net_kwh
        if planning.foresight == "naive":
            seen_kwh = naive_forecast(net_kwh[:last], timeline, known=start)
        prices = _cut(meter, start, last)
        plan = _plan_window(prices, net_kwh[start:last], seen_kwh[start:last], window)
        gap = max(gap, plan.certificate.gap)
        methods.add(plan.certificate.method)
        days.append(tuple(_first(path, end - start) for path in plan.paths))
        level = [float(path.stored_kwh[-1]) for path in days[-1]]
    paths = tuple(_joined(parts) for parts in zip(*days, strict=True))
    return _booked(meter, net_kwh, stores, paths, _method(planning, methods), gap)


def naive_forecast(
    net_kwh: np.ndarray, timeline: Timeline, *, known: int | None = None
) -> np.ndarray:
    """Expect of each step the mean of the same time yesterday and a week ago.

    Parameters
    ----------
    net_kwh : numpy.ndarray, shape (T,)
        Net energy as it turned out [kWh].
    timeline : Timeline
        With these steps at its beginning.
    known : int, optional
        Number of steps that have passed when the forecast is made: later ones are expected from
        the last day and the last week that have. All days have passed but each step's own, unless
        told otherwise.

    Returns
    -------
    numpy.ndarray, shape (T,)
        In the first week only yesterday counts; the first 24 hours are taken as known.

    Examples
    --------
    >>> import pandas as pd
    >>> days = Timeline(pd.Timestamp("2026-01-05", tz="UTC"), 1.0, 9 * 24)
    >>> naive_forecast(np.repeat(np.arange(9.0), 24), days)[::24].tolist()
    [0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 3.0, 4.0]
    >>> naive_forecast(np.repeat(np.arange(9.0), 24), days, known=24 * 7)[24 * 7 :: 24].tolist()
    [3.0, 3.5]
    """
    day = round(24 / timeline.step_h)
    steps = np.arange(len(net_kwh))
    # How many steps ahead each one is: as many days or weeks are gone back.
    ahead = np.zeros_like(steps) if known is None else np.maximum(steps - max(known, day), 0)
    yesterday, week = (steps - span * (1 + ahead // span) for span in (day, 7 * day))
    forecast = np.where(yesterday < 0, net_kwh, net_kwh[np.maximum(yesterday, 0)])
    return np.where(week < 0, forecast, (forecast + net_kwh[np.maximum(week, 0)]) / 2)


def day_spans(timeline: Timeline) -> Iterator[tuple[int, int]]:
    """Cut the timeline into local days.

    Parameters
    ----------
    timeline : Timeline
        T steps.

    Yields
    ------
    tuple of int
        First step, and first step after, of each day.
    """
    first = timeline.first_steps(Period.DAY).tolist()
    yield from zip(first, [*first[1:], timeline.n_steps], strict=True)


def _plan_window(
    meter: MeterPrices, net_kwh: np.ndarray, seen_kwh: np.ndarray, stores: tuple[Store, ...]
) -> MemberPlan:
    if len(stores) == 1 and not burning_steps(meter, seen_kwh, stores[0]).size:
        if seen_kwh is net_kwh or np.array_equal(seen_kwh, net_kwh):
            return solve_exact(meter, net_kwh, stores[0])
        levels = storage_levels(meter, seen_kwh, stores[0])
        path = follow_levels(meter, net_kwh, stores[0], levels)
        certificate = Certificate(method="exact engine on a forecast")
        return MemberPlan(paths=(path,), net_kwh=net_kwh, cost=0.0, certificate=certificate)
    return solve_member(meter, seen_kwh, stores)


def _cut(meter: MeterPrices, start: int, end: int) -> MeterPrices:
    return dataclasses.replace(
        meter, prices=meter.prices[start:end], edges_kwh=meter.edges_kwh[start:end], fees={}
    )


def _window(store: Store, start: int, end: int, initial_kwh: float) -> Store:
    lower_kwh = store.lower_kwh[start : end + 1].copy()
    if store.name == "battery":
        lower_kwh[-1] = max(lower_kwh[-1], min(initial_kwh, store.upper_kwh[end]))
    return dataclasses.replace(
        store,
        charge_limit_kwh=store.charge_limit_kwh[start:end],
        discharge_limit_kwh=store.discharge_limit_kwh[start:end],
        lower_kwh=lower_kwh,
        upper_kwh=store.upper_kwh[start : end + 1],
        initial_kwh=initial_kwh,
        used_kwh=store.used_kwh[start:end],
    )


def _first(path: StorePath, n_steps: int) -> StorePath:
    return StorePath(
        charge_kwh=path.charge_kwh[:n_steps],
        discharge_kwh=path.discharge_kwh[:n_steps],
        stored_kwh=path.stored_kwh[: n_steps + 1],
    )


def _joined(parts: tuple[StorePath, ...]) -> StorePath:
    return StorePath(
        charge_kwh=np.concatenate([part.charge_kwh for part in parts]),
        discharge_kwh=np.concatenate([part.discharge_kwh for part in parts]),
        stored_kwh=np.concatenate(
            [parts[0].stored_kwh[:1], *(part.stored_kwh[1:] for part in parts)]
        ),
    )


def _method(planning: Planning, methods: set[str]) -> str:
    horizon = {
        "day": "each day for itself",
        "rolling": f"each day with a look of {planning.look_ahead_h:g} h ahead",
    }[planning.horizon]
    return f"{horizon}, {planning.foresight} foresight: {', '.join(sorted(methods))}"


def _booked(
    meter: MeterPrices,
    net_kwh: np.ndarray,
    stores: tuple[Store, ...],
    paths: tuple[StorePath, ...],
    method: str,
    gap: float,
) -> MemberPlan:
    planned_kwh = net_kwh + sum(path.drawn_kwh for path in paths)
    discharged = np.asarray(sum(path.discharge_kwh for path in paths))
    wear = sum(
        store.wear_per_kwh * float(path.discharge_kwh.sum())
        for store, path in zip(stores, paths, strict=True)
    )
    cost = meter_cost(meter, planned_kwh, discharged) + wear
    residuals = [path_residual(store, path) for store, path in zip(stores, paths, strict=True)]
    certificate = Certificate(
        method=method, objective=cost, primal_residual=max(residuals), gap=gap
    )
    return MemberPlan(
        paths=paths, net_kwh=planned_kwh, cost=cost, certificate=certificate.require(1e-6)
    )
