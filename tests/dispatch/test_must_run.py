"""The levels from which a store can keep its bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.dispatch.must_run import safe_kwh
from nemogrid.dispatch.store import Store
from nemogrid.errors import SolveError


def random_store(seed: int, *, T: int = 12) -> Store:
    """Draw a store with losses, use and bounds that move, around a way to run it."""
    rng = np.random.default_rng(seed)
    into, out_of, kept = rng.uniform([0.6, 0.6, 0.9], 1.0)
    charge_kwh, discharge_kwh = rng.uniform(0, 2, T), rng.uniform(0, 2, T) * rng.integers(0, 2)
    used_kwh = rng.uniform(0, 1, T) * rng.integers(0, 2, T)
    path = np.empty(T + 1)
    path[0] = rng.uniform(0, 5)
    for t in range(T):
        change = rng.uniform(-discharge_kwh[t] / out_of, into * charge_kwh[t])
        path[t + 1] = kept * path[t] - used_kwh[t] + change
    room = rng.exponential(1.0, (2, T + 1)) * rng.integers(0, 2, (2, T + 1))
    return Store(
        name="store", charge_limit_kwh=charge_kwh, discharge_limit_kwh=discharge_kwh,
        lower_kwh=path - room[0], upper_kwh=path + room[1], initial_kwh=float(path[0]),
        charge_efficiency=into, discharge_efficiency=out_of, kept_share=kept, used_kwh=used_kwh,
    )  # fmt: skip


def linear_program(store: Store, sign: float) -> float:
    """Ask HiGHS for the least (or most) stored energy at the start that keeps all bounds."""
    from scipy.optimize import linprog

    T = store.n_steps
    balance = np.zeros((T, 3 * T + 1))
    for t in range(T):
        balance[t, t], balance[t, T + t] = store.charge_efficiency, -1 / store.discharge_efficiency
        balance[t, 2 * T + t], balance[t, 2 * T + t + 1] = store.kept_share, -1.0
    cost = np.zeros(3 * T + 1)
    cost[2 * T] = sign
    bounds = [
        *((0, limit) for limit in store.charge_limit_kwh),
        *((0, limit) for limit in store.discharge_limit_kwh),
        *zip(store.lower_kwh, store.upper_kwh, strict=True),
    ]
    answer = linprog(cost, A_eq=balance, b_eq=store.used_kwh, bounds=bounds)
    assert answer.success
    return float(answer.x[2 * T])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_first_levels_are_those_of_a_linear_program(seed):
    """The band at the start is what a linear program over all steps finds."""
    store = random_store(seed)
    lower_kwh, upper_kwh = safe_kwh(store)
    assert lower_kwh[0] == pytest.approx(linear_program(store, +1.0), abs=1e-6)
    assert upper_kwh[0] == pytest.approx(linear_program(store, -1.0), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_level_of_a_band_has_a_step_into_the_next(seed):
    """Both ends and the middle of each band reach the next band."""
    store = random_store(seed)
    lower_kwh, upper_kwh = safe_kwh(store)
    for share in (0.0, 0.5, 1.0):
        level = (1 - share) * lower_kwh + share * upper_kwh
        rest = store.kept_share * level[:-1] - store.used_kwh
        most = rest + store.charge_efficiency * store.charge_limit_kwh
        least = rest - store.discharge_limit_kwh / store.discharge_efficiency
        assert (most >= lower_kwh[1:] - 1e-9).all()
        assert (least <= upper_kwh[1:] + 1e-9).all()


def one_step(**changes: float) -> Store:
    """One step, charging at most 1 kWh, from 0 to at least 1 kWh."""
    given = {"lower": 1.0, "upper": 2.0, "initial": 0.0} | changes
    return Store(
        name="vehicle", charge_limit_kwh=np.ones(1), discharge_limit_kwh=np.zeros(1),
        lower_kwh=np.array([0.0, given["lower"]]), upper_kwh=np.array([0.5, given["upper"]]),
        initial_kwh=given["initial"],
    )  # fmt: skip


def test_a_store_that_cannot_be_run_is_refused():
    """The message names the store and the step, or the level it should begin with."""
    assert safe_kwh(one_step())[0].tolist() == [0.0, 1.0]
    with pytest.raises(SolveError, match=r"vehicle: at step 0 the later bounds need at least 0.8"):
        safe_kwh(one_step(lower=1.8))
    with pytest.raises(SolveError, match=r"vehicle: it begins with 0 kWh, expected 0.4 to 0.5 kWh"):
        safe_kwh(one_step(lower=1.4))
