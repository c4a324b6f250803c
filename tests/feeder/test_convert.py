import numpy as np
import pytest
from power_grid_model.validation import assert_valid_input_data

from nemogrid.feeder import convert
from nemogrid.feeder.convert import to_grid_model


def test_the_input_is_valid_for_power_grid_model(village, monkeypatch):
    """power-grid-model's own validator finds nothing wrong."""
    seen = {}

    class Recorder:
        def __init__(self, tables):
            seen.update(tables)

    monkeypatch.setattr("power_grid_model.PowerGridModel", Recorder)
    grid = to_grid_model(village, np.array([2, 3]))
    assert_valid_input_data(seen, symmetric=True)
    assert seen["node"]["u_rated"].tolist() == [20e3, *[400.0] * 5]
    assert len(seen["generic_branch"]) == len(village.line) + len(village.trafo)
    assert grid.load_node.tolist() == [grid.node[2], grid.node[3]]


@pytest.mark.parametrize("model", ["t", "pi"])
def test_both_circuits_have_the_impedances_of_the_type_plate(village, model):
    """Open circuit and short circuit of the two-port give i0, pfe and vk of the type plate."""
    trafo = village.trafo.iloc[0]
    row = convert._transformers(village, convert.fused_buses(village), model).iloc[0]
    base = trafo["vn_lv_kv"] ** 2 / trafo["sn_mva"]
    z, y = row["r1"] + 1j * row["x1"], row["g1"] + 1j * row["b1"]
    short = 1 / (1 / z + y / 2) / base
    idle = (y / 2 + 1 / (z + 2 / y)) * base
    assert abs(short) == pytest.approx(trafo["vk_percent"] / 100, rel=1e-3)
    assert short.real == pytest.approx(trafo["vkr_percent"] / 100, rel=2e-3)
    assert abs(idle) == pytest.approx(trafo["i0_percent"] / 100, rel=1e-3)
    assert idle.real == pytest.approx(trafo["pfe_kw"] / trafo["sn_mva"] / 1e3, rel=1e-3)


def test_the_grid_above_is_stiff(village):
    """The impedance of the source moves the voltage of a full feeder by less than 1e-8 pu."""
    assert village.trafo["sn_mva"].sum() * 1e6 / convert.STIFF_SOURCE_VA < 1e-8
