"""The household's rule: hysteresis, delays, causality, bounds."""

import dataclasses

import numpy as np
import pytest
from dispatch.test_must_run import random_store
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.devices import Battery
from nemogrid.dispatch.household import Household
from nemogrid.dispatch.local_control import (
    LinearVoltage,
    LocalControl,
    draw_delays,
    run_local_control,
)
from nemogrid.dispatch.meter import two_prices
from nemogrid.dispatch.self_consumption import store_own_surplus
from nemogrid.dispatch.store import Store, battery_store
from nemogrid.errors import LabelError, SolveError

FIXED = LocalControl(
    learns=False, least_spread_pu=0.01, longest_delay_h=0.0, gain_per_spread=1.0, ramp_h=0.0
)


def measured(*columns: list[float]) -> LinearVoltage:
    """Voltages that do not depend on anybody: a column per household."""
    volts = np.array(columns, dtype=float).T
    n = volts.shape[1]
    return LinearVoltage(base_pu=volts, base_kw=np.zeros(volts.shape), pu_per_kw=np.zeros((n, n)))


def house(
    name: str = "a", *, net_kwh=None, stores=None, T: int = 12, bought=0.3, sold=0.1
) -> Household:
    """A household at two prices, one number or one per step each."""
    net_kwh = np.ones(T) if net_kwh is None else np.asarray(net_kwh, dtype=float)
    prices = [np.broadcast_to(np.asarray(p, dtype=float), net_kwh.shape) for p in (bought, sold)]
    meter = two_prices(*prices, step_h=1.0)
    return Household(name=name, net_kwh=net_kwh, meter=meter, stores=stores or {})


def car(T: int, *, need_kwh: float, power_kwh: float = 2.0, capacity_kwh: float = 50.0) -> Store:
    """A car that is at home all the time and needs some energy at the end."""
    lower_kwh = np.zeros(T + 1)
    lower_kwh[-1] = need_kwh
    return Store(
        name="vehicle", charge_limit_kwh=np.full(T, power_kwh), discharge_limit_kwh=np.zeros(T),
        lower_kwh=lower_kwh, upper_kwh=np.full(T + 1, capacity_kwh), initial_kwh=0.0,
    )  # fmt: skip


def states(volts: list[float], *, delay: int = 0, control: LocalControl = FIXED) -> list[int]:
    """The states of a household that sees these voltages."""
    run = run_local_control(
        (house(T=len(volts)),), control, measured(volts), delay_steps=np.array([delay])
    )
    return run.state[:, 0].tolist()


def test_the_state_follows_two_thresholds_each_way():
    """It enters beyond one spread, leaves within half, and sees each voltage a step later."""
    volts = [1.009, 1.010, 1.006, 1.004, 1.009, 0.990, 0.994, 0.9951, 1.02, 0.98, 1.0, 1.0]
    assert states(volts) == [0, 0, 1, 1, 0, 0, -1, -1, 0, 1, -1, 0]


def test_a_delay_waits_for_the_voltage_to_insist():
    """One odd step does not move a household with a delay, two in a row do; back likewise."""
    volts = [1.02, 1.0, 1.02, 1.02, 1.0, 1.02, 1.0, 1.0, 1.0]
    assert states(volts, delay=1) == [0, 0, 0, 0, 1, 1, 1, 1, 0]
    assert states(volts, delay=0) == [0, 1, 0, 1, 1, 0, 1, 0, 0]


def test_opposite_wishes_do_not_add_up():
    """High and low in turn never are two steps of the same wish."""
    assert states([1.02, 0.98] * 5, delay=1) == [0] * 10


def test_mean_and_spread_are_learnt_from_what_was_seen():
    """The state follows plain running means until the memory is full."""
    rng = np.random.default_rng(4)
    volts = rng.normal(1.02, 0.005, 60)
    control = LocalControl(enter_spreads=1.0, leave_spreads=1.0, memory_h=1e9)
    expected = [0]
    for t in range(1, 60):
        seen = volts[:t]
        z = (seen[-1] - seen.mean()) / max(seen.std(), control.least_spread_pu)
        expected.append(int(z >= 1) - int(z <= -1))
    assert states(volts.tolist(), control=control) == expected
    assert set(expected) == {-1, 0, 1}


def appliances(T: int, *, owed_kwh: float, power_kwh: float = 2.0) -> Store:
    """Appliances that were asked for some energy at the start, and may wait till the end."""
    lower_kwh = np.full(T + 1, -owed_kwh)
    lower_kwh[-1] = 0.0
    return Store(
        name="shiftable load", charge_limit_kwh=np.full(T, power_kwh),
        discharge_limit_kwh=np.zeros(T), lower_kwh=lower_kwh, upper_kwh=np.zeros(T + 1),
        initial_kwh=-owed_kwh,
    )  # fmt: skip


