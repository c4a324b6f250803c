"""Charges on peaks turned into prices of single steps: caps, and surcharges.

See `nemogrid.dispatch.peaks` for what they are good for.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from nemogrid.dispatch.exact import tolerance_kwh
from nemogrid.dispatch.member_plan import MemberPlan
from nemogrid.dispatch.meter import MeterPrices, PeriodPeaks
from nemogrid.dispatch.store import Store


def with_caps(meter: MeterPrices, caps_kw: tuple[np.ndarray, ...]) -> MeterPrices:
    """Make what lies above the caps of the peaks too dear, and drop their price.

    Parameters
    ----------
    meter : MeterPrices
        With peaks.
    caps_kw : tuple of numpy.ndarray, shape (P,)
        A cap per period, for each of the peaks [kW].

    Returns
    -------
    MeterPrices
        With a block more for each of the peaks.
    """
    edges, prices = meter.edges_kwh, meter.prices
    for peak, cap in zip(meter.peaks, caps_kw, strict=True):
        limit = peak.sign * cap[peak.period_of_step][:, None] * meter.step_h
        more = np.sort(np.hstack([edges, limit]), axis=1)
        # A block is known by a point inside it, or by its finite end.
        starts = np.hstack([np.full((len(more), 1), -np.inf), more])
        block = (starts[:, :, None] >= edges[:, None, :]).sum(axis=2)
        prices = np.take_along_axis(prices, block, axis=1)
        above = starts >= limit if peak.sign > 0 else starts < limit
        prices = prices + peak.sign * above * _deterrent(peak, meter.step_h)[:, None]
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
    steps, near = np.arange(meter.n_steps), tolerance_kwh(store)
    surcharges = []
    for peak, cap in zip(meter.peaks, caps_kw, strict=True):
        limit = cap[peak.period_of_step] * meter.step_h
        binds = peak.sign * plan.net_kwh >= limit - near
        breaks = peak.sign * plan.net_kwh > limit + near
        dear = _deterrent(peak, meter.step_h)
        inside = peak.sign * limit[:, None]
        beyond = meter.edges_kwh < inside if peak.sign > 0 else meter.edges_kwh <= inside
        price = meter.prices[steps, beyond.sum(axis=1)]
        surcharge = np.where(binds, np.clip(peak.sign * (worth - price), 0.0, dear), 0.0)
        surcharges.append(np.where(breaks, dear, surcharge))
    return tuple(surcharges)


def _deterrent(peak: PeriodPeaks, step_h: float) -> np.ndarray:
    return np.asarray((2.0 * peak.price_per_kw / step_h)[peak.period_of_step])
