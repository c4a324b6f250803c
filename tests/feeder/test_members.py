import numpy as np
import pandapower as pp
import pandas as pd
import pytest

from nemogrid.errors import InputError, LabelError, NetworkError
from nemogrid.feeder import load_feeder, place_members, read_connections


@pytest.fixture(scope="module")
def semiurb4():
    """The reference feeder: 41 loads, one sgen."""
    return load_feeder("1-LV-semiurb4--0-no_sw")


def yearly(net, kwh_per_kw=1000.0):
    """Some yearly use of each load."""
    return read_connections(net)["rated_kw"] * kwh_per_kw


def shuffled(net, seed):
    """The same network with the rows of its load table in another order."""
    import copy

    net = copy.deepcopy(net)
    order = np.random.default_rng(seed).permutation(len(net.load))
    net.load = net.load.iloc[order]
    return net


def test_every_load_becomes_a_member(semiurb4):
    """Name, bus, use, shape and power factor are those of the load."""
    community = place_members(semiurb4, yearly(semiurb4), seed=1)
    loads = read_connections(semiurb4)
    assert community.names == tuple(loads.index)
    assert community.buses == tuple(loads["bus"])
    assert [m.shape for m in community] == loads["shape"].tolist()
    assert [m.power_factor for m in community] == pytest.approx(loads["power_factor"].tolist())
    assert [m.yearly_kwh for m in community] == pytest.approx((1000 * loads["rated_kw"]).tolist())


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_the_share_is_met_and_the_energy_is_sized(semiurb4, share):
    """round(share N) members have PV, whose yearly energy is the stated multiple of their use."""
    community = place_members(
        semiurb4, yearly(semiurb4), pv_share=share, pv_sizing=1.5, pv_yield_kwh_per_kw=900.0, seed=1
    )
    assert len(community.prosumers) == round(share * 41)
    for member in community:
        if member.pv is not None:
            assert member.pv.yield_kwh_per_kw == 900.0
            assert member.pv.yearly_kwh == pytest.approx(1.5 * member.yearly_kwh)


def test_the_largest_system_is_limited(semiurb4):
    """No system is larger than the stated limit."""
    community = place_members(semiurb4, yearly(semiurb4), pv_share=1.0, pv_max_kw=5.0, seed=1)
    peaks = [member.pv.peak_kw for member in community]
    assert max(peaks) == 5.0
    assert min(peaks) < 5.0


@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("existing", ["replace", "keep"])
def test_the_order_of_the_loads_changes_nothing(semiurb4, seed, existing):
    """Relabelling rows leaves every member as it was."""
    net = shuffled(semiurb4, seed)
    one = place_members(semiurb4, yearly(semiurb4), existing_pv=existing, seed=7)
    other = place_members(net, yearly(semiurb4), existing_pv=existing, seed=7)
    assert one.names != other.names
    assert {m.name: m for m in one} == {m.name: m for m in other}


def test_the_seed_decides_and_a_larger_share_only_adds(semiurb4):
    """Same seed, same owners; another seed, others; a larger share keeps those of the smaller."""
    use = yearly(semiurb4)
    owners = [set(place_members(semiurb4, use, seed=s).prosumers) for s in (1, 1, 2)]
    assert owners[0] == owners[1] != owners[2]
    assert owners[0] < set(place_members(semiurb4, use, pv_share=0.8, seed=1).prosumers)


def test_existing_systems_are_replaced_or_kept(village):
    """Kept, the sgen is the system of the member on its bus and counts towards the share."""
    use = yearly(village)
    kept = place_members(village, use, pv_share=0.25, existing_pv="keep", seed=1)
    assert kept.prosumers == ("house5",)
    assert kept.members[3].pv.peak_kw == 5.0
    more = place_members(village, use, pv_share=0.75, existing_pv="keep", seed=1)
    assert len(more.prosumers) == 3
    assert "house5" in more.prosumers
    none = place_members(village, use, pv_share=0.0, existing_pv="keep", seed=1)
    assert none.prosumers == ("house5",)
    assert place_members(village, use, pv_share=0.0, seed=1).prosumers == ()