def test_the_response_grows_with_the_voltage():
    """A car keeps its pace, draws more in high voltage and less in low, up to all and nothing."""
    volts = [1.0, 1.010, 1.0125, 1.015, 1.03, 0.991, 0.99, 0.985, 0.97, 1.0, 1.0, 1.0]
    run = run_local_control(
        (house(stores={"vehicle": car(12, need_kwh=12.0)}),), FIXED, measured(volts),
        delay_steps=np.array([0]),
    )  # fmt: skip
    drawn_kwh = run.paths[0]["vehicle"].drawn_kwh
    assert run.state[:, 0].tolist() == [0, 0, 1, 1, 1, 1, 0, -1, -1, -1, 0, 0]
    # The pace is what is still needed over the steps that are left.
    np.testing.assert_allclose(drawn_kwh[:4], [1.0, 1.0, 1.5, 1.0 - 0.5 / 9 + 0.75 * 1.05555556])
    assert drawn_kwh[5] == 2.0
    pace = [(12.0 - drawn_kwh[:t].sum()) / (12 - t) for t in range(12)]
    np.testing.assert_allclose(
        drawn_kwh[6:], [pace[6], pace[7] / 2, 0.0, 0.0, pace[10], pace[11]], atol=1e-12
    )


def test_the_even_pace_keeps_the_most_urgent_need():
    """Four kWh by the second step come before ten by the fifth; then what is left is spread."""
    store = dataclasses.replace(
        car(6, need_kwh=11.0, power_kwh=3.0), lower_kwh=np.array([0, 0, 4.0, 0, 0, 10.0, 11.0])
    )
    control = dataclasses.replace(FIXED, gain_per_spread=0.0)
    run = run_local_control(
        (house(T=6, stores={"vehicle": store}),), control, measured([1.0] * 6),
        delay_steps=np.array([0]),
    )  # fmt: skip
    np.testing.assert_allclose(
        run.paths[0]["vehicle"].drawn_kwh, [2.0, 2.0, 2.0, 2.0, 2.0, 1.0], atol=1e-12
    )


def test_a_ramp_answers_by_and_by():
    """With a time constant of four steps a quarter of what is missing is added in each."""
    control = dataclasses.replace(FIXED, ramp_h=4.0, gain_per_spread=10.0)
    store = appliances(4, owed_kwh=8.0)
    store = dataclasses.replace(store, lower_kwh=np.full(5, -8.0))
    run = run_local_control(
        (house(T=4, stores={"shiftable": store}),), control, measured([0.97] * 4),
        delay_steps=np.array([0]),
    )  # fmt: skip
    np.testing.assert_allclose(
        run.paths[0]["shiftable"].drawn_kwh, 2.0 * 0.75 ** np.arange(4), atol=1e-12
    )


def test_a_household_without_gain_ignores_the_voltage():
    """Batteries then store own surplus, as the rule of `self_consumption` does."""
    rng = np.random.default_rng(8)
    net_kwh = rng.normal(0.0, 2.0, 200)
    box = Battery(
        capacity_kwh=6.0, power_kw=1.5, charge_efficiency=0.9, discharge_efficiency=0.95,
        initial_soc_share=0.3,
    )  # fmt: skip
    store = battery_store(box, 200, step_h=1.0, end_kwh=0.0)
    control = dataclasses.replace(FIXED, gain_per_spread=0.0)
    run = run_local_control(
        (house(net_kwh=net_kwh, stores={"battery": store}),), control,
        measured(rng.normal(1.0, 0.05, 200).tolist()), delay_steps=np.array([0]),
    )  # fmt: skip
    drawn_kwh, stored_kwh = store_own_surplus(net_kwh, box, step_h=1.0)
    np.testing.assert_allclose(run.paths[0]["battery"].drawn_kwh, drawn_kwh, atol=1e-12)
    np.testing.assert_allclose(run.paths[0]["battery"].stored_kwh, stored_kwh, atol=1e-12)


def test_a_battery_stays_behind_its_meter_unless_it_serves_the_feeder():
    """High voltage: it stores the surplus, or takes from the feeder too; low voltage likewise."""
    box = Battery(
        capacity_kwh=20.0, power_kw=5.0, charge_efficiency=1.0, discharge_efficiency=1.0
    )  # fmt: skip
    store = battery_store(box, 4, step_h=1.0, end_kwh=0.0)
    volts = measured([1.05, 0.95, 0.95, 1.0])
    members = (house(net_kwh=[0.0, -1.0, 2.0, 2.0], stores={"battery": store}),)
    drawn = [
        run_local_control(
            members, dataclasses.replace(FIXED, serves_feeder=serves), volts,
            delay_steps=np.array([0]),
        ).paths[0]["battery"].drawn_kwh.tolist()
        for serves in (False, True)
    ]  # fmt: skip
    assert drawn == [[0.0, 1.0, -2.0, -2.0], [0.0, 5.0, -5.0, -5.0]]


