"""How the feeder answers to a kilowatt more, against pandapower's Jacobian and larger changes."""

import copy

import numpy as np
import pandapower as pp
import pandas as pd
import pytest

from nemogrid.errors import InputError, LabelError
from nemogrid.feeder import load_feeder, run_power_flow
from nemogrid.feeder.quiet import quiet
from nemogrid.feeder.sensitivity import sensitivity

CODE = "1-LV-rural1--0-no_sw"


@pytest.fixture(scope="module")
def rural():
    """A feeder of 13 loads, and a net load and a reactive load at each of their buses."""
    network = load_feeder(CODE)
    buses = sorted(set(network.load["bus"]))
    rng = np.random.default_rng(3)
    loads_kw = pd.Series(rng.normal(4.0, 6.0, len(buses)), index=buses)
    return network, loads_kw, 0.2 * loads_kw.abs()


def by_jacobian(network, loads_kw, reactive_kvar):
    """Invert the Jacobian of pandapower's last Newton step: dV/dP [pu per kW of consumption]."""
    net = copy.deepcopy(network)
    for table in ("load", "sgen", "storage"):
        net[table] = net[table].iloc[:0]
    with quiet():
        for bus in loads_kw.index:
            pp.create_load(net, bus, p_mw=loads_kw[bus] / 1e3, q_mvar=reactive_kvar[bus] / 1e3)
        pp.runpp(net, calculate_voltage_angles=True, tolerance_mva=1e-12)
    inner = net._ppc["internal"]
    pq = inner["pq"]
    rows = {int(place): row for row, place in enumerate(pq)}
    lookup = net._pd2ppc_lookups["bus"]
    size = len(inner["pv"]) + len(pq)
    inverse = np.linalg.inv(inner["J"].toarray())
    # Columns: power at pv and pq buses; rows: their angles, then the voltages of pq buses.
    place = [rows[int(lookup[bus])] for bus in loads_kw.index]
    columns = [len(inner["pv"]) + p for p in place]
    return -inverse[np.ix_([size + p for p in place], columns)] / 1e3 / net.sn_mva


def test_voltages_equal_the_inverse_jacobian_of_pandapower(rural):
    """The central difference is pandapower's derivative at the same operating point."""
    network, loads_kw, reactive_kvar = rural
    found = sensitivity(network, loads_kw, reactive_kvar=reactive_kvar)
    expected = by_jacobian(network, loads_kw, reactive_kvar)
    np.testing.assert_allclose(
        found.vm_pu_per_kw.loc[loads_kw.index], expected, rtol=1e-4, atol=1e-9
    )
    assert (expected < 0).all()


def test_small_changes_of_all_loads_are_foretold(rural):
    """Voltages, loadings and losses after a change, to second order of the change."""
    network, loads_kw, reactive_kvar = rural
    found = sensitivity(network, loads_kw, reactive_kvar=reactive_kvar)
    change = pd.Series(np.random.default_rng(1).normal(0, 0.2, len(loads_kw)), loads_kw.index)
    state = run_power_flow(
        network,
        pd.DataFrame([loads_kw, loads_kw + change]),
        reactive_kvar=pd.DataFrame([reactive_kvar, reactive_kvar]),
    )
    for of, values in (
        (found.vm_pu_per_kw, state.vm_pu),
        (found.transformer_share_per_kw, state.transformer_loading_share),
        (found.line_share_per_kw, state.line_loading_share),
    ):
        moved = values.iloc[1] - values.iloc[0]
        # A line that hardly carries anything is at the kink of its loading.
        clear = (values.iloc[0] > 0.01).to_numpy()
        assert clear.sum() >= 0.8 * len(clear)
        np.testing.assert_allclose((of @ change)[clear], moved[clear], rtol=0.02, atol=2e-5)
    moved = float(state.loss_kw.iloc[1] - state.loss_kw.iloc[0])
    assert float(found.loss_kw_per_kw @ change) == pytest.approx(moved, rel=0.05)


def test_the_difference_hardly_matters(rural):
    """Half the difference gives the same derivative to a ten-thousandth."""
    network, loads_kw, _ = rural
    one, half = (sensitivity(network, loads_kw, difference_kw=d) for d in (1.0, 0.5))
    np.testing.assert_allclose(one.vm_pu_per_kw, half.vm_pu_per_kw, rtol=1e-4, atol=1e-9)


def test_wrong_input_is_refused(rural):
    """A difference that is none, and a bus that is none."""
    network, loads_kw, _ = rural
    with pytest.raises(InputError, match="difference_kw is 0"):
        sensitivity(network, loads_kw, difference_kw=0)
    with pytest.raises(LabelError, match="999"):
        sensitivity(network, pd.Series({999: 1.0}))
