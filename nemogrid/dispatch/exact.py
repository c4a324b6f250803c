r"""The exact engine: a year of one store in one pass back and one pass forth.

Let :math:`x_t` be the change of the stored energy by charging (:math:`x_t > 0`) or discharging.
A step costs :math:`f_t(x_t)`, which is convex and piecewise linear with a piece for every block of
the meter it can reach: export displaced, import displaced, surplus stored, energy drawn to be
stored. The cost-to-go

.. math::

   B_t(s) = \min_x \; f_t(x) + B_{t+1}(\rho s + x - q_t), \qquad
   \underline{s}_t \le s \le \overline{s}_t,

is then convex and piecewise linear too, and the minimum is an infimal convolution: it merges the
sorted slopes of :math:`B_{t+1}` and of the mirrored :math:`f_t`, and the bounds of the store cut
off the ends. Keeping only slopes and widths, the pass back is exact: it knows no grid and no
tolerance. Where a slope :math:`m` of :math:`f_t` would be inserted in :math:`B_{t+1}` is a stored
energy: the level up to which the piece with that slope is used. The pass forth follows the levels.

Slopes are pairs of money and kWh taken out, compared in that order, and levels are the highest
that are optimal. So ties are settled: least cost, then least cycling, then the most stored energy
at every moment, that is the earliest charging and the latest discharging.

The cost :math:`f_t` is convex if discharging never gives back more than charging cost: with the
price :math:`p` of the block in which the net load lies and the wear :math:`w`, if

.. math:: \eta^d (p - w) \le p / \eta^c .

That holds for every :math:`p \ge 0`. Below :math:`-\eta^d w / (1/\eta^c - \eta^d)` it would pay to
charge and discharge at once, to burn energy, which no battery can do: `burning_steps` finds these
steps, and the engine leaves them to a solver that can decide for one or the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nemogrid.dispatch.member_plan import MemberPlan, StorePath
from nemogrid.dispatch.meter import MeterPrices, meter_cost
from nemogrid.dispatch.reachable import require_reachable
from nemogrid.dispatch.store import Store
from nemogrid.errors import InputError, SolveError
from nemogrid.results import Certificate

Arrays = tuple[np.ndarray, ...]


def solve_exact(meter: MeterPrices, net_kwh: np.ndarray, store: Store) -> MemberPlan:
    """Find the cheapest plan of one store, exactly.

    Parameters
    ----------
    meter : MeterPrices
        Prices of net energy, without charges that couple steps.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy without the store [kWh], import positive.
    store : Store
        What can be charged and discharged.

    Returns
    -------
    MemberPlan
        With the price of stored energy after each step; the gap of the certificate is what these
        prices prove that no other plan can save.

    Raises
    ------
    SolveError
        If the store cannot keep its bounds, if charges couple steps, or if burning would pay.
    InputError
        If the arrays are not equally long.
    """
    _require_solvable(meter, net_kwh, store)
    levels = storage_levels(meter, net_kwh, store)
    path = follow_levels(meter, net_kwh, store, levels)
    return with_value(meter, net_kwh, store, path, method="exact engine: merged slopes")


def storage_levels(meter: MeterPrices, net_kwh: np.ndarray, store: Store) -> np.ndarray:
    """Run the pass back: find the stored energies up to which each block of the meter acts.

    Parameters
    ----------
    meter, net_kwh, store
        As in `solve_exact`; the net energy may be a forecast.

    Returns
    -------
    numpy.ndarray, shape (T, 2 M)
        For each of the M blocks the stored energy after the step below which discharging into it
        stops, then the one up to which charging from it goes on [kWh].
    """
    levels, *_ = _kernel().backward(*arguments(meter, net_kwh, store), 0)
    return np.asarray(levels)


def cost_to_go(
    meter: MeterPrices, net_kwh: np.ndarray, store: Store, *, step: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """Lay open the cost-to-go of a step, for pictures of its slopes.

    Parameters
    ----------
    meter, net_kwh, store
        As in `solve_exact`.
    step : int
        From 0 to T.

    Returns
    -------
    left_kwh : float
        Least stored energy at the start of the step [kWh].
    slopes, widths_kwh : numpy.ndarray, shape (K,)
        Pieces from left to right [money per kWh, kWh].
    """
    if not 0 <= step <= store.n_steps:
        raise InputError(f"step is {step}: expected 0 to {store.n_steps}")
    _, left, slopes, widths = _kernel().backward(*arguments(meter, net_kwh, store), step)
    return float(left), slopes, widths


def follow_levels(
    meter: MeterPrices, net_kwh: np.ndarray, store: Store, levels: np.ndarray
) -> StorePath:
    """Run the pass forth: act on what the meter sees, up to the levels.

    Parameters
    ----------
    meter, store
        As in `solve_exact`.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy as it turns out [kWh], which need not be the forecast of the levels.
    levels : numpy.ndarray, shape (T, 2 M)
        From `storage_levels`.

    Returns
    -------
    StorePath

    Raises
    ------
    SolveError
        If the store cannot keep its bounds, naming the step.
    """
    given = arguments(meter, net_kwh, store)
    charge, discharge, stored = _kernel().forward(*given, levels, store.initial_kwh)
    missed = np.maximum(store.lower_kwh - stored, stored - store.upper_kwh)
    if missed.max() > tolerance_kwh(store):
        require_reachable(store)
        worst = int(missed.argmax())
        raise SolveError(
            f"{store.name}: at step {worst} the stored energy misses its bounds by "
            f"{missed[worst]:.3g} kWh, expected at most {tolerance_kwh(store):.3g}"
        )
    return StorePath(charge_kwh=charge, discharge_kwh=discharge, stored_kwh=stored)


def with_value(
    meter: MeterPrices, net_kwh: np.ndarray, store: Store, path: StorePath, *, method: str
) -> MemberPlan:
    r"""Price the stored energy of a plan, and prove with it how good the plan is.

    Any plan will do, whoever made it. With prices :math:`\lambda_t` of stored energy the best plan
    costs at least the sum of :math:`\min_x f_t(x) - \lambda_t x` and of the least worth of stored
    energy within its bounds; the gap to the cost of this plan is a sum of slacks, none of them
    negative.

    Parameters
    ----------
    meter, net_kwh, store
        As in `solve_exact`.
    path : StorePath
        A plan.
    method : str
        For the certificate.

    Returns
    -------
    MemberPlan

    Raises
    ------
    SolveError
        If the plan does not keep the balance or the limits of the store.
    """
    value = stored_value(meter, net_kwh, store, path)
    *given, _, eta = arguments(meter, net_kwh, store)
    plan = (path.charge_kwh, path.discharge_kwh, path.stored_kwh)
    slack = _value_kernel().slacks(*given, eta, plan, value)
    planned_kwh = net_kwh + path.drawn_kwh
    wear = store.wear_per_kwh * float(path.discharge_kwh.sum())
    cost = meter_cost(meter, planned_kwh, path.discharge_kwh) + wear
    # Prices do not fall from block to block, so that the first or the last is the largest.
    largest = np.maximum(np.abs(meter.prices[:, 0]), np.abs(meter.prices[:, -1]))
    scale = max(abs(cost), float(largest @ np.abs(net_kwh)), 1.0)
    certificate = Certificate(
        method=method,
        objective=cost,
        primal_residual=path_residual(store, path),
        gap=float(slack) / scale,
    )
    return MemberPlan(
        paths=(path,),
        net_kwh=planned_kwh,
        cost=cost,
        certificate=certificate.require(1e-7),
        stored_value=value,
    )


def stored_value(
    meter: MeterPrices, net_kwh: np.ndarray, store: Store, path: StorePath
) -> np.ndarray:
    """Find prices of stored energy at which no step would rather do otherwise.

    Parameters
    ----------
    meter, net_kwh, store
        As in `solve_exact`.
    path : StorePath
        A plan; if it is not optimal there are no such prices, and these come near.

    Returns
    -------
    numpy.ndarray, shape (T,)
        What one more kWh in the store after each step would save [money per kWh].
    """
    *given, _, eta = arguments(meter, net_kwh, store)
    plan = (path.charge_kwh, path.discharge_kwh, path.stored_kwh)
    return np.asarray(_value_kernel().values(*given, eta, plan, tolerance_kwh(store)))


def path_residual(store: Store, path: StorePath) -> float:
    """Measure how far a path breaks the balance or the limits of its store.

    Parameters
    ----------
    store : Store
        Limits and balance.
    path : StorePath
        What it did.

    Returns
    -------
    float
        Largest violation [kWh], also of not charging and discharging at once.
    """
    charge, discharge, stored = path.charge_kwh, path.discharge_kwh, path.stored_kwh
    change = store.charge_efficiency * charge - discharge / store.discharge_efficiency
    balance = stored[1:] - store.kept_share * stored[:-1] - change + store.used_kwh
    violations = (
        np.abs(balance),
        [abs(stored[0] - store.initial_kwh)],
        store.lower_kwh[1:] - stored[1:],
        stored[1:] - store.upper_kwh[1:],
        charge - store.charge_limit_kwh,
        discharge - store.discharge_limit_kwh,
        -charge,
        -discharge,
        np.minimum(charge, discharge),
    )
    return max(0.0, *(float(np.max(violation, initial=0.0)) for violation in violations))


def burning_steps(meter: MeterPrices, net_kwh: np.ndarray, store: Store) -> np.ndarray:
    """Find the steps in which charging and discharging at once would pay.

    Parameters
    ----------
    meter, net_kwh, store
        As in `solve_exact`.

    Returns
    -------
    numpy.ndarray of int
        Positions.

    Examples
    --------
    >>> from nemogrid.dispatch.meter import two_prices
    >>> meter = two_prices(np.array([0.3, 0.3]), np.array([0.1, -0.1]), step_h=1.0)
    >>> store = Store(name="battery", charge_limit_kwh=[1.0, 1.0], discharge_limit_kwh=[1.0, 1.0],
    ...               lower_kwh=[0.0] * 3, upper_kwh=[2.0] * 3, initial_kwh=0.0,
    ...               charge_efficiency=0.9)
    >>> burning_steps(meter, np.array([-1.0, -1.0]), store).tolist()
    [1]
    """
    if meter.prices.min(initial=0.0) >= 0.0:
        return np.zeros(0, dtype=int)
    below = np.count_nonzero(meter.edges_kwh < net_kwh[:, None], axis=1)
    above = np.count_nonzero(meter.edges_kwh <= net_kwh[:, None], axis=1)
    steps = np.arange(meter.n_steps)
    wear = meter.wear_per_kwh + store.wear_per_kwh
    given_back = store.discharge_efficiency * (meter.prices[steps, below] - wear)
    paid = meter.prices[steps, above] / store.charge_efficiency
    both = (store.charge_limit_kwh > 0) & (store.discharge_limit_kwh > 0)
    return np.flatnonzero(both & (given_back > paid))


def tolerance_kwh(store: Store) -> float:
    """Tell how near a bound counts as on it [kWh]: rounding, for a store of this size."""
    size = max(float(np.abs(store.upper_kwh).max()), float(np.abs(store.lower_kwh).max()))
    return 1e-9 * max(size, float(store.charge_limit_kwh.max(initial=0.0)), 1e-3)


def arguments(meter: MeterPrices, net_kwh: np.ndarray, store: Store) -> Arrays:
    """Lay the arguments of the compiled passes out, in their order."""
    wear = meter.wear_per_kwh + store.wear_per_kwh
    return (
        meter.prices, meter.edges_kwh, np.ascontiguousarray(net_kwh, dtype=float),
        store.charge_limit_kwh, store.discharge_limit_kwh, store.lower_kwh, store.upper_kwh,
        store.used_kwh,
        (store.charge_efficiency, store.discharge_efficiency, store.kept_share, wear),
    )  # type: ignore[return-value]  # fmt: skip


def _kernel() -> Any:
    from nemogrid.dispatch import kernel

    return kernel


def _value_kernel() -> Any:
    from nemogrid.dispatch import value_kernel

    return value_kernel


def _require_solvable(meter: MeterPrices, net_kwh: np.ndarray, store: Store) -> None:
    T = store.n_steps
    if meter.n_steps != T or np.shape(net_kwh) != (T,):
        raise InputError(
            f"{store.name}: {T} steps, but prices for {meter.n_steps} and net energy of shape "
            f"{np.shape(net_kwh)}; expected the same number"
        )
    if meter.couples_steps:
        raise SolveError(
            f"exact engine: {meter.coupling} couple steps, expected prices of single steps"
        )
    burning = burning_steps(meter, net_kwh, store)
    if burning.size:
        raise SolveError(
            f"{store.name}: charging and discharging at once would pay at step {burning[0]} and "
            f"{burning.size - 1} others; expected prices at which burning energy does not pay"
        )
