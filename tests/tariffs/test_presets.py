"""Tests of preset tariffs against published totals."""

import pytest

from nemogrid.errors import InputError
from nemogrid.tariffs import preset


@pytest.mark.parametrize(
    ("name", "published", "tolerance"),
    [
        ("DE-2025", 0.397, 0.0005),  # BDEW 2025: total of a household of 3,500 kWh
        ("CH-2019", 0.205, 0.005),  # ElCom 2019: median H4; medians of parts need not add up
        ("CH-2026", 0.277, 0.012),  # ElCom 2026, without the metering of CHF 74.40 a year
    ],
)
def test_the_parts_add_up_to_the_published_total(name, published, tolerance):
    """Within rounding, or within what medians allow."""
    total = preset(name).volumetric_price("imported", "retail_bought")
    assert total == pytest.approx(published, abs=tolerance)


def test_a_community_pays_forty_per_cent_less_for_the_network_on_local_energy():
    """Swiss local electricity communities from 2026."""
    leg, plain = preset("CH-2026-LEG"), preset("CH-2026")
    network = plain.table().set_index("item").at["network", "price"]
    assert leg.volumetric_price("local_bought") == pytest.approx(-0.4 * network)
    assert leg.rates[: len(plain.rates)] == plain.rates


def test_an_unknown_preset_suggests_the_nearest():
    """The message lists what there is."""
    with pytest.raises(InputError, match=r"did you mean 'DE-2025'.*CH-2019"):
        preset("DE-2024")
