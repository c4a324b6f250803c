"""Tests of the Pyomo model of case a: closed form = GLPK = HiGHS = bill."""

import numpy as np
import pytest
from builders import make_community, make_profiles, make_timeline, tariff_charges

from nemogrid.dispatch import case_a_model, member_prices, plan_without_storage, solve_case_a
from nemogrid.errors import InputError, SolveError
from nemogrid.markets import DESIGNS
from nemogrid.settlement import settle

PROFILES = make_profiles(make_timeline(7))
COMMUNITY = make_community(PROFILES)
CHARGES = tariff_charges(PROFILES)


@pytest.fixture(scope="module", params=sorted(DESIGNS))
def clearing(request):
    """Clear the same week under every market design."""
    return DESIGNS[request.param]().clear(COMMUNITY, PROFILES, CHARGES)


def model_of(clearing, member):
    """Write case a for one member at the prices that the market gave it."""
    prices = member_prices(clearing, (*CHARGES, *clearing.charges), member)
    step_h = PROFILES.timeline.step_h
    return case_a_model(
        PROFILES.load_kw[member].to_numpy() * step_h,
        PROFILES.pv_kw[member].to_numpy() * step_h,
        import_price=prices.import_price,
        export_price=prices.export_price,
        fees=prices.fees,
    )


@pytest.mark.parametrize("engine", ["glpk", "highs"])
@pytest.mark.parametrize("member", ["m0", "m4"])
def test_the_objective_equals_the_bill_and_the_plan_the_closed_form(clearing, engine, member):
    """What the household minimises is what it is billed, to 1e-6 of it."""
    solved = solve_case_a(model_of(clearing, member), engine=engine)
    bills = settle(clearing, CHARGES, currency="CHF")
    assert solved.objective == pytest.approx(bills.by_member().at[member, "total"], rel=1e-6)
    closed = plan_without_storage(PROFILES, CHARGES).net_kw[member] * PROFILES.timeline.step_h
    assert solved.imported_kwh - solved.exported_kwh == pytest.approx(closed.to_numpy(), abs=1e-9)
    assert np.minimum(solved.imported_kwh, solved.exported_kwh).max() < 1e-9
    assert solved.certificate.gap < 1e-9


def test_an_unbounded_model_raises():
    """Arbitrage has no optimum, and no result is returned."""
    ones = np.ones(4)
    model = case_a_model(ones, 0 * ones, import_price=0.1 * ones, export_price=0.2 * ones, fees={})
    with pytest.raises(SolveError):
        solve_case_a(model, engine="highs")


def test_arrays_of_different_length_are_refused():
    """The lengths are in the message."""
    ones = np.ones(4)
    with pytest.raises(InputError, match="'E_pv': 3"):
        case_a_model(ones, ones[:3], import_price=ones, export_price=ones, fees={})
