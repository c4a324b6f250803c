r"""Plans of batteries that cost their owners the same: which one is chosen, matters to the wires.

Under a price that is flat for hours a battery may fill at nine or at noon, and the bill is the
same. The plans of least cost form a lattice: of any two, the one that holds the larger of both
stored energies at every moment is of least cost too, and so is the one that holds the smaller. So
there is a plan that charges earliest, which `nemogrid.dispatch.plan_members` chooses, and one that
charges latest. They are also convex: every mixture of two of them is one of them.

(Where cycling costs nothing, as with surplus that nobody pays for, the plans that cycle least are
meant.)

Both facts are used here. A store that loses next to nothing of its energy in each step holds as
little as it can. And with prices that rise next to nothing with the load of all, a battery chooses
what suits its neighbours best among what costs it the same; mixing such plans in the right
proportion is the method of Frank and Wolfe [1]_ for the calmest load

.. math:: \min \sum_t \Big( \sum_n x_{n,t} \Big)^2 \quad
          \text{over the plans of least cost of every member } n .

Every plan is proved to be one of least cost, by the prices of stored energy.

References
----------
.. [1] M. Frank, P. Wolfe, "An algorithm for quadratic programming", Naval Research Logistics
   Quarterly 3:95-110, 1956, doi:10.1002/nav.3800030109.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from nemogrid.charges import Charge
from nemogrid.community import Community
from nemogrid.dispatch.exact import follow_levels, storage_levels, with_value
from nemogrid.dispatch.member_plan import StorePath
from nemogrid.dispatch.meter import MeterPrices, read_meter_prices
from nemogrid.dispatch.store import Store, battery_store
from nemogrid.errors import InputError, SolveError
from nemogrid.results import Certificate, Plan, Profiles

_LITTLE = 1e-13
"""Share of its energy that a store loses in a step, so that it holds no more than it needs."""

_NUDGE_PER_KWH = 1e-6
"""Largest change of a price to decide among equal plans [money per kWh], far below any difference
of prices."""


def earliest_plan(
    community: Community, profiles: Profiles, charges: tuple[Charge, ...]
) -> Plan:  # fmt: skip
    """Plan every battery for itself, to hold as much as it can at every moment.

    Parameters
    ----------
    community : Community
        N members, whose only flexible devices are batteries.
    profiles : Profiles
        Their load and PV over T steps.
    charges : tuple of Charge
        Without charges that couple steps.

    Returns
    -------
    Plan
        What `nemogrid.dispatch.plan_members` returns.

    Raises
    ------
    InputError
        If a member has another flexible device, or nobody has a battery.
    SolveError
        If charges couple steps, or a plan is not proved to be one of least cost.
    """
    homes = _homes(community, profiles, charges)
    return _together([home.solve() for home in homes], homes, profiles, "earliest")


def latest_plan(community: Community, profiles: Profiles, charges: tuple[Charge, ...]) -> Plan:
    """Plan every battery for itself, to hold as little as it can at every moment.

    Parameters
    ----------
    community, profiles, charges
        As in `earliest_plan`.

    Returns
    -------
    Plan
        At the cost of `earliest_plan`, charging latest and discharging earliest.

    Raises
    ------
    InputError, SolveError
        As in `earliest_plan`.
    """
    homes = _homes(community, profiles, charges)
    paths = [
        home.solve(store=replace(home.store, kept_share=home.store.kept_share * (1 - _LITTLE)))
        for home in homes
    ]
    return _together(paths, homes, profiles, "latest")


def calmest_plan(
    community: Community,
    profiles: Profiles,
    charges: tuple[Charge, ...],
    *,
    rounds: int = 12,
    progress: Callable[[float], None] | None = None,
) -> Plan:
    """Plan every battery at least cost, and among these plans so that the sum of all is calm.

    Parameters
    ----------
    community, profiles, charges
        As in `earliest_plan`.
    rounds : int
        How often each member looks at the sum of all and moves towards what would suit it best.
    progress : callable, optional
        Called before the first and after every round with the sum of the squares of the
        community's net load [kW2 h], which does not rise.

    Returns
    -------
    Plan
        At the cost of `earliest_plan`.

    Raises
    ------
    InputError, SolveError
        As in `earliest_plan`; also for less than one round.
    """
    if rounds < 1:
        raise InputError(f"calmest plan: {rounds} rounds, expected at least 1")
    homes = _homes(community, profiles, charges)
    step_h = profiles.timeline.step_h
    paths = [home.solve() for home in homes]
    total_kwh = profiles.net_kw.sum(axis=1).to_numpy() * step_h
    total_kwh = total_kwh + sum(path.drawn_kwh for path in paths)
    report = progress or _silent
    report(float((total_kwh**2).sum()) / step_h)
    for _ in range(rounds):
        for n, home in enumerate(homes):
            nudge = total_kwh * (_NUDGE_PER_KWH / max(float(np.abs(total_kwh).max()), 1e-12))
            prices = home.meter.prices + nudge[:, None]
            path = home.solve(meter=replace(home.meter, prices=prices))
            way = path.drawn_kwh - paths[n].drawn_kwh
            length = float((way * way).sum())
            share = -float((total_kwh * way).sum()) / length if length > 0 else 0.0
            mixed = _mixture(home.store, paths[n], path, min(max(share, 0.0), 1.0))
            total_kwh = total_kwh + mixed.drawn_kwh - paths[n].drawn_kwh
            paths[n] = mixed
        report(float((total_kwh**2).sum()) / step_h)
    return _together(paths, homes, profiles, f"calmest, {rounds} rounds")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Home:
    """One battery and its meter."""

    name: str
    meter: MeterPrices
    net_kwh: np.ndarray
    store: Store

    def solve(self, *, meter: MeterPrices | None = None, store: Store | None = None) -> StorePath:
        """Choose by slightly other prices or losses, and act on those that are."""
        levels = storage_levels(meter or self.meter, self.net_kwh, store or self.store)
        return follow_levels(self.meter, self.net_kwh, self.store, levels)


def _homes(
    community: Community, profiles: Profiles, charges: tuple[Charge, ...]
) -> list[_Home]:  # fmt: skip
    timeline, homes = profiles.timeline, []
    for member in community:
        if member.vehicle or member.heat_pump or member.shiftable:
            raise InputError(
                f"member {member.name!r} has more than a battery: expected batteries only, for "
                "which the plans of least cost form a lattice"
            )
        if member.battery is None:
            continue
        meter = read_meter_prices(charges, timeline, community.names, member.name)
        if meter.couples_steps:
            raise SolveError(
                f"member {member.name!r}: {meter.coupling} couple steps, expected prices of "
                "single steps"
            )
        net_kwh = profiles.net_kw[member.name].to_numpy() * timeline.step_h
        store = battery_store(member.battery, timeline.n_steps, step_h=timeline.step_h)
        # What members pay for wear is among the charges, and is not counted again.
        store = replace(store, wear_per_kwh=0.0)
        homes.append(_Home(name=member.name, meter=meter, net_kwh=net_kwh, store=store))
    if not homes:
        raise InputError("equal plans: nobody in the community has a battery, expected some")
    return homes


def _mixture(store: Store, path: StorePath, other: StorePath, share: float) -> StorePath:
    """Mix two paths: stored energies mix, and what flows both ways at once cancels."""
    stored_kwh = (1 - share) * path.stored_kwh + share * other.stored_kwh
    change = stored_kwh[1:] - store.kept_share * stored_kwh[:-1] + store.used_kwh
    charge = (1 - share) * path.charge_kwh + share * other.charge_kwh
    back = (1 - share) * path.discharge_kwh + share * other.discharge_kwh
    both = (charge > 0) & (back > 0)
    charge = np.where(both, np.maximum(change, 0.0) / store.charge_efficiency, charge)
    back = np.where(both, np.maximum(-change, 0.0) * store.discharge_efficiency, back)
    return StorePath(charge_kwh=charge, discharge_kwh=back, stored_kwh=stored_kwh)


def _together(
    paths: Sequence[StorePath],
    homes: Sequence[_Home],
    profiles: Profiles,
    which: str,
) -> Plan:
    """Prove every path to be one of least cost, and add them to the net loads."""
    steps, names = profiles.net_kw.index, profiles.net_kw.columns
    drawn_kw = pd.DataFrame(np.zeros(profiles.net_kw.shape), steps, names)
    plans = []
    for home, path in zip(homes, paths, strict=True):
        try:
            plans.append(
                with_value(home.meter, home.net_kwh, home.store, path, method=which)
            )  # fmt: skip
        except SolveError as error:
            raise SolveError(f"member {home.name!r}: {error}") from None
        drawn_kw[home.name] = path.drawn_kwh / profiles.timeline.step_h
    certificate = Certificate(
        method=f"exact engine, among plans of equal cost the {which}",
        objective=float(sum(plan.cost for plan in plans)),
        primal_residual=max(plan.certificate.primal_residual for plan in plans),
        gap=max(plan.certificate.gap for plan in plans),
    )
    return Plan(
        net_kw=profiles.net_kw + drawn_kw,
        certificate=certificate,
        drawn_kw={"battery": drawn_kw},
    )


def _silent(value: float) -> None:
    """Report nothing."""
