"""What each stage of a simulated year hands to the next one.

T steps, N members, B buses, L lines. Tables carry the labels of their steps and members; power is
in kW, energy in kWh, import positive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from nemogrid.charges import Charge, Quantity
from nemogrid.community import Community
from nemogrid.errors import SolveError
from nemogrid.tables import check_table, require_same_members
from nemogrid.timeline import Timeline


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Evidence that a computation found what it claims.

    Parameters
    ----------
    method : str
        How the result was found.
    objective : float
        Value of the objective [money], or NaN where there is none.
    primal_residual, dual_residual : float
        Largest violation of a constraint, and of optimality.
    gap : float
        Primal minus dual objective, relative to the objective.
    iterations : int
        Iterations of the method; 0 for a closed form.
    """

    method: str
    objective: float = float("nan")
    primal_residual: float = 0.0
    dual_residual: float = 0.0
    gap: float = 0.0
    iterations: int = 0

    def require(self, tolerance: float) -> Certificate:
        """Return the certificate, or raise when a residual is above the tolerance.

        Parameters
        ----------
        tolerance : float
            Largest accepted residual or gap.

        Returns
        -------
        Certificate

        Raises
        ------
        SolveError
            If a residual or the gap is too large or not a number.

        Examples
        --------
        >>> Certificate(method="closed form").require(1e-9).gap
        0.0
        """
        for name in ("primal_residual", "dual_residual", "gap"):
            value = getattr(self, name)
            if not abs(value) <= tolerance:
                raise SolveError(
                    f"{self.method}: {name} is {value:.3g}, expected at most {tolerance:.3g}"
                )
        return self


