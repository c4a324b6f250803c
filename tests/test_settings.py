"""Tests of reading settings from TOML."""

from dataclasses import dataclass

import pytest

from nemogrid.errors import InputError, ScenarioError
from nemogrid.settings import SettingsText, plain
from nemogrid.timeline import Period


@dataclass(frozen=True)
class Part:
    """Settings within settings."""

    sizes: tuple[float, ...]
    label: str = "y"

    def __post_init__(self):
        if len(self.sizes) > 2:
            raise InputError(f"sizes {self.sizes}, expected two")


@dataclass(frozen=True)
class Example:
    """Settings of every kind."""

    size: float | Part
    period: Period = Period.MONTH
    limit: float | None = None
    label: str = "x"

    def __post_init__(self):
        if not isinstance(self.size, Part) and self.size < 0:
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
        ("[example]\nsize = 'big'\n", "line 2: size is 'big', expected float or a table of"),
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


def test_tables_within_tables_come_back():
    """A list becomes a tuple, and a table a dataclass, and back."""
    got = read("[example]\nsize = { sizes = [1, 2.5] }\n")
    assert got == Example(Part((1.0, 2.5)))
    assert plain(got) == {
        "size": {"sizes": [1.0, 2.5], "label": "y"}, "period": "month", "label": "x"
    }  # fmt: skip
    assert read("[example]\nlabel = 'z'\n[example.size]\nsizes = []\n").size == Part(())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[example.size]\n\nsizes = 2\n", "line 3: sizes is 2, expected a list of float"),
        ("[example.size]\nsizes = [1, 'b']\n", "line 2: sizes is 'b', expected float"),
        ("[example.size]\nlabel = 'b'\n", "line 1: .*lacks the key 'sizes'"),
        ("[example]\n[example.size]\nsizes = [1, 2, 3]\n", "line 3: sizes .*expected two"),
        ("[example]\n\nsize = { sizes = 'a' }\n", "line 3: sizes is 'a'"),
        ("[example]\n\nsize = { size = [1] }\n", "line 3: unknown key 'size'.*mean 'sizes'"),
        ("[example]\n\nsize = { label = 'b' }\n", "line 3: .*lacks the key 'sizes'"),
        ("[example]\nsize = [1]\n", "line 2: size is .1., expected float or a table of sizes, la"),
    ],
)
def test_errors_in_a_table_within_a_table_name_its_line(text, message):
    """Whether it stands on its own or in the line of its key."""
    with pytest.raises(ScenarioError, match=rf"file\.toml, {message}"):
        read(text)


def test_a_table_below_one_of_several_counts_with_that_one():
    """The line is that of the second entry's own table."""
    text = SettingsText(
        "[[example]]\nsize = 1\n[[example]]\n[example.size]\nsizes = 'b'\n", "file.toml", entry=1
    )
    with pytest.raises(ScenarioError, match=r"file\.toml, line 5: sizes is 'b'"):
        text.read(Example, {"size": {"sizes": "b"}}, "example")
