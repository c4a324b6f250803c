"""Tests of scenarios and their TOML form."""

import dataclasses

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemogrid.errors import ScenarioError
from nemogrid.markets import BusinessAsUsual, CommunityPool
from nemogrid.scenario import Assets, Meters, Scenario
from nemogrid.settlement import Rules
from nemogrid.tariffs import Rate, Tariff, preset, preset_names
from nemogrid.timeline import Timeline

money = st.floats(0, 0.2, allow_nan=False)
BLOCKS = """[tariff]
name = "own"
currency = "EUR"
[[tariff.rates]]
item = "energy"
quantity = "imported"
payee = "dso"
source = "bill"
"""


@given(
    seed=st.integers(0, 2**31),
    market=st.one_of(
        st.just(BusinessAsUsual()), st.builds(CommunityPool, margin_per_kwh=money)
    ),
    assets=st.builds(Assets, pv_share=st.floats(0, 1), pv_max_kw=st.none() | st.floats(1, 50)),
    tariff=st.sampled_from(preset_names()),
    name=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20),
    period=st.sampled_from(["day", "month", "year"]),
    zone=st.sampled_from(["Europe/Zurich", "UTC", "Europe/Stockholm"]),
)  # fmt: skip
def test_every_scenario_survives_the_round_trip(seed, market, assets, tariff, name, period, zone):
    """TOML loses nothing, whatever the settings."""
    scenario = Scenario(
        name=name, seed=seed, market=market, assets=assets, tariff=preset(tariff),
        rules=Rules(billing_period=period), timeline=Timeline.year(2027, tz=zone),
    )  # fmt: skip
    assert Scenario.from_toml(scenario.to_toml() + "\n") == scenario


def test_an_own_tariff_survives_the_round_trip(tmp_path):
    """A tariff that is no preset is written rate by rate."""
    rates = (
        Rate(
            item="energy", quantity="retail_bought", price=0.2, payee="retailer", source="bill"
        ),
        Rate(
            item="fee", quantity="membership", price=3.0, payee="dso", source="bill",
            period="month",
        ),
    )  # fmt: skip
    scenario = Scenario(tariff=Tariff(name="own", currency="EUR", rates=rates))
    scenario.to_toml(tmp_path / "own.toml")
    assert Scenario.from_toml(tmp_path / "own.toml") == scenario


def test_paths_in_a_file_are_relative_to_it(tmp_path):
    """A scenario folder can be moved."""
    (tmp_path / "s.toml").write_text(
        'feeder = "net.json"\n[meters]\nload = "load.csv"\nunit = "kW"\n'
    )
    scenario = Scenario.from_toml(tmp_path / "s.toml")
    assert scenario.feeder == str(tmp_path / "net.json")
    assert scenario.meters == Meters(load=str(tmp_path / "load.csv"), unit="kW")


def test_left_out_keys_keep_their_defaults():
    """An empty file is the reference scenario."""
    assert Scenario.from_toml("\n") == Scenario()


def test_the_number_of_steps_follows_the_step_length():
    """A coarser or finer year needs one setting, not two."""
    text = "[timeline]\nstep_h = 0.25\n"
    assert Scenario.from_toml(text).timeline.n_steps == 35_040


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sed = 1\n", "line 1: unknown key 'sed'; did you mean 'seed'"),
        ("[market]\nmargin_per_kw = 1\n", "line 2: .*did you mean 'margin_per_kwh'"),
        ("[market]\ndesign = 'bazaar'\n", "line 2: unknown market design 'bazaar'"),
        ("[tariff]\npreset = 'CH-2027'\n", "unknown tariff 'CH-2027': did you mean 'CH-20"),
        ("[tariff]\nname = 'own'\n", "lacks the key 'currency'"),
        ("[assets]\npv_share = 50\n", "expected a share from 0 to 1"),
        ("[assets]\nexisting_pv = 'sell'\n", "expected 'replace' or 'keep'"),
        ("[assets]\nexisting_storages = 'drop'\n", "expected 'replace' or 'keep'"),
        ("[timeline]\nstart = '2026-13-01'\n", "line 2: no such time"),
        ("[timeline]\ntimezone = 'Europe/Bern'\n", "no such time"),
        ("timeline = 3\n", "line 1: timeline is 3, expected a table"),
        ("seed = -1\n", "line 1: .*at least 0"),
        ("[timeline]\nstep_h = 0\n", "line 2: timeline step_h is 0"),
        ("[timeline]\nn_steps = 0\n", "line 2: timeline n_steps is 0"),
        ("[timeline]\ntimezone = ''\n", "line 2: no such time"),
        ("[timeline]\nstart = '2026-03-29T02:30'\n", "line 2: .*does not exist, or exists twice"),
        ("[market]\ndesign = []\n", "line 2: design is "),
        ("[tariff]\nname = 'x'\ncurrency = 'EUR'\nrates = 3\n", "line 4: rates is 3"),
        (BLOCKS + "price = { prices = [2, 1], limits = [5] }\n", "line 9: block prices .* fall"),
        (BLOCKS + "[tariff.rates.price]\nlimits = []\nprices = [2, 1]\n", "line 10: blocks of 2"),
        (BLOCKS + "[tariff.rates.price]\nlimit = [2]\n", "line 10: .*mean 'limits'"),
        ("[meters]\nload = 'a.csv'\n", "lacks the key 'unit'"),
    ],
)
def test_wrong_files_are_refused_with_place_and_hint(text, message):
    """What, where, expected."""
    with pytest.raises(ScenarioError, match=message):
        Scenario.from_toml(text)


def test_a_start_in_the_hour_that_exists_twice_survives_the_round_trip():
    """On the local clock alone it could be either of two."""
    for hour in ("2026-10-25T00:00", "2026-10-25T01:00"):
        start = pd.Timestamp(hour, tz="UTC").tz_convert("Europe/Zurich")
        scenario = Scenario(timeline=Timeline(start, 0.5, 4))
        assert Scenario.from_toml(scenario.to_toml()).timeline.start == start


def test_a_byte_order_mark_is_no_part_of_the_settings(tmp_path):
    """Some editors on Windows write one."""
    path = tmp_path / "scenario.toml"
    path.write_text("seed = 7\n", encoding="utf-8-sig")
    assert Scenario.from_toml(path).seed == 7


def test_a_missing_file_is_named():
    """A typing error in the path is not read as TOML text."""
    with pytest.raises(ScenarioError, match=r"no scenario file nowhere\.toml"):
        Scenario.from_toml("nowhere.toml")


def test_objects_in_memory_cannot_be_written():
    """A text file cannot hold a network; the message says what to do."""
    with pytest.raises(ScenarioError, match="to_json"):
        dataclasses.replace(Scenario(), feeder=object()).to_toml()


def test_a_wrong_kind_of_setting_is_refused():
    """Errors come when the scenario is made, not in the middle of a year."""
    with pytest.raises(ScenarioError, match="market"):
        Scenario(market="community-pool")
    with pytest.raises(ScenarioError, match="scenario name is a int"):
        Scenario(name=5)
    with pytest.raises(ScenarioError, match="timeline"):
        Scenario(timeline=pd.Timestamp("2026-01-01"))


def test_a_file_that_is_not_text_is_refused(tmp_path):
    """A picture given by mistake is named, not parsed."""
    (tmp_path / "s.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match=r"s\.toml: not a text file"):
        Scenario.from_toml(tmp_path / "s.toml")
