"""Tests of the look of the figures."""

import subprocess
import sys
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from nemogrid.plots.theme import (
    COLOURS,
    NAMES,
    item_colours,
    money_text,
    rc_params,
    set_theme,
    signed_text,
    theme,
)
from nemogrid.settlement.flows import GROUPS

# Machado, Oliveira, Fernandes (2009), doi:10.1109/TVCG.2009.113, severity 1: linear RGB.
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
PROTANOPIA = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)


def seen(colour: str, eye: np.ndarray) -> np.ndarray:
    """Turn a colour into what an eye makes of it."""
    linear = np.array(to_rgb(colour)) ** 2.2
    return np.clip(eye @ linear, 0.0, 1.0) ** (1 / 2.2)


@pytest.mark.parametrize("eye", [np.eye(3), DEUTERANOPIA, PROTANOPIA], ids=["all", "deut", "prot"])
@pytest.mark.parametrize(
    "meanings", [GROUPS, ("load", "pv", "import", "export", "local", "storage")]
)
def test_colours_that_meet_in_a_figure_can_be_told_apart(eye, meanings):
    """Every pair differs to colour-blind readers too."""
    for one, other in combinations(meanings, 2):
        distance = np.linalg.norm(seen(COLOURS[one], eye) - seen(COLOURS[other], eye))
        assert distance > 0.12, (one, other)


def test_every_group_has_a_colour_and_a_name():
    """No figure meets a group that it cannot show."""
    assert set(GROUPS) <= set(COLOURS)
    assert set(NAMES) == set(GROUPS)


def test_the_theme_ends_with_its_block():
    """Settings are as before, also after an error."""
    before = dict(mpl.rcParams)
    with theme():
        assert mpl.rcParams["font.size"] == rc_params()["font.size"] != before["font.size"]
    assert dict(mpl.rcParams) == before
    with pytest.raises(ZeroDivisionError), theme():
        1 / 0  # noqa: B018
    assert dict(mpl.rcParams) == before


def test_set_theme_lasts():
    """A notebook sets the look once."""
    with mpl.rc_context():
        set_theme()
        assert mpl.rcParams["figure.constrained_layout.use"] is True


def test_importing_the_plots_loads_no_drawing_library():
    """Matplotlib loads with the first figure and not before."""
    code = (
        "import sys, nemogrid.plots; sys.exit(bool({'matplotlib', 'seaborn'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_shades_of_one_payee_differ():
    """Nine lines of four payees get nine colours."""
    lines = [(f"{actor} {i}", actor) for actor in ("dso", "state", "manager") for i in range(3)]
    assert len(set(item_colours(lines).values())) == len(lines)


def test_amounts_are_written_with_the_digits_that_matter():
    """Large amounts have no cents and the minus sign is one."""
    assert [money_text(v) for v in (0.5, 99.5, 100.4, 1e6)] == ["0.50", "99.50", "100", "1,000,000"]
    assert signed_text(-3.0) == "−3.00"