def test_loads_wait_when_the_price_is_high_and_take_own_surplus():
    """Appliances run in cheap steps and from surplus, and not in dear ones until they must."""
    bought = [0.3, 0.3, 0.5, 0.5, 0.1, 0.3, 0.6]
    net_kwh = [1.0, 1.0, 1.0, -0.5, 1.0, 1.0, 1.0]
    control = dataclasses.replace(FIXED, gain_per_spread=0.0)
    run = run_local_control(
        (house(net_kwh=net_kwh, stores={"shiftable": appliances(7, owed_kwh=9.0)}, bought=bought),),
        control, measured([1.0] * 7), delay_steps=np.array([0]),
    )  # fmt: skip
    assert run.paths[0]["shiftable"].drawn_kwh.tolist() == [2.0, 2.0, 0.0, 0.5, 2.0, 2.0, 0.5]


def test_a_heat_pump_keeps_its_level_in_calm_steps():
    """What is used and lost is drawn in the same step; high voltage stores what is used soon."""
    pump = Store(
        name="heat_pump", charge_limit_kwh=np.full(4, 3.0), discharge_limit_kwh=np.zeros(4),
        lower_kwh=np.zeros(5), upper_kwh=np.full(5, 4.0), initial_kwh=2.0, kept_share=0.9,
        used_kwh=np.array([1.0, 0.5, 1.0, 1.0]),
    )  # fmt: skip
    run = run_local_control(
        (house(T=4, stores={"heat_pump": pump}),), FIXED, measured([1.0, 1.03, 0.97, 1.0]),
        delay_steps=np.array([0]),
    )  # fmt: skip
    drawn_kwh = run.paths[0]["heat_pump"].drawn_kwh
    np.testing.assert_allclose(drawn_kwh[:2], [1.2, 0.7], atol=1e-12)
    # Both uses of 1 kWh and the loss of 0.2 kWh, though 3 kWh could be drawn and stored.
    np.testing.assert_allclose(drawn_kwh[2:], [2.2, 0.0], atol=1e-12)


def random_village(seed: int, *, T: int = 24, N: int = 3) -> tuple[tuple[Household, ...], object]:
    """Draw households with one to three stores, and a feeder that answers to them."""
    rng = np.random.default_rng(seed)
    names = ("battery", "vehicle", "heat_pump", "shiftable")
    members = tuple(
        house(
            f"m{n}", net_kwh=rng.normal(0, 2, T), bought=rng.uniform(0.2, 0.4, T),
            sold=rng.uniform(0, 0.2, T),
            stores={
                str(kind): random_store(int(rng.integers(10**6)), T=T)
                for kind in rng.permutation(names)[: rng.integers(1, 5)]
            },
        )
        for n in range(N)
    )  # fmt: skip
    voltage = LinearVoltage(
        base_pu=rng.normal(1.0, 0.01, (T, N)), base_kw=rng.normal(0, 2, (T, N)),
        pu_per_kw=-rng.uniform(0, 0.003, (N, N)),
    )  # fmt: skip
    return members, voltage


def any_control(seed: int) -> LocalControl:
    """Draw settings."""
    rng = np.random.default_rng(seed)
    leave = float(rng.uniform(0, 1))
    return LocalControl(
        leave_spreads=leave, enter_spreads=leave + float(rng.uniform(0, 1)),
        gain_per_spread=float(rng.uniform(0, 5)), calm_share=float(rng.uniform(0, 1)),
        ramp_h=float(rng.uniform(0, 4)),
        learns=bool(rng.integers(2)), serves_feeder=bool(rng.integers(2)),
        memory_h=float(rng.uniform(1, 50)), least_spread_pu=0.005,
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_bounds_and_balances_are_always_kept(seed):
    """Whatever the voltages and settings, no store leaves its bounds or makes energy."""
    members, voltage = random_village(seed)
    run = run_local_control(
        members, any_control(seed), voltage,
        delay_steps=np.random.default_rng(seed).integers(0, 3, 3),
    )  # fmt: skip
    net_kw = np.column_stack([member.net_kwh for member in members])
    for n, member in enumerate(members):
        for kind, store in member.stores.items():
            path = run.paths[n][kind]
            net_kw[:, n] += path.drawn_kwh
            assert (path.stored_kwh >= store.lower_kwh - 1e-9).all()
            assert (path.stored_kwh <= store.upper_kwh + 1e-9).all()
            assert (path.charge_kwh <= store.charge_limit_kwh + 1e-12).all()
            assert (path.discharge_kwh <= store.discharge_limit_kwh + 1e-12).all()
            expected = (
                store.kept_share * path.stored_kwh[:-1] - store.used_kwh
                + store.charge_efficiency * path.charge_kwh
                - path.discharge_kwh / store.discharge_efficiency
            )  # fmt: skip
            np.testing.assert_allclose(path.stored_kwh[1:], expected, atol=1e-9)
    np.testing.assert_allclose(run.net_kw, net_kw, atol=1e-9)
    moved = voltage.base_pu + (run.net_kw - voltage.base_kw) @ voltage.pu_per_kw.T
    np.testing.assert_allclose(run.voltage_pu, moved, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), step=st.integers(0, 23))
