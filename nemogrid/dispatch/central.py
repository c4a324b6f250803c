r"""The central optimum: one program for all members, that sees the transformer and the voltages.

The program is `nemogrid.dispatch.central_program`: the members' own programs side by side, a price
on the largest load of the community, and bounds of the transformer and of voltages.

Without a price on the peak and with bounds that do not bind, the members do not meet in the
program and its optimum is what each finds alone. With them it can pay to charge and discharge at
once, which burns energy and no store can do. Steps in which that happens are held to the direction
of the change, and the program is solved again; what is then lost at most against the first, lower,
bound is the gap of the certificate. Losses of the feeder are left out; `nemogrid.studies` looks at
the result with an AC power flow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nemogrid.dispatch.central_program import VoltageRows, put_together
from nemogrid.dispatch.household import Household
from nemogrid.dispatch.lp_highs import ArrayProgram, ArraySolution, solve_arrays
from nemogrid.dispatch.lp_matrix import LinearProgram
from nemogrid.dispatch.lp_model import assemble
from nemogrid.dispatch.member_plan import StorePath
from nemogrid.dispatch.meter import meter_cost
from nemogrid.dispatch.must_run import safe_kwh
from nemogrid.errors import InputError, LabelError, SolveError
from nemogrid.results import Certificate

_BURNT_KWH = 1e-7
_MOST_ROUNDS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class CentralPlan:
    """How all stores run together.

    Parameters
    ----------
    paths : tuple of dict of str to StorePath
        By household, by kind of store.
    net_kw : numpy.ndarray, shape (T, N)
        Net load at each meter [kW].
    bills : numpy.ndarray, shape (N,)
        What each member pays for energy, blocks, peaks and wear, without fees [money].
    peak_kw : float
        Largest load of the community, import or export [kW].
    certificate : Certificate
        Of the whole program; the objective is the bills and the priced peak.
    """

    paths: tuple[dict[str, StorePath], ...]
    net_kw: np.ndarray
    bills: np.ndarray
    peak_kw: float
    certificate: Certificate


def solve_central(
    households: tuple[Household, ...],
    *,
    peak_price_per_kw: float = 0.0,
    transformer_kw: float | None = None,
    voltages: VoltageRows | None = None,
    time_limit_s: float = 300.0,
) -> CentralPlan:
    """Find the plan of all members together.

    Parameters
    ----------
    households : tuple of Household
        N members; what they pay, use and own.
    peak_price_per_kw : float
        Price of the largest load of the community over the horizon [money per kW].
    transformer_kw : float, optional
        Bound of the load of the community, each way [kW].
    voltages : VoltageRows, optional
        Bounded voltages.
    time_limit_s : float
        When HiGHS gives up [s], for each program.

    Returns
    -------
    CentralPlan
        Where many plans are optimal, the one that HiGHS finds.

    Raises
    ------
    InputError
        For a negative price, or no household.
    SolveError
        If there is no plan within the bounds, or none was found in time.

    Examples
    --------
    Two cars that would both charge in the first step share the two steps:

    >>> from nemogrid.dispatch.meter import two_prices
    >>> from nemogrid.dispatch.store import Store
    >>> car = Store(name="vehicle", charge_limit_kwh=[4.0, 4.0], discharge_limit_kwh=[0.0, 0.0],
    ...             lower_kwh=[0.0, 0.0, 4.0], upper_kwh=[4.0] * 3, initial_kwh=0.0)
    >>> meter = two_prices(np.array([0.30, 0.31]), np.array([0.1, 0.1]), step_h=1.0)
    >>> pair = tuple(Household(name=n, net_kwh=np.ones(2), meter=meter, stores={"vehicle": car})
    ...              for n in "ab")
    >>> [round(solve_central(pair, peak_price_per_kw=p).peak_kw, 6) for p in (0.0, 1.0)]
    [10.0, 6.0]
    """
    if not households:
        raise InputError("central optimum: no households, expected at least one")
    if not (np.isfinite(peak_price_per_kw) and peak_price_per_kw >= 0):
        raise InputError(f"peak_price_per_kw is {peak_price_per_kw}, expected at least 0")
    if voltages is not None and voltages.pu_per_kw.shape[1] != len(households):
        raise LabelError(
            f"voltages of {voltages.pu_per_kw.shape[1]} members, expected {len(households)}"
        )
    for house in households:
        for store in house.stores.values():
            _require_runnable(house.name, store)
    members = [
        assemble(house.meter, house.net_kwh, tuple(house.stores.values())) if house.stores else None
        for house in households
    ]
    program, places = put_together(
        households, members, peak_price_per_kw=peak_price_per_kw, transformer_kw=transformer_kw,
        voltages=voltages,
    )  # fmt: skip
    solution = solve_arrays(program, time_limit_s=time_limit_s)
    bound, iterations = solution.bound, solution.iterations
    for _ in range(_MOST_ROUNDS):
        held = _without_burning(program, solution, households, members, places)
        if held is None:
            break
        program = held
        solution = solve_arrays(program, time_limit_s=time_limit_s)
        iterations += solution.iterations
    else:
        raise SolveError(f"central optimum: stores still burn energy after {_MOST_ROUNDS} rounds")
    return _read(households, members, places, solution, peak_price_per_kw, bound, iterations)


def _require_runnable(member: str, store: Any) -> None:
    try:
        safe_kwh(store)
    except SolveError as error:
        raise SolveError(f"member {member!r}: {error}") from None


def _flows(
    member: LinearProgram, values: np.ndarray, house: Household
) -> list[tuple[np.ndarray, np.ndarray, dict[str, Any]]]:
    """Read charge and discharge of each store, and which columns they are."""
    split, names = member.split(values), list(member.columns)
    starts = np.cumsum([0, *(len(group.cost) for group in member.columns.values())])
    place = {name: starts[i] + np.arange(len(split[name])) for i, name in enumerate(names)}
    T = len(house.net_kwh)
    if len(house.stores) == 1:
        charge = np.bincount(member.up.step, split["up"], minlength=T)
        discharge = np.bincount(member.down.step, split["down"], minlength=T)
        columns = {
            "in": (member.up.step, place["up"]),
            "out": (member.down.step, place["down"]),
        }
        return [(charge, discharge, columns)]
    steps = np.arange(T)
    return [
        (
            split[f"charge {k}"],
            split[f"discharge {k}"],
            {"in": (steps, place[f"charge {k}"]), "out": (steps, place[f"discharge {k}"])},
        )
        for k in range(len(house.stores))
    ]


def _without_burning(
    program: ArrayProgram,
    solution: ArraySolution,
    households: tuple[Household, ...],
    members: list[LinearProgram | None],
    places: list[slice],
) -> ArrayProgram | None:
    """Hold each store that does both at once to the direction of its change; None if none does."""
    upper, found = program.upper.copy(), False
    for house, member, place in zip(households, members, places, strict=True):
        if member is None:
            continue
        flows = _flows(member, solution.values[place], house)
        for store, (charge, discharge, columns) in zip(house.stores.values(), flows, strict=True):
            both = np.minimum(charge, discharge) > _BURNT_KWH
            if not both.any():
                continue
            found = True
            change = store.charge_efficiency * charge - discharge / store.discharge_efficiency
            for way, steps in (("out", both & (change >= 0)), ("in", both & (change < 0))):
                step, column = columns[way]
                upper[place.start + column[steps[step]]] = 0.0
    return replace(program, upper=upper) if found else None


def _read(
    households: tuple[Household, ...],
    members: list[LinearProgram | None],
    places: list[slice],
    solution: ArraySolution,
    price: float,
    bound: float,
    iterations: int,
) -> CentralPlan:
    """Read the paths, and price what the meters count."""
    step_h = households[0].meter.step_h
    paths, net, bills, fixed = [], [], [], 0.0
    for house, member, place in zip(households, members, places, strict=True):
        own: dict[str, StorePath] = {}
        net_kwh, discharged, wear = house.net_kwh.copy(), 0.0, 0.0
        if member is not None:
            values = solution.values[place]
            split = member.split(values)
            for k, (kind, (charge, discharge, _)) in enumerate(
                zip(house.stores, _flows(member, values, house), strict=True)
            ):
                store = house.stores[kind]
                path = StorePath(
                    charge_kwh=np.clip(charge, 0.0, store.charge_limit_kwh),
                    discharge_kwh=np.clip(discharge, 0.0, store.discharge_limit_kwh),
                    stored_kwh=np.r_[store.initial_kwh, split[f"stored {k}"]],
                )
                own[kind] = path
                net_kwh = net_kwh + path.drawn_kwh
                discharged += float(path.discharge_kwh.sum())
                wear += store.wear_per_kwh * float(path.discharge_kwh.sum())
        else:
            fixed += meter_cost(house.meter, house.net_kwh)
        paths.append(own)
        net.append(net_kwh / step_h)
        bills.append(meter_cost(house.meter, net_kwh, discharged) + wear)
    net_kw = np.column_stack(net)
    peak_kw = float(np.abs(net_kw.sum(axis=1)).max())
    objective = float(sum(bills)) + price * peak_kw
    certificate = Certificate(
        method="central optimum, HiGHS",
        objective=objective,
        primal_residual=solution.primal_residual,
        dual_residual=solution.dual_residual,
        gap=(objective - bound - fixed) / max(abs(objective), 1.0),
        iterations=iterations,
    )
    return CentralPlan(
        paths=tuple(paths), net_kw=net_kw, bills=np.array(bills), peak_kw=peak_kw,
        certificate=certificate,
    )  # fmt: skip
