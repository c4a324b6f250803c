import warnings

import pytest

from nemogrid.feeder.quiet import quiet


def _grumble():
    warnings.warn("old", DeprecationWarning, stacklevel=1)
    raise KeyError("lost")


def test_warnings_are_silent_inside_and_only_there():
    """The filters are as before afterwards, also when something fails."""
    before = list(warnings.filters)
    with pytest.raises(KeyError), quiet():
        _grumble()
    assert warnings.filters == before
    with pytest.warns(UserWarning, match="new"):
        warnings.warn("new", UserWarning, stacklevel=1)
