"""Tests of present values, annuities and levelised costs."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemogrid.economics import annuity, deferral_value, lcoe, npv
from nemogrid.errors import InputError

money = st.floats(1.0, 1e6)
rates = st.floats(0.001, 0.2)
lifetimes = st.integers(1, 50)
shares = st.floats(0.0, 0.05)


@given(money, lifetimes, rates)
def test_the_annuity_has_its_closed_form(capex, years, rate):
    """I r / (1 - (1 + r)^-N)."""
    closed = capex * rate / (1 - (1 + rate) ** -years)
    assert annuity(capex, years, rate) == pytest.approx(closed, rel=1e-9)


@given(money, lifetimes)
def test_without_interest_the_annuity_is_the_share_of_a_year(capex, years):
    """I / N."""
    assert annuity(capex, years, 0.0) == pytest.approx(capex / years, rel=1e-12)


@given(money, lifetimes, rates)
def test_paying_the_annuity_back_leaves_nothing(capex, years, rate):
    """The net present value of the investment and its annuities is zero."""
    flows = [-capex, *([annuity(capex, years, rate)] * years)]
    assert npv(flows, rate) == pytest.approx(0.0, abs=1e-9 * capex)


@given(money, money, money, lifetimes, rates, shares)
def test_a_generator_paid_its_levelised_cost_breaks_even(capex, opex, kwh, years, rate, loss):
    """The definition: at this price the net present value is zero."""
    price = lcoe(capex, opex, kwh, years, rate, loss)
    earned = [price * kwh * (1 - loss) ** t - opex for t in range(years)]
    assert npv([-capex, *earned], rate) == pytest.approx(0.0, abs=1e-9 * (capex + opex * years))


@given(money, money, money, lifetimes, rates, shares)
def test_the_levelised_cost_has_its_closed_form(capex, opex, kwh, years, rate, loss):
    """The energy is a geometric series: Y (1 - q^N) / (r + d) with q = (1 - d) / (1 + r)."""
    energy = kwh * (1 - ((1 - loss) / (1 + rate)) ** years) / (rate + loss)
    costs = capex + opex * (1 - (1 + rate) ** -years) / rate
    assert lcoe(capex, opex, kwh, years, rate, loss) == pytest.approx(costs / energy, rel=1e-8)


@given(money, money, money, lifetimes)
def test_without_interest_and_loss_it_is_all_costs_over_all_energy(capex, opex, kwh, years):
    """(I + N O) / (N Y)."""
    expected = (capex + years * opex) / (years * kwh)
    assert lcoe(capex, opex, kwh, years, 0.0) == pytest.approx(expected, rel=1e-12)


@given(money, money, money, lifetimes, rates, shares, st.floats(0.1, 10.0))
def test_doubling_costs_doubles_and_doubling_energy_halves(
    capex, opex, kwh, years, rate, loss, factor
):
    """The levelised cost is homogeneous in costs and in energy."""
    once = lcoe(capex, opex, kwh, years, rate, loss)
    assert lcoe(factor * capex, factor * opex, kwh, years, rate, loss) == pytest.approx(
        factor * once, rel=1e-9
    )
    assert lcoe(capex, opex, factor * kwh, years, rate, loss) == pytest.approx(
        once / factor, rel=1e-9
    )


@given(money, money, money, st.integers(2, 49), rates, shares)
def test_interest_and_loss_raise_the_cost_and_years_lower_it(capex, opex, kwh, years, rate, loss):
    """Monotone in degradation; in interest and lifetime where nothing is lost.

    With losses, interest may lower the cost: it hides the lean years at the end.
    """
    once, lossless = lcoe(capex, opex, kwh, years, rate, loss), lcoe(capex, opex, kwh, years, rate)
    assert lcoe(capex, opex, kwh, years, rate, loss + 0.01) > once
    assert lcoe(capex, opex, kwh, years, rate + 0.01) > lossless
    assert lcoe(capex, opex, kwh, years + 1, rate) < lossless


def test_a_swiss_roof_costs_what_was_published():
    """About 13 Rp/kWh (5 kWp, CHF 15,000; Swiss fact sheet of about 2020).

    The published figure is met without interest, over 25 years at the mean Swiss yield.
    """
    assert round(100 * lcoe(15_000.0, 0.0, 5 * 946.0, 25, 0.0)) == 13


def test_a_present_value_by_hand():
    """10,000 in ten years at 7 per cent."""
    assert npv([0.0] * 10 + [10_000.0], 0.07) == pytest.approx(5083.4929, abs=1e-4)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"capex": -1.0}, "capex is -1.0"),
        ({"capex": math.nan}, "capex is nan"),
        ({"annual_opex": -1.0}, "annual_opex"),
        ({"annual_yield_kwh": 0.0}, "annual_yield_kwh is 0.0"),
        ({"annual_yield_kwh": math.inf}, "annual_yield_kwh"),
        ({"lifetime_years": 0}, "lifetime_years is 0"),
        ({"lifetime_years": 2.5}, "whole number"),
        ({"discount_rate": -1.0}, "discount_rate"),
        ({"degradation": 1.0}, "degradation is 1.0"),
        ({"degradation": -0.1}, "degradation"),
    ],
)
def test_an_argument_out_of_range_is_named(change, complaint):
    """With what was given."""
    sound = {
        "capex": 1.0, "annual_opex": 0.0, "annual_yield_kwh": 1.0, "lifetime_years": 1,
        "discount_rate": 0.0,
    }  # fmt: skip
    with pytest.raises(InputError, match=complaint):
        lcoe(**(sound | change))


@pytest.mark.parametrize("flows", [[], [math.nan], [[1.0]]])
def test_a_present_value_needs_amounts(flows):
    """At least one, all finite, in a row."""
    with pytest.raises(InputError, match="npv: expected"):
        npv(flows, 0.0)


def test_an_annuity_refuses_what_a_levelised_cost_refuses():
    """The same checks, by its own name."""
    with pytest.raises(InputError, match="annuity: lifetime_years is 0"):
        annuity(1.0, 0, 0.0)
    with pytest.raises(InputError, match="annuity: capex"):
        annuity(-1.0, 1, 0.0)
    with pytest.raises(InputError, match="annuity: discount_rate"):
        annuity(1.0, 1, -2.0)


@given(money, st.integers(0, 40), rates, st.floats(-0.05, 0.2))
def test_deferral_is_worth_the_difference_of_two_investments(investment, years, rate, growth):
    """One today and one later, in the money of today."""
    later = npv([0.0] * years + [investment * (1 + growth) ** years], rate)
    value = deferral_value(investment, years, discount_rate=rate, cost_growth=growth)
    assert value == pytest.approx(investment - later, abs=1e-9 * (investment + later))


@given(money, st.floats(0.0, 20.0), st.floats(0.0, 20.0), rates)
def test_waiting_twice_is_waiting_once(investment, first, then, rate):
    """The value of a long deferral is that of its parts."""
    whole = deferral_value(investment, first + then, discount_rate=rate)
    parts = deferral_value(investment, first, discount_rate=rate)
    parts += deferral_value(investment, then, discount_rate=rate) / (1 + rate) ** first
    assert whole == pytest.approx(parts, abs=1e-9 * investment)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"investment": -1.0}, "investment is -1.0"),
        ({"years": math.nan}, "years is nan"),
        ({"discount_rate": -1.0}, "discount_rate is -1.0"),
        ({"cost_growth": -1.0}, "cost_growth is -1.0"),
    ],
)
def test_a_deferral_out_of_range_is_named(change, complaint):
    """With what was given."""
    sound = {"investment": 1.0, "years": 2.0, "discount_rate": 0.04}
    with pytest.raises(InputError, match=f"deferral_value: {complaint}"):
        deferral_value(**(sound | change))