@dataclass(frozen=True, kw_only=True, eq=False)
class Profiles:
    """What members use and generate before anybody decides anything.

    Parameters
    ----------
    timeline : Timeline
        T steps.
    load_kw : pandas.DataFrame, shape (T, N)
        Mean power of the load in each step [kW], not negative.
    pv_kw : pandas.DataFrame, shape (T, N)
        Mean power of the photovoltaic system in each step [kW], not negative.
    reactive_kvar : pandas.DataFrame, shape (T, N)
        Mean reactive power of the load [kvar], inductive positive.
    vehicle_kw, heat_pump_kw : pandas.DataFrame, shape (T, N), or None
        What cars and heat pumps draw when nobody shifts them [kW], not part of the load; None
        where there are none.

    Raises
    ------
    LabelError
        If the tables disagree in members or steps.
    InputError
        If a value is negative, missing or not a number; the message names member and step.
    """

    timeline: Timeline
    load_kw: pd.DataFrame
    pv_kw: pd.DataFrame
    reactive_kvar: pd.DataFrame
    vehicle_kw: pd.DataFrame | None = None
    heat_pump_kw: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        check_table(self.load_kw, self.timeline, what="load [kW]", lowest=0.0)
        check_table(self.pv_kw, self.timeline, what="PV power [kW]", lowest=0.0)
        check_table(self.reactive_kvar, self.timeline, what="reactive power [kvar]")
        for name in ("pv_kw", "reactive_kvar"):
            require_same_members(getattr(self, name), self.load_kw.columns, what=name)
        for name in ("vehicle_kw", "heat_pump_kw"):
            table = getattr(self, name)
            if table is not None:
                check_table(table, self.timeline, what=f"{name[:-3]} power [kW]", lowest=0.0)
                require_same_members(table, self.load_kw.columns, what=name)

    @cached_property
    def net_kw(self) -> pd.DataFrame:
        """Load less PV [kW], shape (T, N), without cars and heat pumps: import positive."""
        return self.load_kw - self.pv_kw


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """What the members decided to draw from the feeder.

    Parameters
    ----------
    net_kw : pandas.DataFrame, shape (T, N)
        Net load [kW]: import positive.
    certificate : Certificate
        That no member could have paid less, or the name of the rule that was followed.
    drawn_kw : mapping of str to pandas.DataFrame, shape (T, N)
        Power that each kind of device draws, part of `net_kw` [kW]: ``"battery"`` and
        ``"vehicle"`` (charging positive), ``"heat_pump"``, and ``"shiftable"`` (what runs less
        what was asked for). Kinds that nobody owns are missing.
    """

    net_kw: pd.DataFrame
    certificate: Certificate
    drawn_kw: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def storage_kw(self) -> pd.DataFrame | None:
        """Power that batteries draw [kW], shape (T, N), or None where there are none."""
        return self.drawn_kw.get("battery")

    @property
    def discharged_kw(self) -> np.ndarray:
        """Power that batteries and cars give back [kW], shape (T, N)."""
        back = [
            np.maximum(-self.drawn_kw[kind].to_numpy(), 0.0)
            for kind in ("battery", "vehicle")
            if kind in self.drawn_kw
        ]
        return np.asarray(sum(back, start=np.zeros(self.net_kw.shape)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Trades:
    """Energy that members sold to one another, by way of the community manager.

    Parameters
    ----------
    bought_kwh, sold_kwh : pandas.DataFrame, shape (T, N)
        Local purchases and sales of each member [kWh].
    price : pandas.Series, shape (T,)
        Price of local energy [money per kWh]; NaN where nothing was traded.
    """

    bought_kwh: pd.DataFrame
    sold_kwh: pd.DataFrame
    price: pd.Series

    @property
    def volume_kwh(self) -> pd.Series:
        """Energy traded in each step [kWh], shape (T,)."""
        return self.bought_kwh.sum(axis=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Clearing:
    """Plans and trades of one market, with the charges that it adds.

    Parameters
    ----------
    market : str
        Name of the market design.
    community : Community
        The members.
    profiles : Profiles
        What they use and generate.
    plan : Plan
        What they draw.
    trades : Trades
        What they sold to one another.
    charges : tuple of Charge
        Payments for local energy and fees of the manager.
    """

    market: str
    community: Community
    profiles: Profiles
    plan: Plan
    trades: Trades
    charges: tuple[Charge, ...]

    @property
    def timeline(self) -> Timeline:
        """The T steps."""
        return self.profiles.timeline

    @cached_property
    def energy_kwh(self) -> dict[Quantity, np.ndarray]:
        """Energies that charges count [kWh], each of shape (T, N)."""
        net_kwh = self.plan.net_kw.to_numpy() * self.timeline.step_h
        imported, exported = np.maximum(net_kwh, 0.0), np.maximum(-net_kwh, 0.0)
        bought, sold = self.trades.bought_kwh.to_numpy(), self.trades.sold_kwh.to_numpy()
        return {
            Quantity.IMPORTED: imported,
            Quantity.EXPORTED: exported,
            Quantity.RETAIL_BOUGHT: imported - bought,
            Quantity.RETAIL_SOLD: exported - sold,
            Quantity.LOCAL_BOUGHT: bought,
            Quantity.LOCAL_SOLD: sold,
            Quantity.DISCHARGED: self.plan.discharged_kw * self.timeline.step_h,
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class FeederState:
    """What a plan does to the wires, step by step.

    Parameters
    ----------
    vm_pu : pandas.DataFrame, shape (T, B)
        Voltage of each bus, per unit of its nominal voltage; columns are bus indices.
    line_loading_share : pandas.DataFrame, shape (T, L)
        Current of each line as a share of its rating; columns are line indices.
    transformer_loading_share : pandas.DataFrame, shape (T, n_trafo)
        Loading of each transformer as a share of its rating; columns are transformer indices.
    loss_kw : pandas.Series, shape (T,)
        Losses of lines and transformers [kW].
    certificate : Certificate
        That every step converged; the primal residual is the largest power mismatch [pu].
    """

    vm_pu: pd.DataFrame
    line_loading_share: pd.DataFrame
    transformer_loading_share: pd.DataFrame
    loss_kw: pd.Series
    certificate: Certificate


@dataclass(frozen=True, kw_only=True, eq=False)
class Bills:
    """Who paid whom: double-entry postings.

    Parameters
    ----------
    postings : pandas.DataFrame
        A row per (period, payer, payee, item) with the columns ``quantity`` [kWh, kW or periods]
        and ``amount`` [money], amounts not negative.
    members : tuple of str
        Names of the members, in order.
    currency : str
        ISO code.
    """

    postings: pd.DataFrame
    members: tuple[str, ...]
    currency: str

    def by_actor(self) -> pd.Series:
        """Net receipts of every actor [money]: what it was paid less what it paid.

        Returns
        -------
        pandas.Series
            Members first, then the other actors; the sum is zero.
        """
        received = self.postings.groupby("payee", observed=True)["amount"].sum()
        paid = self.postings.groupby("payer", observed=True)["amount"].sum()
        net = received.sub(paid, fill_value=0.0)
        others = [actor for actor in net.index if actor not in set(self.members)]
        return net.reindex([*self.members, *others], fill_value=0.0).rename("net_receipts")

    def by_member(self) -> pd.DataFrame:
        """Bill of every member by item [money]: payments positive, credits negative.

        Returns
        -------
        pandas.DataFrame, shape (N, items + 1)
            The last column, ``total``, is what the member pays in the whole timeline.
        """
        names = set(self.members)
        paid = self.postings[self.postings["payer"].isin(names)]
        earned = self.postings[self.postings["payee"].isin(names)]
        lines = pd.concat(
            [
                paid[["payer", "item", "amount"]].rename(columns={"payer": "member"}),
                earned[["payee", "item", "amount"]]
                .rename(columns={"payee": "member"})
                .assign(amount=-earned["amount"]),
            ]
        )
        table = lines.pivot_table(
            index="member", columns="item", values="amount", aggfunc="sum", fill_value=0.0,
            sort=False, observed=True,
        ).reindex(list(self.members), fill_value=0.0)  # fmt: skip
        table.columns.name = None
        return table.assign(total=table.sum(axis=1))
