"""Tests of the prices of stored energy and of the slacks they leave."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nemogrid.dispatch import kernel, value_kernel


def optimal_plan(seed, T=12):
    """Draw arguments and let the engine plan."""
    rng = np.random.default_rng(seed)
    import_price = rng.choice([0.1, 0.2, 0.4], T)
    prices = np.column_stack([np.minimum(import_price, 0.05), import_price])
    limits = rng.uniform(0, 1, (2, T))
    eta = (0.9, 0.9, float(rng.choice([1.0, 0.95])), float(rng.choice([0.0, 0.03])))
    arguments = (
        prices, np.zeros((T, 1)), rng.normal(size=T), *limits, np.zeros(T + 1),
        np.full(T + 1, 2.0),
    )  # fmt: skip
    levels, *_ = kernel.backward(*arguments, np.zeros(T), eta, 0)
    plan = kernel.forward(*arguments, np.zeros(T), eta, levels, 1.0)
    return (*arguments, eta, plan)


@given(seed=st.integers(0, 500))
def test_the_prices_of_an_optimal_plan_leave_no_slack(seed):
    """The sum of the slacks is rounding."""
    arguments = optimal_plan(seed)
    value = value_kernel.values(*arguments, 1e-9)
    assert value_kernel.slacks(*arguments, value) < 1e-12


@given(seed=st.integers(0, 500), shift=st.floats(0.01, 1.0))
def test_no_prices_make_the_slack_negative(seed, shift):
    """Whatever the prices, the bound they give is a bound; wrong ones leave more."""
    arguments = optimal_plan(seed)
    value = value_kernel.values(*arguments, 1e-9)
    noise = np.random.default_rng(seed).normal(size=len(value))
    assert value_kernel.slacks(*arguments, value + shift * noise) >= 0


@given(seed=st.integers(0, 100))
def test_compiled_and_interpreted_prices_agree_to_the_last_digit(seed):
    """Numba computes what the source says."""
    arguments = optimal_plan(seed)
    value = value_kernel.values(*arguments, 1e-9)
    assert np.array_equal(value, value_kernel.values.py_func(*arguments, 1e-9))
    slack = value_kernel.slacks(*arguments, value + 0.1)
    assert slack == value_kernel.slacks.py_func(*arguments, value + 0.1)


def test_a_price_by_hand():
    """Stored at 0.1, used at 0.4 in full: a stored kWh is worth what the next one would save."""
    plan = (np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([0.0, 1.0, 0.0]))
    prices = np.array([[0.0, 0.1], [0.0, 0.4]])
    arguments = (
        prices, np.zeros((2, 1)), np.array([0.0, 2.0]), np.ones(2), np.ones(2), np.zeros(3),
        np.ones(3), (1.0, 1.0, 1.0, 0.0), plan,
    )  # fmt: skip
    value = value_kernel.values(*arguments, 1e-9)
    assert value_kernel.slacks(*arguments, value) == 0
    assert 0.1 <= value[0] <= 0.4
    assert value_kernel.slacks(*arguments, np.array([0.05, 0.05])) > 0.04
