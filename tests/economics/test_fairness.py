"""Tests of the indices of Gini and Jain."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemogrid.economics import gini, jain
from nemogrid.errors import InputError

shares = st.lists(st.floats(0.01, 1e4), min_size=1, max_size=20)


@given(shares)
def test_the_gini_index_is_the_mean_difference_over_twice_the_mean(amounts):
    """Against the double sum of its definition."""
    values = np.array(amounts)
    pairs = np.abs(values[:, None] - values[None, :]).mean()
    assert gini(amounts) == pytest.approx(pairs / (2 * values.mean()), abs=1e-12)


@given(shares, st.floats(0.1, 10.0))
def test_neither_index_depends_on_the_currency_or_the_order(amounts, factor):
    """Scaling and relabelling change nothing."""
    moved = [factor * amount for amount in reversed(amounts)]
    assert gini(moved) == pytest.approx(gini(amounts), abs=1e-12)
    assert jain(moved) == pytest.approx(jain(amounts))


@given(shares)
def test_both_indices_stay_in_their_range(amounts):
    """From all to one, to all alike."""
    n = len(amounts)
    assert -1e-12 <= gini(amounts) <= 1 - 1 / n + 1e-12
    assert 1 / n - 1e-12 <= jain(amounts) <= 1 + 1e-12


@given(st.lists(st.floats(1.0, 100.0), min_size=2, max_size=10), st.floats(0.01, 0.49))
def test_giving_some_of_the_difference_to_the_poorer_makes_it_fairer(amounts, part):
    """The principle of transfers, for the poorest and the richest."""
    before = np.sort(amounts)
    gap = before[-1] - before[0]
    after = before.copy()
    after[[0, -1]] += np.array([part, -part]) * gap
    assert gini(after) <= gini(before) + 1e-12
    assert jain(after) >= jain(before) - 1e-12


@given(st.integers(1, 50), st.integers(1, 50))
def test_an_equal_split_among_some_of_all(some, others):
    """For k of n the Jain index is k / n, the Gini index what is missing to 1."""
    amounts = [3.0] * some + [0.0] * others
    share = some / (some + others)
    assert jain(amounts) == pytest.approx(share)
    assert gini(amounts) == pytest.approx(1 - share)


def test_the_example_of_jain_and_others():
    """20 dollars shared among 100 people: equally among 10 of them is 10 per cent fair."""
    assert jain([2.0] * 10 + [0.0] * 90) == pytest.approx(0.10)


def test_where_there_is_nothing_to_share_there_is_no_index():
    """Not a number, and no warning."""
    assert math.isnan(gini([0.0, 0.0]))
    assert math.isnan(jain([0.0, 0.0]))


def test_large_and_small_amounts_do_not_overflow():
    """The square of an amount is never formed."""
    assert jain([1e200, 1e200]) == pytest.approx(1.0)
    assert jain([1e-200, 0.0]) == pytest.approx(0.5)


@pytest.mark.parametrize("index", [gini, jain])
@pytest.mark.parametrize(
    ("amounts", "message"),
    [
        ([], "at least one amount"),
        ([[1.0]], "in a row"),
        ([1.0, -0.5], "amount 1 is -0.5"),
        ([math.nan], "amount 0 is nan"),
    ],
)
def test_amounts_that_cannot_be_shared_are_refused(index, amounts, message):
    """Losses have no share of gains."""
    with pytest.raises(InputError, match=rf"{index.__name__}: .*{message}"):
        index(amounts)
