import copy

import numpy as np
import pandapower as pp
import pandapower.networks as pn
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from nemogrid.errors import InputError, LabelError, NetworkError, PowerFlowError, SolveError
from nemogrid.feeder import load_feeder, power_flow, run_power_flow
from nemogrid.feeder.quiet import quiet

STEPS = pd.date_range("2026-01-01", periods=4, freq="30min", tz="Europe/Zurich")
SIMBENCH = [
    "1-LV-rural1--0-no_sw",
    "1-LV-rural3--1-sw",
    "1-LV-semiurb4--0-no_sw",
    "1-LV-urban6--0-sw",
]
OTHERS = {
    "cigre": pn.create_cigre_network_lv,
    "kerber_dorf": pn.create_kerber_dorfnetz,
    "kerber_land": pn.create_kerber_landnetz_freileitung_1,
}


def random_load(net, *, steps=STEPS, scale=3.0, seed=5):
    """Consumption and generation at every bus, the first step empty."""
    kw = np.random.default_rng(seed).normal(scale / 2, scale, (len(steps), len(net.bus)))
    kw[0] = 0.0
    return pd.DataFrame(kw, index=steps, columns=net.bus.index)


def solve_by_pandapower(net, kw, kvar, model):
    """Ask pandapower for the same, step by step."""
    net = copy.deepcopy(net)
    for table in ("load", "sgen", "storage"):
        net[table] = net[table].iloc[:0]
    results = []
    with quiet():
        for bus in kw.columns:
            pp.create_load(net, bus, p_mw=0.0)
        for step in kw.index:
            net.load["p_mw"] = kw.loc[step].to_numpy() / 1e3
            net.load["q_mvar"] = kvar.loc[step].to_numpy() / 1e3
            pp.runpp(net, trafo_model=model, calculate_voltage_angles=True, tolerance_mva=1e-10)
            results.append(copy.deepcopy({k: net[k] for k in ("res_bus", "res_line", "res_trafo")}))
    return {
        "vm_pu": np.array([r["res_bus"]["vm_pu"] for r in results]),
        "line": np.array([r["res_line"]["loading_percent"] for r in results]) / 100,
        "trafo": np.array([r["res_trafo"]["loading_percent"] for r in results]) / 100,
        "loss_kw": np.array(
            [1e3 * (r["res_line"]["pl_mw"].sum() + r["res_trafo"]["pl_mw"].sum()) for r in results]
        ),
    }


def assert_equals_pandapower(net, kw, *, model="t"):
    """Hold every figure of the state against pandapower's."""
    kvar = 0.3 * kw
    state = run_power_flow(net, kw, reactive_kvar=kvar, transformer_model=model)
    expected = solve_by_pandapower(net, kw, kvar, model)
    alive = net.bus["in_service"].to_numpy(dtype=bool)
    np.testing.assert_allclose(state.vm_pu, expected["vm_pu"][:, alive], rtol=0, atol=1e-8)
    # pandapower gives lines that are out of service no current, or none that is a number.
    np.testing.assert_allclose(
        state.line_loading_share, np.nan_to_num(expected["line"]), rtol=0, atol=1e-7
    )
    np.testing.assert_allclose(
        state.transformer_loading_share, np.nan_to_num(expected["trafo"]), rtol=0, atol=1e-7
    )
    np.testing.assert_allclose(state.loss_kw, expected["loss_kw"], rtol=1e-6, atol=1e-6)
    return state


@pytest.mark.parametrize("code", SIMBENCH)
@pytest.mark.parametrize("model", ["t", "pi"])
def test_simbench_grids_equal_pandapower(code, model):
    """Voltages, loadings and losses are those of pandapower's runpp, to 1e-8 pu."""
    net = load_feeder(code)
    state = assert_equals_pandapower(net, random_load(net), model=model)
    assert state.vm_pu.shape == (4, len(net.bus))
    assert state.line_loading_share.columns.equals(net.line.index)


@pytest.mark.parametrize("name", OTHERS)
def test_cigre_and_kerber_networks_equal_pandapower(name):
    """The same holds for the networks of others, with switches and several transformers."""
    with quiet():
        net = load_feeder(OTHERS[name]())
    assert_equals_pandapower(net, random_load(net))


@pytest.mark.parametrize("model", ["t", "pi"])
@pytest.mark.parametrize(
    "change",
    [
        {"tap_pos": 2},
        {"tap_pos": -1, "tap_side": "lv"},
        {"tap_pos": 2, "tap_changer_type": "Symmetrical", "tap_step_degree": 60.0},
        {"tap_pos": 2, "tap_changer_type": "Ideal"},
        {"tap_pos": 2, "tap_changer_type": None},
        {"parallel": 3, "df": 0.8},
        {"vn_lv_kv": 0.42, "vn_hv_kv": 21.0},
        {"pfe_kw": 0.0, "i0_percent": 0.0},
        {"i0_percent": 8.0},
    ],
    ids=str,
)
def test_transformers_equal_pandapower(village, change, model):
    """Taps, parallel systems, rated voltages and iron losses act as in pandapower."""
    for column, value in change.items():
        village.trafo[column] = value
    assert_equals_pandapower(village, random_load(village), model=model)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("line", {"parallel": 2, "df": 0.7}),
        ("line", {"g_us_per_km": 40.0}),
        ("ext_grid", {"vm_pu": 0.97, "va_degree": 20.0}),
    ],
)
def test_lines_and_grid_equal_pandapower(village, table, change):
    """Parallel lines, leakage and the voltage of the grid above act as in pandapower."""
    for column, value in change.items():
        village[table][column] = value
    assert_equals_pandapower(village, random_load(village))


