"""Tests of the public names."""

import subprocess
import sys
import types

import nemogrid as ng


def test_every_public_name_resolves():
    """The list of names is a promise."""
    for name in ng.__all__:
        assert getattr(ng, name) is not None
    assert dir(ng) == ng.__all__


def test_promised_functions_are_not_hidden_by_modules_of_their_name():
    """A module called like a function would replace it on import."""
    code = "import nemogrid.simulation, nemogrid as ng; assert callable(ng.simulate)"
    subprocess.run([sys.executable, "-c", code], check=True)
    modules = [n for n in ng.__all__ if isinstance(getattr(ng, n), types.ModuleType)]
    assert modules == sorted(ng._MODULES)


def test_an_unknown_name_is_an_attribute_error():
    """A typing error behaves like any other attribute."""
    assert not hasattr(ng, "simulat")
