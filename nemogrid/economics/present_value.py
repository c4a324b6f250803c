r"""Money over time: present values, annuities, and the levelised cost of electricity.

Amounts of year :math:`t` are worth :math:`(1+r)^{-t}` of the same amounts today. Investments are
paid at :math:`t = 0`, everything else at the end of the years :math:`1, \dots, N`.

======================  ==============================================  ======================
symbol                  meaning                                         argument
======================  ==============================================  ======================
:math:`I`               investment [money]                              ``capex``
:math:`O`               operation and maintenance [money per year]      ``annual_opex``
:math:`Y`               energy of the first year [kWh]                  ``annual_yield_kwh``
:math:`N`               lifetime [years]                                ``lifetime_years``
:math:`r`               discount rate, per year                         ``discount_rate``
:math:`d`               loss of yield, share per year                   ``degradation``
======================  ==============================================  ======================
"""

from __future__ import annotations

import operator
from collections.abc import Sequence

import numpy as np

from nemogrid.errors import InputError


def npv(cash_flows: Sequence[float] | np.ndarray, discount_rate: float) -> float:
    r"""Add amounts of different years up in the money of today.

    .. math:: \mathrm{NPV} = \sum_{t=0}^{N} \frac{c_t}{(1+r)^t}.

    Parameters
    ----------
    cash_flows : sequence of float, shape (N + 1,)
        Amount received in each year [money]; the first one today, payments negative.
    discount_rate : float
        Above -1, per year.

    Returns
    -------
    float
        Net present value [money].

    Raises
    ------
    InputError
        For no or non-finite amounts, or a discount rate of -1 or less.

    Examples
    --------
    >>> npv([-100.0, 55.0, 60.5], discount_rate=0.1)
    0.0
    """
    flows = np.asarray(cash_flows, dtype=float)
    if flows.ndim != 1 or not flows.size or not np.isfinite(flows).all():
        raise InputError("npv: expected a sequence of at least one finite amount")
    require_rate("npv", discount_rate)
    return float(flows @ discount_factors(np.arange(flows.size), discount_rate))


def annuity(capex: float, lifetime_years: int, discount_rate: float) -> float:
    r"""Spread an investment over its life in equal yearly amounts.

    .. math:: A = \frac{I}{\sum_{t=1}^{N} (1+r)^{-t}}, \qquad
        \text{without interest}\ A = I / N.

    Parameters
    ----------
    capex : float
        Investment today [money].
    lifetime_years : int
        Number of yearly amounts, at least 1.
    discount_rate : float
        Above -1, per year.

    Returns
    -------
    float
        Amount at the end of each year [money per year].

    Raises
    ------
    InputError
        For an investment that is negative or not finite, a lifetime that is not a whole number of
        years, or a discount rate of -1 or less.

    Examples
    --------
    >>> annuity(15_000.0, 25, 0.0)
    600.0
    >>> round(annuity(15_000.0, 25, 0.03), 2)
    861.42
    """
    require_amount("annuity", "capex", capex)
    years = years_of("annuity", lifetime_years)
    require_rate("annuity", discount_rate)
    return float(capex / discount_factors(years, discount_rate).sum())


