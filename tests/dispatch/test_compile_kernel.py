"""Tests of how kernels are compiled."""

import pytest

from nemogrid.dispatch.compile_kernel import compiled, inlined


def double(number):
    """Double a number."""
    return 2 * number


@pytest.mark.parametrize("compile_it", [compiled, inlined])
def test_a_kernel_runs_where_no_folder_can_be_written(monkeypatch, compile_it):
    """Numba finds no place for the machine code; it is compiled all the same."""
    from numba import njit
    from numba.core.caching import CacheImpl

    monkeypatch.setattr(CacheImpl, "_locator_classes", [])
    with pytest.raises(RuntimeError, match="cannot cache function"):
        njit(cache=True)(double)
    assert compile_it(double)(21) == 42


def test_machine_code_is_kept():
    """Where there is a place for it."""
    assert type(compiled(double)._cache).__name__ == "FunctionCache"
