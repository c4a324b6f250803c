"""Tests of the outcome."""

import dataclasses

import pandas as pd
import pytest

import nemogrid as ng
from nemogrid.kpis import key_figures


@pytest.fixture(scope="module")
def outcome():
    """Simulate one day."""
    day = ng.Timeline(pd.Timestamp("2026-05-05", tz="Europe/Zurich"), 0.5, 48)
    return ng.simulate(ng.Scenario(timeline=day))


def test_key_figures_are_read_off_the_parts(outcome):
    """The outcome stores nothing that its parts do not say."""
    expected = key_figures(outcome.clearing, outcome.state, outcome.bills)
    pd.testing.assert_series_equal(outcome.kpis, expected, check_exact=True)


def test_an_outcome_cannot_be_changed(outcome):
    """Results are nouns; its short form names the scenario only."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        outcome.bills = None
    assert "load_kw" not in repr(outcome)