def test_open_ends_and_dead_elements_equal_pandapower(village):
    """What is out of service or hangs on at one end acts as in pandapower, and a bus out of
    service has no voltage to report.
    """
    bus = village.bus.index
    spare = pp.create_bus(village, 0.4, in_service=False)
    pp.create_line(village, bus[3], spare, 0.3, "NAYY 4x150 SE")
    pp.create_line(village, bus[1], bus[3], 0.3, "NAYY 4x150 SE", in_service=False)
    pp.create_transformer(village, bus[0], bus[1], "0.25 MVA 20/0.4 kV", in_service=False)
    hanging = pp.create_transformer(village, bus[0], bus[1], "0.25 MVA 20/0.4 kV")
    pp.create_switch(village, bus[1], hanging, et="t", closed=False)
    kw = random_load(village).drop(columns=spare)
    state = assert_equals_pandapower(village, kw)
    assert spare not in state.vm_pu
    assert state.line_loading_share[6].eq(0).all()
    assert state.transformer_loading_share[1].eq(0).all()


def test_two_grids_equal_pandapower(village):
    """Several external grids share the load as in pandapower."""
    far = pp.create_bus(village, 20.0)
    pp.create_ext_grid(village, far, vm_pu=1.01)
    pp.create_transformer(village, far, village.bus.index[2], "0.25 MVA 20/0.4 kV")
    assert_equals_pandapower(village, random_load(village))


def test_order_and_labels_of_the_columns_change_nothing(village):
    """Reordering columns, splitting the batch and renumbering buses leave every figure alone."""
    kw = random_load(village)
    state = run_power_flow(village, kw)
    backwards = run_power_flow(village, kw[kw.columns[::-1]])
    assert_frame_equal(state.vm_pu, backwards.vm_pu, rtol=0, atol=1e-12)
    renumbered = copy.deepcopy(village)
    with quiet():
        pp.toolbox.reindex_buses(renumbered, {bus: 70 - 3 * bus for bus in village.bus.index})
    other = run_power_flow(renumbered, kw.rename(columns=lambda bus: 70 - 3 * bus))
    np.testing.assert_allclose(
        other.vm_pu[[70 - 3 * b for b in state.vm_pu]], state.vm_pu, atol=1e-12
    )
    assert_series_equal(other.loss_kw, state.loss_kw)


def test_batches_of_any_size_agree(village, monkeypatch):
    """A year that does not fit into one batch is solved in several, and reports each."""
    steps = pd.RangeIndex(23)
    kw = random_load(village, steps=steps)
    whole = run_power_flow(village, kw)
    monkeypatch.setattr(power_flow, "_BATCH_BYTES", 8 * 500)
    done = []
    parts = run_power_flow(village, kw, progress=done.append)
    assert len(done) > 3
    assert sum(done) == 23
    assert_frame_equal(whole.vm_pu, parts.vm_pu, rtol=0, atol=1e-14)
    assert_frame_equal(whole.line_loading_share, parts.line_loading_share, rtol=0, atol=1e-12)
    assert_series_equal(whole.loss_kw, parts.loss_kw)


def test_losses_close_the_energy_balance(village):
    """What the grid above delivers is what is used plus what is lost."""
    kw = random_load(village)
    state = run_power_flow(village, kw, reactive_kvar=0 * kw)
    with quiet():
        for table in ("load", "sgen"):
            village[table] = village[table].iloc[:0]
        for bus in kw:
            pp.create_load(village, bus, p_mw=kw[bus].iloc[2] / 1e3)
        pp.runpp(village, calculate_voltage_angles=True, tolerance_mva=1e-10)
    delivered = 1e3 * village.res_ext_grid["p_mw"].sum()
    assert delivered == pytest.approx(kw.iloc[2].sum() + state.loss_kw.iloc[2], abs=1e-5)
    assert (state.loss_kw > 0).all()
    assert state.certificate.primal_residual < 1e-9


def test_an_empty_table_is_the_network_without_load(village):
    """No columns and columns of zeros are the same: nothing but what the network itself draws."""
    none = run_power_flow(village, pd.DataFrame(index=STEPS))
    zeros = run_power_flow(village, pd.DataFrame(0.0, index=STEPS, columns=village.bus.index))
    assert_frame_equal(none.vm_pu, zeros.vm_pu, rtol=0, atol=1e-14)
    assert_series_equal(none.loss_kw, zeros.loss_kw)
    assert none.loss_kw.iloc[0] == pytest.approx(village.trafo["pfe_kw"].iloc[0], rel=0.05)


