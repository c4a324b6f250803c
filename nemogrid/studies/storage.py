"""When a battery pays: savings of a year against what it costs, and what foresight is worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from nemogrid.devices import Battery
from nemogrid.dispatch.exact import solve_exact
from nemogrid.dispatch.horizons import plan_ahead
from nemogrid.dispatch.member_plan import MemberPlan
from nemogrid.dispatch.meter import MeterPrices, meter_cost
from nemogrid.dispatch.planning import Planning
from nemogrid.dispatch.self_consumption import store_own_surplus
from nemogrid.dispatch.store import battery_store
from nemogrid.economics import annuity, battery_life_years
from nemogrid.errors import InputError
from nemogrid.timeline import Timeline

FORESIGHT = {
    "the whole year, known": Planning(),
    "today and tomorrow, known": Planning(horizon="rolling"),
    "today, known": Planning(horizon="day"),
    "today and tomorrow, guessed": Planning(horizon="rolling", foresight="naive"),
    "today, guessed": Planning(horizon="day", foresight="naive"),
    "no plan: store own surplus": Planning(control="uncontrolled"),
}
"""Ways to run a battery, from the best informed to a rule that looks at nothing."""


def home_battery(
    capacity_kwh: float,
    *,
    round_trip_share: float = 0.9,
    hours: float = 2.0,
    wear_per_kwh: float = 0.0,
) -> Battery:
    """Describe a home battery by its size.

    Parameters
    ----------
    capacity_kwh : float
        Usable energy [kWh].
    round_trip_share : float
        Energy that comes back over energy put in, 0..1; both ways lose alike.
    hours : float
        Capacity over power [h].
    wear_per_kwh : float
        What a discharged kWh uses up [money per kWh].

    Returns
    -------
    Battery

    Examples
    --------
    >>> box = home_battery(8.5)
    >>> box.power_kw, round(box.charge_efficiency * box.discharge_efficiency, 9)
    (4.25, 0.9)
    """
    each_way = round_trip_share**0.5
    return Battery(
        capacity_kwh=capacity_kwh,
        power_kw=capacity_kwh / hours,
        charge_efficiency=each_way,
        discharge_efficiency=each_way,
        wear_per_kwh=wear_per_kwh,
    )


def battery_returns(
    meters: Mapping[str, MeterPrices], net_kwh: np.ndarray, batteries: Iterable[Battery]
) -> pd.DataFrame:
    """Run batteries of several sizes or wears against several tariffs.

    Parameters
    ----------
    meters : mapping of str to MeterPrices
        Prices of a year of steps by name of the tariff, without charges that couple steps.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy of the house without a battery [kWh], import positive.
    batteries : iterable of Battery
        Each is run against each tariff, its wear being part of the objective.

    Returns
    -------
    pandas.DataFrame
        A row per tariff and battery: ``tariff``, ``capacity_kwh``, ``wear_per_kwh``,
        ``saving`` (off the bill, per year, before wear), ``discharged_kwh`` (per year) and
        ``cycles`` (per year, capacities taken out).

    Raises
    ------
    SolveError
        If a plan cannot be found or proved.

    Examples
    --------
    >>> from nemogrid.dispatch.meter import two_prices
    >>> meter = two_prices(np.full(8760, 0.3), np.full(8760, 0.1), step_h=1.0)
    >>> net_kwh = np.tile(np.r_[-np.ones(12), np.ones(12)], 365)
    >>> table = battery_returns({"flat": meter}, net_kwh, [home_battery(5.0)])
    >>> table.round(3)[["saving", "discharged_kwh", "cycles"]].to_dict("records")
    [{'saving': 326.584, 'discharged_kwh': 1728.975, 'cycles': 364.5}]
    """
    boxes = list(batteries)
    rows = []
    for tariff, meter in meters.items():
        years = meter.n_steps * meter.step_h / 8760.0
        usual = meter_cost(meter, net_kwh)
        for box in boxes:
            store = battery_store(box, meter.n_steps, step_h=meter.step_h)
            plan = solve_exact(meter, net_kwh, store)
            back_kwh = float(plan.paths[0].discharge_kwh.sum())
            wear = box.wear_per_kwh * back_kwh
            rows.append(
                {
                    "tariff": tariff,
                    "capacity_kwh": box.capacity_kwh,
                    "wear_per_kwh": box.wear_per_kwh,
                    "saving": (usual - plan.cost + wear) / years,
                    "discharged_kwh": back_kwh / years,
                    "cycles": back_kwh / box.discharge_efficiency / box.capacity_kwh / years,
                }
            )
    return pd.DataFrame(rows)


def break_even_cost(
    returns: pd.DataFrame, *, calendar_years: float, cycle_life: float, discount_rate: float
) -> pd.Series:
    r"""Find what a battery may cost, installed, per kWh of capacity.

    The yearly saving :math:`S` pays for the investment :math:`c K` over the life :math:`N` of the
    battery, at the interest :math:`r`:

    .. math:: c = \frac{S}{K} \sum_{n=1}^{N} (1 + r)^{-n} .

    Parameters
    ----------
    returns : pandas.DataFrame
        From `battery_returns`, of batteries that cost nothing to run.
    calendar_years, cycle_life : float
        When it is too old, and how many cycles it can do.
    discount_rate : float
        Interest, per year.

    Returns
    -------
    pandas.Series
        Money per kWh of capacity, with the rows of the returns.

    Examples
    --------
    >>> row = {"saving": 100.0, "capacity_kwh": 5.0, "cycles": 200.0}
    >>> life = {"calendar_years": 15, "cycle_life": 5_000, "discount_rate": 0.0}
    >>> break_even_cost(pd.DataFrame([row]), **life).tolist()
    [300.0]
    """

    def worth(row: pd.Series) -> float:
        if row["cycles"] <= 0:
            return 0.0
        years = battery_life_years(
            calendar_years=calendar_years, cycle_life=cycle_life, cycles_per_year=row["cycles"]
        )
        return float(row["saving"] / row["capacity_kwh"] / annuity(1.0, years, discount_rate))

    return pd.Series([worth(row) for _, row in returns.iterrows()], returns.index, dtype=float)


def bid_windows(
    generation: Mapping[str, float],
    storage: Mapping[str, float],
    *,
    round_trip_share: float,
    ceilings: tuple[float, float],
) -> pd.DataFrame:
    r"""Hold the least price of energy out of a battery against the most that a neighbour pays.

    What is stored costs :math:`c`, and :math:`1/\eta` of it is needed for a kWh; the battery costs
    :math:`w` per discharged kWh. A neighbour pays at most its energy price :math:`e` and the share
    :math:`\delta` of the network charge that is waived:

    .. math:: \frac{c}{\eta} + w \;\le\; e + \delta\, n .

    Parameters
    ----------
    generation, storage : mapping of str to float
        Cost of a generated and of a discharged kWh by name of the case [money per kWh].
    round_trip_share : float
        :math:`\eta`, above 0 and at most 1.
    ceilings : (float, float)
        Energy price, and network charge [money per kWh].

    Returns
    -------
    pandas.DataFrame
        A row per pair of cases: ``generation``, ``storage``, ``printed`` (the floor without the
        loss), ``floor`` [money per kWh], ``discount`` (share of the network charge that would have
        to be waived; above 1 where all of it is not enough) and ``is_open`` without any.

    Raises
    ------
    InputError
        For an efficiency outside its range, or a network charge that is not above 0.

    Examples
    --------
    >>> table = bid_windows({"roof": 0.09}, {"box": 0.1}, round_trip_share=0.9,
    ...                     ceilings=(0.12, 0.1))
    >>> table.round(3)[["printed", "floor", "discount"]].to_dict("records")
    [{'printed': 0.19, 'floor': 0.2, 'discount': 0.8}]
    """
    energy, network = ceilings
    if not 0 < round_trip_share <= 1:
        raise InputError(
            f"bid windows: round_trip_share is {round_trip_share}, expected above 0 and at most 1"
        )
    if not network > 0:
        raise InputError(f"bid windows: the network charge is {network}, expected above 0")
    rows = []
    for roof, cost in generation.items():
        for box, worn in storage.items():
            floor = cost / round_trip_share + worn
            rows.append(
                {
                    "generation": roof,
                    "storage": box,
                    "printed": cost + worn,
                    "floor": floor,
                    "discount": max(0.0, (floor - energy) / network),
                    "is_open": floor <= energy,
                }
            )
    return pd.DataFrame(rows)


def foresight_costs(
    meter: MeterPrices,
    net_kwh: np.ndarray,
    battery: Battery,
    timeline: Timeline,
    *,
    ways: Iterable[str] = tuple(FORESIGHT),
) -> pd.DataFrame:
    """Run a battery with less and less foresight.

    Parameters
    ----------
    meter : MeterPrices
        Prices without charges that couple steps.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy of the house without a battery [kWh], import positive.
    battery : Battery
        The battery.
    timeline : Timeline
        The T steps.
    ways : iterable of str
        Names in `FORESIGHT`; all of them unless told otherwise.

    Returns
    -------
    pandas.DataFrame
        A row for each way: ``saving`` (against no battery) and ``lost`` (against the
        best plan that ends with as much energy) [money]. The savings are those of the best plan
        that ends with what it began with, less what is lost.

    Raises
    ------
    SolveError
        If a plan cannot be found or proved.
    """
    store = battery_store(battery, meter.n_steps, step_h=meter.step_h)
    best = solve_exact(meter, net_kwh, store)
    lost = {}
    for name in ways:
        planning = FORESIGHT[name]
        if planning.control == "uncontrolled":
            cost, left_kwh = _rule(meter, net_kwh, battery)
        elif planning.horizon == "whole":
            cost, left_kwh = best.cost, store.initial_kwh
        else:
            plan = plan_ahead(meter, net_kwh, (store,), timeline, planning=planning)
            cost, left_kwh = plan.cost, float(plan.paths[0].stored_kwh[-1])
        lost[name] = cost - _best_cost(meter, net_kwh, battery, left_kwh)
    table = pd.DataFrame({"lost": pd.Series(lost, dtype=float)})
    return table.assign(saving=meter_cost(meter, net_kwh) - best.cost - table["lost"])


def plan_table(plan: MemberPlan, net_kwh: np.ndarray, timeline: Timeline) -> pd.DataFrame:
    """Lay the plan of one store out over time, for figures.

    Parameters
    ----------
    plan : MemberPlan
        Of one store.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy without the store [kWh].
    timeline : Timeline
        The T steps.

    Returns
    -------
    pandas.DataFrame, shape (T, 6)
        ``net_kw``, ``meter_kw`` (with the store), ``charge_kw``, ``discharge_kw``, ``stored_kwh``
        (at the end of the step) and ``value`` (of stored energy, money per kWh; NaN where the plan
        has none), by start of the step.
    """
    (path,) = plan.paths
    step_h = timeline.step_h
    value = np.full(len(net_kwh), np.nan) if plan.stored_value is None else plan.stored_value
    return pd.DataFrame(
        {
            "net_kw": net_kwh / step_h,
            "meter_kw": plan.net_kwh / step_h,
            "charge_kw": path.charge_kwh / step_h,
            "discharge_kw": path.discharge_kwh / step_h,
            "stored_kwh": path.stored_kwh[1:],
            "value": value,
        },
        index=timeline.index,
    )


def _rule(meter: MeterPrices, net_kwh: np.ndarray, battery: Battery) -> tuple[float, float]:
    drawn, stored = store_own_surplus(net_kwh, battery, step_h=meter.step_h)
    back_kwh = float(np.maximum(-drawn, 0.0).sum())
    cost = meter_cost(meter, net_kwh + drawn, back_kwh) + battery.wear_per_kwh * back_kwh
    return cost, float(stored[-1])


def _best_cost(meter: MeterPrices, net_kwh: np.ndarray, battery: Battery, end_kwh: float) -> float:
    end_kwh = min(max(end_kwh, 0.0), battery.capacity_kwh)
    store = battery_store(battery, meter.n_steps, step_h=meter.step_h, end_kwh=end_kwh)
    return solve_exact(meter, net_kwh, store).cost
