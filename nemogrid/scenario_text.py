"""The default scenario as a text to edit: every key with its default and a comment."""

from __future__ import annotations

from nemogrid.scenario import Scenario

_COMMENTS = {
    "name": "Label in tables and on the report.",
    "feeder": "A SimBench code (`nemogrid feeders` lists them) or a pandapower JSON file.",
    "seed": "Seed of every random choice: who owns PV, and the days each household lives through.",
    "timeline.start": "First step, on the local clock.",
    "timeline.timezone": "IANA name of the time zone.",
    "timeline.step_h": "Length of a step [h].",
    "timeline.n_steps": "Number of steps: 365 days of 48 half-hours.",
    "assets.pv_share": "Share of members with photovoltaics, 0 to 1.",
    "assets.pv_sizing": "Yearly energy of a system over the yearly demand of its owner.",
    "assets.pv_yield_kwh_per_kw": "Yearly yield [kWh/kW].",
    "assets.pv_shape": "SimBench shape of the generation.",
    "assets.existing_pv": "Generators of the network: 'replace' or 'keep'.",
    "assets.existing_storages": "Storages of the network: 'replace' or 'keep'.",
    "assets.battery_share": "Share of the members with photovoltaics who have a battery, 0 to 1.",
    "assets.battery_kwh_per_kw": "Usable capacity of a battery per kW of photovoltaics [kWh/kW].",
    "assets.battery_hours": "Capacity of a battery over its power [h].",
    "assets.battery_round_trip_share": "Energy out of a battery over energy in, up to 1.",
    "assets.battery_wear_per_kwh": "What a discharged kWh uses up of a battery or a car [money].",
    "assets.vehicle_share": "Share of members with a car that is charged at home, 0 to 1.",
    "assets.vehicle_yearly_kwh": "Energy that the charger of a car draws in a year [kWh].",
    "assets.vehicle_capacity_kwh": "Usable energy of a car's battery [kWh].",
    "assets.vehicle_charger_kw": "Largest power of a charger [kW].",
    "assets.vehicle_bidirectional": "Whether cars can feed back.",
    "assets.heat_pump_share": "Share of members with a heat pump, 0 to 1.",
    "assets.heat_pump_yearly_kwh": "Electricity that a heat pump uses in a year [kWh].",
    "assets.heat_pump_power_kw": "Largest electric power of a heat pump [kW].",
    "assets.heat_pump_store_kwh": "Heat that tank and house can hold, in kWh of electricity.",
    "assets.shiftable_share": "Share of members with appliances that may run later, 0 to 1.",
    "assets.shiftable_load_share": "Share of their load that may, 0 to 1.",
    "assets.shiftable_delay_h": "Longest delay [h].",
    "tariff.preset": "`nemogrid tariffs` lists them.",
    "market.design": "`nemogrid markets` lists them.",
    "market.margin_per_kwh": "How far the local price lies below the highest that buyers accept.",
    "market.administration_per_month": "Fee of each member, paid to the manager.",
    "market.algorithm_per_month": "Cost of the algorithm for each member, paid to the manager.",
    "planning.control": "'optimum' of each member, or 'uncontrolled' devices.",
    "planning.horizon": "'whole' timeline at once, each 'day' for itself, or 'rolling' days.",
    "planning.look_ahead_h": "How far past its day a rolling plan looks [h].",
    "planning.foresight": "'perfect', or 'naive': the mean of yesterday and last week.",
    "rules.billing_period": "'day', 'month' or 'year'.",
}
_OPTIONAL = {
    "assets": "# Largest system [kW]; no limit where the key is left out.\n# pv_max_kw = 10.0\n",
    "the end": (
        "\n# Measured loads instead of SimBench shapes; the timeline is that of the readings.\n"
        "# [meters]\n"
        "# A CSV file: times in the first column, then a column per member.\n"
        '# load = "load.csv"\n'
        '# unit = "kW"\n'
        "# The same for the members with photovoltaics, and the zone of times without an offset.\n"
        '# pv = "pv.csv"\n'
        '# timezone = "Europe/Zurich"\n'
    ),
}


def default_scenario() -> str:
    """Write the default scenario as TOML with a comment on every key.

    Returns
    -------
    str

    Examples
    --------
    >>> Scenario.from_toml(default_scenario()) == Scenario()
    True
    """
    table, lines = "", []
    for line in Scenario().to_toml().splitlines():
        if line.startswith("["):
            table = line.strip("[]")
        elif " = " in line:
            key = line.split(" = ")[0]
            lines.append(f"# {_COMMENTS[f'{table}.{key}' if table else key]}")
        elif table in _OPTIONAL:
            lines.append(_OPTIONAL[table].rstrip("\n"))
        lines.append(line)
    head = "# A scenario of nemogrid. Keys that are left out keep the values shown here.\n\n"
    return head + "\n".join(lines) + "\n" + _OPTIONAL["the end"]