def lcoe(
    capex: float,
    annual_opex: float,
    annual_yield_kwh: float,
    lifetime_years: int,
    discount_rate: float,
    degradation: float = 0.0,
) -> float:
    r"""Find the constant price at which a generator just earns back its costs.

    Discounted costs over discounted energy [1]_:

    .. math:: \mathrm{LCOE} =
        \frac{I + \sum_{t=1}^{N} O\,(1+r)^{-t}}{\sum_{t=1}^{N} Y (1-d)^{t-1} (1+r)^{-t}}.

    Parameters
    ----------
    capex : float
        Investment today [money], at least 0.
    annual_opex : float
        Operation and maintenance [money per year], at least 0.
    annual_yield_kwh : float
        Energy of the first year [kWh], above 0.
    lifetime_years : int
        At least 1.
    discount_rate : float
        Above -1, per year.
    degradation : float
        Share of the yield that is lost each year, 0 to below 1.

    Returns
    -------
    float
        Levelised cost [money per kWh].

    Raises
    ------
    InputError
        For an argument outside its range, by name.

    References
    ----------
    .. [1] K. Branker, M. J. M. Pathak, J. M. Pearce, "A review of solar photovoltaic levelized
       cost of electricity", Renewable and Sustainable Energy Reviews 15, 4470-4482 (2011).
       doi:10.1016/j.rser.2011.07.104

    Examples
    --------
    A Swiss roof of 5 kWp for 15,000 francs that yields 946 kWh/kWp a year, first without and then
    with interest and maintenance:

    >>> round(lcoe(15_000.0, 0.0, 5 * 946.0, 25, 0.0), 3)
    0.127
    >>> round(lcoe(15_000.0, 150.0, 5 * 946.0, 25, 0.03), 3)
    0.214
    """
    require_amount("lcoe", "capex", capex)
    require_amount("lcoe", "annual_opex", annual_opex)
    if not (np.isfinite(annual_yield_kwh) and annual_yield_kwh > 0):
        raise InputError(
            f"lcoe: annual_yield_kwh is {annual_yield_kwh}, expected a finite number above 0"
        )
    if not 0 <= degradation < 1:
        raise InputError(f"lcoe: degradation is {degradation}, expected a share from 0 to below 1")
    years = years_of("lcoe", lifetime_years)
    require_rate("lcoe", discount_rate)
    discount = discount_factors(years, discount_rate)
    energy_kwh = annual_yield_kwh * (1.0 - degradation) ** (years - 1)
    return float((capex + annual_opex * discount.sum()) / (energy_kwh @ discount))


def deferral_value(
    investment: float, years: float, *, discount_rate: float, cost_growth: float = 0.0
) -> float:
    r"""Value paying for an investment some years later.

    What is needed today costs :math:`(1+g)^{\Delta t}` as much in :math:`\Delta t` years; the value
    of waiting is the difference of the two present values,

    .. math:: V = I \left[1 - \left(\frac{1+g}{1+r}\right)^{\Delta t}\right].

    Parameters
    ----------
    investment : float
        Cost if it were made today [money], at least 0.
    years : float
        How much later it is made, at least 0.
    discount_rate : float
        Above -1, per year.
    cost_growth : float
        Rate at which it becomes dearer, above -1, per year.

    Returns
    -------
    float
        Money of today; negative where costs grow faster than money does.

    Raises
    ------
    InputError
        For an argument outside its range, by name.

    Examples
    --------
    >>> round(deferral_value(100_000.0, 5, discount_rate=0.04), 2)
    17807.29
    >>> deferral_value(100_000.0, 5, discount_rate=0.04, cost_growth=0.04)
    0.0
    """
    require_amount("deferral_value", "investment", investment)
    require_amount("deferral_value", "years", years)
    require_rate("deferral_value", discount_rate)
    require_rate("deferral_value", cost_growth, "cost_growth")
    return float(investment * (1.0 - ((1.0 + cost_growth) / (1.0 + discount_rate)) ** years))


def discount_factors(years: np.ndarray, discount_rate: float) -> np.ndarray:
    """Tell what money of later years is worth today.

    Parameters
    ----------
    years : numpy.ndarray
        How much later.
    discount_rate : float
        Above -1, per year.

    Returns
    -------
    numpy.ndarray
    """
    return np.asarray((1.0 + discount_rate) ** -years.astype(float))


def years_of(what: str, lifetime_years: int) -> np.ndarray:
    """Count the years of a lifetime, or refuse it.

    Parameters
    ----------
    what : str
        Who asks, for the message.
    lifetime_years : int
        A whole number of at least 1.

    Returns
    -------
    numpy.ndarray
        1 to the lifetime.
    """
    try:
        whole = operator.index(lifetime_years)
    except TypeError:
        whole = 0
    if whole < 1:
        raise InputError(
            f"{what}: lifetime_years is {lifetime_years!r}, expected a whole number of at least 1"
        )
    return np.arange(1, whole + 1)


def require_amount(what: str, name: str, value: float) -> None:
    """Refuse an amount that is negative or not finite.

    Parameters
    ----------
    what, name : str
        Who asks and for what, for the message.
    value : float
        The amount.
    """
    if not (np.isfinite(value) and value >= 0):
        raise InputError(f"{what}: {name} is {value}, expected a finite number of at least 0")


def require_rate(what: str, rate: float, name: str = "discount_rate") -> None:
    """Refuse a rate of -1 or less.

    Parameters
    ----------
    what : str
        Who asks, for the message.
    rate : float
        Per year.
    name : str
        Of the rate.
    """
    if not (np.isfinite(rate) and rate > -1):
        raise InputError(f"{what}: {name} is {rate}, expected a finite number above -1")
