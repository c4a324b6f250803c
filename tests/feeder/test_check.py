import pandapower as pp
import pytest

from nemogrid.errors import NetworkError
from nemogrid.feeder.check import check_network, components, end_closed, fused_buses
from nemogrid.feeder.quiet import quiet


def test_the_village_is_accepted(village):
    """The network that the other tests spoil is a good one."""
    check_network(village)


def _without_grid(net):
    net.ext_grid["in_service"] = False


def _with_island(net):
    net.line.loc[1, "in_service"] = False


def _with_open_switch(net):
    pp.create_switch(net, 2, 1, et="l", closed=False)


def _with_asymmetric_load(net):
    pp.create_asymmetric_load(net, 3, p_a_mw=0.001)


def _with_generator(net):
    pp.create_gen(net, 3, p_mw=0.001)


def _with_shunt(net):
    pp.create_shunt(net, 3, q_mvar=0.001)


def _with_ward(net):
    pp.create_ward(net, 3, 0.0, 0.0, 0.001, 0.0)


def _with_impedance(net):
    pp.create_impedance(net, 2, 3, 0.01, 0.01, 1.0)


def _with_dcline(net):
    pp.create_dcline(net, 2, 3, 0.001, 0.0, 0.0, 1.0, 1.0)


def _with_trafo3w(net):
    mid = pp.create_bus(net, 10.0)
    far = pp.create_bus(net, 110.0)
    pp.create_transformer3w(net, far, 0, mid, "63/25/38 MVA 110/20/10 kV")


def _with_controller(net):
    pp.control.ConstControl(net, "load", "p_mw", [0])


def _with_lost_load(net):
    net.load.loc[1, "bus"] = 99


def _with_lost_generator(net):
    net.sgen["bus"] = 77


def _with_dead_load(net):
    spare = pp.create_bus(net, 0.4, in_service=False)
    net.load.loc[2, "bus"] = spare


def _with_lost_line(net):
    net.line.loc[0, "to_bus"] = 55


def _with_resistive_switch(net):
    net.switch.loc[0, "z_ohm"] = 0.1


def _with_short_line(net):
    net.line.loc[2, "length_km"] = 0.0


def _with_line_between_voltages(net):
    pp.create_line(net, 0, 2, 0.1, "NAYY 4x150 SE")


def _with_switch_between_voltages(net):
    pp.create_switch(net, 0, 2, et="b")


def _with_bad_transformer(net):
    net.trafo["vk_percent"] = 0.0


def _with_no_rating(net):
    net.line.loc[3, "df"] = 0.0


def _with_lopsided_transformer(net):
    net.trafo["leakage_resistance_ratio_hv"] = 0.3


def _with_tap_table(net):
    net.trafo["tap_dependency_table"] = True


def _with_bad_voltage(net):
    net.bus.loc[3, "vn_kv"] = 0.0


def _with_repeated_index(net):
    net.load.index = [0, 0, 1, 2]


def _with_text_for_a_number(net):
    net.line["r_ohm_per_km"] = net.line["r_ohm_per_km"].astype(object)
    net.line.loc[1, "r_ohm_per_km"] = "much"


def _with_no_iron_losses(net):
    net.trafo["pfe_kw"] = float("nan")


def _with_too_much_resistance(net):
    net.trafo["vkr_percent"] = 50.0


def _with_no_voltage_above(net):
    net.ext_grid["vm_pu"] = -1.0


def _with_no_current(net):
    net.line.loc[2, "max_i_ka"] = 0.0


def _with_no_frequency(net):
    net["f_hz"] = float("nan")


def _without_a_column(net):
    del net.line["parallel"]


def _with_named_buses(net):
    net.bus.index = [str(i) for i in net.bus.index]


