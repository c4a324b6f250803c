"""How kernels are compiled; import where used, it loads numba.

The machine code is kept beside the module, or else in the user's cache folder, or where
``NUMBA_CACHE_DIR`` says. Where none of them can be written, as in a container of another user, it
is compiled again in every process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from numba import njit


def compiled(function: Callable[..., Any], *, inline: Literal["never", "always"] = "never") -> Any:
    """Compile a function, and keep the machine code if there is a place for it.

    Parameters
    ----------
    function : callable
        Of numbers and arrays.
    inline : {"never", "always"}
        Whether it becomes a part of the kernels that call it.

    Returns
    -------
    callable

    Examples
    --------
    >>> compiled(lambda number: 2 * number)(21)
    42
    """
    try:
        return njit(cache=True, inline=inline)(function)
    except RuntimeError:  # numba finds no folder that it may write
        return njit(inline=inline)(function)


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a function into every kernel that calls it.

    Parameters
    ----------
    function : callable
        Of numbers and arrays.

    Returns
    -------
    callable
    """
    return compiled(function, inline="always")
