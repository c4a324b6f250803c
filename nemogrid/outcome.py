"""The outcome of one simulated scenario."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from nemogrid.kpis import key_figures
from nemogrid.results import Bills, Clearing, FeederState
from nemogrid.scenario import Scenario


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """One simulated scenario: who used, traded and paid what.

    Parameters
    ----------
    scenario : Scenario
        The settings that led here.
    network : pandapowerNet
        The feeder as it was simulated.
    clearing : Clearing
        Profiles, plans and trades.
    state : FeederState
        Voltages, loadings and losses.
    bills : Bills
        Postings.
    """

    scenario: Scenario
    network: Any = field(repr=False)
    clearing: Clearing = field(repr=False)
    state: FeederState = field(repr=False)
    bills: Bills = field(repr=False)

    @cached_property
    def kpis(self) -> pd.Series:
        """Key figures of the whole timeline; units are in the names."""
        return key_figures(self.clearing, self.state, self.bills)
