"""Tests of the compiled passes: what they return, and that they are what the source says."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nemogrid.dispatch import kernel

ETA = (0.9, 0.8, 0.99, 0.02)


def given_arrays(seed, T=12):
    """Draw the arguments of the passes."""
    rng = np.random.default_rng(seed)
    prices = np.sort(rng.uniform(0, 0.5, (T, 3)), axis=1)
    edges = np.column_stack([np.full(T, -0.5), np.zeros(T)])
    limits = rng.uniform(0, 1, (2, T))
    return (
        prices, edges, rng.normal(size=T), *limits, np.zeros(T + 1), np.full(T + 1, 2.0),
        np.zeros(T), ETA,
    )  # fmt: skip


@given(seed=st.integers(0, 200))
def test_compiled_and_interpreted_passes_agree_to_the_last_digit(seed):
    """The pass back of numba is that of the Python source."""
    arguments = given_arrays(seed)
    compiled = kernel.backward(*arguments, 0)
    interpreted = kernel.backward.py_func(*arguments, 0)
    for one, other in zip(compiled, interpreted, strict=True):
        assert np.array_equal(one, other)
    forth = kernel.forward(*arguments, compiled[0], 1.0)
    for one, other in zip(forth, kernel.forward.py_func(*arguments, compiled[0], 1.0), strict=True):
        assert np.array_equal(one, other)


@given(seed=st.integers(0, 200), stop=st.integers(0, 12))
def test_the_cost_to_go_is_convex_and_as_wide_as_the_store(seed, stop):
    """Slopes rise, widths are positive and fit between the bounds."""
    _, left, slope, width = kernel.backward(*given_arrays(seed), stop)
    assert (np.diff(slope) >= 0).all()
    assert (width > 0).all()
    assert left >= 0
    assert left + width.sum() <= 2.0 + 1e-12


@given(seed=st.integers(0, 200))
def test_levels_fall_as_energy_becomes_dearer(seed):
    """A dearer block fills the store less, and empties it more; within its bounds."""
    levels, *_ = kernel.backward(*given_arrays(seed), 0)
    assert (np.diff(levels[:, :3], axis=1) <= 0).all()
    assert (np.diff(levels[:, 3:], axis=1) <= 0).all()
    assert levels.min() >= 0
    assert levels.max() <= 2.0 + 1e-12


def test_the_staircase_outgrows_its_first_buffer():
    """Many distinct prices and a large store: hundreds of pieces, none of them lost."""
    T = 400
    rng = np.random.default_rng(0)
    prices = np.column_stack([np.zeros(T), rng.uniform(0.1, 0.5, T)])
    limit = np.full(T, 0.5)
    arguments = (
        prices, np.zeros((T, 1)), np.full(T, 1.0), limit, limit, np.zeros(T + 1),
        np.full(T + 1, 150.0), np.zeros(T), (0.95, 0.95, 1.0, 0.0),
    )  # fmt: skip
    _, left, slope, width = kernel.backward(*arguments, 0)
    assert len(slope) > 150
    assert left + width.sum() == 150.0 or abs(left + width.sum() - 150.0) < 1e-9
