"""Four worlds on one feeder: nobody controls, prices do, every household does, or one for all.

=============  ====================================================================================
world          who decides about batteries, cars, heat pumps and appliances
=============  ====================================================================================
no control     nobody: batteries store own surplus, cars charge on arrival, heat pumps follow the
               demand, appliances run at once
prices         each member: the plan that costs it least, with the whole week known in advance
local control  each household by the rule of `nemogrid.dispatch.local_control`, from its own socket
central        one program for all members that also sees a price on the peak, the transformer and
               the voltages, with the whole week known in advance
=============  ====================================================================================

All four serve the same needs: cars leave full, houses stay warm, nothing stays owed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from nemogrid.dispatch import plan_members
from nemogrid.dispatch.local_control import LinearVoltage, run_local_control
from nemogrid.dispatch.local_settings import LocalControl
from nemogrid.dispatch.member_plan import StorePath
from nemogrid.dispatch.member_stores import uncontrolled
from nemogrid.scenario import Scenario
from nemogrid.studies.central_control import settle_central
from nemogrid.studies.load_control import settle_local_control
from nemogrid.studies.worlds import Life, Week, Worlds, live
from nemogrid.timeline import Timeline

WORLDS = ("no control", "prices", "local control", "central")
"""Names of the four worlds, in their order."""


def four_worlds(
    scenario: Scenario,
    weeks: Mapping[str, Timeline],
    *,
    control: LocalControl | None = None,
    peak_price_per_kw: float = 1.0,
    band_pu: tuple[float, float] = (0.9, 1.1),
) -> Worlds:
    """Let the same members live each week four times.

    Parameters
    ----------
    scenario : Scenario
        Feeder, assets, tariff and seed; its timeline, market and planning are not used.
    weeks : mapping of str to Timeline
        For example `nemogrid.studies.worlds.season_weeks`.
    control : LocalControl, optional
        Settings of the local rule.
    peak_price_per_kw : float
        What the central program pays for its largest load in each week [money per kW].
    band_pu : tuple of float
        Voltages that the central program keeps [pu].

    Returns
    -------
    Worlds
        See `nemogrid.studies.worlds.live`.

    Raises
    ------
    InputError
        If there is no week.
    SolveError, PowerFlowError
        For a world that cannot be computed.
    """

    def central(week: Week) -> Life:
        found = settle_central(
            week.network, week.community, week.profiles, week.households,
            peak_price_per_kw=peak_price_per_kw, band_pu=band_pu,
        )  # fmt: skip
        return _life(week, found.plan.net_kw, found.plan.paths, len(found.history))

    worlds = (no_control, prices, _local(control or LocalControl(), scenario.seed), central)
    return live(scenario, weeks, dict(zip(WORLDS, worlds, strict=True)))


def local_variants(
    scenario: Scenario, weeks: Mapping[str, Timeline], variants: Mapping[str, LocalControl]
) -> Worlds:
    """Let the members live each week by the local rule with several settings.

    Which part of the rule does what: without gain nobody listens to the voltage; without delays and
    ramp all answer at once.

    Parameters
    ----------
    scenario : Scenario
        Feeder, assets, tariff and seed.
    weeks : mapping of str to Timeline
        For example `nemogrid.studies.worlds.season_weeks`.
    variants : mapping of str to LocalControl
        Settings by name.

    Returns
    -------
    Worlds
        A world per variant.

    Raises
    ------
    InputError
        If there is no week or no variant.
    SolveError, PowerFlowError
        For a variant that does not settle.
    """
    worlds = {name: _local(control, scenario.seed) for name, control in variants.items()}
    return live(scenario, weeks, worlds)


def no_control(week: Week) -> Life:
    """Run devices uncontrolled, and batteries by own surplus.

    Parameters
    ----------
    week : Week
        Who lives it.

    Returns
    -------
    Life
    """
    profiles, homes = week.profiles, []
    step_h = profiles.timeline.step_h
    for member, house in zip(week.community, week.households, strict=True):
        drawn_kw = {k: p for k, p in uncontrolled(member, profiles).items() if k != "battery"}
        net_kw = profiles.net_kw[member.name].to_numpy() + sum(drawn_kw.values())
        batteries = {kind: s for kind, s in house.stores.items() if kind == "battery"}
        homes.append(replace(house, net_kwh=net_kw * step_h, stores=batteries))
    T, N = profiles.net_kw.shape
    unseen = LinearVoltage(
        base_pu=np.ones((T, N)), base_kw=np.zeros((T, N)), pu_per_kw=np.zeros((N, N))
    )
    rule = LocalControl(gain_per_spread=0.0)
    run = run_local_control(tuple(homes), rule, unseen, delay_steps=np.zeros(N, dtype=int))
    return _life(week, run.net_kw, run.paths, 0)


def prices(week: Week) -> Life:
    """Let each member plan for itself, against what it pays.

    Parameters
    ----------
    week : Week
        Who lives it.

    Returns
    -------
    Life
    """
    plan = plan_members(week.community, week.profiles, week.charges)
    return Life(
        net_kw=plan.net_kw.to_numpy(),
        discharged_kwh=plan.discharged_kw * week.profiles.timeline.step_h,
    )


def _local(control: LocalControl, seed: int) -> Callable[[Week], Life]:
    def world(week: Week) -> Life:
        settled = settle_local_control(
            week.network, week.community, week.profiles, week.households, control, seed=seed
        )
        return _life(week, settled.run.net_kw, settled.run.paths, len(settled.history))

    return world


def _life(
    week: Week, net_kw: np.ndarray, paths: Sequence[Mapping[str, StorePath]], power_flows: int
) -> Life:
    nothing = np.zeros(week.profiles.timeline.n_steps)
    discharged = [sum((p.discharge_kwh for p in own.values()), start=nothing) for own in paths]
    return Life(net_kw=net_kw, discharged_kwh=np.column_stack(discharged), power_flows=power_flows)
