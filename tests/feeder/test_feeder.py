import subprocess
import sys

import pytest

from nemogrid import feeder


def test_all_names_are_there():
    """What the package promises, it has."""
    assert sorted(feeder.__all__) == feeder.__all__
    for name in feeder.__all__:
        assert callable(getattr(feeder, name))


@pytest.mark.parametrize("module", ["pandapower", "simbench", "power_grid_model", "scipy", "numba"])
def test_importing_the_package_is_light(module):
    """Heavy packages are loaded where they are used."""
    code = f"import sys, nemogrid.feeder; sys.exit({module!r} in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
