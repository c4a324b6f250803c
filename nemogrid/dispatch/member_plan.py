"""What an engine answers: how the stores of one member run, what it costs, and the evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nemogrid.results import Certificate


@dataclass(frozen=True, kw_only=True, eq=False)
class StorePath:
    """How one store runs.

    Parameters
    ----------
    charge_kwh, discharge_kwh : numpy.ndarray, shape (T,)
        Energy in and out on the grid side [kWh]; never both in one step.
    stored_kwh : numpy.ndarray, shape (T + 1,)
        Stored energy at the start of each step and at the end [kWh].
    """

    charge_kwh: np.ndarray
    discharge_kwh: np.ndarray
    stored_kwh: np.ndarray

    @property
    def drawn_kwh(self) -> np.ndarray:
        """Energy drawn in each step [kWh], shape (T,): charging positive."""
        return self.charge_kwh - self.discharge_kwh


@dataclass(frozen=True, kw_only=True, eq=False)
class MemberPlan:
    """The cheapest way to run a member's stores.

    Parameters
    ----------
    paths : tuple of StorePath
        One per store, in the order given.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy through the meter [kWh], import positive.
    cost : float
        What the member pays for energy, blocks, peaks and wear, without fees [money].
    certificate : Certificate
        Residuals and duality gap.
    stored_value : numpy.ndarray, shape (T,), or None
        Price of stored energy after each step [money per kWh], where there is one store: what one
        more kWh in it would save.
    """

    paths: tuple[StorePath, ...]
    net_kwh: np.ndarray
    cost: float
    certificate: Certificate
    stored_value: np.ndarray | None = None
