"""Tests of prices in blocks."""

import numpy as np
import pytest

from nemogrid.charges import Blocks
from nemogrid.errors import InputError


@pytest.mark.parametrize(
    ("prices", "limits", "message"),
    [
        ((0.1, 0.2), (), "2 prices and 0 limits"),
        ((0.2, 0.1), (5.0,), "fall"),
        ((0.1, 0.2, 0.3), (5.0, 5.0), "increasing"),
        ((0.1, 0.2), (0.0,), "increasing numbers above 0"),
        ((0.1, np.nan), (5.0,), "finite"),
    ],
)
def test_impossible_blocks_are_refused(prices, limits, message):
    """A price that falls would make the bill concave."""
    with pytest.raises(InputError, match=message):
        Blocks(prices, limits)


@pytest.mark.parametrize("energy", [0.0, 199.0, 200.0, 250.0, 401.0, 1e6])
def test_the_energy_of_a_period_pays_block_by_block(energy):
    """Against the integral of the price."""
    blocks = Blocks((0.1, 0.2, 0.4), (200.0, 400.0))
    expected = 0.1 * energy + 0.1 * max(energy - 200.0, 0.0) + 0.2 * max(energy - 400.0, 0.0)
    assert blocks.total(energy) == pytest.approx(expected)
    assert blocks.total(energy / 4, 0.25) == pytest.approx(expected / 4)
    shares, energies = np.array([[1.0], [0.25]]), np.array([[energy] * 3, [energy / 4] * 3])
    assert blocks.totals(energies, shares) == pytest.approx(expected * shares * np.ones(3))
