"""Tests of the layout of payments."""

from itertools import pairwise

import pytest

from nemogrid.plots.ribbons import CANVAS_PT, Flow, arrange

FLOWS = (
    Flow("consumers", "retailer", 100.0, "a"),
    Flow("consumers", "manager", 20.0, "b"),
    Flow("consumers", "dso", 80.0, "c"),
    Flow("prosumers", "dso", 40.0, "d"),
    Flow("prosumers", "tso", 0.1, "e"),
    Flow("retailer", "prosumers", 10.0, "f"),
    Flow("manager", "prosumers", 15.0, "g"),
)


def test_arrows_are_as_thick_as_their_amounts():
    """One scale holds for the whole figure."""
    ribbons = arrange(FLOWS).ribbons
    scales = [ribbon.thickness / ribbon.flow.amount for ribbon in ribbons]
    assert scales == pytest.approx([scales[0]] * len(FLOWS))
    assert scales[0] > 0.5


def test_bars_stay_on_the_canvas_and_apart():
    """Each column leaves room for the names."""
    bars = arrange(FLOWS).bars
    for column in ("left", "middle", "right"):
        inside = sorted((b for b in bars if b.column == column), key=lambda b: b.top)
        assert inside[0].top >= 0
        assert inside[-1].top + inside[-1].height <= CANVAS_PT[1]
        assert all(a.top + a.height < b.top for a, b in pairwise(inside))


def test_bars_say_what_a_party_pays_keeps_and_gets():
    """Amounts are sums over the arrows."""
    amounts = {(b.actor, b.column): b.amount for b in arrange(FLOWS).bars}
    assert amounts == pytest.approx(
        {
            ("consumers", "left"): 200.0,
            ("prosumers", "left"): 40.1,
            ("retailer", "middle"): 90.0,
            ("manager", "middle"): 5.0,
            ("prosumers", "right"): 25.0,
            ("dso", "right"): 120.0,
            ("tso", "right"): 0.1,
        }
    )


def test_the_order_of_the_payments_does_not_matter():
    """The layout follows from the amounts alone."""
    assert set(arrange(FLOWS[::-1]).ribbons) == set(arrange(FLOWS).ribbons)
    assert arrange(FLOWS[::-1]).bars == pytest.approx(arrange(FLOWS).bars)


def test_a_state_that_pays_stands_on_the_left():
    """A premium paid by the state, and energy that the manager buys from the retailer."""
    flows = (*FLOWS, Flow("state", "prosumers", 5.0, "h"), Flow("manager", "retailer", 2.0, "i"))
    bars = {(b.actor, b.column) for b in arrange(flows).bars}
    assert ("state", "left") in bars
    assert ("retailer", "right") in bars
