"""Where buses are drawn, and how far they are from the transformer.

Coordinates of the network are used where every bus has its own; otherwise the feeder is drawn as a
tree: to the right by the length of line from the transformer, up by the order of its branches.
"""

from __future__ import annotations

import json
from collections import deque
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.errors import NetworkError

_DEGREE = 1.0


def source_bus(network: Any) -> int:
    """Find the bus that feeds the low-voltage lines.

    Parameters
    ----------
    network : pandapowerNet
        A feeder.

    Returns
    -------
    int
        The low-voltage bus of the first transformer, or the bus of the external grid where there
        is no transformer.
    """
    if len(network.trafo):
        return int(network.trafo["lv_bus"].iloc[0])
    return int(network.ext_grid["bus"].iloc[0])


def distance_km(network: Any) -> pd.Series:
    """Measure the line length between the transformer and each bus.

    Parameters
    ----------
    network : pandapowerNet
        A feeder; closed switches between buses have no length.

    Returns
    -------
    pandas.Series
        Shortest length [km] by bus index, for the buses that lines and bus-bus switches connect
        with the source; nearest first in the order of the walk.

    Raises
    ------
    NetworkError
        If a line has no length.
    """
    return _walk(network)[0]


def positions(network: Any) -> pd.DataFrame:
    """Place the low-voltage buses on a plane.

    Parameters
    ----------
    network : pandapowerNet
        A feeder.

    Returns
    -------
    pandas.DataFrame
        Columns ``x`` and ``y`` by bus index, for the buses of `distance_km`.
    """
    lengths, parent = _walk(network)
    given = _coordinates(network, lengths.index)
    return given if given is not None else _tree(lengths, parent)


def _walk(network: Any) -> tuple[pd.Series, dict[int, int]]:
    neighbours: dict[int, list[tuple[int, float]]] = {}
    for start, end, length in _edges(network):
        if not length >= 0:
            raise NetworkError(f"line between buses {start} and {end}: length {length} km")
        neighbours.setdefault(start, []).append((end, length))
        neighbours.setdefault(end, []).append((start, length))
    source = source_bus(network)
    lengths, parent, queue = {source: 0.0}, {source: source}, deque([source])
    while queue:
        bus = queue.popleft()
        for other, length in sorted(neighbours.get(bus, [])):
            if lengths[bus] + length < lengths.get(other, np.inf) - 1e-12:
                lengths[other], parent[other] = lengths[bus] + length, bus
                queue.append(other)
    return pd.Series(lengths, name="distance_km").rename_axis("bus"), parent


def _edges(network: Any) -> list[tuple[int, int, float]]:
    line = network.line[network.line["in_service"].astype(bool)]
    switch = network.switch[network.switch["closed"].astype(bool)] if len(network.switch) else None
    edges = [
        (int(a), int(b), float(length))
        for a, b, length in zip(line["from_bus"], line["to_bus"], line["length_km"], strict=True)
    ]
    if switch is not None:
        ties = switch[switch["et"] == "b"]
        edges += [(int(a), int(b), 0.0) for a, b in zip(ties["bus"], ties["element"], strict=True)]
    return edges


def _coordinates(network: Any, buses: pd.Index) -> pd.DataFrame | None:
    if "geo" not in network.bus:
        return None
    points = []
    for text in network.bus.loc[buses, "geo"]:
        try:
            x, y = json.loads(text)["coordinates"][:2]
        except (TypeError, ValueError, KeyError):
            return None
        points.append((float(x), float(y)))
    table = pd.DataFrame(points, index=buses, columns=["x", "y"])
    if table.duplicated().any() or not np.isfinite(table.to_numpy()).all():
        return None
    span, latitude = table.max() - table.min(), table["y"].mean()
    if (span < _DEGREE).all() and abs(latitude) < 90:
        table["x"] = table["x"] * np.cos(np.deg2rad(latitude))
    return table - table.min()


def _tree(lengths: pd.Series, parent: dict[int, int]) -> pd.DataFrame:
    children: dict[int, list[int]] = {}
    for bus, above in parent.items():
        if bus != above:
            children.setdefault(above, []).append(bus)
    height: dict[int, float] = {}
    leaves = 0
    stack = [(int(lengths.index[0]), False)]
    while stack:
        bus, seen = stack.pop()
        below = sorted(children.get(bus, []))
        if not below:
            height[bus] = float(leaves)
            leaves += 1
        elif seen:
            height[bus] = float(np.mean([height[child] for child in below]))
        else:
            stack += [(bus, True), *((child, False) for child in reversed(below))]
    y = pd.Series(height).reindex(lengths.index)
    scale = lengths.max() / max(leaves - 1, 1) or 1.0
    return pd.DataFrame({"x": lengths, "y": y * scale})
