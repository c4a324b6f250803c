"""Tests of what stores can hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.dispatch.reachable import require_reachable
from nemogrid.dispatch.store import Store
from nemogrid.errors import SolveError


def random_store(rng, n_steps=8):
    """Draw a store; with these bounds about half of them cannot be run."""
    middle = np.cumsum(rng.uniform(-1.5, 1.5, n_steps + 1))
    half = rng.uniform(0.2, 1.5, n_steps + 1)
    return Store(
        name="box",
        charge_limit_kwh=rng.uniform(0, 2, n_steps),
        discharge_limit_kwh=rng.uniform(0, 2, n_steps),
        lower_kwh=middle - half,
        upper_kwh=middle + half,
        initial_kwh=middle[0],
        charge_efficiency=rng.uniform(0.7, 1),
        discharge_efficiency=rng.uniform(0.7, 1),
        kept_share=rng.uniform(0.9, 1),
        used_kwh=rng.uniform(-0.3, 0.3, n_steps),
    )


def extreme_kwh(store, moment, sign):
    """Least (sign 1) or most (-1) stored energy by the bounds up to a moment, NaN if none."""
    from scipy.optimize import linprog

    T = store.n_steps
    change = np.hstack(
        [store.charge_efficiency * np.eye(T), -np.eye(T) / store.discharge_efficiency]
    )
    move = np.array(
        [
            [store.kept_share ** (t - 1 - i) if i < t else 0.0 for i in range(T)]
            for t in range(T + 1)
        ]
    )
    held = move @ change
    fixed = store.initial_kwh * store.kept_share ** np.arange(T + 1) - move @ store.used_kwh
    limits = np.r_[store.charge_limit_kwh, store.discharge_limit_kwh]
    kept = slice(0, moment + 1)
    answer = linprog(
        sign * held[moment],
        A_ub=np.vstack([held[kept], -held[kept]]),
        b_ub=np.r_[(store.upper_kwh - fixed)[kept], (fixed - store.lower_kwh)[kept]],
        bounds=np.column_stack([0 * limits, limits]),
    )
    return sign * answer.fun + fixed[moment] if answer.status == 0 else np.nan


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_the_intervals_are_those_of_a_linear_program(seed):
    """Their ends agree; where one is empty, the store fails in that step and not before."""
    store = random_store(np.random.default_rng(seed))
    T = store.n_steps
    lowest = np.array([extreme_kwh(store, t, 1) for t in range(T + 1)])
    empty = np.flatnonzero(np.isnan(lowest))
    if empty.size:
        first = int(empty[0])
        named = f"start of step {first} " if first < T else f"end of step {first - 1} "
        with pytest.raises(SolveError, match=named):
            require_reachable(store)
    else:
        least, most = require_reachable(store)
        assert least == pytest.approx(lowest, abs=1e-7)
        assert most[T] == pytest.approx(extreme_kwh(store, T, -1), abs=1e-7)


def plain(**changes):
    """Make a store of 10 kWh that takes and gives 2 kWh a step."""
    given = {
        "name": "vehicle",
        "charge_limit_kwh": np.full(3, 2.0),
        "discharge_limit_kwh": np.full(3, 2.0),
        "lower_kwh": np.zeros(4),
        "upper_kwh": np.full(4, 10.0),
        "initial_kwh": 1.0,
    }
    return Store(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"lower_kwh": [0, 0, 0, 8]}, r"vehicle: at the end of step 2 .* most 7 kWh, .* of 8 kWh"),
        ({"lower_kwh": [0, 4, 0, 0]}, r"vehicle: at the start of step 1 .* most 3 kWh"),
        ({"upper_kwh": [10, 10, 10, -1], "lower_kwh": [0, 0, 0, -2], "initial_kwh": 9.0},
         r"end of step 2 it has to hold at least 3 kWh, .* upper bound of -1 kWh"),
        ({"initial_kwh": 11.0}, r"start of step 0 it has to hold at least 11 kWh"),
        ({"used_kwh": [0, 9, 0]}, r"start of step 2 it can hold at most -4 kWh"),
    ],
)  # fmt: skip
def test_the_first_bound_that_is_missed_is_named(changes, complaint):
    """The message names store and step, what can be reached and what was expected."""
    with pytest.raises(SolveError, match=complaint):
        require_reachable(plain(**changes))


def test_rounding_is_no_failure():
    """Three tenths of a bound are reached in steps of a tenth."""
    store = plain(
        charge_limit_kwh=np.full(3, 0.1), initial_kwh=0.0, lower_kwh=[0, 0, 0, 0.1 + 0.2 + 1e-12]
    )  # fmt: skip
    least, most = require_reachable(store)
    assert least[-1] <= most[-1] == store.lower_kwh[-1]
