"""Tests of batteries that store own surplus."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nemogrid.devices import Battery
from nemogrid.dispatch import store_own_surplus
from nemogrid.dispatch.exact import path_residual
from nemogrid.dispatch.member_plan import StorePath
from nemogrid.dispatch.store import battery_store

shares = st.floats(0.5, 1.0)
batteries = st.builds(
    Battery,
    capacity_kwh=st.floats(0.1, 50),
    power_kw=st.floats(0.1, 20),
    charge_efficiency=shares,
    discharge_efficiency=shares,
    initial_soc_share=st.floats(0, 1),
)


@given(net=arrays(float, 60, elements=st.floats(-10, 10)), battery=batteries)
def test_the_rule_keeps_energy_power_and_capacity(net, battery):
    """Balances close to 1e-9 kWh, and the battery never makes the meter turn for its own sake."""
    drawn, stored = store_own_surplus(net, battery, step_h=0.5)
    path = StorePath(
        charge_kwh=np.maximum(drawn, 0.0),
        discharge_kwh=np.maximum(-drawn, 0.0),
        stored_kwh=stored,
    )
    assert path_residual(battery_store(battery, 60, step_h=0.5, end_kwh=0.0), path) < 1e-9
    assert np.abs(drawn).max() <= battery.power_kw * 0.5 + 1e-12
    assert stored.min() >= 0
    assert stored.max() <= battery.capacity_kwh
    after = net + drawn
    assert (np.abs(after) <= np.abs(net) + 1e-12).all()
    assert (after * net >= -1e-12).all()


def test_a_lossless_store_of_any_size_moves_all_it_can():
    """Self-consumption is the smaller of surplus and later shortage."""
    ideal = Battery(
        capacity_kwh=1e6, power_kw=1e6, charge_efficiency=1.0, discharge_efficiency=1.0,
        initial_soc_share=0.0,
    )  # fmt: skip
    net = np.array([-3.0, -2.0, 4.0, 2.0, -1.0])
    drawn, _ = store_own_surplus(net, ideal, step_h=1.0)
    assert (net + drawn).tolist() == [0, 0, 0, 1, 0]
