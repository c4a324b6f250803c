"""A linear program in named groups of columns and families of rows, for a solver of arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """Parts of the meter's blocks that stores can reach from the net load, in one direction.

    Parameters
    ----------
    step : numpy.ndarray of int, shape (n,)
        Step of each part.
    price : numpy.ndarray, shape (n,)
        Price of its block [money per kWh].
    width_kwh : numpy.ndarray, shape (n,)
        How much of the block is within reach [kWh], above 0.
    imports : numpy.ndarray of bool, shape (n,)
        Whether it is a block of import.
    """

    step: np.ndarray
    price: np.ndarray
    width_kwh: np.ndarray
    imports: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """Variables of one name, with their part of every family of rows.

    Parameters
    ----------
    cost : numpy.ndarray, shape (n,)
        Cost of a unit.
    lower, upper : numpy.ndarray, shape (n,)
        Finite bounds.
    rows : dict of str to scipy.sparse array
        Coefficients in each family of rows, shape (rows, n); families that are missing are 0.
    integer : bool
        Whether only whole numbers are allowed.
    """

    cost: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    rows: dict[str, Any] = field(default_factory=dict)
    integer: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearProgram:
    """Minimise ``offset + cost @ x`` over bounded variables and rows.

    Parameters
    ----------
    columns : dict of str to Columns
        Variables by name, in their order.
    row_bounds : dict of str to tuple of numpy.ndarray
        Least and most of each family of rows, in their order.
    up, down : Parts
        What the columns of these names stand for.
    offset : float
        Cost of the net load alone [money].
    """

    columns: dict[str, Columns]
    row_bounds: dict[str, tuple[np.ndarray, np.ndarray]]
    up: Parts
    down: Parts
    offset: float

    def joined(self, name: str) -> np.ndarray:
        """Join one array of all columns: ``"cost"``, ``"lower"`` or ``"upper"``."""
        return np.concatenate([getattr(group, name) for group in self.columns.values()])

    def matrix(self) -> Any:
        """Assemble the coefficients, in columns (CSC)."""
        from scipy import sparse

        blocks = [
            [
                group.rows.get(family, sparse.csr_array((len(bounds[0]), len(group.cost))))
                for group in self.columns.values()
            ]
            for family, bounds in self.row_bounds.items()
        ]
        return sparse.block_array(blocks, format="csc")

    def split(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """Part the values of all columns by name."""
        ends = np.cumsum([len(group.cost) for group in self.columns.values()])
        return dict(zip(self.columns, np.split(values, ends[:-1]), strict=True))


def by_step(parts: Parts, n_steps: int, values: np.ndarray | None = None) -> Any:
    """Sum parts into their steps, weighted if `values` are given: a sparse matrix (T, n)."""
    return selection(parts.step, n_steps, values)


def selection(row: np.ndarray, n_rows: int, values: np.ndarray | None = None) -> Any:
    """Sum columns into rows: a sparse matrix with one entry per column."""
    from scipy import sparse

    values = np.ones(len(row)) if values is None else values
    return sparse.csr_array((values, (row, np.arange(len(row)))), shape=(n_rows, len(row)))
