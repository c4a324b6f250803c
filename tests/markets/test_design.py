"""Tests of the register of market designs."""

from nemogrid.markets import DESIGNS
from nemogrid.markets.design import register


def test_registering_enters_a_design_under_its_name(monkeypatch):
    """Adding a design is adding it to the register."""
    monkeypatch.setattr("nemogrid.markets.design.DESIGNS", dict(DESIGNS))
    design = register(type("Bazaar", (), {"name": "bazaar"}))
    from nemogrid.markets import design as module

    assert module.DESIGNS["bazaar"] is design
    assert "bazaar" not in DESIGNS
