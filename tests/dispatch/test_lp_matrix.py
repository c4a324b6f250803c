"""Tests of programs in named parts."""

import numpy as np
import pytest
from scipy import sparse

from nemogrid.dispatch.lp_matrix import Columns, LinearProgram, Parts, by_step, selection


def parts(step):
    """Make parts of a kWh in these steps."""
    ones = np.ones(len(step))
    return Parts(step=np.array(step), price=ones, width_kwh=ones, imports=ones > 0)


def columns(*costs, **rows):
    """Make columns from their costs."""
    cost = np.array(costs, dtype=float)
    return Columns(cost=cost, lower=0 * cost, upper=0 * cost + 1, rows=rows)


PROGRAM = LinearProgram(
    columns={
        "a": columns(1, 2, one=sparse.csr_array([[3.0, 4.0]])),
        "b": columns(5, two=sparse.csr_array([[6.0], [7.0]])),
    },
    row_bounds={"one": (np.zeros(1), np.ones(1)), "two": (np.zeros(2), np.ones(2))},
    up=parts([]),
    down=parts([]),
    offset=0.0,
)


def test_families_of_rows_stand_below_and_groups_of_columns_beside_one_another():
    """What a group does not have in a family is zero."""
    assert PROGRAM.matrix().toarray().tolist() == [[3, 4, 0], [0, 0, 6], [0, 0, 7]]
    assert PROGRAM.matrix().format == "csc"
    assert PROGRAM.joined("cost").tolist() == [1, 2, 5]


def test_values_are_parted_as_they_were_joined():
    """Splitting undoes joining."""
    split = PROGRAM.split(PROGRAM.joined("cost"))
    assert {name: values.tolist() for name, values in split.items()} == {"a": [1, 2], "b": [5]}


def test_a_family_with_coefficients_of_a_wrong_shape_is_refused():
    """Nothing is broadcast."""
    wrong = {**PROGRAM.columns, "b": columns(5, one=sparse.csr_array([[1.0, 1.0]]))}
    program = LinearProgram(
        columns=wrong, row_bounds=PROGRAM.row_bounds, up=parts([]), down=parts([]), offset=0.0
    )
    with pytest.raises(ValueError, match="incompatible"):
        program.matrix()


def test_parts_are_summed_into_their_steps():
    """With weights and without."""
    assert by_step(parts([0, 2, 2]), 3).toarray().tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 1]]
    weighted = selection(np.array([1, 0]), 2, np.array([2.0, 3.0]))
    assert (weighted @ np.array([10.0, 100.0])).tolist() == [300, 20]