def test_systems_on_a_shared_bus_go_to_the_largest_user(village):
    """Several systems on a bus add up; of several loads, the one that uses most owns them."""
    pp.create_sgen(village, 6, p_mw=0.002, type="PV")
    pp.create_load(village, 6, p_mw=0.009, q_mvar=0.0, name="workshop")
    community = place_members(village, yearly(village), pv_share=0.0, existing_pv="keep", seed=1)
    assert community.prosumers == ("workshop",)
    assert community.members[4].pv.peak_kw == pytest.approx(7.0)


def test_a_kept_system_on_a_bus_without_a_load_is_refused(village):
    """It belongs to nobody: the message names it and its bus."""
    village.sgen["bus"] = 1
    with pytest.raises(NetworkError, match=r"generator '0' is on a bus without a load \(bus '1'\)"):
        place_members(village, yearly(village), existing_pv="keep", seed=1)


@pytest.mark.parametrize("kind", ["WP", "CHP", "wind"])
def test_a_kept_generator_that_is_not_photovoltaic_is_refused(village, kind):
    """Wind does not become PV."""
    village.sgen["type"] = kind
    with pytest.raises(NetworkError, match="'0' is not photovoltaic"):
        place_members(village, yearly(village), existing_pv="keep", seed=1)


def test_storages_are_replaced_or_kept(village):
    """The default leaves them out; on request they belong to the member on their bus."""
    bus = int(village.load["bus"].iloc[0])
    pp.create_storage(village, bus, p_mw=0.004, max_e_mwh=0.01)
    replaced = place_members(village, yearly(village), seed=1)
    assert all(member.battery is None for member in replaced)
    kept = place_members(village, yearly(village), existing_storages="keep", seed=1)
    (owner,) = [member for member in kept if member.battery is not None]
    assert owner.bus == bus
    assert owner.battery.capacity_kwh == pytest.approx(10.0)
    assert owner.battery.power_kw == pytest.approx(4.0)


def test_uses_are_matched_by_name(village):
    """Missing, unknown and repeated names raise; the order does not matter."""
    use = yearly(village)
    assert place_members(village, use[::-1], seed=1) == place_members(village, use, seed=1)
    with pytest.raises(LabelError, match="nothing for load 'house2'"):
        place_members(village, use.drop("house2"), seed=1)
    with pytest.raises(LabelError, match="no load is called 'castle'"):
        place_members(village, pd.concat([use, pd.Series({"castle": 1.0})]), seed=1)
    with pytest.raises(LabelError, match="more than one value for 'house1'"):
        place_members(village, pd.concat([use, use.iloc[:1]]), seed=1)


@pytest.mark.parametrize("value", [np.nan, -1.0, np.inf])
def test_impossible_uses_are_refused(village, value):
    """A use that is missing, negative or infinite raises, naming the member."""
    use = yearly(village)
    use["house3"] = value
    with pytest.raises(InputError, match="'house3'"):
        place_members(village, use, pv_share=0.0, seed=1)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("pv_share", 1.2),
        ("pv_share", np.nan),
        ("pv_sizing", -1.0),
        ("pv_yield_kwh_per_kw", 0.0),
        ("pv_max_kw", -2.0),
        ("existing_pv", "drop"),
        ("existing_storages", "drop"),
    ],
)
def test_impossible_settings_are_refused(village, setting, value):
    """The message names the setting and its value."""
    with pytest.raises(InputError, match=f"{setting} is '?{value}"):
        place_members(village, yearly(village), seed=1, **{setting: value})


@pytest.mark.parametrize(("p_mw", "q_mvar"), [(0.004, -0.001), (0.0, 0.001)])
def test_loads_that_no_member_can_be_are_refused(village, p_mw, q_mvar):
    """Capacitive and purely reactive loads have no power factor of the kind a member has."""
    village.load.loc[1, ["p_mw", "q_mvar"]] = p_mw, q_mvar
    use = yearly(village).clip(lower=1.0)
    with pytest.raises(NetworkError, match="load 'house2' is rated"):
        place_members(village, use, seed=1)


def test_a_feeder_without_loads_is_refused(village):
    """Nobody lives there."""
    village.load["in_service"] = False
    with pytest.raises(NetworkError, match="no load in service"):
        place_members(village, pd.Series(dtype=float), seed=1)
