"""The names that scripts and notebooks rely on."""

import subprocess
import sys

import pytest

import siting


@pytest.mark.parametrize("name", siting.__all__)
def test_every_public_name_is_there(name):
    assert getattr(siting, name) is not None
    assert name in dir(siting)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nearset'"):
        siting.nearset  # noqa: B018


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import siting, sys; print(sorted({'numba', 'geopandas', 'matplotlib', 'highspy', 'osmnx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
