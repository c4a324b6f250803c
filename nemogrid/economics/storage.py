r"""What storage costs: the levelised cost of storage, the life of a battery, and its lease.

Amounts are discounted as in `nemogrid.economics.present_value`.

============  ============================================  ==========================
symbol        meaning                                       argument
============  ============================================  ==========================
:math:`I`     investment [money]                            ``capex``
:math:`O`     operation and maintenance [money per year]    ``annual_opex``
:math:`E`     energy given back in the first year [kWh]     ``annual_discharge_kwh``
:math:`N`     lifetime [years]                              ``lifetime_years``
:math:`r`     discount rate, per year                       ``discount_rate``
:math:`d`     loss of capacity, share per year              ``degradation``
:math:`R_n`   replacement of parts in year n [money]        ``replacements``
:math:`Z`     end of life: cost, less what is left [money]  ``end_of_life``
:math:`p`     price of what is put in [money per kWh]       ``charging_price_per_kwh``
:math:`\eta`  round-trip efficiency, 0..1                   ``round_trip_share``
============  ============================================  ==========================
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nemogrid.economics.present_value import (
    annuity,
    discount_factors,
    require_amount,
    require_rate,
    years_of,
)
from nemogrid.errors import InputError


def lcos(
    *,
    capex: float,
    annual_opex: float,
    annual_discharge_kwh: float,
    lifetime_years: int,
    discount_rate: float,
    degradation: float = 0.0,
    replacements: Mapping[int, float] | None = None,
    end_of_life: float = 0.0,
    charging_price_per_kwh: float | None = None,
    round_trip_share: float = 1.0,
) -> float:
    r"""Find the constant price of a discharged kWh at which storage just earns back its costs.

    Discounted costs over discounted energy given back [1]_:

    .. math:: \mathrm{LCOS} = \frac{I + \sum_{n=1}^{N} (O + R_n + p\,E_n / \eta)(1+r)^{-n}
        + Z\,(1+r)^{-(N+1)}}{\sum_{n=1}^{N} E_n (1+r)^{-n}}, \qquad E_n = E\,(1-d)^{n-1}.

    Without a charging price the third term is left out: that is the wear of a kWh, to which the
    price of the energy itself, :math:`p / \eta`, is added where it is known.

    Parameters
    ----------
    capex : float
        Investment today [money], at least 0.
    annual_opex : float
        Operation and maintenance [money per year], at least 0.
    annual_discharge_kwh : float
        Energy given back in the first year, after losses [kWh], above 0: cycles per year times
        usable capacity times discharge efficiency.
    lifetime_years : int
        At least 1; see `battery_life_years`.
    discount_rate : float
        Above -1, per year.
    degradation : float
        Share of the energy that is lost each year, 0 to below 1.
    replacements : mapping of int to float, optional
        Cost of new parts by year, from 1 to the lifetime [money].
    end_of_life : float
        Cost of disposal less what the parts are still worth, a year after the last [money].
    charging_price_per_kwh : float, optional
        Price of the energy put in [money per kWh].
    round_trip_share : float
        Energy given back for a kWh put in, above 0 and at most 1; read with a charging price.

    Returns
    -------
    float
        Levelised cost [money per discharged kWh].

    Raises
    ------
    InputError
        For an argument outside its range, by name.

    References
    ----------
    .. [1] O. Schmidt, S. Melchior, A. Hawkes, I. Staffell, "Projecting the future levelized cost
       of electricity storage technologies", Joule 3, 81-100 (2019).
       doi:10.1016/j.joule.2018.12.008

    Examples
    --------
    A home battery of 8.5 kWh for 850 a kWh with 250 cycles a year for 15 years, of which 95 % come
    out again: what a kWh from it costs, without interest, with it, and with energy at 0.10.

    >>> battery = {"capex": 8.5 * 850.0, "annual_opex": 0.0, "lifetime_years": 15,
    ...            "annual_discharge_kwh": 250 * 8.5 * 0.95}
    >>> round(lcos(**battery, discount_rate=0.0), 3)
    0.239
    >>> round(lcos(**battery, discount_rate=0.03), 3)
    0.3
    >>> price = {"charging_price_per_kwh": 0.10, "round_trip_share": 0.9}
    >>> round(lcos(**battery, discount_rate=0.03, **price), 3)
    0.411
    """
    require_amount("lcos", "capex", capex)
    require_amount("lcos", "annual_opex", annual_opex)
    require_rate("lcos", discount_rate)
    years = years_of("lcos", lifetime_years)
    if not (np.isfinite(annual_discharge_kwh) and annual_discharge_kwh > 0):
        raise InputError(
            f"lcos: annual_discharge_kwh is {annual_discharge_kwh}, expected a finite number "
            "above 0"
        )
    if not 0 <= degradation < 1:
        raise InputError(f"lcos: degradation is {degradation}, expected a share from 0 to below 1")
    if not 0 < round_trip_share <= 1:
        raise InputError(
            f"lcos: round_trip_share is {round_trip_share}, expected above 0 and at most 1"
        )
    finite = {"end_of_life": end_of_life, "charging_price_per_kwh": charging_price_per_kwh or 0.0}
    for name, value in finite.items():
        if not np.isfinite(value):
            raise InputError(f"lcos: {name} is {value}, expected a finite number")
    discount = discount_factors(years, discount_rate)
    energy_kwh = annual_discharge_kwh * (1.0 - degradation) ** (years - 1)
    costs = annual_opex + _replaced(replacements or {}, years)
    last = discount_factors(years[-1:] + 1, discount_rate)[0]
    total = capex + costs @ discount + end_of_life * last
    charging = (charging_price_per_kwh or 0.0) / round_trip_share
    return float(total / (energy_kwh @ discount)) + charging


def battery_life_years(*, calendar_years: float, cycle_life: float, cycles_per_year: float) -> int:
    """Tell how many whole years a battery lasts: until it is too old, or used up.

    Parameters
    ----------
    calendar_years : float
        Life of a battery that is hardly used [years].
    cycle_life : float
        Full cycles that it can do.
    cycles_per_year : float
        Full cycles that it does [per year].

    Returns
    -------
    int

    Raises
    ------
    InputError
        If a number is not finite and above 0, or the battery lasts less than a year.

    Examples
    --------
    >>> battery_life_years(calendar_years=15, cycle_life=5_000, cycles_per_year=250)
    15
    >>> battery_life_years(calendar_years=15, cycle_life=5_000, cycles_per_year=500)
    10
    """
    numbers = {
        "calendar_years": calendar_years,
        "cycle_life": cycle_life,
        "cycles_per_year": cycles_per_year,
    }
    for name, value in numbers.items():
        if not (np.isfinite(value) and value > 0):
            raise InputError(
                f"battery_life_years: {name} is {value}, expected a finite number above 0"
            )
    years = int(min(calendar_years, cycle_life / cycles_per_year) + 1e-9)
    if years < 1:
        raise InputError(
            f"battery_life_years: {cycle_life:g} cycles at {cycles_per_year:g} a year and "
            f"{calendar_years:g} years: expected a battery that lasts at least one year"
        )
    return years


def battery_lease(
    *, capex: float, annual_opex: float, lifetime_years: int, discount_rate: float
) -> float:
    r"""Find the monthly rent at which the owner of a battery just earns back its costs.

    At the end of each month, worth as much as annuity :math:`A` and maintenance at the end of the
    year:

    .. math:: m \sum_{k=0}^{11} (1+r)^{k/12} = A + O.

    Parameters
    ----------
    capex : float
        Investment today [money], at least 0.
    annual_opex : float
        Operation and maintenance [money per year], at least 0.
    lifetime_years : int
        At least 1.
    discount_rate : float
        Above -1, per year.

    Returns
    -------
    float
        Rent [money per month].

    Raises
    ------
    InputError
        For an argument outside its range, by name.

    Examples
    --------
    >>> battery_lease(capex=7_200.0, annual_opex=0.0, lifetime_years=15, discount_rate=0.0)
    40.0
    >>> round(
    ...     battery_lease(capex=7_200.0, annual_opex=0.0, lifetime_years=15, discount_rate=0.03), 2
    ... )
    49.58
    """
    require_amount("battery_lease", "annual_opex", annual_opex)
    due = annuity(capex, lifetime_years, discount_rate) + annual_opex
    later = (1.0 + discount_rate) ** (np.arange(12) / 12)
    return float(due / later.sum())


def _replaced(replacements: Mapping[int, float], years: np.ndarray) -> np.ndarray:
    costs = np.zeros(len(years))
    for year, cost in replacements.items():
        if year not in years:
            raise InputError(
                f"lcos: replacements in year {year}, expected a year from 1 to {len(years)}"
            )
        require_amount("lcos", f"the replacement of year {year}", cost)
        costs[year - 1] += cost
    return costs
