"""What every member draws: the plans of a community, under the settings of a scenario."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from nemogrid.charges import Charge
from nemogrid.community import Community, Member
from nemogrid.dispatch.horizons import plan_ahead
from nemogrid.dispatch.member_stores import KINDS, member_stores, uncontrolled
from nemogrid.dispatch.meter import meter_cost, read_meter_prices
from nemogrid.dispatch.planning import Planning
from nemogrid.dispatch.without_storage import plan_without_storage
from nemogrid.errors import SolveError
from nemogrid.results import Certificate, Plan, Profiles
from nemogrid.tables import require_same_members


def plan_members(
    community: Community,
    profiles: Profiles,
    charges: tuple[Charge, ...],
    *,
    planning: Planning | None = None,
) -> Plan:
    """Plan what every member draws, each for itself, against the charges that it faces.

    Parameters
    ----------
    community : Community
        N members.
    profiles : Profiles
        Their load and PV over T steps, and what cars and heat pumps would draw.
    charges : tuple of Charge
        Prices that the members face with the retailer and the others; wear of stores is one of
        them, see `nemogrid.charges.ownership_charges`.
    planning : Planning, optional
        Control, horizon and foresight; the optimum of the whole timeline unless told otherwise.

    Returns
    -------
    Plan
        Without anything flexible in the community, that of `plan_without_storage`. Otherwise the
        objective of the certificate is what the members pay for energy, blocks, peaks and wear;
        residuals and gap are the largest of any member.

    Raises
    ------
    LabelError
        If the profiles are of other members.
    SolveError
        If exporting pays more than importing costs, or a member's plan cannot be found or proved;
        the message names the member.
    """
    planning = planning or Planning()
    require_same_members(profiles.load_kw, community.names, what="profiles")
    if not community.is_flexible:
        return plan_without_storage(profiles, charges)
    steps, names = profiles.net_kw.index, profiles.net_kw.columns
    net_kw = profiles.net_kw.to_numpy().copy()
    drawn_kw: dict[str, np.ndarray] = {}
    certificates = []
    for column, member in enumerate(community):
        drawn, certificate = _plan_member(member, community, profiles, charges, planning)
        certificates.append(certificate)
        for kind, power in drawn.items():
            drawn_kw.setdefault(kind, np.zeros_like(net_kw))[:, column] = power
            net_kw[:, column] += power
    methods = sorted({certificate.method for certificate in certificates})
    certificate = Certificate(
        method="; ".join(methods),
        objective=float(sum(certificate.objective for certificate in certificates)),
        primal_residual=max(certificate.primal_residual for certificate in certificates),
        gap=max(certificate.gap for certificate in certificates),
    )
    return Plan(
        net_kw=pd.DataFrame(net_kw, steps, names),
        certificate=certificate,
        drawn_kw={
            kind: pd.DataFrame(drawn_kw[kind], steps, names) for kind in KINDS if kind in drawn_kw
        },
    )


def _plan_member(
    member: Member,
    community: Community,
    profiles: Profiles,
    charges: tuple[Charge, ...],
    planning: Planning,
) -> tuple[dict[str, np.ndarray], Certificate]:
    timeline = profiles.timeline
    step_h = timeline.step_h
    meter = read_meter_prices(charges, timeline, community.names, member.name)
    net_kwh = profiles.net_kw[member.name].to_numpy() * step_h
    if planning.control == "uncontrolled":
        drawn_kw = uncontrolled(member, profiles)
        planned_kwh = net_kwh + step_h * sum(drawn_kw.values(), start=np.zeros(len(net_kwh)))
        back_kwh = sum(
            (
                step_h * np.maximum(-power, 0.0)
                for kind, power in drawn_kw.items()
                if kind in ("battery", "vehicle")
            ),
            start=np.zeros(len(net_kwh)),
        )
        cost = meter_cost(meter, planned_kwh, back_kwh)
        return drawn_kw, Certificate(method="devices run uncontrolled, by rule", objective=cost)
    # What members pay for wear is among the charges, and is not counted again.
    stores = {
        kind: dataclasses.replace(store, wear_per_kwh=0.0)
        for kind, store in member_stores(member, profiles).items()
    }
    asked_kwh = stores["shiftable"].used_kwh if "shiftable" in stores else np.zeros(len(net_kwh))
    try:
        plan = plan_ahead(
            meter, net_kwh - asked_kwh, tuple(stores.values()), timeline, planning=planning
        )
    except SolveError as error:
        raise SolveError(f"member {member.name!r}: {error}") from None
    drawn_kw = {
        kind: path.drawn_kwh / step_h for kind, path in zip(stores, plan.paths, strict=True)
    }
    if "shiftable" in drawn_kw:
        drawn_kw["shiftable"] = drawn_kw["shiftable"] - asked_kwh / step_h
    return drawn_kw, plan.certificate
