r"""A pandapower network as a power-grid-model: every branch is a pi equivalent.

Both lines and transformers become a `generic_branch` of power-grid-model, which takes its
parameters in ohm and siemens at the voltage of its to-end. So the branch equations of pandapower
[1]_ are kept to the last digit, taps, parallel systems and iron losses included. With f frequency,
l length and n the number of parallel systems, a line has

.. math:: z = (r' + j x') l / n, \qquad y = (g' + j 2 \pi f c') l n

and a transformer of rated power S, low-side voltage V (as tapped), short-circuit voltages
:math:`v_k, v_{kr}`, no-load current :math:`i_0` and iron losses :math:`p_{fe}`

.. math::
    |z| = v_k \frac{V^2}{n S}, \quad \Re z = v_{kr} \frac{V^2}{n S}, \qquad
    |y| = i_0 \frac{n S}{V^2}, \quad \Re y = p_{fe} \frac{n}{V^2}, \quad \Im y \le 0.

The T model, pandapower's default, puts the shunt y between two halves of z. Its exact pi
equivalent is :math:`z (1 + z y / 4)` and :math:`y / (1 + z y / 4)`.

References
----------
.. [1] L. Thurner et al., "pandapower: an open-source Python tool for convenient modeling, analysis
   and optimization of electric power systems", IEEE Trans. Power Systems 33(6), 2018,
   doi:10.1109/TPWRS.2018.2829021.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.errors import InputError
from nemogrid.feeder.check import end_closed, fused_buses

STIFF_SOURCE_VA = 1e15
"""Short-circuit power of the grid above [VA]: its impedance then moves the voltage of a feeder of
1 MVA by 1e-9 per unit; pandapower's external grid has none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GridModel:
    """A network in the terms of power-grid-model.

    Parameters
    ----------
    model : power_grid_model.PowerGridModel
        With one load per injection, in their order.
    node : pandas.Series
        Node number of each bus in service.
    load_node : numpy.ndarray of int
        Node number of each injection.
    source_node : numpy.ndarray of int
        Nodes with an external grid.
    lines, transformers : pandas.Index
        Indices of the branches: lines first in every output of the model.
    rated_from_a, rated_to_a : numpy.ndarray
        Rated current of each branch at either end [A].
    """

    model: Any
    node: pd.Series
    load_node: np.ndarray
    source_node: np.ndarray
    lines: pd.Index
    transformers: pd.Index
    rated_from_a: np.ndarray
    rated_to_a: np.ndarray


def to_grid_model(network: Any, buses: np.ndarray, *, transformer_model: str = "t") -> GridModel:
    """Convert a checked pandapower network.

    Parameters
    ----------
    network : pandapowerNet
        A network that `check_network` accepts.
    buses : numpy.ndarray of int, shape (n,)
        Bus of each injection.
    transformer_model : {"t", "pi"}
        Equivalent circuit of the transformers, as in pandapower.

    Returns
    -------
    GridModel

    Raises
    ------
    InputError
        If the transformer model is another.
    """
    from power_grid_model import PowerGridModel, initialize_array

    if transformer_model not in ("t", "pi"):
        raise InputError(f"transformer_model is {transformer_model!r}: expected 't' or 'pi'")
    node = fused_buses(network)
    n_nodes = int(node.max()) + 1
    nodes = initialize_array("input", "node", n_nodes)
    nodes["id"] = np.arange(n_nodes)
    nodes["u_rated"][node.to_numpy()] = network.bus.loc[node.index, "vn_kv"].astype(float) * 1e3

    branch = pd.concat([_lines(network, node), _transformers(network, node, transformer_model)])
    branches = initialize_array("input", "generic_branch", len(branch))
    branches["id"] = n_nodes + np.arange(len(branch))
    for name in ("from_node", "to_node", "from_status", "to_status"):
        branches[name] = branch[name]
    for name in ("r1", "x1", "g1", "b1", "k", "theta"):
        branches[name] = branch[name]

    grids = network.ext_grid[network.ext_grid["in_service"].astype(bool)]
    sources = initialize_array("input", "source", len(grids))
    sources["id"] = n_nodes + len(branch) + np.arange(len(grids))
    sources["node"] = node[grids["bus"].astype(int)]
    sources["status"] = 1
    sources["u_ref"] = grids["vm_pu"].astype(float)
    sources["u_ref_angle"] = np.deg2rad(grids["va_degree"].astype(float).fillna(0.0))
    sources["sk"] = STIFF_SOURCE_VA

    loads = initialize_array("input", "sym_load", len(buses))
    loads["id"] = n_nodes + len(branch) + len(grids) + np.arange(len(buses))
    loads["node"] = node[buses]
    loads["status"] = 1
    loads["type"] = 0
    loads["p_specified"] = loads["q_specified"] = 0.0
    tables = {"node": nodes, "generic_branch": branches, "source": sources, "sym_load": loads}
    return GridModel(
        model=PowerGridModel(tables),
        node=node[network.bus["in_service"].to_numpy(dtype=bool)],
        load_node=np.asarray(loads["node"]),
        source_node=np.asarray(sources["node"]),
        lines=network.line.index,
        transformers=network.trafo.index,
        rated_from_a=branch["rated_from_a"].to_numpy(),
        rated_to_a=branch["rated_to_a"].to_numpy(),
    )


