r"""The flexible store: one object for batteries, cars, heat pumps and shiftable appliances.

A store holds energy :math:`s_t` between bounds that may change with time. A step adds what is
charged and takes what is discharged, loses a share, and gives up what is used:

.. math::

   s_{t+1} = \rho\, s_t + \eta^c c_t - d_t / \eta^d - q_t, \qquad
   0 \le c_t \le C_t, \quad 0 \le d_t \le D_t, \quad
   \underline{s}_t \le s_t \le \overline{s}_t .

========================================  ===================================  ===================
symbol                                    meaning                              name
========================================  ===================================  ===================
:math:`c_t, d_t`                          charge and discharge, grid side      results
:math:`s_t`                               stored energy                        results
:math:`C_t, D_t`                          most charge and discharge            ``charge_limit_kwh``
:math:`\underline{s}_t, \overline{s}_t`   bounds of the stored energy          ``lower_kwh``
:math:`\eta^c, \eta^d`                    efficiencies                         ``charge_efficiency``
:math:`\rho`                              share kept from step to step         ``kept_share``
:math:`q_t`                               used: driving, heat, asked-for load  ``used_kwh``
========================================  ===================================  ===================
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nemogrid.devices import Battery
from nemogrid.errors import InputError


@dataclass(frozen=True, kw_only=True, eq=False)
class Store:
    """Something that can take energy now and give it, or use it, later.

    Parameters
    ----------
    name : str
        For messages: the kind of device, such as ``"battery"``.
    charge_limit_kwh, discharge_limit_kwh : numpy.ndarray, shape (T,)
        Most energy of a step on the grid side, each way [kWh].
    lower_kwh, upper_kwh : numpy.ndarray, shape (T + 1,)
        Bounds of the stored energy at the start of each step and at the end [kWh]; the last
        entries are the end condition. A store of owed energy has negative bounds.
    initial_kwh : float
        Stored energy at the start [kWh].
    charge_efficiency, discharge_efficiency : float
        Of each way, above 0 and at most 1.
    kept_share : float
        Share of the stored energy that is still there after a step, above 0 and at most 1.
    used_kwh : numpy.ndarray, shape (T,)
        Energy that leaves the store for its purpose in each step [kWh]; none unless given.
    wear_per_kwh : float
        Cost of a discharged kWh, grid side [money per kWh].

    Raises
    ------
    InputError
        For arrays of wrong lengths or values, naming the step.
    """

    name: str
    charge_limit_kwh: np.ndarray
    discharge_limit_kwh: np.ndarray
    lower_kwh: np.ndarray
    upper_kwh: np.ndarray
    initial_kwh: float
    charge_efficiency: float = 1.0
    discharge_efficiency: float = 1.0
    kept_share: float = 1.0
    used_kwh: np.ndarray = field(default_factory=lambda: np.zeros(0))
    wear_per_kwh: float = 0.0

    def __post_init__(self) -> None:
        T = len(self.charge_limit_kwh)
        if not np.size(self.used_kwh):
            object.__setattr__(self, "used_kwh", np.zeros(T))
        lengths = {
            "charge_limit_kwh": T, "discharge_limit_kwh": T, "used_kwh": T,
            "lower_kwh": T + 1, "upper_kwh": T + 1,
        }  # fmt: skip
        for name, length in lengths.items():
            array = np.ascontiguousarray(getattr(self, name), dtype=float)
            object.__setattr__(self, name, array)
            if array.shape != (length,):
                raise InputError(
                    f"{self.name}: {name} has shape {array.shape}, expected {(length,)}"
                )
            wrong = np.flatnonzero(~np.isfinite(array))
            if name.endswith("limit_kwh"):
                wrong = np.flatnonzero(~(np.isfinite(array) & (array >= 0)))
            if wrong.size:
                raise InputError(
                    f"{self.name}: {name} is {array[wrong[0]]} at step {wrong[0]}, expected a "
                    "finite number" + (" of at least 0" if name.endswith("limit_kwh") else "")
                )
        crossed = np.flatnonzero(self.lower_kwh > self.upper_kwh)
        if crossed.size:
            t = int(crossed[0])
            raise InputError(
                f"{self.name}: at step {t} the lower bound of {self.lower_kwh[t]:.6g} kWh lies "
                f"above the upper bound of {self.upper_kwh[t]:.6g} kWh"
            )
        for name in ("charge_efficiency", "discharge_efficiency", "kept_share"):
            if not 0 < getattr(self, name) <= 1:
                raise InputError(
                    f"{self.name}: {name} is {getattr(self, name)}, expected above 0 and at most 1"
                )
        if not np.isfinite(self.initial_kwh):
            raise InputError(f"{self.name}: initial_kwh is {self.initial_kwh}, expected a number")
        if not (np.isfinite(self.wear_per_kwh) and self.wear_per_kwh >= 0):
            raise InputError(
                f"{self.name}: wear_per_kwh is {self.wear_per_kwh}, expected at least 0"
            )

    @property
    def n_steps(self) -> int:
        """Number of steps T."""
        return len(self.charge_limit_kwh)


def battery_store(
    battery: Battery, n_steps: int, *, step_h: float, end_kwh: float | None = None
) -> Store:
    """Describe a home battery as a flexible store.

    Parameters
    ----------
    battery : Battery
        Capacity, power and efficiencies.
    n_steps : int
        Number of steps T.
    step_h : float
        Length of a step [h].
    end_kwh : float, optional
        Least stored energy at the end [kWh]; what it began with unless told otherwise.

    Returns
    -------
    Store

    Examples
    --------
    >>> box = Battery(capacity_kwh=8.0, power_kw=4.0, charge_efficiency=0.95,
    ...               discharge_efficiency=0.95)
    >>> battery_store(box, 48, step_h=0.5).lower_kwh[[0, 48]].tolist()
    [0.0, 4.0]
    """
    initial_kwh = battery.initial_soc_share * battery.capacity_kwh
    end_kwh = initial_kwh if end_kwh is None else end_kwh
    if not 0 <= end_kwh <= battery.capacity_kwh:
        raise InputError(
            f"battery: end_kwh is {end_kwh}, expected 0 to its capacity of "
            f"{battery.capacity_kwh} kWh"
        )
    lower_kwh = np.zeros(n_steps + 1)
    lower_kwh[-1] = end_kwh
    limit_kwh = np.full(n_steps, battery.power_kw * step_h)
    return Store(
        name="battery",
        charge_limit_kwh=limit_kwh,
        discharge_limit_kwh=limit_kwh,
        lower_kwh=lower_kwh,
        upper_kwh=np.full(n_steps + 1, battery.capacity_kwh),
        initial_kwh=initial_kwh,
        charge_efficiency=battery.charge_efficiency,
        discharge_efficiency=battery.discharge_efficiency,
        wear_per_kwh=battery.wear_per_kwh,
    )
