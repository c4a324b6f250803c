"""Tests of the cost, the life and the lease of storage."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemogrid.economics import battery_lease, battery_life_years, lcoe, lcos, npv
from nemogrid.errors import InputError

money = st.floats(1.0, 1e5)
rates = st.floats(0.0, 0.15)
lifetimes = st.integers(1, 30)
shares = st.floats(0.0, 0.05)
SOUND = {
    "capex": 7_225.0, "annual_opex": 70.0, "annual_discharge_kwh": 2_000.0, "lifetime_years": 15,
    "discount_rate": 0.03,
}  # fmt: skip


@given(
    money, money, money, lifetimes, rates, shares,
    st.floats(-1e3, 1e3), st.floats(0.0, 0.5), st.floats(0.5, 1.0), st.data(),
)  # fmt: skip
def test_storage_paid_its_levelised_cost_breaks_even(
    capex, opex, kwh, years, rate, loss, end, price, round_trip, data
):
    """The definition: at this price per discharged kWh the net present value is zero."""
    parts = data.draw(st.dictionaries(st.integers(1, years), money, max_size=3))
    cost = lcos(
        capex=capex, annual_opex=opex, annual_discharge_kwh=kwh, lifetime_years=years,
        discount_rate=rate, degradation=loss, replacements=parts, end_of_life=end,
        charging_price_per_kwh=price, round_trip_share=round_trip,
    )  # fmt: skip
    flows = [-capex]
    for year in range(1, years + 1):
        energy = kwh * (1 - loss) ** (year - 1)
        flows.append((cost - price / round_trip) * energy - opex - parts.get(year, 0.0))
    spent = capex + years * (opex + cost * kwh) + sum(parts.values()) + abs(end)
    assert npv([*flows, -end], rate) == pytest.approx(0.0, abs=1e-9 * spent)


@given(money, money, money, lifetimes, rates, shares)
def test_without_charging_and_an_end_it_is_the_levelised_cost_of_a_generator(
    capex, opex, kwh, years, rate, loss
):
    """Of one that makes what the store gives back."""
    cost = lcos(
        capex=capex, annual_opex=opex, annual_discharge_kwh=kwh, lifetime_years=years,
        discount_rate=rate, degradation=loss,
    )  # fmt: skip
    assert cost == pytest.approx(lcoe(capex, opex, kwh, years, rate, loss), rel=1e-12)


def test_a_home_battery_by_hand():
    """German prices of 2025: 8.5 kWh at 850 EUR/kWh, 5,000 cycles, 90 % come out again.

    Without interest that is 7,225 EUR over 5,000 x 8.5 x 0.9 = 38,250 kWh; energy at 8 ct adds
    8 / 0.9 ct.
    """
    years = battery_life_years(calendar_years=20, cycle_life=5_000, cycles_per_year=250)
    battery = {
        "capex": 8.5 * 850, "annual_opex": 0.0, "annual_discharge_kwh": 250 * 8.5 * 0.9,
        "lifetime_years": years, "discount_rate": 0.0,
    }  # fmt: skip
    assert years == 20
    assert lcos(**battery) == pytest.approx(7_225 / 38_250)
    charged = lcos(**battery, charging_price_per_kwh=0.08, round_trip_share=0.9)
    assert charged == pytest.approx(7_225 / 38_250 + 0.08 / 0.9)


def test_every_term_of_the_formula_by_hand():
    """Two years at 10 %: 1,100 and 1,210 are 1,000 of today, and the end is a year later.

    Costs are 1,000 + 110 / 1.1 + (110 + 121) / 1.21 + 133.1 / 1.331 of today, the energy is
    1,100 / 1.1 + 990 / 1.21.
    """
    cost = lcos(
        capex=1_000.0, annual_opex=110.0, annual_discharge_kwh=1_100.0, lifetime_years=2,
        discount_rate=0.1, degradation=0.1, replacements={2: 121.0}, end_of_life=133.1,
    )  # fmt: skip
    assert cost == pytest.approx((1_000 + 100 + 231 / 1.21 + 100) / (1_000 + 990 / 1.21))


@given(st.floats(0.1, 10.0))
def test_the_cost_is_homogeneous_in_money_and_in_energy(factor):
    """Twice the costs are twice the price, twice the energy half of it."""
    once = lcos(**SOUND)
    dear = SOUND | {"capex": factor * 7_225.0, "annual_opex": factor * 70.0}
    large = SOUND | {"annual_discharge_kwh": factor * 2_000.0}
    assert lcos(**dear) == pytest.approx(factor * once)
    assert lcos(**large) == pytest.approx(once / factor)


@given(money, money, lifetimes, rates)
def test_all_rents_together_are_worth_the_battery(capex, opex, years, rate):
    """Discounted by the month, they pay for the investment and its maintenance."""
    rent = battery_lease(
        capex=capex, annual_opex=opex, lifetime_years=years, discount_rate=rate
    )  # fmt: skip
    monthly = (1 + rate) ** (1 / 12) - 1
    worth = npv([0.0] + [rent] * (12 * years), monthly)
    costs = npv([capex] + [opex] * years, rate)
    assert worth == pytest.approx(costs, rel=1e-9)


@pytest.mark.parametrize(
    ("calendar", "cycles", "per_year", "years"),
    [(15, 5_000, 250, 15), (15, 5_000, 400, 12), (10, 6_000, 250, 10), (15, 4_000, 365, 10)],
)
def test_a_battery_lasts_until_it_is_old_or_used_up(calendar, cycles, per_year, years):
    """Whole years only."""
    got = battery_life_years(
        calendar_years=calendar, cycle_life=cycles, cycles_per_year=per_year
    )  # fmt: skip
    assert got == years


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"capex": -1.0}, "capex is -1.0"),
        ({"annual_opex": math.nan}, "annual_opex is nan"),
        ({"annual_discharge_kwh": 0.0}, "annual_discharge_kwh is 0.0"),
        ({"lifetime_years": 2.5}, "lifetime_years is 2.5"),
        ({"discount_rate": -1.0}, "discount_rate is -1.0"),
        ({"degradation": 1.0}, "degradation is 1.0"),
        ({"round_trip_share": 0.0}, "round_trip_share is 0.0"),
        ({"round_trip_share": 1.1}, "round_trip_share is 1.1"),
        ({"end_of_life": math.inf}, "end_of_life is inf"),
        ({"charging_price_per_kwh": math.nan}, "charging_price_per_kwh is nan"),
        ({"replacements": {16: 5.0}}, "replacements in year 16, expected a year from 1 to 15"),
        ({"replacements": {3: -5.0}}, "replacement of year 3 is -5.0"),
    ],
)
def test_an_argument_out_of_range_is_named(change, complaint):
    """With what was given."""
    with pytest.raises(InputError, match=f"lcos: .*{complaint}"):
        lcos(**(SOUND | change))


def test_a_life_and_a_lease_refuse_what_cannot_be():
    """By their own names."""
    with pytest.raises(InputError, match="battery_life_years: cycle_life is 0"):
        battery_life_years(calendar_years=10, cycle_life=0, cycles_per_year=100)
    with pytest.raises(InputError, match="at least one year"):
        battery_life_years(calendar_years=10, cycle_life=100, cycles_per_year=101)
    with pytest.raises(InputError, match="battery_lease: annual_opex is -1"):
        battery_lease(capex=1.0, annual_opex=-1.0, lifetime_years=1, discount_rate=0.0)
