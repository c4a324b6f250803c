"""Networks that several tests of the feeder share."""

import copy

import pandapower as pp
import pytest


def build_village():
    """Build a feeder by hand: two feeders behind a transformer, a switch of each kind."""
    net = pp.create_empty_network(name="village")
    mv = pp.create_bus(net, 20.0, name="mv")
    lv = [pp.create_bus(net, 0.4, name=f"lv{i}") for i in range(6)]
    pp.create_ext_grid(net, mv, vm_pu=1.02, name="grid")
    pp.create_transformer(net, mv, lv[0], "0.25 MVA 20/0.4 kV", name="trafo")
    for i, j in ((0, 1), (1, 2), (0, 3), (4, 5), (2, 5)):
        pp.create_line(net, lv[i], lv[j], 0.12, "NAYY 4x150 SE", name=f"line{i}{j}")
    pp.create_switch(net, lv[3], lv[4], et="b", closed=True)  # buses 3 and 4 are one node
    pp.create_switch(net, lv[2], 4, et="l", closed=False)  # the ring is open at its end
    for i in (1, 2, 3, 5):
        pp.create_load(net, lv[i], p_mw=0.004, q_mvar=0.001, name=f"house{i}")
    pp.create_sgen(net, lv[5], p_mw=0.005, name="roof", type="PV")
    return net


@pytest.fixture(scope="session")
def built_village():
    """The small network, built once."""
    return build_village()


@pytest.fixture
def village(built_village):
    """A small network of our own; each test gets a copy to spoil."""
    return copy.deepcopy(built_village)
