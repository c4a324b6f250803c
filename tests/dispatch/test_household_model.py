"""Tests of the part that the models of a household share."""

import numpy as np
import pytest

from nemogrid.dispatch.household_model import household_model, values_of
from nemogrid.dispatch.meter import MeterPrices, PeriodBlocks, PeriodPeaks, two_prices
from nemogrid.errors import InputError


def model_of(meter, n=4, steps_per_day=2):
    """Begin a model of a few steps."""
    return household_model(
        np.arange(n, dtype=float), np.ones(n), meter, steps_per_day=steps_per_day, name="house"
    )


def test_blocks_are_counted_outwards_from_zero():
    """Prices -2, 1 | 3, 4, 6: surcharges 1 and 2 on import, 3 on export, at the edges' sizes."""
    meter = MeterPrices(
        step_h=0.5, prices=np.tile([-2.0, 1.0, 3.0, 4.0, 6.0], (4, 1)),
        edges_kwh=np.tile([-0.7, 0.0, 0.5, 0.9], (4, 1)),
    )  # fmt: skip
    model = model_of(meter)
    assert (model.p_import[1, 1], model.p_export[2, 2]) == (3.0, 1.0)
    assert list(model.edges) == [("import", 1), ("import", 2), ("export", 1)]
    found = {key[:2]: (model.edge[key], model.surcharge[key]) for key in model.edge}
    assert found == {
        ("import", 1): (0.5, 1.0), ("import", 2): (0.9, 2.0), ("export", 1): (0.7, 3.0)
    }  # fmt: skip


def test_periods_keep_their_steps_limits_and_prices():
    """Two months of two steps: blocks of export, peaks of import."""
    month = np.array([0, 0, 1, 1])
    meter = MeterPrices(
        step_h=0.5, prices=np.tile([0.1, 0.3], (4, 1)), edges_kwh=np.zeros((4, 1)),
        blocks=(PeriodBlocks(item="b", sign=-1, period_of_step=month, prices=np.array([1.0, 3.0]),
                             limits_kwh=np.array([[5.0], [7.0]])),),
        peaks=(PeriodPeaks(item="p", sign=1, period_of_step=month,
                           price_per_kw=np.array([2.0, 4.0])),),
    )  # fmt: skip
    model = model_of(meter)
    assert dict(model.limit.items()) == {(1, 0, 1): 5.0, (1, 1, 1): 7.0}
    assert (model.p_period[1], model.period_surcharge[1, 1]) == (1.0, 2.0)
    assert str(model.period_energy[1, 1].expr) == (
        "E_period[1,1]  ==  PV_exported[2,1] + PV_exported[2,2]"
    )
    assert str(model.period_peaks[1, 2, 1].expr) == "2.0*E_import[2,1]  <=  peak_kw[1,1]"
    assert (model.p_peak[1, 0], model.p_peak[1, 1]) == (2.0, 4.0)


def test_steps_are_numbered_by_day():
    """Three steps of days of two."""
    model = model_of(two_prices(np.ones(3), np.zeros(3), step_h=12.0), n=3)
    assert list(model.steps) == [(1, 1), (1, 2), (2, 1)]
    assert values_of(model.E_load).tolist() == [0.0, 1.0, 2.0]


def test_a_meter_without_an_edge_at_zero_is_refused():
    """There would be no telling import from export."""
    meter = MeterPrices(step_h=1.0, prices=np.tile([0.1, 0.3], (4, 1)), edges_kwh=np.ones((4, 1)))
    with pytest.raises(InputError, match="house: no edge .* at 0 kWh"):
        model_of(meter)


def test_arrays_of_different_length_are_refused():
    """With all lengths."""
    with pytest.raises(InputError, match="'load_kwh': 4, 'pv_kwh': 4, 'meter': 3"):
        model_of(two_prices(np.ones(3), np.zeros(3), step_h=1.0))