def _lines(network: Any, node: pd.Series) -> pd.DataFrame:
    line = network.line
    n, length = line["parallel"].astype(float), line["length_km"].astype(float)
    omega = 2 * np.pi * float(network.f_hz)
    rated_a = line["max_i_ka"].astype(float) * line["df"].astype(float) * n * 1e3
    return pd.DataFrame(
        {
            **_ends(network, "line", ("from_bus", "to_bus"), node),
            "r1": line["r_ohm_per_km"] * length / n,
            "x1": line["x_ohm_per_km"] * length / n,
            "g1": line["g_us_per_km"] * 1e-6 * length * n,
            "b1": omega * line["c_nf_per_km"] * 1e-9 * length * n,
            "k": 1.0,
            "theta": 0.0,
            "rated_from_a": rated_a,
            "rated_to_a": rated_a,
        }
    )


def _transformers(network: Any, node: pd.Series, model: str) -> pd.DataFrame:
    trafo = network.trafo
    rated_hv, rated_lv = (trafo[c].to_numpy(dtype=float) for c in ("vn_hv_kv", "vn_lv_kv"))
    tapped_hv, tapped_lv, shift_degree = _tapped(trafo, rated_hv, rated_lv)
    bus_kv = network.bus["vn_kv"].astype(float)
    bus_ratio = bus_kv.loc[trafo["hv_bus"]].to_numpy() / bus_kv.loc[trafo["lv_bus"]].to_numpy()

    n, s_mva = trafo["parallel"].to_numpy(dtype=float), trafo["sn_mva"].to_numpy(dtype=float)
    base_ohm = tapped_lv**2 / (s_mva * n)
    size, r = (trafo[c].to_numpy(dtype=float) / 100 for c in ("vk_percent", "vkr_percent"))
    z = (r + 1j * np.sqrt(size**2 - r**2)) * base_ohm
    size = trafo["i0_percent"].to_numpy(dtype=float) / 100
    g = trafo["pfe_kw"].to_numpy(dtype=float) * 1e-3 / s_mva
    y = (g - 1j * np.sqrt(np.maximum(size**2 - g**2, 0.0))) / base_ohm
    if model == "t":
        z, y = z * (1 + z * y / 4), y / (1 + z * y / 4)

    rated_a = s_mva * trafo["df"].to_numpy(dtype=float) * n * 1e3 / np.sqrt(3)
    return pd.DataFrame(
        {
            **_ends(network, "trafo", ("hv_bus", "lv_bus"), node),
            "r1": z.real,
            "x1": z.imag,
            "g1": y.real,
            "b1": y.imag,
            "k": tapped_hv / tapped_lv / bus_ratio,
            "theta": np.deg2rad(shift_degree),
            "rated_from_a": rated_a / rated_hv,
            "rated_to_a": rated_a / rated_lv,
        },
        index=trafo.index,
    )


def _ends(
    network: Any, table: str, ends: tuple[str, str], node: pd.Series
) -> dict[str, np.ndarray]:
    columns = {}
    for name, end in zip(("from", "to"), ends, strict=True):
        bus = network[table][end].astype(int)
        columns[f"{name}_node"] = node[bus].to_numpy()
        columns[f"{name}_status"] = end_closed(network, table, end).astype(np.int8)
    return columns


def _tapped(
    trafo: pd.DataFrame, hv_kv: np.ndarray, lv_kv: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Move rated voltages and phase shift by the taps, as pandapower does.

    A tap changer without a type does not act in pandapower, nor here.
    """
    volts = {"hv": hv_kv.copy(), "lv": lv_kv.copy()}
    shift = trafo["shift_degree"].to_numpy(dtype=float).copy()
    for tap in ("tap", "tap2"):
        if f"{tap}_pos" not in trafo or f"{tap}_changer_type" not in trafo:
            continue
        kind = trafo[f"{tap}_changer_type"].astype(object).to_numpy()
        steps = _number(trafo, f"{tap}_pos", np.nan) - _number(trafo, f"{tap}_neutral", np.nan)
        percent, degree = (
            _number(trafo, f"{tap}_step_{unit}", 0.0) for unit in ("percent", "degree")
        )
        for side, sign in (("hv", 1.0), ("lv", -1.0)):
            here = trafo[f"{tap}_side"].astype(object).to_numpy() == side
            ideal = here & (kind == "Ideal")
            angle = np.where(
                degree != 0,
                steps * degree,
                2 * np.rad2deg(np.arcsin(steps * percent / 200)),
            )
            shift[ideal] += sign * angle[ideal]
            ratio = here & np.isin(kind, ("Ratio", "Symmetrical"))
            added = np.nan_to_num(steps * percent / 100) * np.exp(1j * np.deg2rad(degree))
            volts[side][ratio] *= np.abs(1 + added[ratio])
            turn = np.arctan(added.imag / (1 + added.real))
            shift[ratio] += sign * np.rad2deg(turn[ratio])
    return volts["hv"], volts["lv"], shift


def _number(trafo: pd.DataFrame, column: str, missing: float) -> np.ndarray:
    if column not in trafo:
        return np.full(len(trafo), missing)
    return trafo[column].astype(float).fillna(missing).to_numpy(dtype=float)
