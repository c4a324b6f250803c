"""Tests of the pictures of the exact engine."""

import numpy as np
import pandas as pd
import pytest
from overlaps import outside, overlaps

from nemogrid.dispatch.exact import cost_to_go
from nemogrid.dispatch.meter import two_prices
from nemogrid.dispatch.slopes import USES, merged_pieces, step_pieces
from nemogrid.dispatch.store import Store
from nemogrid.errors import InputError, LabelError
from nemogrid.plots.slopes import USE_COLOURS, cost_curve, merged_stairs, step_curve, value_stairs

METER = two_prices(np.array([0.3, 0.4, 0.2]), np.full(3, 0.06), step_h=1.0)
NET_KWH = np.array([-1.0, 0.5, 1.0])
STORE = Store(
    name="battery", charge_limit_kwh=[1.5] * 3, discharge_limit_kwh=[1.5] * 3,
    lower_kwh=[0.0] * 4, upper_kwh=[3.0] * 4, initial_kwh=1.0, charge_efficiency=0.95,
    discharge_efficiency=0.95,
)  # fmt: skip


def test_stairs_are_the_slopes_turned(ax):
    """Over the whole of the store."""
    left, slopes, widths = cost_to_go(METER, NET_KWH, STORE, step=1)
    assert value_stairs(left, slopes, widths, ax) is ax
    x, y = ax.lines[0].get_data()
    np.testing.assert_allclose(np.diff(x), widths)
    np.testing.assert_allclose(y[:-1], -slopes)
    assert overlaps(ax.figure) == outside(ax.figure) == []


def test_the_curve_has_the_slopes(ax):
    """From the value that it is given."""
    left, slopes, widths = cost_to_go(METER, NET_KWH, STORE, step=1)
    assert cost_curve(left, slopes, widths, ax, at_left=2.0) is ax
    x, y = ax.lines[0].get_data()
    np.testing.assert_allclose(np.diff(y) / np.diff(x), slopes)
    assert y[0] == 2.0
    assert overlaps(ax.figure) == outside(ax.figure) == []


@pytest.mark.parametrize("step", [0, 1])
def test_a_step_costs_nothing_where_nothing_changes(ax, step):
    """Its pieces pass through the origin and carry their names."""
    pieces = step_pieces(METER, NET_KWH, STORE, step=step)
    assert step_curve(pieces, ax) is ax
    x, y = ax.lines[len(pieces)].get_data()
    assert np.interp(0.0, x, y) == pytest.approx(0.0)
    np.testing.assert_allclose(np.diff(y) / np.diff(x), pieces["slope"])
    written = [text.get_text().split("\n")[0] for text in ax.texts]
    assert written == pieces["use"].tolist()
    assert overlaps(ax.figure) == outside(ax.figure) == []


def test_merged_stairs_show_what_is_cut(ax):
    """A bar per piece, faint outside the bounds, and each use named once."""
    pieces = merged_pieces(METER, NET_KWH, STORE, step=1)
    assert merged_stairs(pieces, ax) is ax
    heights = [bar.get_height() for bar in ax.patches]
    np.testing.assert_allclose(heights, -pieces["slope"])
    faint = [bar.get_alpha() < 1 for bar in ax.patches]
    assert faint == (~pieces["kept"]).tolist()
    assert any(faint)
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert sorted(named) == sorted({*pieces.loc[pieces["kept"], "use"], "cut off"})
    assert overlaps(ax.figure) == outside(ax.figure) == []


def test_every_use_has_a_colour_and_others_are_refused(ax):
    """A piece without a name could not be read."""
    assert set(USE_COLOURS) == set(USES)
    assert len(set(USE_COLOURS.values())) == len(USES)
    strange = pd.DataFrame({"start_kwh": [0.0], "end_kwh": [1.0], "slope": [0.1], "use": ["x"]})
    with pytest.raises(LabelError, match="'x'"):
        step_curve(strange, ax)
    with pytest.raises(LabelError, match="'kept'"):
        merged_stairs(strange, ax)
    with pytest.raises(InputError, match="equally many"):
        value_stairs(0.0, np.zeros(2), np.zeros(3), ax)
