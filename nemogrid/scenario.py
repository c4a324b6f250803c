"""A scenario: every setting of one simulated year, as data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from nemogrid.assets import Assets, Meters
from nemogrid.dispatch import Planning
from nemogrid.errors import InputError, ScenarioError
from nemogrid.markets import DESIGNS, CommunityPool, MarketDesign
from nemogrid.results import Profiles
from nemogrid.settings import SettingsText, plain
from nemogrid.settlement import Rules
from nemogrid.tariffs import Rate, Tariff, preset, preset_names
from nemogrid.timeline import Timeline

__all__ = ["Assets", "Meters", "Scenario"]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One feeder, one year, one market.

    Parameters
    ----------
    name : str
        Label in comparisons.
    feeder : str, path or pandapowerNet
        A SimBench code, a pandapower JSON file, or a pandapower network. Its loads are the
        members; those without a SimBench shape in the column ``profile`` are households,
        ``"H0-A"``, of their rated power.
    timeline : Timeline
        The steps; default 2026 in half-hours, Swiss time.
    assets : Assets
        Photovoltaic systems, batteries, cars, heat pumps and appliances that can wait.
    tariff : Tariff or str
        A tariff, or the name of a preset.
    market : MarketDesign
        Who trades with whom.
    planning : Planning
        How members run what they can shift: control, horizon and foresight.
    rules : Rules
        How bills are made.
    meters : Meters, Profiles or None
        Measured loads; SimBench shapes where None. With them, the timeline is that of the
        readings, and PV is what the readings say; so are cars and heat pumps where `Profiles` have
        them.
    seed : int
        Seed of every random choice.

    Examples
    --------
    >>> scenario = Scenario(market=CommunityPool(margin_per_kwh=0.02))
    >>> Scenario.from_toml(scenario.to_toml()) == scenario
    True
    """

    name: str = "reference"
    feeder: Any = "1-LV-semiurb4--0-no_sw"
    timeline: Timeline = field(default_factory=lambda: Timeline.year(2026))
    assets: Assets = Assets()
    tariff: Tariff = field(default_factory=lambda: preset("CH-2026"))
    market: MarketDesign = field(default_factory=CommunityPool)
    planning: Planning = Planning()
    rules: Rules = field(default_factory=Rules)
    meters: Meters | Profiles | None = None
    seed: int = 2026

    def __post_init__(self) -> None:
        if isinstance(self.tariff, str):
            object.__setattr__(self, "tariff", preset(self.tariff))
        if isinstance(self.feeder, Path):
            object.__setattr__(self, "feeder", str(self.feeder))
        kinds = {
            "name": str, "seed": int,
            "timeline": Timeline, "assets": Assets, "tariff": Tariff, "rules": Rules,
            "planning": Planning,
            "market": tuple(DESIGNS.values()), "meters": (Meters, Profiles, type(None)),
        }  # fmt: skip
        for name, kind in kinds.items():
            if not isinstance(getattr(self, name), kind):  # type: ignore[arg-type]
                raise ScenarioError(
                    f"scenario {name} is a {type(getattr(self, name)).__name__}, expected {kind}"
                )
        if self.seed < 0:
            raise ScenarioError(f"scenario seed is {self.seed}, expected at least 0")

    @classmethod
    def from_toml(cls, source: str | Path) -> Scenario:
        """Read a scenario.

        Parameters
        ----------
        source : str or Path
            A TOML file, or TOML text (a string of several lines or with an equals sign).

        Returns
        -------
        Scenario
            Keys that are left out keep their defaults; paths in a file are relative to it.

        Raises
        ------
        ScenarioError
            For misspelt keys and wrong values, with file and line.
        """
        if isinstance(source, Path) or not ("\n" in source or "=" in source):
            path = Path(source)
            if not path.is_file():
                raise ScenarioError(f"no scenario file {path}")
            try:
                text = path.read_text(encoding="utf-8-sig")
            except UnicodeDecodeError as error:
                raise ScenarioError(f"{path.name}: not a text file in UTF-8: {error}") from None
            return _read(SettingsText(text, path.name), path.parent)
        return _read(SettingsText(source), Path())

    def to_toml(self, path: str | Path | None = None) -> str:
        """Write the scenario as TOML.

        Parameters
        ----------
        path : str or Path, optional
            File to write.

        Returns
        -------
        str
            The TOML text.

        Raises
        ------
        ScenarioError
            If the feeder or the meters are objects in memory, which a text cannot hold.
        """
        import tomli_w

        text = tomli_w.dumps(_tables(self))
        if path is not None:
            Path(path).write_text(text, encoding="utf-8")
        return text


_TABLES = ("timeline", "assets", "tariff", "market", "planning", "rules", "meters")