def test_the_loads_of_the_network_are_not_added(village):
    """The table is the whole injection: the network's own loads do not count twice."""
    kw = random_load(village)
    loaded = run_power_flow(village, kw)
    for table in ("load", "sgen"):
        village[table] = village[table].iloc[:0]
    assert_frame_equal(loaded.vm_pu, run_power_flow(village, kw).vm_pu)


def test_the_inputs_are_left_as_they_were(village):
    """Neither the network nor the table is changed."""
    kw = random_load(village)
    before, given = copy.deepcopy(village), kw.copy()
    run_power_flow(village, kw)
    assert set(village) == set(before)
    for name, table in before.items():
        if isinstance(table, pd.DataFrame):
            assert_frame_equal(village[name], table)
    assert_frame_equal(kw, given)


def test_whole_numbers_are_as_good_as_fractions(village):
    """A table of integers is a table of numbers."""
    kw = pd.DataFrame({2: [1, 2]})
    assert_frame_equal(
        run_power_flow(village, kw).vm_pu, run_power_flow(village, kw.astype(float)).vm_pu
    )


def test_steps_without_a_solution_are_named(village):
    """Loads that no feeder can carry raise, with the steps, also in a later batch."""
    steps = pd.date_range("2026-03-01", periods=40, freq="30min", tz="Europe/Zurich")
    kw = pd.DataFrame(1.0, index=steps, columns=[2, 3])
    kw.iloc[[7, 31], 0] = 1e6
    with pytest.raises(PowerFlowError, match=r"2 of 40 steps.*03:30:00.*15:30:00"):
        run_power_flow(village, kw)


def test_failed_steps_are_numbered_across_batches(village, monkeypatch):
    """A failure in a later batch is named by its place in the whole table."""
    monkeypatch.setattr(power_flow, "_BATCH_BYTES", 8 * 500)
    kw = pd.DataFrame({2: np.ones(23)})
    kw.iloc[20] = 1e6
    with pytest.raises(PowerFlowError, match=r"1 of 23 steps.*'20'"):
        run_power_flow(village, kw)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_named(village, value):
    """A value that is missing or infinite raises, with bus and step."""
    kw = random_load(village)
    kw.loc[STEPS[2], 3] = value
    with pytest.raises(InputError, match=r"bus '3' at 2026-01-01 01:00:00\+01:00"):
        run_power_flow(village, kw)
    with pytest.raises(InputError, match=r"reactive power \[kvar\] of bus '3'"):
        run_power_flow(village, random_load(village), reactive_kvar=kw)


def test_texts_are_refused(village):
    """A column of texts raises, with the bus."""
    with pytest.raises(InputError, match=r"bus '3': values of type object"):
        run_power_flow(village, pd.DataFrame({2: [1.0], 3: ["1.0"]}))


def test_an_array_without_labels_is_refused(village):
    """It does not say which bus is which."""
    with pytest.raises(InputError, match="ndarray: expected a DataFrame"):
        run_power_flow(village, np.ones((2, 1)))


def test_a_table_without_steps_is_refused(village):
    """No rows are no power flow."""
    with pytest.raises(InputError, match="no steps"):
        run_power_flow(village, pd.DataFrame({2: []}, dtype=float))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([2, 99], "no bus in service is '99'"),
        (["2", "house"], "no bus in service is '2', 'house'"),
        ([2, 2], "more than one column for bus '2'"),
    ],
)
def test_columns_that_are_no_buses_are_named(village, columns, message):
    """Unknown and repeated buses raise; nothing is matched by force."""
    with pytest.raises(LabelError, match=message):
        run_power_flow(village, pd.DataFrame([[1.0, 2.0]], columns=columns))


def test_reactive_power_has_the_labels_of_the_active(village):
    """Other buses or other steps of the reactive power raise."""
    kw = random_load(village)
    with pytest.raises(LabelError, match="buses"):
        run_power_flow(village, kw, reactive_kvar=kw[kw.columns[::-1]])
    with pytest.raises(LabelError, match="steps"):
        run_power_flow(village, kw, reactive_kvar=kw.shift(freq="30min"))


def test_an_unknown_transformer_model_is_refused(village):
    """There are two equivalent circuits."""
    with pytest.raises(InputError, match="'gamma'"):
        run_power_flow(village, random_load(village), transformer_model="gamma")


def test_an_unsuitable_network_is_refused_here_too(village):
    """The power flow does not rely on load_feeder having been called."""
    village.ext_grid["in_service"] = False
    with pytest.raises(NetworkError, match="external grid"):
        run_power_flow(village, random_load(village))


def test_the_certificate_is_required(village, monkeypatch):
    """A batch whose powers do not balance at every node is no result."""
    monkeypatch.setattr(power_flow, "_mismatch_pu", lambda *_: 1e-3)
    with pytest.raises(SolveError, match=r"primal_residual is 0\.001"):
        run_power_flow(village, random_load(village))
