"""The central optimum on a feeder: bounds of voltages are added where the AC power flow asks.

A bound for every bus and step would make the program large, and most never bind. So the program is
first solved without them; an AC power flow of the plan then shows which voltages leave the band,
each of these is bounded, linearly around that power flow, and the program is solved again. It ends
with a plan whose AC voltages are within the band.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.community import Community
from nemogrid.dispatch.central import CentralPlan, solve_central
from nemogrid.dispatch.central_program import VoltageRows
from nemogrid.dispatch.household import Household
from nemogrid.errors import InputError, SolveError
from nemogrid.feeder import run_power_flow
from nemogrid.results import FeederState, Profiles
from nemogrid.simulation import on_buses
from nemogrid.studies.load_control import member_sensitivity

_TOLERANCE_PU = 1e-4


@dataclass(frozen=True, kw_only=True, eq=False)
class CentralFeeder:
    """The central optimum, and what it does to the wires.

    Parameters
    ----------
    plan : CentralPlan
        How all stores run.
    state : FeederState
        AC power flow of the plan.
    history : pandas.DataFrame
        A row per program: ``bounded``, how many voltages had bounds, ``peak_kw``, ``bills`` (the
        sum, money), ``outside_pu``, how far the AC voltages leave the band, and
        ``linear_error_pu``, the largest error of voltages that are foretold from the feeder without
        any store.
    """

    plan: CentralPlan
    state: FeederState
    history: pd.DataFrame


def settle_central(
    network: Any,
    community: Community,
    profiles: Profiles,
    households: tuple[Household, ...],
    *,
    peak_price_per_kw: float = 0.0,
    transformer_share: float | None = 1.0,
    band_pu: tuple[float, float] = (0.9, 1.1),
    most_rounds: int = 10,
) -> CentralFeeder:
    """Find the plan of all members together whose AC voltages stay in a band.

    Parameters
    ----------
    network : pandapowerNet
        The feeder.
    community : Community
        N members and their buses.
    profiles : Profiles
        For the reactive power and the steps.
    households : tuple of Household
        From `nemogrid.studies.load_control.households_of`.
    peak_price_per_kw : float
        Price of the largest load of the community over the horizon [money per kW].
    transformer_share : float, optional
        Most apparent power of the members over the rated power of the transformers, 0..1; None
        sets no bound. Losses are not counted.
    band_pu : tuple of float
        Lowest and highest voltage at the members [pu].
    most_rounds : int
        Programs after which it gives up.

    Returns
    -------
    CentralFeeder

    Raises
    ------
    InputError
        For a band that is none, or loads whose reactive power alone fills the transformer.
    SolveError
        If there is no plan within the bounds, or voltages still leave the band by 1e-4 pu.
    """
    low, high = band_pu
    if not 0 < low < high:
        raise InputError(f"band_pu is {band_pu}, expected two voltages, the lower one first")
    step_h, buses = profiles.timeline.step_h, list(community.buses)
    reactive_kvar = on_buses(profiles.reactive_kvar, community)

    def flow(net_kw: np.ndarray) -> tuple[FeederState, np.ndarray]:
        table = pd.DataFrame(net_kw, profiles.timeline.index, list(community.names))
        state = run_power_flow(network, on_buses(table, community), reactive_kvar=reactive_kvar)
        return state, state.vm_pu[buses].to_numpy()

    transformer_kw = _transformer_kw(network, reactive_kvar, transformer_share)
    base_kw = np.column_stack([house.net_kwh for house in households]) / step_h
    slopes = member_sensitivity(network, community, profiles)
    base_pu = flow(base_kw)[1]
    bounded: dict[tuple[int, int], tuple[float, np.ndarray]] = {}
    history: list[dict[str, float]] = []
    for _ in range(most_rounds):
        plan = solve_central(
            households, peak_price_per_kw=peak_price_per_kw, transformer_kw=transformer_kw,
            voltages=_rows(bounded, slopes, band_pu),
        )  # fmt: skip
        state, volts = flow(plan.net_kw)
        foretold = base_pu + (plan.net_kw - base_kw) @ slopes.T
        outside = np.maximum(low - volts, volts - high)
        history.append(
            {
                "bounded": len(bounded),
                "peak_kw": plan.peak_kw,
                "bills": float(plan.bills.sum()),
                "outside_pu": max(float(outside.max()), 0.0),
                "linear_error_pu": float(np.abs(foretold - volts).max()),
            }
        )
        if outside.max() <= _TOLERANCE_PU:
            table = pd.DataFrame(history, index=pd.RangeIndex(1, len(history) + 1, name="program"))
            return CentralFeeder(plan=plan, state=state, history=table)
        for step, member in np.argwhere(outside > 0).tolist():
            bounded[step, member] = (float(volts[step, member]), plan.net_kw[step])
    raise SolveError(
        f"central optimum: after {most_rounds} programs voltages leave the band by "
        f"{history[-1]['outside_pu']:.3g} pu, expected at most {_TOLERANCE_PU:g} pu"
    )


def _transformer_kw(network: Any, reactive_kvar: pd.DataFrame, share: float | None) -> float | None:
    trafo = network.trafo[network.trafo["in_service"].astype(bool)]
    if share is None or trafo.empty:
        return None
    rated_kva = share * float((trafo["sn_mva"] * trafo["parallel"]).sum()) * 1e3
    most_kvar = float(reactive_kvar.sum(axis=1).abs().max())
    if most_kvar >= rated_kva:
        raise InputError(
            f"transformer_share is {share}: the reactive power of the loads reaches "
            f"{most_kvar:.4g} kvar, expected below {rated_kva:.4g} kVA"
        )
    return float(np.sqrt(rated_kva**2 - most_kvar**2))


def _rows(
    bounded: dict[tuple[int, int], tuple[float, np.ndarray]],
    slopes: np.ndarray,
    band_pu: tuple[float, float],
) -> VoltageRows | None:
    """Lay out the bounded voltages: by step and member, the last known voltage and loads."""
    if not bounded:
        return None
    step, member = (np.array(numbers) for numbers in zip(*bounded, strict=True))
    return VoltageRows(
        step=step,
        base_pu=np.array([volts for volts, _ in bounded.values()]),
        base_kw=np.array([loads for _, loads in bounded.values()]),
        pu_per_kw=slopes[member],
        lower_pu=band_pu[0],
        upper_pu=band_pu[1],
    )
