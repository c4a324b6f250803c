"""Tests of the plan in closed form."""

import numpy as np
import pytest
from builders import make_profiles, make_timeline, tariff_charges
from hypothesis import given
from hypothesis import strategies as st

from nemogrid.charges import Charge, Quantity
from nemogrid.dispatch import plan_without_storage
from nemogrid.errors import SolveError

PROFILES = make_profiles(make_timeline(2))


def flat(import_price, export_price):
    """Retail charges of two numbers."""
    return (
        Charge(
            item="energy", quantity=Quantity.RETAIL_BOUGHT, price=import_price, payee="retailer"
        ),
        Charge(
            item="buy-back", quantity=Quantity.RETAIL_SOLD, price=-export_price, payee="retailer"
        ),
    )  # fmt: skip


def test_energy_balances_in_every_step():
    """Net load is load less PV, nothing else, to 1e-9 kWh."""
    plan = plan_without_storage(PROFILES, tariff_charges(PROFILES))
    difference = plan.net_kw - (PROFILES.load_kw - PROFILES.pv_kw)
    assert difference.abs().to_numpy().max() * PROFILES.timeline.step_h < 1e-9


@given(export_price=st.floats(-0.1, 0.2), spread=st.floats(0, 0.3))
def test_the_certificate_holds_whenever_import_costs_at_least_the_export(export_price, spread):
    """Weak duality is tight; the objective is the bill at two prices."""
    import_price = export_price + spread
    plan = plan_without_storage(PROFILES, flat(import_price, export_price))
    net = plan.net_kw.to_numpy() * PROFILES.timeline.step_h
    cost = import_price * net[net > 0].sum() + export_price * net[net < 0].sum()
    assert plan.certificate.objective == pytest.approx(cost, rel=1e-9, abs=1e-9)
    assert plan.certificate.gap <= 1e-9


def test_an_export_price_above_the_import_price_raises():
    """Unbounded arbitrage names the member and the step."""
    with pytest.raises(SolveError, match=r"'m0' at 2026-03-27 00:00:00\+01:00"):
        plan_without_storage(PROFILES, flat(0.1, 0.1 + 1e-6))


def test_the_first_step_of_arbitrage_is_named():
    """A price spike in one step is found."""
    import pandas as pd

    price = pd.Series(0.3, index=PROFILES.timeline.index)
    price.iloc[5] = 0.05
    with pytest.raises(SolveError, match="2026-03-27 02:30"):
        plan_without_storage(PROFILES, flat(price, 0.1))
    assert np.isfinite(price).all()