def test_the_future_never_changes_the_past(seed, step):
    """Voltages from a step on, and prices and loads after it, change nothing up to the step."""
    members, voltage = random_village(seed)
    control, delays = any_control(seed), np.random.default_rng(seed).integers(0, 3, 3)
    rng = np.random.default_rng(seed + 1)
    later = np.arange(24) > step
    base_pu = np.where((np.arange(24) >= step)[:, None], rng.normal(1, 0.02, (24, 3)),
                       voltage.base_pu)  # fmt: skip
    changed = tuple(
        house(
            member.name, stores=member.stores,
            net_kwh=np.where(later, rng.normal(0, 2, 24), member.net_kwh),
            bought=np.where(later, rng.uniform(0.2, 0.4, 24), member.meter.prices[:, 1]),
            sold=np.where(later, rng.uniform(0, 0.2, 24), member.meter.prices[:, 0]),
        )
        for member in members
    )  # fmt: skip
    first = run_local_control(members, control, voltage, delay_steps=delays)
    second = run_local_control(
        changed, control, dataclasses.replace(voltage, base_pu=base_pu), delay_steps=delays
    )
    upto = slice(0, step + 1)
    np.testing.assert_array_equal(first.net_kw[upto], second.net_kw[upto])
    np.testing.assert_array_equal(first.state[upto], second.state[upto])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_order_of_the_households_does_not_matter(seed):
    """Relabelling the households relabels what they do."""
    members, voltage = random_village(seed)
    control, order = any_control(seed), [2, 0, 1]
    turned = LinearVoltage(
        base_pu=voltage.base_pu[:, order], base_kw=voltage.base_kw[:, order],
        pu_per_kw=voltage.pu_per_kw[np.ix_(order, order)],
    )  # fmt: skip
    delays = np.array([0, 1, 2])
    first = run_local_control(members, control, voltage, delay_steps=delays)
    second = run_local_control(
        tuple(members[n] for n in order), control, turned, delay_steps=delays[order]
    )
    np.testing.assert_allclose(second.net_kw, first.net_kw[:, order], atol=1e-9)


def test_random_delays_spread_the_starts():
    """Equal houses on one bus resume in one step without delays, and over all delays with them."""
    T, N = 12, 60
    volts = measured(*([[0.97] * 4 + [1.0] * 8] * N))
    members = tuple(
        house(f"m{n}", stores={"shiftable": appliances(T, owed_kwh=14.0)}, T=T) for n in range(N)
    )
    control = dataclasses.replace(FIXED, longest_delay_h=3.0, gain_per_spread=10.0)
    delays = draw_delays(N, control, step_h=1.0, seed=3)
    assert set(delays.tolist()) == {0, 1, 2, 3}

    def resumed(delay_steps: np.ndarray) -> np.ndarray:
        run = run_local_control(members, control, volts, delay_steps=delay_steps)
        paused = run.net_kw[4] == 1.0
        assert paused.all()
        return np.bincount(np.argmax(run.net_kw[4:] > 1.0, axis=0), minlength=5)

    assert resumed(np.zeros(N, dtype=int)).max() == N
    # Uniform over four delays: 15 each, and 60 draws put no more than half in one.
    assert resumed(delays).max() <= N // 2
    np.testing.assert_array_equal(delays, draw_delays(N, control, step_h=1.0, seed=3))


def test_wrong_input_is_named():
    """Numbers of households and steps, kinds of stores, and stores that cannot be run."""
    one, volts = house(), measured([1.0] * 12)
    none = np.array([0])
    with pytest.raises(LabelError, match="2 households"):
        run_local_control((one, one), FIXED, volts, delay_steps=none)
    with pytest.raises(LabelError, match="2 delays for 1 households"):
        run_local_control((one,), FIXED, volts, delay_steps=np.array([0, 0]))
    with pytest.raises(LabelError, match=r"sensitivities of \(2, 2\)"):
        LinearVoltage(base_pu=np.ones((3, 1)), base_kw=np.ones((3, 1)), pu_per_kw=np.ones((2, 2)))
    full = {"vehicle": car(12, need_kwh=40.0)}
    with pytest.raises(SolveError, match="member 'a': vehicle: it begins with 0 kWh"):
        run_local_control((house(stores=full),), FIXED, volts, delay_steps=none)
