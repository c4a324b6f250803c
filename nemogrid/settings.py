"""Settings from TOML text into dataclasses, with errors that name the line."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from difflib import get_close_matches
from enum import EnumType
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from nemogrid.errors import InputError, ScenarioError

T = TypeVar("T")


@dataclass(frozen=True)
class SettingsText:
    """TOML text with the name of the file it came from.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        File name for messages.
    entry : int
        Which of the tables of the same name, ``[[...]]``, is read, from 0.
    """

    text: str
    name: str = "scenario"
    entry: int = 0

    def parse(self) -> dict[str, Any]:
        """Parse the text.

        Returns
        -------
        dict

        Raises
        ------
        ScenarioError
            For text that is not TOML, with the line.
        """
        try:
            return tomllib.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise ScenarioError(f"{self.name}: not a TOML file: {error}") from None

    def place(self, table: str, key: str) -> str:
        r"""Say where a key stands: file name and line.

        Parameters
        ----------
        table : str
            Name of the table, empty for the top of the file.
        key : str
            Key in the table, or the name of a table itself.

        Returns
        -------
        str

        Examples
        --------
        >>> SettingsText("seed = 1\n[market]\nmargn = 2").place("market", "margn")
        'scenario, line 3'
        """
        number = self._line(table, key)
        if number is not None:
            return f"{self.name}, line {number}"
        # A table may stand in the line of a key of the table above it.
        above, _, last = (table or key).rpartition(".")
        return self.place(above, last) if above else self.name

    def _line(self, table: str, key: str) -> int | None:
        within, met = "", Counter([""])
        for number, line in enumerate(self.text.splitlines(), start=1):
            header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
            if header:
                within = header.group(1)
                # A table below one of several of the same name counts with that one.
                met[within] = max(met[within] + 1, met[within.rpartition(".")[0]])
                if table or key not in (within, within.split(".")[0]):
                    continue
            elif within != table or not re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                continue
            if met[within] == self.entry + 1:
                return number
        return None

    def located(self, error: Exception, table: str, keys: Collection[str]) -> ScenarioError:
        r"""Put file and line before a message: of the key that it names, or else of the table.

        Parameters
        ----------
        error : Exception
            What was raised.
        table : str
            Name of the table, empty for the top of the file.
        keys : collection of str
            Keys that were given.

        Returns
        -------
        ScenarioError

        Examples
        --------
        >>> text = SettingsText("[market]\nmargin = 2")
        >>> text.located(ValueError("the margin is 2"), "market", ["margin"])
        ScenarioError('scenario, line 2: the margin is 2')
        """
        message = str(error)
        if message.startswith((f"{self.name},", f"{self.name}:")):
            return ScenarioError(message)
        named = [key for key in keys if re.search(rf"\b{re.escape(key)}\b", message)]
        place = self.place(table, named[0]) if named else self.place("", table)
        return ScenarioError(f"{place}: {message}")

    def refuse_unknown(self, given: Collection[str], known: Collection[str], table: str) -> None:
        """Refuse misspelt keys and suggest the near one.

        Parameters
        ----------
        given, known : collection of str
            Keys found and keys accepted.
        table : str
            Name of the table, empty for the top of the file.

        Raises
        ------
        ScenarioError
            Naming file, line, key and the nearest known key.
        """
        for key in given:
            if key in known:
                continue
            near = get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}? " if near else ""
            where = f" in [{table}]" if table else ""
            raise ScenarioError(
                f"{self.place(table, key)}: unknown key {key!r}{where}; {hint}"
                f"known are {', '.join(known)}"
            )

    def read(self, cls: type[T], values: Mapping[str, Any], table: str) -> T:
        """Build a dataclass from a table.

        Parameters
        ----------
        cls : type
            A dataclass whose fields are numbers, strings, booleans, enumerations, tuples of
            these, or dataclasses of the same kind, which are tables of their own.
        values : mapping
            The table as parsed.
        table : str
            Its name, for messages.

        Returns
        -------
        cls

        Raises
        ------
        ScenarioError
            For unknown or missing keys, values of another type and values that the dataclass
            refuses, with file and line.
        """
        if not isinstance(values, Mapping):
            raise ScenarioError(f"{self.place('', table)}: {table} is {values!r}, expected a table")
        known = {field.name: field for field in fields(cls)}  # type: ignore[arg-type]
        self.refuse_unknown(values, known, table)
        for name, field in known.items():
            if field.default is MISSING and field.default_factory is MISSING and name not in values:
                raise ScenarioError(f"{self.place('', table)}: [{table}] lacks the key {name!r}")
        hints = get_type_hints(cls)
        checked = {key: self.check(value, hints[key], table, key) for key, value in values.items()}
        try:
            return cls(**checked)
        except InputError as error:
            raise self.located(error, table, values) from None

    def check(self, value: Any, hint: Any, table: str, key: str) -> Any:
        """Convert a value to the type of its field, or refuse it.

        Parameters
        ----------
        value : Any
            As parsed.
        hint : type
            Type of the field.
        table, key : str
            For the message.

        Returns
        -------
        Any

        Raises
        ------
        ScenarioError
            If the value has another type.
        """
        wanted = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        for kind in wanted:
            if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
                try:
                    return float(value)
                except OverflowError:
                    break
            if kind is str and isinstance(value, str):
                return value
            if isinstance(kind, EnumType) and value in _choices(kind):
                return kind(value)
            if get_origin(kind) is tuple and isinstance(value, list):
                return tuple(self.check(part, get_args(kind)[0], table, key) for part in value)
            if is_dataclass(kind) and isinstance(kind, type) and isinstance(value, Mapping):
                return self.read(kind, value, f"{table}.{key}")
            if isinstance(kind, type) and type(value) is kind:
                return value
        names = " or ".join(_said(kind) for kind in wanted)
        raise ScenarioError(f"{self.place(table, key)}: {key} is {value!r}, expected {names}")


def plain(settings: Any) -> dict[str, Any]:
    """Turn a dataclass of settings into a table that TOML can hold.

    Parameters
    ----------
    settings : dataclass instance
        Settings.

    Returns
    -------
    dict
        Fields that are None are left out; enumerations become strings, tuples lists, and
        dataclasses tables.

    Examples
    --------
    >>> from nemogrid.settlement import Rules
    >>> plain(Rules())
    {'billing_period': 'month'}
    """
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {name: _plain_value(value) for name, value in values.items() if value is not None}


def _plain_value(value: Any) -> Any:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple):
        return [_plain_value(part) for part in value]
    return plain(value) if is_dataclass(value) else value


def _said(kind: Any) -> str:
    if isinstance(kind, EnumType):
        return ", ".join(repr(choice) for choice in _choices(kind))
    if get_origin(kind) is tuple:
        return f"a list of {_said(get_args(kind)[0])}"
    if is_dataclass(kind):
        return f"a table of {', '.join(field.name for field in fields(kind))}"
    return str(getattr(kind, "__name__", kind))


def _choices(kind: EnumType) -> list[str]:
    return [str(choice) for choice in kind]  # type: ignore[var-annotated]
