"""Loading a feeder: a SimBench code, a pandapower network, or a pandapower JSON file."""

from __future__ import annotations

import copy
import difflib
import os
import re
import sys
import tempfile
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nemogrid.errors import NetworkError, listed
from nemogrid.feeder.check import check_network
from nemogrid.feeder.json_file import parse_network, read_network
from nemogrid.feeder.quiet import quiet

_VECTOR_GROUP = re.compile(r"\b((?:Y|D|Z)[Nn]?(?:y|d|z)n?\d{1,2})\b")


def load_feeder(source: Any) -> Any:
    """Load a feeder that is ready for a balanced low-voltage study.

    Parameters
    ----------
    source : str, pathlib.Path or pandapowerNet
        A SimBench LV code such as ``"1-LV-semiurb4--0-no_sw"`` [1]_, the path of a JSON file
        written by ``pandapower.to_json`` (ending ``.json``), or a network, which is copied.

    Returns
    -------
    pandapowerNet
        Its loads have different names, its transformers a vector group (that of the standard type,
        or else the usual one with the same phase shift), and time series are left out. SimBench
        grids are parsed once and then read from the user's cache directory.

    Raises
    ------
    NetworkError
        If the code is unknown (near ones are suggested), the file cannot be read or holds more
        than plain data, or the network has no external grid, islands, elements on missing buses,
        three-phase elements or others that the power flow does not carry; they are named.

    References
    ----------
    .. [1] S. Meinecke et al., "SimBench: A benchmark dataset of electric power systems to compare
       innovative solutions based on power flow analysis", Energies 13(12), 3290, 2020,
       doi:10.3390/en13123290.

    Examples
    --------
    >>> network = load_feeder("1-LV-rural1--0-no_sw")
    >>> len(network.bus), len(network.load), network.trafo["vector_group"].iloc[0]
    (15, 13, 'Dyn5')
    """
    if isinstance(source, Path) or (isinstance(source, str) and source.endswith(".json")):
        network = read_network(Path(source))
    elif isinstance(source, str):
        network = _load_simbench(source)
    else:
        with quiet():
            import pandapower
        if not isinstance(source, pandapower.pandapowerNet):
            raise NetworkError(
                f"a feeder is a SimBench code, a .json path or a pandapower network, "
                f"got {type(source).__name__}"
            )
        network = copy.deepcopy(source)
    check_network(network)
    return _prepare(network)


def cache_directory() -> Path:
    """Tell where parsed SimBench grids are kept.

    Returns
    -------
    pathlib.Path
        In the user's cache directory, by the version of the SimBench package.
    """
    from platformdirs import user_cache_path

    return user_cache_path("nemogrid", appauthor=False) / f"simbench-{version('simbench')}"


def _load_simbench(code: str) -> Any:
    cached = cache_directory() / f"{code}.json"
    if re.fullmatch(r"[\w.-]+", code):
        try:
            return copy.deepcopy(_read_unchanged(cached, cached.stat().st_mtime_ns))
        except (OSError, NetworkError):
            pass  # Parsed anew: there is no file, or it is damaged or of another version.
    text = _parse_simbench(code)
    _write_whole(cached, text)
    # Read back, so that the first run sees the very numbers that all later ones do.
    return parse_network(text, code)


# A sweep asks for the same feeder many times, and reading takes longer than a year of power flows.
@lru_cache(maxsize=8)
def _read_unchanged(path: Path, _modified_ns: int) -> Any:
    return read_network(path)


def _parse_simbench(code: str) -> str:
    from tqdm import tqdm

    stages = ("loading simbench", "parsing the grid", "saving")
    with tqdm(total=len(stages), desc=code, file=sys.stderr, disable=None, leave=False) as bar:
        bar.set_postfix_str(stages[0])
        with quiet():
            import pandapower
            import simbench
        known = [c for c in simbench.collect_all_simbench_codes() if c.startswith("1-LV")]
        if code not in known:
            near = difflib.get_close_matches(code, known, n=3, cutoff=0.5)
            hint = f"did you mean {listed(near)}?" if near else f"there are {listed(known)}"
            raise NetworkError(f"unknown feeder {code!r}: expected a SimBench LV code; {hint}")
        bar.update()
        bar.set_postfix_str(stages[1])
        with quiet():
            network = simbench.get_simbench_net(code)
        bar.update()
        bar.set_postfix_str(stages[2])
        del network["profiles"]
        with quiet():
            text: str = pandapower.to_json(network)
        bar.update()
    return text


def _write_whole(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
    except OSError:
        return  # No cache can be kept here: every run parses.
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(part, path)
    except OSError:
        Path(part).unlink(missing_ok=True)


def _prepare(network: Any) -> Any:
    network.pop("profiles", None)
    for name in [n for n in network if str(n).startswith("res_")]:
        if hasattr(network[name], "iloc"):
            network[name] = network[name].iloc[:0]
    network.load["name"] = _unique_names(network.load)
    _set_vector_groups(network)
    return network


def _unique_names(loads: Any) -> list[str]:
    names = [str(n).strip() if isinstance(n, str | int) else "" for n in loads["name"]]
    shared = {n for n in names if names.count(n) > 1}
    unique: list[str] = []
    for index, name in zip(loads.index, names, strict=True):
        made = name if name and name not in shared else f"{name or 'load'} {index}"
        while made in unique or (made != name and made in names):
            made += "'"
        unique.append(made)
    return unique


def _set_vector_groups(network: Any) -> None:
    trafo = network.trafo
    groups = list(trafo["vector_group"]) if "vector_group" in trafo else [None] * len(trafo)
    library = network.get("std_types")
    library = library.get("trafo") if isinstance(library, dict) else None
    library = library if isinstance(library, dict) else {}
    for i, std_type in enumerate(trafo["std_type"]):
        if isinstance(groups[i], str) and groups[i]:
            continue
        found = _VECTOR_GROUP.search(std_type) if isinstance(std_type, str) else None
        entry = library.get(std_type)
        known = entry.get("vector_group") if isinstance(entry, dict) else None
        groups[i] = (found[1] if found else known) or _usual_vector_group(
            float(trafo["shift_degree"].iloc[i])
        )
    trafo["vector_group"] = groups


def _usual_vector_group(shift_degree: float) -> str | None:
    # A balanced flow reads nothing but the clock number; the windings are the usual ones.
    clock = shift_degree / 30 % 12
    if clock != round(clock):
        return None
    return f"{'Dyn' if clock % 2 else 'Yyn'}{clock:.0f}"
