"""Prices that rise from block to block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nemogrid.errors import InputError


@dataclass(frozen=True)
class Blocks:
    """A price that rises from block to block: each kWh pays the price of the block it falls in.

    Parameters
    ----------
    prices : tuple of float
        Price of each block [money per kWh], not falling: then the total is convex.
    limits : tuple of float
        Where each block but the last ends, increasing: the energy of the period [kWh], or, for a
        charge by the step, the mean power of the step [kW].

    Raises
    ------
    InputError
        If the prices fall, the limits do not increase, or their numbers do not fit.

    Examples
    --------
    >>> Blocks((0.10, 0.20), (200.0,)).total(250.0)
    30.0
    """

    prices: tuple[float, ...]
    limits: tuple[float, ...]

    def __post_init__(self) -> None:
        prices = tuple(float(price) for price in self.prices)
        limits = tuple(float(limit) for limit in self.limits)
        object.__setattr__(self, "prices", prices)
        object.__setattr__(self, "limits", limits)
        if len(prices) != len(limits) + 1:
            raise InputError(
                f"blocks of {len(prices)} prices and {len(limits)} limits: expected one price more"
            )
        if not np.all(np.isfinite([*prices, *limits])):
            raise InputError(f"blocks {prices} up to {limits}: expected finite numbers")
        if any(np.diff(prices) < 0):
            raise InputError(f"block prices {prices} fall: expected prices that do not")
        if any(np.diff([0.0, *limits]) <= 0):
            raise InputError(f"block limits {limits}: expected increasing numbers above 0")

    def total(self, energy_kwh: float, share: float = 1.0) -> float:
        """Price the energy of a period.

        Parameters
        ----------
        energy_kwh : float
            Energy of the period [kWh], not negative.
        share : float
            How much of the period is covered; the limits shrink with it. For a charge by the
            step, its length [h]: that turns limits in kW into limits in kWh.

        Returns
        -------
        float
            Money.
        """
        return float(self.totals(np.array(energy_kwh), share))

    def totals(self, energy_kwh: np.ndarray, share: np.ndarray | float = 1.0) -> np.ndarray:
        """Price the energies of many periods, each as in `total`.

        Parameters
        ----------
        energy_kwh : numpy.ndarray
            Energies [kWh], not negative.
        share : numpy.ndarray or float
            Shares of the periods, broadcastable to the energies.

        Returns
        -------
        numpy.ndarray
            Money, in the shape of the energies.

        Examples
        --------
        >>> Blocks((0.10, 0.20), (200.0,)).totals(np.array([50.0, 100.0]), 0.25).tolist()
        [5.0, 15.0]
        """
        starts = np.multiply.outer(np.asarray(share), np.array([0.0, *self.limits]))
        ends = np.concatenate([starts[..., 1:], np.full((*starts.shape[:-1], 1), np.inf)], axis=-1)
        reached = np.clip(energy_kwh[..., None] - starts, 0.0, ends - starts)
        return np.asarray(reached @ np.array(self.prices))