REFUSED = [
    (_without_grid, "no external grid in service"),
    (_with_island, r"no path to an external grid for bus '3 \(lv2\)': connect"),
    (_with_open_switch, r"no path to an external grid for bus '3 \(lv2\)'"),
    (_with_asymmetric_load, "asymmetric_load '0' in service: the study is balanced"),
    (_with_generator, "gen '0' in service"),
    (_with_shunt, "shunt '0' in service"),
    (_with_ward, "ward '0' in service"),
    (_with_impedance, "impedance '0' in service"),
    (_with_dcline, "dcline '0' in service"),
    (_with_trafo3w, "trafo3w '0' in service"),
    (_with_controller, "controller '0' in service: the power flow runs no controllers"),
    (_with_lost_load, r"load '1 \(house2\)' is on a bus that is missing: bus '99'"),
    (_with_lost_generator, r"sgen '0 \(roof\)' is on a bus that is missing: bus '77'"),
    (_with_dead_load, r"load '2 \(house3\)' is on a bus that is out of service: bus '7'"),
    (_with_lost_line, r"line '0 \(line01\)' is on a bus that is missing: bus '55'"),
    (_with_resistive_switch, "bus-bus switch '0' has an impedance"),
    (_with_short_line, r"line '2 \(line03\)': expected a length"),
    (_with_line_between_voltages, "line '5' joins buses of different nominal voltage"),
    (_with_switch_between_voltages, "closed switches join buses of different nominal voltage"),
    (_with_bad_transformer, r"transformer '0 \(trafo\)': expected sn_mva"),
    (_with_no_rating, r"line '3 \(line45\)': expected df and parallel above 0"),
    (_with_lopsided_transformer, "leakage_resistance_ratio_hv other than 0.5"),
    (_with_tap_table, "table of tap positions"),
    (_with_bad_voltage, r"bus '3 \(lv2\)': expected a nominal voltage"),
    (_with_text_for_a_number, r"line '1 \(line12\)': r_ohm_per_km is much, expected a finite"),
    (_with_no_iron_losses, r"trafo '0 \(trafo\)': pfe_kw is nan, expected a finite number"),
    (_with_too_much_resistance, r"transformer '0 \(trafo\)': expected vkr_percent of at most"),
    (_with_no_voltage_above, r"ext_grid '0 \(grid\)': expected a voltage vm_pu above 0"),
    (_with_no_current, r"line '2 \(line03\)': expected a rating max_i_ka above 0"),
    (_with_no_frequency, "f_hz is nan: expected a frequency"),
    (_without_a_column, "table 'line' has no column 'parallel'"),
    (_with_named_buses, "index of type"),
    (_with_repeated_index, "'load': repeated index '0'"),
]


@pytest.mark.parametrize(
    ("spoil", "message"), REFUSED, ids=[s.__name__.strip("_") for s, _ in REFUSED]
)
def test_what_cannot_be_carried_is_refused_by_name(village, spoil, message):
    """Nothing is left out silently: the message names the table and the element."""
    with quiet():
        spoil(village)
    with pytest.raises(NetworkError, match=message):
        check_network(village)


@pytest.mark.parametrize(
    "add", [_with_generator, _with_shunt, _with_asymmetric_load, _with_controller, _with_dcline]
)
def test_elements_out_of_service_do_no_harm(village, add):
    """An element that is switched off is no reason to refuse a network."""
    with quiet():
        add(village)
    for table in ("gen", "shunt", "asymmetric_load", "controller", "dcline"):
        village[table]["in_service"] = False
    check_network(village)


def test_tables_of_the_user_do_no_harm(village):
    """A table that is no element of pandapower is nobody's business."""
    village["remarks"] = village.bus[["name"]].copy()
    check_network(village)


def test_something_else_is_no_network():
    """A dictionary without the tables of pandapower is refused."""
    with pytest.raises(NetworkError, match="no table 'bus'"):
        check_network({})
    with pytest.raises(NetworkError, match="network is a str"):
        check_network("1-LV-rural1--0-no_sw")


def test_closed_switches_fuse_buses(village):
    """Buses joined by a closed switch are one node; opening it parts them."""
    nodes = fused_buses(village)
    assert nodes[4] == nodes[5]
    assert nodes.nunique() == 6
    village.switch.loc[0, "closed"] = False
    assert fused_buses(village).nunique() == 7


def test_open_switches_cut_one_end(village):
    """The open ring hangs on at one end."""
    assert not end_closed(village, "line", "from_bus")[4]
    assert end_closed(village, "line", "to_bus")[4]


def test_components_are_numbered_in_order():
    """Chains and rings are one component each, whatever the order of the edges."""
    pairs = [(5, 6), (1, 2), (3, 1), (6, 4), (2, 3)]
    assert components([1, 2, 3, 4, 5, 6, 9], pairs).tolist() == [0, 0, 0, 1, 1, 1, 2]
