"""What of a pandapower network a balanced power flow can carry, and what it refuses.

What the converter to power-grid-model carries is listed here. Everything else that is in service
is refused by name: an element that is silently left out gives voltages of another network.

====================  ================================================================
carried               buses, lines, two-winding transformers, external grids, switches
                      (closed bus-bus switches fuse buses, open ones at lines and
                      transformers cut one end)
not part of the flow  loads, static generators, storages: the caller gives the net load
refused               every other element that is in service
====================  ================================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.errors import NetworkError, listed

CARRIED = ("bus", "line", "trafo", "ext_grid")
REPLACED = ("load", "sgen", "storage")
_THREE_PHASE = ("asymmetric_load", "asymmetric_sgen")
_SWITCH = ("bus", "element", "et", "closed")
_NUMBERS = {
    "bus": ("vn_kv",),
    "line": (
        "r_ohm_per_km", "x_ohm_per_km", "length_km", "c_nf_per_km", "g_us_per_km", "df", "parallel",
    ),
    "trafo": (
        "sn_mva", "vn_hv_kv", "vn_lv_kv", "vk_percent", "vkr_percent", "pfe_kw", "i0_percent",
        "shift_degree", "df", "parallel",
    ),
    "ext_grid": ("vm_pu",),
}  # fmt: skip
_OTHERS = {
    "line": ("max_i_ka",),
    "trafo": ("std_type",),
    "ext_grid": ("va_degree",),
    "load": ("name", "p_mw", "q_mvar", "scaling"),
    "sgen": ("name", "p_mw", "scaling"),
    "storage": ("name", "p_mw", "scaling", "max_e_mwh"),
}
_ENDS = {"line": ("from_bus", "to_bus"), "trafo": ("hv_bus", "lv_bus")}


def check_network(network: Any) -> None:
    """Refuse a network that a balanced low-voltage study cannot carry completely.

    Parameters
    ----------
    network : pandapowerNet
        The network; it is not changed.

    Raises
    ------
    NetworkError
        Naming the elements: no external grid in service, three-phase elements, other elements
        that are not carried, ends on missing buses, impossible parameters, islands.
    """
    is_table_of_tables = isinstance(network, dict)
    if not is_table_of_tables:
        raise NetworkError(
            f"a network is a {type(network).__name__}: expected a pandapower network, as "
            "load_feeder returns"
        )
    for table in (*CARRIED, *REPLACED, "switch"):
        if not isinstance(network.get(table), pd.DataFrame):
            raise NetworkError(f"the network has no table {table!r}: expected a pandapower network")
        repeated = network[table].index[network[table].index.duplicated()]
        if len(repeated):
            raise NetworkError(f"network table {table!r}: repeated index {listed(repeated)}")
    if len(network.bus) and network.bus.index.dtype.kind not in "iu":
        raise NetworkError(
            f"network table 'bus' has an index of type {network.bus.index.dtype}: expected integers"
        )
    _refuse_missing_columns(network)
    _refuse_foreign_elements(network)
    _refuse_missing_buses(network)
    if not network.ext_grid["in_service"].any():
        raise NetworkError(
            "the network has no external grid in service: it needs a connection to the grid above"
        )
    _refuse_bad_parameters(network)
    _refuse_islands(network)


def fused_buses(network: Any) -> pd.Series:
    """Number the electrical nodes: buses joined by closed bus-bus switches share one.

    Parameters
    ----------
    network : pandapowerNet
        The network.

    Returns
    -------
    pandas.Series of int
        Node number 0.. of each bus; a bus out of service is a node of its own.
    """
    alive = set(network.bus.index[network.bus["in_service"].to_numpy(dtype=bool)])
    switch = network.switch
    joins = switch[(switch["et"] == "b") & switch["closed"].astype(bool)]
    pairs = joins[["bus", "element"]]
    pairs = pairs[pairs.isin(alive).all(axis=1)].astype(int)
    return components(network.bus.index, [(int(a), int(b)) for a, b in pairs.to_numpy()])


def end_closed(network: Any, table: str, end: str) -> np.ndarray:
    """Tell which lines or transformers are connected at one of their ends.

    Parameters
    ----------
    network : pandapowerNet
        The network.
    table : {"line", "trafo"}
        Which branches.
    end : str
        The column of the bus at that end.

    Returns
    -------
    numpy.ndarray of bool
        False where the branch or the bus is out of service or a switch is open.
    """
    branches, switch = network[table], network.switch
    alive = network.bus["in_service"].astype(bool)
    both = [alive.loc[branches[c].to_numpy()].to_numpy() for c in _ENDS[table]]
    here = both[_ENDS[table].index(end)]
    # As in pandapower, a line hangs on when the bus at its far end is out of service, a
    # transformer does not.
    in_service = branches["in_service"].to_numpy(dtype=bool)
    closed = in_service & (here if table == "line" else both[0] & both[1])
    kind = {"line": "l", "trafo": "t"}[table]
    is_open = switch[(switch["et"] == kind) & ~switch["closed"].astype(bool)]
    cut = set(zip(is_open["element"].astype(int), is_open["bus"].astype(int), strict=True))
    ends = zip(branches.index, branches[end].astype(int), strict=True)
    return np.asarray(closed & np.array([pair not in cut for pair in ends], dtype=bool))


def components(labels: Iterable[Any], pairs: Iterable[tuple[Any, Any]]) -> pd.Series:
    """Number the connected components of a graph, in the order of their first label.

    Parameters
    ----------
    labels : iterable
        The vertices.
    pairs : iterable of tuple
        The edges.

    Returns
    -------
    pandas.Series of int
        Number 0.. of the component of each label.

    Examples
    --------
    >>> components([7, 8, 9], [(7, 9)]).tolist()
    [0, 1, 0]
    """
    parent = {label: label for label in labels}

    def root(label: Any) -> Any:
        while parent[label] != label:
            parent[label] = label = parent[parent[label]]
        return label

    for a, b in pairs:
        parent[root(b)] = root(a)
    roots = [root(label) for label in parent]
    return pd.Series(pd.factorize(np.array(roots))[0], index=pd.Index(list(parent)), dtype=int)


def _refuse_foreign_elements(network: Any) -> None:
    for table, rows in network.items():
        if not isinstance(rows, pd.DataFrame) or str(table).startswith(("_", "res_")):
            continue
        if table in (*CARRIED, *REPLACED) or "in_service" not in rows or not len(rows):
            continue
        active = rows.index[rows["in_service"].fillna(False).astype(bool)]
        if not len(active):
            continue
        if table in _THREE_PHASE:
            reason = "the study is balanced and takes no three-phase elements"
        elif table == "controller":
            reason = "the power flow runs no controllers; fix the settings and remove them"
        else:
            reason = "the power flow does not carry this kind of element"
        raise NetworkError(f"network has {table} {listed(active)} in service: {reason}")
    switch = network.switch
    resistive = switch.index[
        (switch["et"] == "b")
        & switch["closed"].astype(bool)
        & (switch.get("z_ohm", pd.Series(0.0, index=switch.index)).fillna(0.0) > 0)
    ]
    if len(resistive):
        raise NetworkError(
            f"bus-bus switch {listed(resistive)} has an impedance: model it as a line, "
            "or set z_ohm to 0"
        )
    tabular = network.trafo.get("tap_dependency_table")
    if tabular is not None and tabular.fillna(False).astype(bool).any():
        raise NetworkError(
            f"transformer {listed(network.trafo.index[tabular.fillna(False).astype(bool)])} "
            "takes its impedance from a table of tap positions: write the values into the "
            "transformer and set tap_dependency_table to False"
        )


def _refuse_missing_columns(network: Any) -> None:
    for table in (*CARRIED, *REPLACED, "switch"):
        wanted = {*_NUMBERS.get(table, ()), *_OTHERS.get(table, ())}
        if table == "switch":
            wanted.update(_SWITCH)
        else:
            wanted.update(("in_service",), _ENDS.get(table, ("bus",) * (table != "bus")))
        lacking = sorted(wanted - set(network[table].columns))
        if lacking:
            raise NetworkError(f"network table {table!r} has no column {listed(lacking)}")


def _refuse_missing_numbers(network: Any) -> None:
    for table, columns in _NUMBERS.items():
        rows = network[table]
        if table != "bus":  # A bus out of service keeps its place in the model.
            rows = rows[rows["in_service"].astype(bool)]
        for column in columns:
            values = pd.to_numeric(rows[column], errors="coerce").astype(float)
            bad = rows[~np.isfinite(values)]
            if len(bad):
                raise NetworkError(
                    f"{table} {_named(bad)}: {column} is {bad[column].iloc[0]}, expected a finite "
                    "number"
                )
    try:
        f_hz = float(network["f_hz"])
    except (KeyError, TypeError, ValueError):
        f_hz = np.nan
    if not 0 < f_hz < np.inf:
        raise NetworkError(f"network f_hz is {network.get('f_hz')!r}: expected a frequency above 0")


def _refuse_missing_buses(network: Any) -> None:
    known = set(network.bus.index)
    alive = set(network.bus.index[network.bus["in_service"].to_numpy(dtype=bool)])
    for table, ends in {**_ENDS, **dict.fromkeys((*REPLACED, "ext_grid"), ("bus",))}.items():
        rows = network[table][network[table]["in_service"].astype(bool)]
        for end in ends:
            # A bus out of service may end a branch, but carries nobody.
            accepted = known if table in _ENDS else alive
            lost = rows[~rows[end].isin(accepted)]
            if len(lost):
                where = "missing" if not lost[end].isin(known).all() else "out of service"
                raise NetworkError(
                    f"{table} {_named(lost)} is on a bus that is {where}: "
                    f"bus {listed(lost[end].unique())}"
                )


def _refuse_bad_parameters(network: Any) -> None:
    _refuse_missing_numbers(network)
    voltage = network.bus["vn_kv"].astype(float)
    bad = network.bus[~(voltage > 0)]
    if len(bad):
        raise NetworkError(f"bus {_named(bad)}: expected a nominal voltage vn_kv above 0")
    lines = network.line[network.line["in_service"].astype(bool)]
    r, x, length = (lines[c].astype(float) for c in ("r_ohm_per_km", "x_ohm_per_km", "length_km"))
    bad = lines[~((length > 0) & (np.hypot(r, x) > 0))]
    if len(bad):
        raise NetworkError(f"line {_named(bad)}: expected a length and an impedance above 0")
    bad = lines[lines["max_i_ka"].astype(float) <= 0]
    if len(bad):
        raise NetworkError(
            f"line {_named(bad)}: expected a rating max_i_ka above 0, or NaN where it has none"
        )
    base = voltage.loc[lines["from_bus"]].to_numpy() != voltage.loc[lines["to_bus"]].to_numpy()
    if base.any():
        raise NetworkError(f"line {_named(lines[base])} joins buses of different nominal voltage")
    trafos = network.trafo[network.trafo["in_service"].astype(bool)]
    positive = trafos[["sn_mva", "vn_hv_kv", "vn_lv_kv", "vk_percent"]].astype(float)
    bad = trafos[~(positive > 0).all(axis=1)]
    if len(bad):
        raise NetworkError(
            f"transformer {_named(bad)}: expected sn_mva, vn_hv_kv, vn_lv_kv and vk_percent above 0"
        )
    bad = trafos[trafos["vkr_percent"].astype(float) > trafos["vk_percent"].astype(float)]
    if len(bad):
        raise NetworkError(f"transformer {_named(bad)}: expected vkr_percent of at most vk_percent")
    grids = network.ext_grid[network.ext_grid["in_service"].astype(bool)]
    bad = grids[~(grids["vm_pu"].astype(float) > 0)]
    if len(bad):
        raise NetworkError(f"ext_grid {_named(bad)}: expected a voltage vm_pu above 0")
    for table, rows in (("line", lines), ("transformer", trafos)):
        factors = rows[["df", "parallel"]].astype(float)
        bad = rows[~(factors > 0).all(axis=1)]
        if len(bad):
            raise NetworkError(f"{table} {_named(bad)}: expected df and parallel above 0")
    for column in ("leakage_resistance_ratio_hv", "leakage_reactance_ratio_hv"):
        if column in trafos and not (trafos[column].astype(float) == 0.5).all():
            raise NetworkError(
                f"transformer {_named(trafos[trafos[column].astype(float) != 0.5])}: "
                f"{column} other than 0.5 is not carried"
            )
    nodes = fused_buses(network)
    spread = voltage.loc[nodes.index].groupby(nodes).nunique()
    if (spread > 1).any():
        joined = nodes.index[nodes.isin(spread.index[spread > 1])]
        raise NetworkError(
            f"closed switches join buses of different nominal voltage: bus {listed(joined)}"
        )


def _refuse_islands(network: Any) -> None:
    nodes = fused_buses(network)
    pairs: list[tuple[int, int]] = []
    for table, (one, other) in _ENDS.items():
        whole = end_closed(network, table, one) & end_closed(network, table, other)
        ends = network[table].loc[whole, [one, other]].astype(int).to_numpy()
        pairs += [(int(nodes[a]), int(nodes[b])) for a, b in ends]
    island = components(range(int(nodes.max()) + 1), pairs)
    grids = network.ext_grid.loc[network.ext_grid["in_service"].astype(bool), "bus"].astype(int)
    supplied = set(island[nodes[grids].to_numpy()])
    alive = network.bus["in_service"].to_numpy(dtype=bool)
    dead = nodes.index[alive & ~island[nodes.to_numpy()].isin(supplied).to_numpy()]
    if len(dead):
        raise NetworkError(
            f"no path to an external grid for bus {_named(network.bus.loc[dead])}: "
            "connect it or take it out of service"
        )


def _named(rows: pd.DataFrame) -> str:
    names = rows["name"] if "name" in rows else pd.Series(None, index=rows.index)
    return listed(
        f"{index} ({name})" if isinstance(name, str) and name else index
        for index, name in names.items()
    )
