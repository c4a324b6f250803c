"""Tests of rates and tariffs."""

import pytest

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
