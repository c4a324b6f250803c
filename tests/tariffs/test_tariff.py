"""Tests of rates and tariffs."""

import pytest

from nemogrid.charges import Blocks
from nemogrid.errors import InputError
from nemogrid.tariffs import Rate, Tariff

RATE = Rate(item="energy", quantity="imported", price=0.1, payee="retailer", source="bill 2026")


def test_a_rate_without_a_source_is_refused():
    """Every figure carries its source."""
    with pytest.raises(InputError, match="no source"):
        Rate(item="energy", quantity="imported", price=0.1, payee="retailer", source="")


def test_the_same_line_twice_is_refused():
    """A kWh would be charged twice."""
    with pytest.raises(InputError, match="twice"):
        Tariff(name="t", currency="EUR", rates=(RATE, RATE))


def test_an_unknown_quantity_is_refused():
    """A misspelt quantity does not become a fee of zero."""
    with pytest.raises(ValueError, match="importd"):
        Rate(item="x", quantity="importd", price=0.1, payee="dso", source="bill 2026")


@pytest.mark.parametrize("price", ["dear", None, True])
def test_a_price_that_is_no_number_is_refused(price):
    """The message names the item."""
    with pytest.raises(InputError, match="rate 'x' has the price"):
        Rate(item="x", quantity="imported", price=price, payee="dso", source="bill 2026")


def test_volumetric_prices_add_up_over_quantities():
    """The sum of what one kWh costs."""
    more = Rate(item="n", quantity="retail_bought", price=0.2, payee="dso", source="bill 2026")
    tariff = Tariff(name="t", currency="EUR", rates=(RATE, more))
    assert tariff.volumetric_price("imported", "retail_bought") == pytest.approx(0.3)
    assert tariff.volumetric_price("exported") == 0


def test_a_rate_in_blocks_has_a_row_for_each_and_counts_with_its_first():
    """A buyer who pays less than the first block does not lose in any."""
    blocks = Rate(
        item="network", quantity="imported", price=Blocks((0.1, 0.2), (300.0,)), payee="dso",
        source="bill 2026", period="month",
    )  # fmt: skip
    tariff = Tariff(name="t", currency="EUR", rates=(RATE, blocks))
    assert tariff.table()[["item", "above", "price"]].to_numpy().tolist() == [
        ["energy", 0.0, 0.1], ["network", 0.0, 0.1], ["network", 300.0, 0.2]
    ]  # fmt: skip
    assert tariff.volumetric_price("imported") == pytest.approx(0.2)
    assert blocks.charge().price == blocks.price


def test_a_rate_on_a_peak_needs_its_period():
    """As a charge does."""
    with pytest.raises(InputError, match="peaks and membership per day, month or year"):
        Rate(item="x", quantity="peak_imported", price=3.0, payee="dso", source="bill 2026")
