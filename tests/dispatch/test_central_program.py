"""The tied program: its extra columns and rows say what the members do together."""

import numpy as np
import pytest
from dispatch.test_central import T, village

from nemogrid.dispatch.central_program import VoltageRows, put_together
from nemogrid.dispatch.lp_highs import in_arrays, solve_arrays
from nemogrid.dispatch.lp_model import assemble


def programs(members):
    """The members' own programs."""
    return [
        assemble(member.meter, member.net_kwh, tuple(member.stores.values()))
        if member.stores
        else None
        for member in members
    ]


@pytest.mark.parametrize("seed", range(6))
def test_the_columns_of_the_members_are_their_own(seed):
    """Costs and bounds are in the members' places; the community's load and peak follow."""
    members = village(seed, n_members=4)
    own = programs(members)
    tied, places = put_together(
        members, own, peak_price_per_kw=3.0, transformer_kw=7.0, voltages=None
    )
    for program, place in zip(own, places, strict=True):
        if program is None:
            assert place.start == place.stop
        else:
            arrays = in_arrays(program)
            np.testing.assert_array_equal(tied.cost[place], arrays.cost)
            np.testing.assert_array_equal(tied.upper[place], arrays.upper)
    assert len(tied.cost) == places[-1].stop + T + 1
    assert tied.cost[-1] == 3.0
    assert tied.upper[-1] == 7.0
    assert np.isfinite(tied.lower).all()
    assert np.isfinite(tied.upper).all()


@pytest.mark.parametrize("seed", range(6))
def test_load_peak_and_voltage_are_those_of_the_members(seed):
    """In a solution the load is the sum of the meters, the peak its largest, volts are linear."""
    members = village(seed, n_members=4)
    own = programs(members)
    rng = np.random.default_rng(seed)
    rows = VoltageRows(
        step=np.arange(T), base_pu=rng.normal(1.0, 0.01, T), base_kw=rng.normal(0, 2, (T, 4)),
        pu_per_kw=-rng.uniform(0, 1e-3, (T, 4)), lower_pu=0.5, upper_pu=1.5,
    )  # fmt: skip
    tied, places = put_together(
        members, own, peak_price_per_kw=1.0, transformer_kw=None, voltages=rows
    )
    values = solve_arrays(tied).values
    net_kw = np.column_stack([member.net_kwh for member in members])
    for n, (program, place) in enumerate(zip(own, places, strict=True)):
        if program is not None:
            split = program.split(values[place])
            net_kw[:, n] += np.bincount(program.up.step, split["up"], minlength=T)
            net_kw[:, n] -= np.bincount(program.down.step, split["down"], minlength=T)
    np.testing.assert_allclose(values[places[-1].stop : -1], net_kw.sum(axis=1), atol=1e-7)
    assert values[-1] == pytest.approx(np.abs(net_kw.sum(axis=1)).max())
    volts = rows.base_pu + (rows.pu_per_kw * (net_kw - rows.base_kw)).sum(axis=1)
    row = (tied.matrix @ values)[-T:]
    np.testing.assert_allclose(row - tied.row_lower[-T:], volts - 0.5, atol=1e-7)
    np.testing.assert_allclose(tied.row_upper[-T:] - row, 1.5 - volts, atol=1e-7)
