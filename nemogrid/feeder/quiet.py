"""Other people's warnings, kept from ours."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the warnings of pandapower and simbench about their own insides to themselves.

    They deprecate their own columns and call pandas in ways that pandas deprecates: nothing that
    a reader of this package could mend.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
