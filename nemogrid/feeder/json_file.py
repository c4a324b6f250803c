"""Reading a pandapower JSON file without running what is in it.

pandapower's format names a Python module and class for each object, and its reader imports the
module to find out what the class is. A file from somebody else could so have any importable module
run. Here the text is first read as plain JSON; every object at every depth, also inside the JSON
texts that the tables are stored as, must be of a kind on a short list. Only then does pandapower
see it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nemogrid.errors import NetworkError

_NUMBERS = [f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)]
_ALLOWED = {
    "pandapower.auxiliary": {"pandapowerNet"},
    "pandas": {"DataFrame", "Series", "Index", "RangeIndex"},
    "pandas.core.frame": {"DataFrame"},
    "pandas.core.series": {"Series"},
    "numpy": {"array", "bool", "bool_", "float16", "float32", "float64", *_NUMBERS},
    "builtins": {"tuple", "set", "frozenset"},
}
_TABLE_KEYS = {
    "_module", "_class", "_object", "orient", "dtype", "typ", "is_multiindex", "is_multicolumn",
    "index_name", "index_names", "column_name", "column_names",
}  # fmt: skip


def read_network(path: Path) -> Any:
    """Read a pandapower network from a JSON file that may come from anybody.

    Parameters
    ----------
    path : pathlib.Path
        A file written by ``pandapower.to_json``.

    Returns
    -------
    pandapowerNet

    Raises
    ------
    NetworkError
        If the file is missing, is not JSON, holds an object that is not plain data (the message
        names its class), or is not a pandapower network.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise NetworkError(f"cannot read the network file {path}: {error}") from error
    return parse_network(text, str(path))


def parse_network(text: str, where: str) -> Any:
    """Build a pandapower network from JSON text that may come from anybody.

    Parameters
    ----------
    text : str
        What ``pandapower.to_json`` returns.
    where : str
        Where the text is from, for messages.

    Returns
    -------
    pandapowerNet

    Raises
    ------
    NetworkError
        As `read_network`.
    """
    try:
        top = json.loads(text)
        refuse_code(text, where)
    except NetworkError:
        raise
    except (ValueError, RecursionError) as error:
        raise NetworkError(f"{where} is not a pandapower JSON file: {error}") from error
    if not isinstance(top, dict) or top.get("_class") != "pandapowerNet":
        raise NetworkError(
            f"{where} is not a pandapower JSON file: expected an object of class pandapowerNet "
            "on top, as pandapower.to_json writes it"
        )
    from nemogrid.feeder.quiet import quiet

    with quiet():
        import pandapower

        try:
            network = pandapower.from_json_string(text, convert=True)
        except Exception as error:
            raise NetworkError(f"pandapower cannot read {where}: {error}") from error
    if not isinstance(network, pandapower.pandapowerNet):
        raise NetworkError(f"{where} holds {type(network).__name__}, expected a pandapower network")
    return network


def refuse_code(text: str, where: str) -> None:
    """Refuse JSON text with an object other than plain data, at any depth.

    Parameters
    ----------
    text : str
        The JSON text.
    where : str
        Where it is from, for messages.

    Raises
    ------
    NetworkError
        Naming the module and class of the first such object.
    json.JSONDecodeError
        If the text is not JSON.

    Examples
    --------
    >>> refuse_code('{"_module": "os", "_class": "system", "_object": "true"}', "feeder.json")
    Traceback (most recent call last):
        ...
    nemogrid.errors.NetworkError: feeder.json asks for os.system: only plain tables ...
    """

    # All pairs are looked at, so that a repeated key cannot hide one from a reader that takes
    # the first where this one takes the last.
    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        _check_object(pairs, where)
        for key, value in pairs:
            _check_text(key, where)
            _check_value(value, where)
        return dict(pairs)

    _check_value(json.loads(text, object_pairs_hook=look), where)


def _check_object(pairs: list[tuple[str, Any]], where: str) -> None:
    keys = [key for key, _ in pairs]
    marks = [key for key in keys if key in ("_module", "_class")]
    if not marks:
        return
    values = dict(pairs)
    module, name = values.get("_module"), values.get("_class")
    if len(set(keys)) != len(keys) or not (isinstance(module, str) and isinstance(name, str)):
        raise NetworkError(f"{where} holds a malformed object: {module}.{name}")
    if name not in _ALLOWED.get(module, ()):
        raise NetworkError(
            f"{where} asks for {module}.{name}: only plain tables and numbers are read from a "
            "file, no code, controllers or other objects"
        )
    if name in ("DataFrame", "Series"):
        odd = set(keys) - _TABLE_KEYS
        if odd or not isinstance(values.get("_object"), str):
            raise NetworkError(f"{where} holds a malformed {name}: {', '.join(sorted(odd))}")
        # Anything but JSON here would be taken as the name of a file to open.
        json.loads(values["_object"])


def _check_value(value: Any, where: str) -> None:
    if isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, list):
        for item in value:
            _check_value(item, where)


def _check_text(text: str, where: str) -> None:
    if not any(mark in text for mark in '{["'):
        return
    try:
        refuse_code(text, where)
    except NetworkError:
        raise
    except ValueError:
        if "_module" in text or "_class" in text:
            raise NetworkError(
                f"{where} holds a text with the mark of an object that is not JSON: {text[:80]!r}"
            ) from None
