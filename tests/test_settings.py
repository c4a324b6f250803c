"""Tests of reading settings from TOML."""

from dataclasses import dataclass

import pytest

from nemogrid.errors import InputError, ScenarioError
from nemogrid.settings import SettingsText, plain
from nemogrid.timeline import Period


@dataclass(frozen=True)
class Example:
    """Settings of every kind."""

    size: float
    period: Period = Period.MONTH
    limit: float | None = None
    label: str = "x"

    def __post_init__(self):
        if self.size < 0:
            raise InputError(f"size is {self.size}, expected more")


def read(text):
    """Read an example from its own table."""
    settings = SettingsText(text, "file.toml")
    return settings.read(Example, settings.parse()["example"], "example")


def test_values_come_back_with_the_types_of_the_fields():
    """Whole numbers become floats and strings become enumerations."""
    got = read('[example]\nsize = 2\nperiod = "year"\n')
    assert got == Example(2.0, Period.YEAR)
    assert isinstance(got.size, float)
    assert plain(got) == {"size": 2.0, "period": "year", "label": "x"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[example]\nsize = 1\nlabell = 'a'\n", "line 3: unknown key 'labell'.*mean 'label'"),
        ("[example]\nlabel = 'a'\n", "line 1: .*lacks the key 'size'"),
        ("[example]\nsize = 'big'\n", "line 2: size is 'big', expected float"),
        ("[example]\nsize = true\n", "line 2: size is True"),
        ("[example]\nsize = 1\nperiod = 'week'\n", "line 3: period is 'week', expected 'step'"),
        ("[example]\nsize = = 1\n", "not a TOML file.*line 2"),
        (f"[example]\nsize = 1{'0' * 400}\n", "line 2: size is 10"),
        (f"[example]\nsize = 1{'0' * 5000}\n", "not a TOML file"),
        (f"size = {'[' * 100_000}\n", "not a TOML file"),
        ("[example]\nlabel = 'a'\nsize = -1\n", "line 3: size is -1.0, expected more"),
    ],
)
def test_errors_name_file_line_and_key(text, message):
    """The reader can go straight to the line."""
    with pytest.raises(ScenarioError, match=rf"file\.toml.*{message}"):
        read(text)


def test_tables_of_the_same_name_are_told_apart():
    """The line is that of the entry that is read, not of the first one with such a key."""
    text = SettingsText(
        "[[example]]\nsize = 1\n[[example]]\n\nsize = 'big'\n", "file.toml", entry=1
    )
    with pytest.raises(ScenarioError, match=r"file\.toml, line 5: size is 'big'"):
        text.read(Example, {"size": "big"}, "example")
