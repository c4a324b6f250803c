"""A simulated year and an empty figure for the tests of the plots."""

from collections.abc import Iterator

import matplotlib as mpl
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nemogrid.markets import BusinessAsUsual
from nemogrid.outcome import Outcome
from nemogrid.plots import theme
from nemogrid.scenario import Scenario
from nemogrid.simulation import simulate


@pytest.fixture(scope="session")
def year() -> Outcome:
    """Simulate the default scenario, with the community pool."""
    return simulate(Scenario())


@pytest.fixture(scope="session")
def usual() -> Outcome:
    """Simulate the default scenario under business as usual."""
    return simulate(Scenario(market=BusinessAsUsual()))


@pytest.fixture
def ax() -> Iterator[Axes]:
    """Give an empty axes in the book's look, and see that the plot leaves the settings alone."""
    with theme():
        before = dict(mpl.rcParams)
        yield Figure().subplots()
        assert dict(mpl.rcParams) == before