def _read(text: SettingsText, folder: Path) -> Scenario:
    raw = text.parse()
    simple = {"name": str, "feeder": str, "seed": int}
    text.refuse_unknown(raw, (*simple, *_TABLES), "")
    values = {key: text.check(raw[key], simple[key], "", key) for key in simple if key in raw}
    feeder = values.get("feeder", "")
    if feeder.endswith(".json") and not Path(feeder).is_absolute():
        values["feeder"] = str(folder / feeder)
    tables = {name: raw[name] for name in _TABLES if name in raw}
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise ScenarioError(f"{text.place('', name)}: {name} is {table!r}, expected a table")
    try:
        if "timeline" in tables:
            values["timeline"] = _read_timeline(text, tables["timeline"])
        if "tariff" in tables:
            values["tariff"] = _read_tariff(text, tables["tariff"])
        if "market" in tables:
            values["market"] = _read_market(text, tables["market"])
        for name, cls in (("assets", Assets), ("planning", Planning), ("rules", Rules)):
            if name in tables:
                values[name] = text.read(cls, tables[name], name)
        if "meters" in tables:
            meters = text.read(Meters, tables["meters"], "meters")
            paths = {
                key: str(folder / path)
                for key, path in (("load", meters.load), ("pv", meters.pv))
                if path is not None
            }
            values["meters"] = Meters(unit=meters.unit, timezone=meters.timezone, **paths)
        return Scenario(**values)
    except InputError as error:
        raise text.located(error, "", raw) from None


def _read_timeline(text: SettingsText, table: dict[str, Any]) -> Timeline:
    kinds = {"start": str, "timezone": str, "step_h": float, "n_steps": int}
    text.refuse_unknown(table, kinds, "timeline")
    values = {key: text.check(table[key], kinds[key], "timeline", key) for key in table}
    default = Timeline.year(2026)
    try:
        start = _moment(values.get("start", "2026-01-01"), values.get("timezone", default.start.tz))
    except InputError as error:
        raise text.located(error, "timeline", values) from None
    except (ValueError, KeyError, IndexError) as error:
        key = "start" if "start" in values else "timezone"
        raise ScenarioError(
            f"{text.place('timeline', key)}: no such time: {error}; expected an ISO time such "
            "as 2026-01-01T00:00:00 and the IANA name of a time zone such as Europe/Zurich"
        ) from None
    try:
        one = Timeline(start, values.get("step_h", default.step_h), 1)
        n_steps = values.get("n_steps", round(default.hours / one.step_h))
        return Timeline(start, one.step_h, n_steps)
    except InputError as error:
        raise text.located(error, "timeline", values) from None


def _moment(text: str, zone: Any) -> pd.Timestamp:
    moment = pd.Timestamp(text)
    if moment.tzinfo is not None:
        return moment.tz_convert(zone)
    local = moment.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    if pd.isna(local) and not pd.isna(moment):
        raise InputError(
            f"the start {text} does not exist, or exists twice, in {zone}, where daylight saving "
            "time changes: write it with its offset from UTC"
        )
    return local


def _start_text(start: pd.Timestamp) -> str:
    """Write a time on the local clock, with its offset from UTC where the clock shows it twice."""
    clock = start.tz_localize(None)
    twice = pd.isna(clock.tz_localize(start.tz, ambiguous="NaT"))
    return (start if twice else clock).isoformat()


def _read_tariff(text: SettingsText, table: dict[str, Any]) -> Tariff:
    if "preset" in table:
        text.refuse_unknown(table, ("preset",), "tariff")
        try:
            return preset(text.check(table["preset"], str, "tariff", "preset"))
        except InputError as error:
            raise text.located(error, "tariff", ["preset"]) from None
    text.refuse_unknown(table, ("preset", "name", "currency", "rates"), "tariff")
    for key in ("name", "currency", "rates"):
        if key not in table:
            raise ScenarioError(f"{text.place('', 'tariff')}: [tariff] lacks the key {key!r}")
    rates = text.check(table["rates"], list, "tariff", "rates")
    return Tariff(
        name=text.check(table["name"], str, "tariff", "name"),
        currency=text.check(table["currency"], str, "tariff", "currency"),
        rates=tuple(
            replace(text, entry=n).read(Rate, rate, "tariff.rates") for n, rate in enumerate(rates)
        ),
    )


def _read_market(text: SettingsText, table: dict[str, Any]) -> MarketDesign:
    settings = dict(table)
    design = text.check(
        settings.pop("design", Scenario().market.name), str, "market", "design"
    )  # fmt: skip
    if design not in DESIGNS:
        raise ScenarioError(
            f"{text.place('market', 'design')}: unknown market design {design!r}; "
            f"known are {', '.join(DESIGNS)}"
        )
    market: MarketDesign = text.read(DESIGNS[design], settings, "market")
    return market


def _tables(scenario: Scenario) -> dict[str, Any]:
    if not isinstance(scenario.feeder, str):
        raise ScenarioError(
            "the feeder is a network in memory: write it with pandapower.to_json and give the path"
        )
    if isinstance(scenario.meters, Profiles):
        raise ScenarioError("the meters are tables in memory: write them as CSV, give the path")
    timeline, tariff = scenario.timeline, scenario.tariff
    if tariff.name in preset_names() and preset(tariff.name) == tariff:
        tariff_table: dict[str, Any] = {"preset": tariff.name}
    else:
        rates = [plain(rate) for rate in tariff.rates]
        tariff_table = {"name": tariff.name, "currency": tariff.currency, "rates": rates}
    tables: dict[str, Any] = {
        "name": scenario.name,
        "feeder": scenario.feeder,
        "seed": scenario.seed,
        "timeline": {
            "start": _start_text(timeline.start),
            "timezone": str(timeline.start.tz),
            "step_h": timeline.step_h,
            "n_steps": timeline.n_steps,
        },
        "assets": plain(scenario.assets),
        "tariff": tariff_table,
        "market": {"design": scenario.market.name, **plain(scenario.market)},
        "planning": plain(scenario.planning),
        "rules": plain(scenario.rules),
    }
    if scenario.meters is not None:
        tables["meters"] = plain(scenario.meters)
    return tables
