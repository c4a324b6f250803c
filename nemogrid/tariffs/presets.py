"""Tariffs of real places and years; every figure names its source.

Swiss figures are medians over the network operators for a household of category H4 (4,500 kWh a
year), without value-added tax; the medians of the parts need not add up to the median of the
total. German figures are the mean of a household of 3,500 kWh a year; fixed fees are contained in
the prices per kWh.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from nemogrid.charges import Quantity
from nemogrid.errors import InputError
from nemogrid.tariffs.tariff import Rate, Tariff
from nemogrid.timeline import Period

_NETWORK_2026 = 0.1075
_ELCOM = "ElCom, median of Swiss tariffs {year}, household category H4"
_LEG = (
    "Swiss Electricity Supply Act and Ordinance, local electricity communities from 1 January "
    "2026: network charge reduced by 40 % on local energy at one grid level"
)
_FLOOR = "Swiss Energy Ordinance from 2026: floor of the buy-back price below 30 kW"
_BDEW = "BDEW, electricity price analysis 2025, household of 3,500 kWh a year"


def _per_kwh(item: str, price: float, payee: str, source: str) -> Rate:
    return Rate(item=item, quantity=Quantity.IMPORTED, price=price, payee=payee, source=source)


def _energy(price: float, source: str) -> Rate:
    return Rate(
        item="energy", quantity=Quantity.RETAIL_BOUGHT, price=price, payee="retailer", source=source
    )


def _buy_back(price: float, source: str) -> Rate:
    return Rate(
        item="buy-back", quantity=Quantity.RETAIL_SOLD, price=-price, payee="retailer",
        source=source,
    )  # fmt: skip


def _swiss_2019() -> Tariff:
    elcom = _ELCOM.format(year=2019)
    return Tariff(
        name="CH-2019",
        currency="CHF",
        rates=(
            _energy(0.078, elcom),
            _per_kwh("network", 0.092, "dso", elcom),
            _per_kwh("communal charges", 0.009, "state", elcom),
            _per_kwh("network surcharge", 0.023, "state", elcom),
            _buy_back(0.04, "Quartierstrom, utility of Walenstadt 2019 (arXiv:1905.07242)"),
        ),
    )


def _swiss_2026() -> Tariff:
    elcom = _ELCOM.format(year=2026)
    return Tariff(
        name="CH-2026",
        currency="CHF",
        rates=(
            _energy(0.1211, elcom),
            _per_kwh("network", _NETWORK_2026, "dso", elcom),
            _per_kwh("communal charges", 0.01, "state", elcom),
            _per_kwh("network surcharge", 0.023, "state", elcom),
            _per_kwh("electricity reserve", 0.0041, "tso", elcom),
            _per_kwh("solidarised costs", 0.0005, "tso", elcom),
            Rate(
                item="metering",
                quantity=Quantity.MEMBERSHIP,
                price=74.40 / 12,
                payee="dso",
                source=f"{elcom}: CHF 74.40 a year",
                period=Period.MONTH,
            ),
            _buy_back(0.06, _FLOOR),
        ),
    )


def _swiss_2026_leg() -> Tariff:
    base = _swiss_2026()
    discount = Rate(
        item="local network discount", quantity=Quantity.LOCAL_BOUGHT,
        price=-0.40 * _NETWORK_2026, payee="dso", source=_LEG,
    )  # fmt: skip
    return Tariff(name="CH-2026-LEG", currency="CHF", rates=(*base.rates, discount))


def _german_2025() -> Tariff:
    return Tariff(
        name="DE-2025",
        currency="EUR",
        rates=(
            _energy(0.1604, f"{_BDEW}: procurement and sales"),
            _per_kwh("network", 0.1095, "dso", _BDEW),
            _per_kwh("concession fee", 0.0167, "state", _BDEW),
            _per_kwh("electricity tax", 0.0205, "state", _BDEW),
            _per_kwh("value-added tax", 0.0634, "state", _BDEW),
            _per_kwh("section 19 levy", 0.0156, "tso", _BDEW),
            _per_kwh("offshore levy", 0.0082, "tso", _BDEW),
            _per_kwh("CHP levy", 0.0028, "tso", f"{_BDEW}: the rest of the total of 39.7 ct"),
            _buy_back(0.079, "Assumption: German feed-in tariff of 2025 below 10 kW, about 7.9 ct"),
        ),
    )


_PRESETS: dict[str, Callable[[], Tariff]] = {
    "CH-2019": _swiss_2019,
    "CH-2026": _swiss_2026,
    "CH-2026-LEG": _swiss_2026_leg,
    "DE-2025": _german_2025,
}


def preset_names() -> tuple[str, ...]:
    """List the names that `preset` knows."""
    return tuple(_PRESETS)


def preset(name: str) -> Tariff:
    """Look up the tariff of a country and year.

    Parameters
    ----------
    name : str
        ``"CH-2019"``, ``"CH-2026"``, ``"CH-2026-LEG"`` (with the discount on the network charge of
        a local electricity community) or ``"DE-2025"``.

    Returns
    -------
    Tariff

    Raises
    ------
    InputError
        For an unknown name, with the nearest one.

    Examples
    --------
    >>> preset("DE-2025").table()["price"].drop(8).sum().round(3).item()
    0.397
    """
    if name not in _PRESETS:
        near = get_close_matches(name, _PRESETS, n=1, cutoff=0.3)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(f"unknown tariff {name!r}: {hint}known are {', '.join(_PRESETS)}")
    return _PRESETS[name]()
