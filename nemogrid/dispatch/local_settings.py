"""Settings of the local load control, the same in every household."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nemogrid.errors import ScenarioError


@dataclass(frozen=True, kw_only=True)
class LocalControl:
    """Settings of the rule, the same in every household.

    Parameters
    ----------
    enter_spreads, leave_spreads : float
        Deviation of the voltage at which a household begins and ceases to react [spreads].
    gain_per_spread : float
        Response per spread beyond the inner threshold [share of the possible power]; 0 ignores
        the voltage.
    calm_share : float
        Share of own surplus that batteries store before the voltage moves them, 0..1.
    longest_delay_h : float
        Each household's delay is drawn between 0 and this [h].
    ramp_h : float
        Time constant of the response [h]; 0 answers at once.
    price_band_share : float
        How far the price of import must be from its mean to move a load, as a share of the mean.
    memory_h : float
        Time constant of the running means [h]; until then they are plain means.
    learns : bool
        Whether mean and spread of the voltage are learnt; otherwise they stay as given below.
    reference_pu : float
        Mean of the voltage for a household that does not learn [pu].
    least_spread_pu : float
        Smallest spread of the voltage, and that of a household that does not learn [pu].
    serves_feeder : bool
        Whether batteries import and feed in on voltage, or only use own surplus and cover own
        need.

    Examples
    --------
    >>> LocalControl(gain_per_spread=0.0).calm_share
    0.5
    """

    enter_spreads: float = 1.0
    leave_spreads: float = 0.5
    gain_per_spread: float = 0.3
    calm_share: float = 0.5
    longest_delay_h: float = 4.0
    ramp_h: float = 2.0
    price_band_share: float = 0.1
    memory_h: float = 168.0
    learns: bool = True
    reference_pu: float = 1.0
    least_spread_pu: float = 0.0005
    serves_feeder: bool = False

    def __post_init__(self) -> None:
        for name in (
            "leave_spreads",
            "gain_per_spread",
            "longest_delay_h",
            "ramp_h",
            "price_band_share",
        ):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise ScenarioError(
                    f"load control {name} is {getattr(self, name)}, expected at least 0"
                )
        if not (np.isfinite(self.enter_spreads) and self.enter_spreads >= self.leave_spreads):
            raise ScenarioError(
                f"load control enter_spreads is {self.enter_spreads}, expected at least "
                f"leave_spreads, {self.leave_spreads}"
            )
        if not 0 <= self.calm_share <= 1:
            raise ScenarioError(f"load control calm_share is {self.calm_share}, expected 0 to 1")
        for name in ("memory_h", "reference_pu", "least_spread_pu"):
            if not getattr(self, name) > 0:
                raise ScenarioError(
                    f"load control {name} is {getattr(self, name)}, expected above 0"
                )
